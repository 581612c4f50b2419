"""PassportEye: finds and reads an MRZ by itself. It runs in a process of its own, started when first needed: it weighs
740 MB, has no time limit, and says no in three ways (measured.md)."""

import io
import multiprocessing
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
from concurrent.futures import TimeoutError as OutOfTime
from threading import Lock

import cv2

from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Line, Photo

_SECONDS = 20.0  # the first call loads scikit-learn and pyplot: 1.3-3.9 s
_SCORE = 0.8  # PassportEye tells no confidence: its word counts where another reader says the same
_QUARTER_TURNS = (None, cv2.ROTATE_90_CLOCKWISE)  # it tries both ways up by itself


class PassportEye:
    """A reader of the MRZ alone: its lines have no place, and no front is ever found."""

    name = "passporteye"

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._lock = Lock()

    def cards(self, photo: Photo) -> Iterator[Card]:
        """The MRZ's lines, if any; raises `ReaderDown` when the process dies or runs past its time."""
        for turn, rotation in zip((0, 90), _QUARTER_TURNS, strict=True):
            pixels = photo.pixels if rotation is None else cv2.rotate(photo.pixels, rotation)
            lines = self._ask(cv2.imencode(".png", pixels)[1].tobytes())
            yield Card(photo, tuple(Line(text, (_SCORE,) * len(text), None, self.name) for text in lines), turn)

    def _ask(self, picture: bytes) -> list[str]:
        with self._lock:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")
                self._pool = ProcessPoolExecutor(max_workers=1, mp_context=context)
            try:
                return self._pool.submit(_mrz_lines, picture).result(timeout=_SECONDS)
            except (OutOfTime, BrokenExecutor) as exc:
                self._stop()
                raise ReaderDown("PassportEye died or ran past its time") from exc

    def _stop(self) -> None:
        pool, self._pool = self._pool, None
        if pool is not None:
            for process in list((pool._processes or {}).values()):  # noqa: SLF001  no public way to end a stuck worker
                process.kill()
            pool.shutdown(wait=False, cancel_futures=True)


def _mrz_lines(picture: bytes) -> list[str]:
    """Runs in PassportEye's own process."""
    from passporteye import read_mrz  # noqa: PLC0415  heavy: only this process ever loads it

    try:
        mrz = read_mrz(io.BytesIO(picture))
    except (OSError, AttributeError, ValueError, IndexError):
        return []
    if mrz is None:
        return []
    return [line for line in str(mrz.aux.get("text", "")).upper().split("\n") if line.strip()]
