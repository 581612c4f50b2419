"""`Photo` → `Card`: finds the lines of a side and settles which way up it is, by what can be read, not by one guess.

A second look is taken at the card alone, set upright: a first look says where in the picture it lies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.engines import PageReader
from ocr.pipeline.quads import quad_of
from ocr.pipeline.types import Card, Line, Photo, Pixels, Quad

Corners = NDArray[np.float64]
"""n×2, in pixels."""

Evidence = Callable[[Card], float]
"""How much of what the document prints was found on a card: 0 nothing, 1 or more enough to be sure of the direction."""


def rectify(
    photo: Photo,
    reader: PageReader,
    evidence: Evidence,
    known: Sequence[Line] = (),
    aside: Aside = when_asked,
) -> Card:
    """The reading of `photo` that the evidence supports best; later offers are asked for only if needed.

    `known` and `aside`: as in `PageReader.cards`.
    """
    best, most = None, -1.0
    for card in reader.cards(photo, known, aside):
        found = evidence(card)
        if found > most:
            best, most = card, found
        if found >= 1:
            break
    return best if best is not None else Card(photo, (), 0)


def look_closer(
    card: Card, reader: PageReader, evidence: Evidence, known: Sequence[Line] = (), places: Sequence[Quad] = ()
) -> Card:
    """`card` read again by `reader`, from the part of its photo that holds what was read well, set upright.

    The whole photo where too little was read well. The lines stand in `card.photo`, whatever was looked at. `known`:
    those of the card's that need not be read again. `places`: nothing is looked for above and below them, where that
    spares anything; what was read there stays.
    """
    lines = well_read(card)
    if len(lines) < _FEWEST:
        return rectify(card.photo, reader, evidence)
    upright = _upright(lines)
    beyond: list[Line] = []
    band = _band(upright, places, float(np.median([_height(line) for line in lines])))
    if band is not None:
        upright = _narrowed(upright, band)
        beyond = [line for line in card.lines if not band.holds(line)]
        known = [*filter(band.holds, known), *beyond]
    pixels, matrix = _part(card.photo.pixels, upright)
    part = Photo(pixels, 1.0, pixels.shape[1], pixels.shape[0])
    back = np.asarray(cv2.invertAffineTransform(matrix), np.float64)
    told = [_moved(line, matrix) for line in known]
    found = rectify(part, reader, lambda offered: evidence(_with(offered, beyond)), told)
    read = [_moved(line, back) for line in found.lines]
    if band is not None:  # what the edge of the part cuts was read whole before
        read = [*filter(band.holds, read), *beyond]
    return Card(card.photo, tuple(read), (card.turn + found.turn) % 360)


def _with(card: Card, lines: Sequence[Line]) -> Card:
    return replace(card, lines=(*card.lines, *lines)) if lines else card


_FEWEST = 3  # lines: an MRZ may be all that was read
_WELL, _LONG = 0.8, 4  # mean score, characters: what a background's marks are read as has less of either
_LINE_HEIGHT = 40.0  # pixels of the typical line in the close-up: no reader uses more
_LARGEST = 2000.0  # pixels of the close-up's longer side
_ROOM = (0.25, 0.12, 0.45, 0.2)
"""Left, top, right, bottom: by how much of the well-read part's size the card may reach beyond it. Most print stands in
the middle and at the left; the sex, a single letter, at the far right."""


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


class _Upright(NamedTuple):
    """Rotation, box (left, top, right, bottom) in the rotated frame and scale of a close-up."""

    rotation: Corners
    box: tuple[float, float, float, float]
    scale: float


@dataclass(frozen=True, slots=True, eq=False)
class _Band:
    """From where to where in the rotated frame something is looked for; `margin`: what is seen of what lies beyond."""

    rotation: Corners
    low: Corners
    high: Corners
    margin: float

    def holds(self, line: Line) -> bool:
        """Whether a line's middle is as high, and some of it beside; one without a place is held."""
        if line.quad is None:
            return True
        corners = np.array(line.quad, np.float64) @ self.rotation.T
        (left, _), (right, _), (_, middle) = corners.min(axis=0), corners.max(axis=0), corners.mean(axis=0)
        return bool(self.low[1] <= middle <= self.high[1] and self.low[0] <= right and left <= self.high[0])


def _band(upright: _Upright, places: Sequence[Quad], height: float) -> _Band | None:
    """The band about the places; None where it spares too little. `height`: of a usual line."""
    if not places:
        return None
    corners = np.array(places, np.float64).reshape(-1, 2) @ upright.rotation.T
    low, high = corners.min(axis=0) - _AIR * height, corners.max(axis=0) + _AIR * height
    _, top, _, bottom = upright.box
    is_narrow = high[1] - low[1] + 2 * height < _NARROW * (bottom - top)
    return _Band(upright.rotation, low, high, height) if is_narrow else None


_AIR = 0.25  # of a line's height, above and below
_NARROW = 0.6  # of the card's height: chosen, not measured


def _narrowed(upright: _Upright, band: _Band) -> _Upright:
    left, _, right, _ = upright.box
    return upright._replace(box=(left, band.low[1] - band.margin, right, band.high[1] + band.margin))


def _upright(lines: list[Line]) -> _Upright:
    quads = np.array([line.quad for line in lines], np.float64)
    along = (quads[:, 1] - quads[:, 0]).sum(axis=0)
    cosine, sine = along / np.hypot(*along)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    level = quads.reshape(-1, 2) @ rotation.T
    (left, top), (right, bottom) = level.min(axis=0), level.max(axis=0)
    width, height = right - left, bottom - top
    box = (left - _ROOM[0] * width, top - _ROOM[1] * height, right + _ROOM[2] * width, bottom + _ROOM[3] * height)
    scale = _LINE_HEIGHT / float(np.median([_height(line) for line in lines]))
    return _Upright(rotation, box, min(scale, _LARGEST / max(box[2] - box[0], box[3] - box[1]), 2.0))


def _part(pixels: Pixels, upright: _Upright) -> tuple[Pixels, NDArray[np.float64]]:
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
    return replace(line, quad=quad_of(np.array(line.quad) @ matrix[:, :2].T + matrix[:, 2]))
