"""What is done to pixels before a network sees them."""

from typing import Any

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


def standardised(grey: Pixels) -> NDArray[Any]:
    """H×W of float32, mean 0, deviation 1: neither the light nor how dark the ink is tells one letter from another."""
    mean, deviation = cv2.meanStdDev(grey)
    spread = float(deviation[0, 0]) + _LEAST
    shown: NDArray[Any] = grey * np.float32(1 / spread) - np.float32(mean[0, 0] / spread)
    return shown
