"""Where a line stands: a quad goes in, its middle, its length and what it holds come out."""

import cv2
import numpy as np

from ocr.pipeline.types import Point, Quad


def middle(quad: Quad) -> Point:
    x, y = np.mean(quad, axis=0)
    return float(x), float(y)


def length(quad: Quad) -> float:
    """Pixels along the text."""
    return float(np.hypot(*np.subtract(quad[1], quad[0])))


def holds(quad: Quad, point: Point) -> bool:
    return cv2.pointPolygonTest(np.array(quad, np.float32), point, measureDist=False) >= 0
