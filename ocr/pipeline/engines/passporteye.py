"""PassportEye: finds and reads an MRZ by itself. It runs in a process of its own, started when first needed and ended
with ours: it weighs 740 MB, has no time limit, and says no in three ways (measured.md)."""

import json
import os
import selectors
import struct
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock

import cv2

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Line, Photo

_WORKER = Path(__file__).with_name("passporteye_worker.py")
_SECONDS = 20.0  # the first call loads scikit-learn and pyplot: 1.3-3.9 s
_SCORE = 0.8  # PassportEye tells no confidence: its word counts where another reader says the same
_QUARTER_TURNS = {0: None, 90: cv2.ROTATE_90_CLOCKWISE}  # it tries both ways up by itself
_LONGEST = 1600  # pixels: beyond, it only takes longer
_CLOSER = 1.45  # of the first look's size


class PassportEye:
    """A reader of the MRZ alone: its lines have no place, and no front is ever found."""

    name = "passporteye"

    def __init__(self, seconds: float = _SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = Lock()

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:  # noqa: ARG002
        """The MRZ's lines, if any; raises `ReaderDown` when the process dies or runs past its time."""
        yield from self.cards_at(photo, min(1.0, _LONGEST / max(photo.pixels.shape)))

    def closer(self) -> "CloserPassportEye":
        """The same reader for a second look."""
        return CloserPassportEye(self)

    def cards_at(self, photo: Photo, scale: float) -> Iterator[Card]:
        """As `cards`, the photo scaled first."""
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        page = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=smooth)
        for turn, rotation in _QUARTER_TURNS.items():
            pixels = page if rotation is None else cv2.rotate(page, rotation)
            lines = self._ask(cv2.imencode(".png", pixels)[1].tobytes())
            yield Card(photo, tuple(Line(text, (_SCORE,) * len(text), None, self.name) for text in lines), turn)

    def close(self) -> None:
        """End the process; the next question starts another."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()

    def _ask(self, picture: bytes) -> list[str]:
        with self._lock:
            try:
                return self._answer(picture)
            except (OSError, ValueError, TimeoutError) as exc:
                self.close()
                raise ReaderDown("PassportEye died or ran past its time") from exc

    def _answer(self, picture: bytes) -> list[str]:
        process = self._process = self._process or _started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(struct.pack(">I", len(picture)) + picture)
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            if not selector.select(self._seconds):
                raise TimeoutError
        return [str(line) for line in json.loads(process.stdout.readline())]


class CloserPassportEye:
    """The second look of `PassportEye`: at another size it errs in other places, and check digits tell which."""

    name = "passporteye-closer"

    def __init__(self, reader: PassportEye) -> None:
        self._reader = reader

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:  # noqa: ARG002
        """As `PassportEye.cards`."""
        yield from self._reader.cards_at(photo, _CLOSER * min(1.0, _LONGEST / max(photo.pixels.shape)))


def _started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        # -P: the worker's folder holds a types.py, which must not stand in for Python's own.
        [sys.executable, "-P", str(_WORKER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
