"""Cuts one line of text out of a photo, flattened: what every reader of lines is shown."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.types import Pixels, Quad

LINE_HEIGHT = 48
"""Rows of a crop: what the PP-OCR recognisers were trained on, and enough for Tesseract."""
STEP = 8
"""A crop is a multiple of so many columns wide: the recognisers' time step."""
_SHORTEST, _LONGEST = 48, 1600


def crop(pixels: Pixels, quad: Quad) -> Pixels:
    """The quad, flattened to LINE_HEIGHT rows; a multiple of one time step wide."""
    source = np.array(quad, np.float32)
    length = float(np.linalg.norm(source[1] - source[0]) + np.linalg.norm(source[2] - source[3])) / 2
    across = float(np.linalg.norm(source[3] - source[0]) + np.linalg.norm(source[2] - source[1])) / 2
    width = int(np.clip(LINE_HEIGHT * length / max(across, 1.0), _SHORTEST, _LONGEST))
    width = (width + STEP - 1) // STEP * STEP
    target = np.array([[0, 0], [width, 0], [width, LINE_HEIGHT], [0, LINE_HEIGHT]], np.float32)
    pixels, source = _reduced_around(pixels, source, float(across) / LINE_HEIGHT)
    matrix = cv2.getPerspectiveTransform(source, target)
    flat: Pixels = cv2.warpPerspective(
        pixels, matrix, (width, LINE_HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
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
    small: Pixels = cv2.resize(part, size, interpolation=cv2.INTER_AREA)
    scale = np.array([size[0] / part.shape[1], size[1] / part.shape[0]], np.float32)
    return small, (source - np.array([left, top], np.float32)) * scale
