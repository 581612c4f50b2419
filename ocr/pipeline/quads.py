"""Where a line stands: a quad goes in, its middle, its length and what it holds come out."""

from collections.abc import Sequence

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


def around(quads: Sequence[Quad | None]) -> Quad | None:
    """The smallest upright box about all rows of a text, upright as their text runs; None for none."""
    known = np.array([quad for quad in quads if quad is not None], np.float64)
    if not len(known):
        return None
    along = (known[:, 1] - known[:, 0]).sum(axis=0)
    cosine, sine = along / max(float(np.hypot(*along)), 1e-9)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    level = known.reshape(-1, 2) @ rotation.T
    (left, top), (right, bottom) = level.min(axis=0), level.max(axis=0)
    corners = np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ rotation
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d
