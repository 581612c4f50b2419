"""The readers: one door per library, built once per process."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from ocr.pipeline.engines.glance import Glance
from ocr.pipeline.engines.passporteye import PassportEye
from ocr.pipeline.engines.ppocr import PpOcr
from ocr.pipeline.engines.tesseract import Tesseract
from ocr.pipeline.engines.types import LineReader, PageReader, Readers
from ocr.pipeline.engines.zxing import Zxing

__all__ = ["BACK", "FRONT", "LineReader", "PageReader", "Readers", "load_readers"]

_BUILDERS: dict[str, Callable[[Path | None], Any]] = {
    "glance": lambda models: Glance(models=models),
    "ppocr": PpOcr,
    "tesseract": lambda _: Tesseract(),
    "passporteye": lambda _: PassportEye(),
}
FRONT = ("glance", "ppocr", "tesseract")
"""Readers that can be asked for a front."""
BACK = ("glance", "ppocr", "passporteye", "tesseract")
"""Readers that can be asked for a back."""


def load_readers(
    front: Sequence[str] = FRONT[:3], back: Sequence[str] = BACK[:3], *, models: Path | None = None
) -> Readers:
    """Build the readers named, each once though both sides name it. Raises `KeyError` for a name that is none.

    `models` is a folder in which models that were made from others are kept; None makes them anew.
    """
    built = {name: _BUILDERS[name](models) for name in dict.fromkeys((*front, *back))}
    lines: list[LineReader] = []
    later: list[Callable[[], None]] = []
    if "ppocr" in built:
        lines += [built["ppocr"].recogniser, built["ppocr"].small]
        later += [built["ppocr"].small.load, built["ppocr"].detector.load]
    if "tesseract" in front:
        lines.append(built["tesseract"])
    return Readers(
        _with_closer(built[name] for name in front),
        tuple(_for_mrz(reader) for reader in _with_closer(built[name] for name in back)),
        tuple(lines),
        rows=lines[0] if lines and front[0] == Glance.name else None,
        codes=Zxing(),
        later=tuple(later),
    )


def _with_closer(readers: Iterable[PageReader]) -> tuple[PageReader, ...]:
    """A reader's own second look comes right after it."""
    return tuple(again for reader in readers for again in (reader, *_closer(reader)))


def _closer(reader: PageReader) -> tuple[PageReader, ...]:
    return (reader.closer(),) if isinstance(reader, (PpOcr, PassportEye)) else ()


def _for_mrz(reader: PageReader) -> PageReader:
    return reader.for_mrz() if isinstance(reader, (Glance, PpOcr)) else reader
