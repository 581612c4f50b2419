"""The readers: one door per library, built once per process."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ocr.pipeline.engines.passporteye import PassportEye
from ocr.pipeline.engines.ppocr import MrzPpOcr, PpOcr
from ocr.pipeline.engines.tesseract import Tesseract
from ocr.pipeline.engines.types import LineReader, PageReader, Readers

__all__ = ["BACK", "FRONT", "LineReader", "PageReader", "Readers", "load_readers"]

_BUILDERS: dict[str, Callable[[Path | None], Any]] = {
    "ppocr": lambda models: PpOcr(models=models),
    "tesseract": lambda _: Tesseract(),
    "passporteye": lambda _: PassportEye(),
}
FRONT = ("ppocr", "tesseract")
"""Readers that can be asked for a front."""
BACK = ("ppocr", "passporteye", "tesseract")
"""Readers that can be asked for a back."""


def load_readers(
    front: Sequence[str] = FRONT[:2], back: Sequence[str] = BACK[:2], *, models: Path | None = None
) -> Readers:
    """Build the readers named, each once though both sides name it. Raises `KeyError` for a name that is none.

    `models` is a folder in which models that were made from others are kept; None makes them anew.
    """
    built = {name: _BUILDERS[name](models) for name in dict.fromkeys((*front, *back))}
    lines: list[LineReader] = []
    if "ppocr" in built:
        lines += [built["ppocr"].recogniser, built["ppocr"].small]
    if "tesseract" in front:
        lines.append(built["tesseract"])
    backs = [built[name].for_mrz() if name == "ppocr" else built[name] for name in back]
    return Readers(_with_closer(built[name] for name in front), _with_closer(backs), tuple(lines))


def _with_closer(readers: Iterable[PageReader]) -> tuple[PageReader, ...]:
    """A reader's own second look comes right after it."""
    return tuple(again for reader in readers for again in (reader, *_closer(reader)))


def _closer(reader: PageReader) -> tuple[PageReader, ...]:
    return reader.closer() if isinstance(reader, (PpOcr, MrzPpOcr, PassportEye)) else ()
