"""Cuts one line of text out of a photo, flattened: what every reader of lines is shown."""

from math import dist

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.pixels import shrink
from ocr.pipeline.types import Pixels, Quad

LINE_HEIGHT = 48
"""Rows of a crop: what the PP-OCR recognisers were trained on, and enough for Tesseract."""
STEP = 8
"""A crop is a multiple of so many columns wide: the PP-OCR recognisers' time step."""
_LONGEST = 33.3  # of the crop's height
_NARROWED, _WIDENED = 0.6, 1.5  # to; beyond, how many letters there are was misread


def crop(
    pixels: Pixels, quad: Quad, height: int = LINE_HEIGHT, step: int = STEP, shortest: float = 1.0, best: float = 0.0
) -> Pixels:
    """The quad, flattened to `height` rows; a multiple of `step` columns wide, `shortest` times its height at least.

    `best`: in how many columns a reader reads it best, where that is known; print is pressed together or pulled apart
    for that, within limits.
    """
    a, b, c, d = quad
    length, across = (dist(a, b) + dist(d, c)) / 2, (dist(a, d) + dist(b, c)) / 2
    width = height * min(max(length / max(across, 1.0), shortest), _LONGEST)
    if best:
        width = min(max(best, _NARROWED * width), _WIDENED * width)
    width = (int(width) + step - 1) // step * step
    target = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    pixels, source = _reduced_around(pixels, np.array(quad, np.float32), across / height)
    matrix = cv2.getPerspectiveTransform(source, target)
    flat: Pixels = cv2.warpPerspective(
        pixels, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return flat


def _reduced_around(
    pixels: Pixels, source: NDArray[np.float32], reduction: float
) -> tuple[Pixels, NDArray[np.float32]]:
    """Bilinear sampling skips pixels beyond a reduction of two: average them first, on the part that is needed."""
    if reduction < 2:
        return pixels, source
    left, top = np.maximum(np.floor(source.min(axis=0)).astype(int) - 4, 0)
    right, bottom = np.ceil(source.max(axis=0)).astype(int) + 4
    part = pixels[top:bottom, left:right]
    if part.size == 0:
        return pixels, source
    factor = reduction / 1.5
    size = max(1, round(part.shape[1] / factor)), max(1, round(part.shape[0] / factor))
    small = shrink(part, *size)
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
    return small, (source - np.array([left, top], np.float32)) * scale
