"""`Photo` → `Card`: finds the lines of a side and settles which way up it is, by what can be read, not by one guess.

A second look is taken at the card alone, set upright: a first look says where in the picture it lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines import PageReader
from ocr.pipeline.types import Card, Line, Photo, Pixels, Quad

Evidence = Callable[[Card], float]
"""How much of what the document prints was found on a card: 0 nothing, 1 or more enough to be sure of the direction."""


def rectify(photo: Photo, reader: PageReader, evidence: Evidence, known: Sequence[Line] = ()) -> Card:
    """The reading of `photo` that the evidence supports best; later offers are asked for only if needed.

    `known`: as in `PageReader.cards`.
    """
    best, most = None, -1.0
    for card in reader.cards(photo, known):
        found = evidence(card)
        if found > most:
            best, most = card, found
        if found >= 1:
            break
    return best if best is not None else Card(photo, (), 0)


def look_closer(card: Card, reader: PageReader, evidence: Evidence, known: Sequence[Line] = ()) -> Card:
    """`card` read again by `reader`, from the part of its photo that holds what was read well, set upright.

    The whole photo where too little was read well. The lines stand in `card.photo`, whatever was looked at. `known`:
    those of the card's that need not be read again.
    """
    lines = well_read(card)
    if len(lines) < _FEWEST:
        return rectify(card.photo, reader, evidence)
    to_part = _upright(lines)
    pixels, matrix = _part(card.photo.pixels, to_part)
    part = Photo(pixels, 1.0, pixels.shape[1], pixels.shape[0])
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    found = rectify(part, reader, evidence, [_moved(line, matrix) for line in known])
    return Card(card.photo, tuple(_moved(line, back) for line in found.lines), (card.turn + found.turn) % 360)


_FEWEST = 3  # lines: an MRZ may be all that was read
_WELL, _LONG = 0.8, 4  # mean score, characters: what a background's marks are read as has less of either
_LINE_HEIGHT = 40.0  # pixels of the typical line in the close-up: no reader uses more
_LARGEST = 2000.0  # pixels of the close-up's longer side
_ROOM = (0.25, 0.12, 0.45, 0.2)
"""Left, top, right, bottom: by how much of the well-read part's size the card may reach beyond it. Most print stands in
the middle and at the left; the sex, a single letter, at the far right."""

Corners = NDArray[np.float64]
"""n×2, in pixels."""


def well_read(card: Card) -> list[Line]:
    """Lines of words that the reader was sure of, of the height that most of them have."""
    lines = [line for line in card.lines if line.quad and len(line.text) >= _LONG and np.mean(line.scores) >= _WELL]
    if not lines:
        return []
    heights = [_height(line) for line in lines]
    usual = float(np.median(heights))
    return [line for line, height in zip(lines, heights, strict=True) if usual / 2.5 < height < usual * 2.5]


def _height(line: Line) -> float:
    assert line.quad is not None
    return float(np.hypot(*np.subtract(line.quad[3], line.quad[0])))


def _upright(lines: list[Line]) -> tuple[NDArray[np.float64], tuple[float, float, float, float], float]:
    """Rotation, box in the rotated frame and scale of the close-up."""
    quads = np.array([line.quad for line in lines], np.float64)
    along = (quads[:, 1] - quads[:, 0]).sum(axis=0)
    cosine, sine = along / np.hypot(*along)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    level = quads.reshape(-1, 2) @ rotation.T
    (left, top), (right, bottom) = level.min(axis=0), level.max(axis=0)
    width, height = right - left, bottom - top
    box = (left - _ROOM[0] * width, top - _ROOM[1] * height, right + _ROOM[2] * width, bottom + _ROOM[3] * height)
    scale = _LINE_HEIGHT / float(np.median([_height(line) for line in lines]))
    return rotation, box, min(scale, _LARGEST / max(box[2] - box[0], box[3] - box[1]), 2.0)


def _part(
    pixels: Pixels, upright: tuple[NDArray[np.float64], tuple[float, float, float, float], float]
) -> tuple[Pixels, NDArray[np.float64]]:
    """The close-up, and the 2×3 matrix that leads from the photo's pixels to it."""
    rotation, (left, top, right, bottom), scale = upright
    matrix = np.hstack([rotation * scale, [[-left * scale], [-top * scale]]])
    size = round((right - left) * scale), round((bottom - top) * scale)
    # Bilinear sampling skips pixels where it reduces by more than two: average them first.
    halved = 0.5 if scale < _SKIPS else 1.0
    source = cv2.resize(pixels, None, fx=halved, fy=halved, interpolation=cv2.INTER_AREA) if halved < 1 else pixels
    on_source = np.hstack([matrix[:, :2] / halved, matrix[:, 2:]])
    part: Pixels = cv2.warpAffine(source, on_source, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return part, matrix


_SKIPS = 0.6


def _moved(line: Line, matrix: NDArray[np.float64]) -> Line:
    if line.quad is None:
        return line
    a, b, c, d = ((float(x), float(y)) for x, y in np.array(line.quad) @ matrix[:, :2].T + matrix[:, 2])
    quad: Quad = (a, b, c, d)
    return replace(line, quad=quad)
