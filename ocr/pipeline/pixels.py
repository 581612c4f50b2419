"""What is done to pixels before a network sees them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
import numpy.ma  # else the first median, or percentile, loads it
from numpy.typing import NDArray

from ocr.pipeline.types import Pixels

_LEAST = 4.0  # levels: nothing but noise deviates less


def shrink(pixels: Pixels, width: int, height: int) -> Pixels:
    """`pixels` as `width` × `height` or, where that is more than it has, enlarged.

    Halved as often as that leaves enough, which takes OpenCV less than half of what any other share does; an odd last
    row or column is left out for it.
    """
    while pixels.shape[1] >= 2 * width and pixels.shape[0] >= 2 * height:
        half = pixels.shape[1] // 2, pixels.shape[0] // 2
        pixels = cv2.resize(pixels[: 2 * half[1], : 2 * half[0]], half, interpolation=cv2.INTER_AREA)
    smaller = width * height < pixels.shape[0] * pixels.shape[1]
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)


def ink_of(strip: Pixels) -> NDArray[np.float32]:
    """How much darker than the paper around it each pixel of a flattened line is (`engines.crop`)."""
    grey = strip.astype(np.float32)
    paper = cv2.GaussianBlur(cv2.dilate(grey, np.ones((15, 31), np.uint8)), (0, 0), 8)
    ink: NDArray[np.float32] = np.clip(paper - grey, 0, None)
    return ink


EDGE = 5
"""Rows of a flattened line above and below the letters, where the neighbours' may show."""


def strokes_of(ink: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Per column how dark its darkest is, and how dark letters are: `ink` without its edges."""
    darkest: NDArray[np.float32] = np.sort(ink, axis=0)[-3:].mean(axis=0)
    return darkest, max(float(np.percentile(darkest, 75)), 1.0)


def standardised(grey: Pixels) -> NDArray[Any]:
    """H×W of float32, mean 0, deviation 1: neither the light nor how dark the ink is tells one letter from another."""
    mean, spread = _light(grey)
    shown: NDArray[Any] = grey * np.float32(1 / spread) - np.float32(mean / spread)
    return shown


def _light(grey: Pixels) -> tuple[float, float]:
    """Mean, and what counts as a deviation."""
    mean, deviation = cv2.meanStdDev(grey)
    return float(mean[0, 0]), float(deviation[0, 0]) + _LEAST


BLOCK = 4
"""Pixels along either side of a block."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How a network of ours wants to be shown a picture: in whole numbers, `mean` for its mean grey, `deviation` more
    for a deviation more."""

    mean: float
    deviation: float

    @classmethod
    def noted(cls, notes: Mapping[str, str]) -> Self:
        """As a network's file notes it. Raises `KeyError` when it does not."""
        return cls(float(notes["mean"]), float(notes["deviation"]))

    @property
    def notes(self) -> dict[str, str]:
        """What a network's file notes."""
        return {"mean": str(self.mean), "deviation": str(self.deviation)}

    def blocks(self, grey: Pixels) -> Pixels:
        """`standardised` in levels, as 1×H/4×W/4×16: in place of pixels blocks, row by row. H and W: multiples of 4."""
        mean, spread = _light(grey)
        scale = self.deviation / spread
        # Of OpenCV's functions that scale and shift the one that stops at 0 and 255.
        levels = cv2.addWeighted(grey, scale, grey, 0.0, self.mean - scale * mean)
        rows = levels.view(np.uint32).reshape(grey.shape[0] // BLOCK, BLOCK, -1)  # four pixels each
        blocks: Pixels = np.ascontiguousarray(rows.transpose(0, 2, 1)).view(np.uint8)[None]
        return blocks
