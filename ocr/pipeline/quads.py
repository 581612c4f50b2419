"""Where a line stands: a quad goes in, its middle, its length and what it holds come out."""

from collections.abc import Iterable, Sequence
from math import dist
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.types import Point, Quad

if TYPE_CHECKING:
    from ocr.pipeline.documents.types import Extent

ASPECT = 53.98 / 85.6
"""Height of a card against its width (ISO/IEC 7810, ID-1)."""


def middle(quad: Quad) -> Point:
    (x0, y0), (x1, y1), (x2, y2), (x3, y3) = quad
    return (x0 + x1 + x2 + x3) / 4, (y0 + y1 + y2 + y3) / 4


def quad_of(corners: Iterable[Iterable[float]]) -> Quad:
    """Four corners as plain numbers."""
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d


def height_along(quad: Quad) -> NDArray[np.float64]:
    """One of its heights, laid along its text: x and y."""
    first, second, _, last = np.array(quad, np.float64)
    along, down = second - first, last - first
    return np.asarray(along * float(np.hypot(*down)) / max(float(np.hypot(*along)), 1.0))


def longer(quad: Quad, before: float = 0.0, behind: float = 0.0) -> Quad:
    """With so many of its heights more at either end."""
    return quad_of(np.array(quad, np.float64) + np.outer([-before, behind, behind, -before], height_along(quad)))


def length(quad: Quad) -> float:
    """Pixels along the text."""
    return dist(quad[0], quad[1])


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
    return quad_of(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ rotation)


def set_level(quad: Quad, others: Sequence[Quad], lower: float = 0.15) -> tuple[Quad, float, float]:
    """`quad` where it stands if it lies as the others do and is as high; by how many degrees it is tilted against them,
    and how many times as high as they.

    What shares its left part, above it, tilts it, or its right part, below it: its lower left and upper right are the
    row's own. `lower`: than they tell, of the height; of 11 rows below a label all are read right by the default.
    """
    corners = np.array([quad, *others], np.float64)
    along = corners[:, 1] - corners[:, 0] + corners[:, 2] - corners[:, 3]
    heights = np.hypot(*(corners[:, 3] - corners[:, 0]).T)
    angles = np.arctan2(along[:, 1], along[:, 0])
    turned = (angles - angles[1] + np.pi) % (2 * np.pi) - np.pi
    usual, height = np.median(turned[1:]), np.median(heights[1:])
    cosine, sine = np.cos(angles[1] + usual), np.sin(angles[1] + usual)
    rotation = np.array([[cosine, sine], [-sine, cosine]])
    level = corners[0] @ rotation.T
    middle = (level[1, 1] + level[3, 1]) / 2 + lower * height
    left, right, top, bottom = level[:, 0].min(), level[:, 0].max(), middle - height / 2, middle + height / 2
    put_right = quad_of(np.array([(left, top), (right, top), (right, bottom), (left, bottom)]) @ rotation)
    return put_right, float(np.degrees(turned[0] - usual)), float(heights[0] / height)


def card_about(box: Quad, extent: "Extent") -> Quad:
    """The card whose print fills `box` as it fills `extent` of every card of its kind."""
    origin, along, down = np.array(box[0]), np.subtract(box[1], box[0]), np.subtract(box[3], box[0])
    if extent.by_width:
        across = along / (extent.right - extent.left)
        depth = np.array([-across[1], across[0]]) * ASPECT
    else:
        depth = down / (extent.bottom - extent.top)
        across = np.array([depth[1], -depth[0]]) / ASPECT
    first = origin + down - extent.left * across - extent.bottom * depth
    return quad_of((first, first + across, first + across + depth, first + depth))


def part_of(card: Quad, extent: "Extent") -> Quad:
    """Where a part of a card lies that is seen as `card`."""
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    x0, y0, x1, y1 = extent.left, extent.top, extent.right, extent.bottom
    matrix = cv2.getPerspectiveTransform(unit, np.array(card, np.float32))
    corners = np.array([[(x0, y0), (x1, y0), (x1, y1), (x0, y1)]], np.float64)
    return quad_of(cv2.perspectiveTransform(corners, matrix)[0])
