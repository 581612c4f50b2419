"""`Photo` and where print was read on it → the card alone, upright and flat, for people to look at; and the parts of
it that are no print, the portrait and the signature.

Where the print stands on every card of its kind says where the card's four sides are to be looked for; each is then
moved to the edge that is seen there. Where none is seen (a pale card on white) it stays.
"""

import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.documents.types import DocumentType, Extent
from ocr.pipeline.quads import around, card_about, quad_of
from ocr.pipeline.types import Photo, Pixels, Quad, Side, Straight

WIDTH, HEIGHT = 1012, 638
"""Pixels of the card: 85.6 × 53.98 mm (ISO/IEC 7810, ID-1) at 300 dots an inch."""
_QUALITY = 85
_FEWEST = 2  # values: one alone does not say how large the card is

Points = NDArray[np.float64]
"""n×2; corners stand in the order top left, top right, bottom right, bottom left of the card as it is read."""
Matrix = NDArray[np.float64]


def straighten(
    photo: Photo, boxes: Sequence[Quad], *, side: Side, document: DocumentType, model: str | None
) -> Straight:
    """`photo` in colour; `boxes`: where values were read, in pixels of the picture as sent."""
    if len(boxes) < _FEWEST:
        return _as_sent(photo)
    layout = document.layout(model)
    quads = np.array(boxes, np.float64) / photo.scale
    corners = _corners(photo, quads, layout.front if side is Side.FRONT else layout.back)
    to_card = _matrix(corners, WIDTH, HEIGHT)
    pixels = cv2.warpPerspective(photo.pixels, to_card, (WIDTH, HEIGHT), flags=cv2.INTER_AREA)
    parts = layout.pictures if side is Side.FRONT else {}
    cut = {name: _jpeg(_part(pixels, extent)) for name, extent in parts.items()}
    return _drawn(pixels, to_card @ np.diag([1 / photo.scale, 1 / photo.scale, 1]), cut)


def _as_sent(photo: Photo) -> Straight:
    height, width = photo.pixels.shape[:2]
    scale = min(1.0, WIDTH / max(height, width))
    pixels = cv2.resize(photo.pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _drawn(pixels, np.diag([scale / photo.scale, scale / photo.scale, 1.0]), {})


def _drawn(pixels: Pixels, matrix: Matrix, parts: dict[str, bytes]) -> Straight:
    rows = tuple(tuple(float(value) for value in row) for row in matrix)
    return Straight(_jpeg(pixels), pixels.shape[1], pixels.shape[0], rows, parts)


def _part(pixels: Pixels, extent: Extent) -> Pixels:
    rows = slice(round(extent.top * HEIGHT), round(extent.bottom * HEIGHT))
    return pixels[rows, round(extent.left * WIDTH) : round(extent.right * WIDTH)]


def _jpeg(pixels: Pixels) -> bytes:
    """Nothing of the file that was sent is in it but what is seen: no EXIF, no comment."""
    _, data = cv2.imencode(".jpg", cv2.cvtColor(pixels, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()


def _matrix(corners: Points, width: float, height: float) -> Matrix:
    target = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners.astype(np.float32), target), np.float64)


# --- what the print says ----------------------------------------------------------------------------------------------


def _around_print(quads: Points, extent: Extent) -> Points:
    """Corners that put the print where it stands on every card of its kind."""
    box = around([quad_of(quad) for quad in quads])
    assert box is not None
    return np.array(card_about(box, extent))


# --- what is seen -----------------------------------------------------------------------------------------------------

_WIDE, _HIGH, _ROOM = 400, 252, 44
"""Pixels of the card as the print says, and around it: a side may be moved by so much."""
_BESIDE = 4.0  # pixels at least between a side and any print
_SLANT = 24.0  # pixels by which the ends of a side may be moved more than one another: a card seen at a slant
_SAMPLES = 60
_WEAK = 15  # per cent of a side where its edge may be weaker than it counts: a finger, a shadow
_FAR = 0.3  # of the edge's strength, for each pixel that a side is moved
_SEEN = 8.0  # strength of an edge that is one
# All of them chosen on 240 drawn sides: the farthest corner is off by 0.4 % of the card's width in the middle and by
# less than 4 % on nine of ten scans and photos; by the print alone it is by 3.5 and 6 %.


def _corners(photo: Photo, quads: Points, extent: Extent) -> Points:
    to_frame = np.array([[1, 0, _ROOM], [0, 1, _ROOM], [0, 0, 1]]) @ _matrix(_around_print(quads, extent), _WIDE, _HIGH)
    size = (_WIDE + 2 * _ROOM, _HIGH + 2 * _ROOM)
    seen = cv2.warpPerspective(photo.pixels, to_frame, size, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE)
    print_ = cv2.perspectiveTransform(quads.reshape(1, -1, 2), to_frame)[0]
    sides = _sides(seen, print_)
    corners = np.array([_crossing(sides[i - 1], sides[i]) for i in range(4)])
    return np.asarray(cv2.perspectiveTransform(corners[None], np.linalg.inv(to_frame))[0], np.float64)


Side_ = tuple[Points, Points]
"""A side by its two ends."""


def _sides(seen: Pixels, print_: Points) -> tuple[Side_, Side_, Side_, Side_]:
    """Top, right, bottom, left."""
    smooth = cv2.GaussianBlur(seen, (5, 5), 0).astype(np.float32)
    upright = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 1, 0)).max(axis=2).T
    level = np.abs(cv2.Sobel(smooth, cv2.CV_32F, 0, 1)).max(axis=2)
    (least_x, least_y), (most_x, most_y) = print_.min(axis=0), print_.max(axis=0)
    x0, x1, y0, y1 = _ROOM, _ROOM + _WIDE, _ROOM, _ROOM + _HIGH
    top, bottom = _edge(level, y0, _WIDE, most=least_y), _edge(level, y1, _WIDE, least=most_y)
    left, right = _edge(upright, x0, _HIGH, most=least_x), _edge(upright, x1, _HIGH, least=most_x)
    return (
        (np.array([x0, top[0]]), np.array([x1, top[1]])),
        (np.array([right[0], y0]), np.array([right[1], y1])),
        (np.array([x1, bottom[1]]), np.array([x0, bottom[0]])),
        (np.array([left[1], y1]), np.array([left[0], y0])),
    )


def _edge(
    strength: Pixels, at: int, length: int, *, least: float = -math.inf, most: float = math.inf
) -> tuple[float, float]:
    """Where, near row `at`, an edge runs all along, between `least` and `most`: at its beginning and at its end.

    Print and portraits make edges, too, but none as long: what counts is how strong one is where it is weak.
    """
    shifts = np.arange(-_ROOM + 2, _ROOM - 1, 2)
    begins, ends = (at + grid.ravel() for grid in np.meshgrid(shifts, shifts))
    fits = (np.abs(begins - ends) <= _SLANT) & (np.maximum(begins, ends) < most - _BESIDE)
    fits &= np.minimum(begins, ends) > least + _BESIDE
    if not fits.any():
        return float(at), float(at)
    begins, ends = begins[fits], ends[fits]
    share = np.linspace(0.06, 0.94, _SAMPLES)  # not where the corners are round
    rows = begins[:, None] + (ends - begins)[:, None] * share
    found = np.percentile(strength[np.rint(rows).astype(int), (_ROOM + share * length).astype(int)], _WEAK, axis=1)
    found -= _FAR * np.maximum(np.abs(begins - at), np.abs(ends - at))
    best = int(np.argmax(found))
    return (float(begins[best]), float(ends[best])) if found[best] >= _SEEN else (float(at), float(at))


def _crossing(first: Side_, second: Side_) -> Points:
    (a, b), (c, d) = first, second
    share = np.linalg.solve(np.array([b - a, c - d]).T, c - a)[0]
    return np.asarray(a + share * (b - a), np.float64)
