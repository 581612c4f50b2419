"""One example to learn from: a scene goes in, a piece of it, turned, scaled and spoilt, and the heat that a finder
should see there come out.

Print is marked by the core of every line (`ocr.pipeline.engines.finder`).
"""

import math
from random import Random

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.pixels import standardised
from ocr.pipeline.types import Pixels
from training.photos import Scene

SIDE = 448
"""Pixels of a piece's side; its heat has half as many."""
_LEFT_OUT = (1 - 0.36) / 2  # of a line's height, on all four sides (`ocr.pipeline.engines.finder.CORE`)
_ENDS = 0.3  # of a line's length at most: a letter by itself has a core, too
_FINER = 4  # cores are drawn so much larger, for OpenCV's own smooth edges are half a pixel too far out
_FEWEST_PIXELS = 180  # of the whole photo
_SHARP = 0.75  # a scale below which pixels are averaged before they are sampled

Floats = NDArray[np.float32]


def example(scene: Scene, rng: Random) -> tuple[Floats, Floats]:
    """A SIDE×SIDE piece, standardised, and its SIDE/2×SIDE/2 heat, 0 to 1. The scene must have lines."""
    grey, quads = scene.pixels(), scene.quads
    usual = float(np.percentile(_heights(quads), 30))
    wanted = math.exp(rng.uniform(math.log(6), math.log(17)))  # pixels of a usual line: a card from afar, and from near
    scale = max(min(wanted / usual, 1.5), _FEWEST_PIXELS / max(grey.shape))
    reduced = min(1.0, scale * 1.15) if scale < _SHARP else 1.0
    if reduced < 1:
        grey = cv2.resize(grey, None, fx=reduced, fy=reduced, interpolation=cv2.INTER_AREA)
    matrix = _placed(quads.reshape(-1, 2) * reduced, scale / reduced, rng)
    piece = cv2.warpAffine(grey, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    seen = quads.reshape(-1, 2) * reduced @ matrix[:, :2].T + matrix[:, 2]
    return standardised(_spoilt(piece.astype(np.float32), rng)), heat_of(
        seen.reshape(-1, 4, 2).astype(np.float32), SIDE
    )


def _heights(quads: Floats) -> Floats:
    heights: Floats = np.hypot(*(quads[:, 3] - quads[:, 0]).T)
    return heights


def _placed(corners: Floats, scale: float, rng: Random) -> NDArray[np.float64]:
    """The 2×3 matrix that brings a place near some line to the middle: any way up, mostly nearly level."""
    turn = math.radians(90 * rng.randrange(4) + rng.gauss(0, 5 if rng.random() < 0.8 else 15))
    stretch = math.exp(rng.gauss(0, 0.06))
    matrix = scale * np.array([[math.cos(turn) * stretch, -math.sin(turn)], [math.sin(turn) * stretch, math.cos(turn)]])
    middle = (corners[rng.randrange(len(corners))] + corners.mean(axis=0)) / 2
    middle = middle + np.array([rng.gauss(0, 20), rng.gauss(0, 20)]) / scale
    return np.hstack([matrix, (SIDE / 2 - matrix @ middle)[:, None]])


def heat_of(quads: Floats, side: int) -> Floats:
    """What a finder should see of these lines (n×4×2, corners in pixels): side/2 × side/2, with soft edges."""
    drawn = np.zeros((side * _FINER, side * _FINER), np.uint8)
    for core in _cores(quads):
        cv2.fillPoly(drawn, [np.round((core + 0.5) * _FINER - 0.5).astype(np.int32)], 255)
    half = cv2.resize(drawn, (side // 2, side // 2), interpolation=cv2.INTER_AREA)
    return np.float32(1 / 255) * half.astype(np.float32)


def _cores(quads: Floats) -> Floats:
    along = (quads[:, 1] - quads[:, 0] + quads[:, 2] - quads[:, 3]) / 2
    down = (quads[:, 3] - quads[:, 0] + quads[:, 2] - quads[:, 1]) / 2
    length, height = (np.maximum(np.hypot(*side.T), 1e-3)[:, None] for side in (along, down))
    along = along / length * np.minimum(_LEFT_OUT * height, _ENDS * length)
    down = down / height * np.minimum(_LEFT_OUT * height, (height - _LEAST) / 2)
    a, b, c, d = (quads[:, i] for i in range(4))
    return np.stack([a + along + down, b - along + down, c - along - down, d + along - down], 1).astype(np.float32)


_LEAST = 0.6  # pixels: a core's height, however low the line


def _spoilt(grey: Pixels, rng: Random) -> Pixels:
    """More than the photo is: blurred, noisy, too dark or too light, copied."""
    if rng.random() < 0.35:
        grey = cv2.GaussianBlur(grey, (0, 0), rng.uniform(0.3, 1.1))
    if rng.random() < 0.5:
        noise = np.random.default_rng(rng.getrandbits(32)).standard_normal(grey.shape, np.float32)
        grey = grey + noise * rng.uniform(1, 9)
    if rng.random() < 0.4:
        grey = 255 * (np.clip(grey, 0, 255) / 255) ** math.exp(rng.gauss(0, 0.35))
    if rng.random() < 0.15:
        grey = 255 / (1 + np.exp(-(grey - rng.uniform(100, 150)) / rng.uniform(25, 60)))
    return grey
