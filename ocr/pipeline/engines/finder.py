"""Where there is print in a photo, at a glance: a small network of our own, a quarter of the work of PP-OCRv6's.

It marks the core of every line: a third as high as the line, a third of its height short of either end, so that rows
printed tight stay apart. How high a line is follows from how much was marked, to fractions of a pixel: a core is but a
few pixels high.
"""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.kept import kept_file
from ocr.pipeline.engines.sessions import levels, session
from ocr.pipeline.engines.strips import Strip, size_seen
from ocr.pipeline.pixels import shrink
from ocr.pipeline.quads import quad_of
from ocr.pipeline.types import Pixels

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MODEL = Path(__file__).with_name("finder.onnx")
"""Made by `./run train finder`."""
CORE = 0.36
"""Of a line's height is its core, in the middle; as much less than the height is left out of the line at its ends."""
_STEP = 2  # pixels of the picture to one of the heat's
_MARKED, _SURE = 0.35, 0.5  # heat of a pixel; mean heat of a strip
_FEWEST = 4  # pixels of heat


class Finder:
    """Finds strips as `strips.Detector` does."""

    def __init__(self, model: Path = MODEL, models: Path | None = None) -> None:
        """`models`: a folder in which the model is kept as it is loaded soonest (`kept`)."""
        self._session = session(kept_file(models, model))
        self._levels = levels(self._session)

    def find(self, pixels: Pixels, longest: int) -> tuple[Strip, ...]:
        """As `StripFinder.find`."""
        height, width = pixels.shape
        size = size_seen(width, height, longest)
        (heat,) = self._session.run(None, {"x": self._levels.blocks(shrink(pixels, *size))})
        return strips_in(heat[0, 0], (_STEP * width / size[0], _STEP * height / size[1]))


def strips_in(heat: NDArray[np.float32], scale: tuple[float, float]) -> tuple[Strip, ...]:
    """The strips that `heat` (H×W, 0 to 1) marks; `scale`: pixels of the photo to one of the heat's, along x and y."""
    _, places = cv2.connectedComponents((heat > _MARKED).astype(np.uint8), connectivity=4)
    marked = np.flatnonzero(places)
    if not len(marked):
        return ()
    y, x = np.divmod(marked, heat.shape[1])
    cores = _Cores(places.ravel()[marked].astype(np.int64) - 1, heat.ravel()[marked], y, x)
    quads, scores = cores.quads() * scale, cores.scores()
    return tuple(
        Strip(quad_of(corners), float(score))
        for corners, score, size in zip(quads, scores, cores.sizes, strict=True)
        if score >= _SURE and size >= _FEWEST
    )


class _Cores:
    """What was marked, core by core: all arrays are by core, but those of the marked pixels."""

    def __init__(self, core: Ints, heat: NDArray[np.float32], y: Ints, x: Ints) -> None:
        """A pixel each: the number of its core, how surely it is marked, and where it is."""
        self._core, self._heat = core, heat.astype(np.float64)
        self.sizes = np.bincount(core)
        self._area = self._total(self._heat)
        self._middle = np.stack([self._total(self._heat * x), self._total(self._heat * y)], 1) / self._area[:, None]
        self._dx, self._dy = x - self._middle[core, 0], y - self._middle[core, 1]

    def _total(self, values: Floats) -> Floats:
        return np.bincount(self._core, values).astype(np.float64)

    def scores(self) -> Floats:
        """How surely each is marked, 0 to 1."""
        return self._area / self.sizes

    def quads(self) -> Floats:
        """n×4×2: each line's corners, its long side lying first."""
        angle, clear = self._angles()
        first, last = self._ends(angle)
        height = self._area / (last - first) / CORE
        if clear.any():  # of a letter by itself too few pixels are marked to tell: it is as high as usual
            height = np.where(clear, height, np.maximum(height, np.median(height[clear])))
        length = last - first + (1 - CORE) * height
        along = np.stack([np.cos(angle), np.sin(angle)], 1)
        middle = self._middle + along * ((first + last) / 2)[:, None] + _INSIDE
        half = along * (length / 2)[:, None]
        down = np.stack([-along[:, 1], along[:, 0]], 1) * (height / 2)[:, None]
        return middle[:, None] + np.stack([-half - down, half - down, half + down, -half + down], 1)

    def _angles(self) -> tuple[Floats, NDArray[np.bool_]]:
        """The direction in which each is longest, and where that is clear; a letter by itself lies as the others do."""
        xx, yy = self._total(self._heat * self._dx**2), self._total(self._heat * self._dy**2)
        xy = self._total(self._heat * self._dx * self._dy)
        doubled = (xx - yy) + 2j * xy
        clear = np.abs(doubled) > _CLEARLY_LONG * (xx + yy)
        usual = (doubled[clear] / np.sqrt(np.abs(doubled[clear]))).sum()
        return np.angle(np.where(clear, doubled, usual)) / 2, clear

    def _ends(self, angle: Floats) -> tuple[Floats, Floats]:
        """Where each begins and ends along its line, from its middle: the outer edges of the last marked pixels."""
        along = self._dx * np.cos(angle)[self._core] + self._dy * np.sin(angle)[self._core]
        order = np.argsort(self._core, kind="stable")
        starts = np.searchsorted(self._core[order], np.arange(len(angle)))
        along = along[order]
        return np.minimum.reduceat(along, starts) - 0.5, np.maximum.reduceat(along, starts) + 0.5


_CLEARLY_LONG = 0.9  # of the core of a line that is 2.2 times as long as high, it is 0.9
_INSIDE = 0.25  # pixels of heat from the middle of its first pixel of the picture to its own
