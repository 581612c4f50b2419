"""Where there is print in a photo: pixels go in, strips of text come out, their reading direction not yet known.

Source: PaddleOCR's DB post-processing.
"""

from cmath import phase, rect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from math import degrees, dist, radians
from typing import Any, Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.cut import model_file
from ocr.pipeline.engines.sessions import TWO, Session, session
from ocr.pipeline.pixels import shrink
from ocr.pipeline.quads import quad_of
from ocr.pipeline.types import Photo, Pixels, Quad

_IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32) * 255
_LEVELS = [((np.arange(256, dtype=np.float32) - m) / d) for m, d in zip(_IMAGENET_MEAN, _IMAGENET_STD, strict=True)]
"""Per channel, what each of its 256 levels becomes: looked up, it costs a tenth of being computed pixel by pixel."""
_TEXT_PIXEL, _TEXT_BOX, _UNCLIP = 0.2, 0.4, 1.5


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of text found in a photo: its quad in `Photo.pixels`, reading direction not yet known."""

    quad: Quad
    score: float

    @property
    def length(self) -> float:
        """Pixels along the text."""
        return dist(self.quad[0], self.quad[1])

    @property
    def height(self) -> float:
        """Pixels across the text."""
        return dist(self.quad[0], self.quad[3])

    @property
    def is_long(self) -> bool:
        """Whether it is so much longer than high that its long side tells where its text runs."""
        return self.length > 2 * self.height


class StripFinder(Protocol):
    """Where there is text."""

    def find(self, pixels: Pixels, longest: int) -> tuple[Strip, ...]:
        """Strips of text in `pixels`, looked at with its longer side `longest` pixels long (enlarged twice at most)."""


class Detector:
    """PP-OCRv6's detection, DB head; loaded when it is first asked."""

    @cached_property
    def _session(self) -> Session:
        return session(model_file("tiny/det/det.onnx"), TWO)

    def load(self) -> None:
        """Now, and not when it is first asked."""
        _ = self._session

    def find(self, pixels: Pixels, longest: int) -> tuple[Strip, ...]:
        """As `StripFinder.find`."""
        height, width = pixels.shape
        size = size_seen(width, height, longest)
        small = shrink(pixels, *size)
        block = np.stack([cv2.LUT(small, table) for table in _LEVELS])
        (heat,) = self._session.run(None, {"x": block[None]})
        return tuple(_strips(heat[0, 0], (width / size[0], height / size[1])))


def size_seen(width: int, height: int, longest: int) -> tuple[int, int]:
    """Width and height that a network sees of a picture: multiples of what it halves it by."""
    ratio = min(longest / max(height, width), _MOST_ENLARGED)
    return max(_GRID, round(width * ratio / _GRID) * _GRID), max(_GRID, round(height * ratio / _GRID) * _GRID)


_GRID, _MOST_ENLARGED = 32, 2.0


def _strips(heat: NDArray[np.float32], scale: tuple[float, float]) -> list[Strip]:
    contours, _ = cv2.findContours((heat > _TEXT_PIXEL).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    strips = []
    for contour in contours:
        rect = cv2.minAreaRect(contour)
        if min(rect[1]) < 2:
            continue
        score = _mean_inside(heat, contour)
        if score >= _TEXT_BOX:
            strips.append(Strip(_grown(rect, scale), score))
    return strips


def _mean_inside(heat: NDArray[np.float32], contour: NDArray[Any]) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(heat[y : y + height, x : x + width], mask)[0])


def _grown(rect: tuple[Sequence[float], Sequence[float], float], scale: tuple[float, float]) -> Quad:
    """The detector marks the core of a line: grow it to the whole letters (DB's unclip), the long side lying first."""
    (cx, cy), (width, height), angle = rect
    if width < height:
        width, height, angle = height, width, angle + 90
    grow = width * height * _UNCLIP / (width + height)  # area · ratio / perimeter on each side, twice
    corners = cv2.boxPoints(((cx, cy), (width + grow, height + grow), angle)) * scale
    # boxPoints starts at the lower left of the unrotated box: begin at its top left.
    return quad_of(np.roll(corners, -1, axis=0))


@dataclass(frozen=True, slots=True)
class Seek:
    """How strips are sought: the photo's longer side in the detector's pixels, and what makes it look once more at the
    part that holds them, set level: a usual line lower than `small` pixels, or more than `tilted` degrees of tilt."""

    longest: int
    small: float
    tilted: float


_ROOMY_TEXT = 12.0  # pixels of a usual line when it is looked at once more
_CLOSEST_LOOK = 1280


def strips_of(finder: StripFinder, photo: Photo, seek: Seek) -> tuple[Strip, ...]:
    """Strips as `seek` says; small or tilted text is looked at once more."""
    strips = finder.find(photo.pixels, seek.longest)
    if not strips:
        return ()
    ratio = min(seek.longest / max(photo.pixels.shape), 2.0)
    small = float(np.percentile([strip.height for strip in strips], 30))
    angle = text_angle(strips)
    tilt = abs(angle - 90 * round(angle / 90))
    if small * ratio >= seek.small and tilt < seek.tilted:
        return strips
    return _levelled(finder, photo.pixels, strips, angle, _ROOMY_TEXT / small) or strips


def _levelled(
    finder: StripFinder, pixels: Pixels, strips: Sequence[Strip], angle: float, scale: float
) -> tuple[Strip, ...]:
    """Look again at the part that holds the strips, turned level and scaled."""
    corners = np.array([strip.quad for strip in strips], np.float64).reshape(-1, 2)
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    level = corners @ rotation.T
    margin = 2.0 * np.median([strip.height for strip in strips])
    low, high = level.min(axis=0) - margin, level.max(axis=0) + margin
    scale = min(scale, _CLOSEST_LOOK / float((high - low).max()), 2.0)
    width, height = (int(side) for side in np.ceil((high - low) * scale))
    matrix = np.hstack([rotation * scale, -low[:, None] * scale])
    source, reduced = _smooth_enough(pixels, scale)
    part: Pixels = cv2.warpAffine(
        source, _on_reduced(matrix, reduced), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    inverse = cv2.invertAffineTransform(matrix)
    found = finder.find(part, max(width, height))
    return tuple(Strip(_mapped(strip.quad, inverse), strip.score) for strip in found)


def _smooth_enough(pixels: Pixels, scale: float) -> tuple[Pixels, float]:
    """Averaged down first where the scale would skip pixels; and by how much."""
    if scale > 0.6:
        return pixels, 1.0
    small: Pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return small, 0.5


def _on_reduced(matrix: NDArray[np.float64], reduced: float) -> NDArray[np.float64]:
    return np.hstack([matrix[:, :2] / reduced, matrix[:, 2:]])


def _mapped(quad: Quad, matrix: NDArray[Any]) -> Quad:
    return quad_of(np.array(quad) @ matrix[:, :2].T + matrix[:, 2])


def askew(strips: Sequence[Strip]) -> list[Strip]:
    """Those that lie otherwise than most, as a card does on a printed page; none where they are too few to be one."""
    usual = text_angle(strips)
    others = [strip for strip in strips if strip.is_long and _apart(text_angle([strip]), usual)]
    return others if len(others) >= _FEWEST_ASKEW else []


def _apart(one: float, other: float) -> bool:
    """Whether two directions differ clearly, whichever end each begins at."""
    return abs((one - other + 90) % 180 - 90) > _ASKEW


_ASKEW = 15.0  # degrees: no perspective tilts a line of a card as far against the others
_FEWEST_ASKEW = 3  # an MRZ has as many lines


def text_angle(strips: Sequence[Strip]) -> float:
    """Degrees, clockwise as seen, -90 to 90: the direction of most of the text, whichever end it begins at."""
    total = 0j
    for strip in strips:
        if strip.is_long:
            along = complex(*strip.quad[1]) - complex(*strip.quad[0])
            total += along * along / abs(along)  # doubled angle: a line has no beginning yet
    return degrees(phase(total)) / 2 if total else 0.0


def along(quad: Quad, angle: float) -> Quad:
    """The corners renumbered so that the first side runs along `angle`, as nearly as one of the four does."""
    back = rect(1.0, -radians(angle))
    corners = [complex(*corner) for corner in quad]
    sides = [corners[(i + 1) % 4] - corners[i] for i in range(4)]
    first = max(range(4), key=lambda i: (sides[i] * back).real / (abs(sides[i]) or 1.0))
    a, b, c, d = (quad[(first + i) % 4] for i in range(4))
    return (a, b, c, d)


def flipped(quad: Quad, turned: bool) -> Quad:
    """The quad as it is, or read from its other end."""
    return (quad[2], quad[3], quad[0], quad[1]) if turned else quad
