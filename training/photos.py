"""Draws photos to teach with where print is: a seed goes in, both sides of a card, photographed, come out, and the
lines that PP-OCRv6 finds there when it looks closely.

Cards and tables are those of the palettes that may be tuned on, of seeds that nothing else takes.
"""

from dataclasses import dataclass
from functools import cache
from random import Random
from typing import TYPE_CHECKING

import cv2
import numpy as np
from numpy.typing import NDArray

from fixtures.drawing.document import draw_document
from fixtures.drawing.scene import photograph
from fixtures.drawing.styles import SEEDS
from ocr.pipeline.decode import decode
from ocr.pipeline.pixels import shrink
from ocr.pipeline.types import Photo, Pixels

if TYPE_CHECKING:
    from ocr.pipeline.engines.strips import Detector

_LONGEST = 1024  # pixels of the longer side: more than the network is ever shown
_FIRST = 100_000  # of a palette's seeds: those before it are for trying the service
_PALETTES = ("tuning", "wild")
_TIERS = {"photo": 60, "hard": 25, "scan": 10, "mono": 5}


@dataclass(frozen=True, slots=True)
class Scene:
    """`png`: the photo, grey, compressed, for thousands are kept; `quads`: n×4×2, its lines' corners in its pixels."""

    png: bytes
    quads: NDArray[np.float32]

    def pixels(self) -> Pixels:
        """H×W of bytes."""
        pixels = cv2.imdecode(np.frombuffer(self.png, np.uint8), cv2.IMREAD_GRAYSCALE)
        assert pixels is not None
        return pixels


def draw_scenes(seed: int) -> tuple[Scene, Scene]:
    """Front and back; always the same for the same seed."""
    rng = Random(f"photos:{seed}")
    palette = rng.choice(_PALETTES)
    (tier,) = rng.choices(tuple(_TIERS), tuple(_TIERS.values()))
    card = SEEDS[palette][_FIRST + seed]
    drawn = draw_document(card, palette=palette)
    return (
        _scene(photograph(drawn.front, card, tier, "front", palette)),
        _scene(photograph(drawn.back, card, tier, "back", palette)),
    )


def _scene(jpeg: bytes) -> Scene:
    photo = decode(jpeg)
    height, width = photo.pixels.shape
    scale = min(1.0, _LONGEST / max(height, width))
    pixels = shrink(photo.pixels, round(width * scale), round(height * scale))
    reduced = Photo(pixels, 1.0, pixels.shape[1], pixels.shape[0])
    return Scene(cv2.imencode(".png", reduced.pixels)[1].tobytes(), _lines_of(reduced))


def _lines_of(photo: Photo) -> NDArray[np.float32]:
    """Tilted or small print is looked at once more, set level: what the teacher says must be right."""
    # Only in a process that draws: with onnxruntime loaded before, PyTorch's first step back never ends.
    from ocr.pipeline.engines.strips import Seek, strips_of  # noqa: PLC0415

    strips = strips_of(_teacher(), photo, Seek(832, small=13.0, tilted=4.0))
    return np.array([strip.quad for strip in strips], np.float32).reshape(-1, 4, 2)


@cache
def _teacher() -> "Detector":
    from ocr.pipeline.engines.strips import Detector  # noqa: PLC0415

    return Detector()
