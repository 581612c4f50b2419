"""Tesseract through pytesseract: reads a whole photo, or single lines. No alternatives, one confidence per word."""

import os
from collections.abc import Callable, Iterator, Sequence

import cv2
import numpy as np
import pytesseract

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.engines.crop import crop
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Line, Photo, Pixels, Point, Quad

# OpenMP threads of several Tesseracts fight for the cores: four times slower without this (measured.md).
os.environ.setdefault("OMP_THREAD_LIMIT", "1")

_LANGUAGE = "spa"
_SPARSE, _ONE_LINE = 11, 7  # Tesseract's page segmentation modes
_ALLOWED = "ABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜ0123456789<-/.,"
_LONGEST = 1800  # pixels of the longer side: letters of a card that fills the frame are then some 30 pixels high
_TURNS = {0: None, 180: cv2.ROTATE_180, 90: cv2.ROTATE_90_CLOCKWISE, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}
_SECONDS = 10.0


class Tesseract:
    """A reader of both kinds: of pages, one direction after another, and of lines."""

    name = "tesseract"

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:  # noqa: ARG002
        """The photo as it is, upside down, and turned both ways; raises `ReaderDown` when Tesseract fails."""
        scale = min(_LONGEST / max(photo.pixels.shape), 2.0)
        smooth = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
        page = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=smooth)
        for turn, rotation in _TURNS.items():
            turned = page if rotation is None else cv2.rotate(page, rotation)
            lines = _lines(_data(turned, _SPARSE))
            yield Card(photo, tuple(_placed(line, turn, page.shape, scale) for line in lines), turn)

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:  # noqa: ARG002
        """Each line by itself, as wide as it is; raises `ReaderDown` when Tesseract fails."""
        return tuple(self._line(photo, quad) for quad in quads)

    def _line(self, photo: Photo, quad: Quad) -> Line:
        bordered = cv2.copyMakeBorder(crop(photo.pixels, quad), 12, 12, 12, 12, cv2.BORDER_REPLICATE)
        lines = _lines(_data(bordered, _ONE_LINE))
        text = " ".join(line.text for line in lines)
        scores = [score for line in lines for score in (*line.scores, 1.0)][: len(text)]
        return Line(text, tuple(scores), quad, self.name)


def _data(picture: Pixels, mode: int) -> dict[str, list[int | float | str]]:
    config = f"--oem 1 --psm {mode} --dpi 300 -c tessedit_char_whitelist={_ALLOWED}"
    try:
        return dict(
            pytesseract.image_to_data(
                picture, lang=_LANGUAGE, config=config, timeout=_SECONDS, output_type=pytesseract.Output.DICT
            )
        )
    except (RuntimeError, OSError, pytesseract.TesseractError) as exc:
        raise ReaderDown(f"Tesseract failed: {exc}") from exc


def _lines(data: dict[str, list[int | float | str]]) -> list[Line]:
    """Words of one line joined by spaces, each character with its word's confidence."""
    rows: dict[tuple[int | float | str, ...], list[int]] = {}
    for i, word in enumerate(data["text"]):
        if str(word).strip():
            rows.setdefault((data["block_num"][i], data["par_num"][i], data["line_num"][i]), []).append(i)
    return [_line_of(data, words) for words in rows.values()]


def _line_of(data: dict[str, list[int | float | str]], words: Sequence[int]) -> Line:
    texts = [str(data["text"][i]).strip() for i in words]
    scores: list[float] = []
    for i, text in zip(words, texts, strict=True):
        scores += [max(0.0, float(data["conf"][i])) / 100] * (len(text) + 1)
    boxes = np.array([[float(data[key][i]) for key in ("left", "top", "width", "height")] for i in words])
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = (boxes[:, :2] + boxes[:, 2:]).max(axis=0)
    quad: Quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    return Line(" ".join(texts), tuple(scores[:-1]), quad, Tesseract.name)


def _placed(line: Line, turn: int, shape: tuple[int, ...], scale: float) -> Line:
    """The line's quad in the photo's own pixels, the turn undone."""
    height, width = shape[:2]
    undo: dict[int, Callable[[float, float], Point]] = {
        0: lambda x, y: (x, y),
        180: lambda x, y: (width - x, height - y),
        90: lambda x, y: (y, height - x),
        270: lambda x, y: (width - y, x),
    }
    assert line.quad is not None
    a, b, c, d = ((px / scale, py / scale) for px, py in (undo[turn](x, y) for x, y in line.quad))
    return Line(line.text, line.scores, (a, b, c, d), line.reader)
