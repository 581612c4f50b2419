"""The card alone: how near its corners come to where they were drawn, and what is cut from it."""

from functools import cache

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from fixtures.drawing import draw_document
from fixtures.drawing.conditions import conditions_for
from fixtures.drawing.scene import Shot, take
from ocr.pipeline.decode import decode_in_colour
from ocr.pipeline.run import show_card
from ocr.pipeline.straighten import HEIGHT, WIDTH
from ocr.pipeline.types import Quad, Side, Straight
from tests.ocr.pipeline.cards import quad

CORNERS = np.array([(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)])
READ = {
    Side.FRONT: {"name", "address", "elector_key", "curp", "date_of_birth", "section", "validity"},
    Side.BACK: {"mrz"},
}


@cache
def shot(tier: str, seed: int, side: Side, model: str) -> tuple[Shot, tuple[Quad, ...]]:
    """A drawn side photographed, and where its values stand on the photo."""
    drawn = draw_document(seed, model=model)
    image, printed = (drawn.front, drawn.front_printed) if side is Side.FRONT else (drawn.back, drawn.back_printed)
    taken = take(image, conditions_for(seed, tier, side.value.removesuffix("side"), "tuning"), seed)
    to_photo = cv2.getPerspectiveTransform(np.array(quad(0, 0, 1, 1), np.float32), np.array(taken.corners, np.float32))
    boxes = [quad(*line.box) for line in printed if line.field in READ[side]]
    return taken, tuple(_as_quad(cv2.perspectiveTransform(np.array([box], np.float64), to_photo)[0]) for box in boxes)


def _as_quad(points: NDArray[np.float64]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return a, b, c, d


def straight(tier: str, seed: int, side: Side, model: str = "G") -> tuple[Straight, float]:
    """The card alone, and by how much of its width its farthest corner is off."""
    taken, boxes = shot(tier, seed, side, model)
    found = show_card(taken.jpeg, boxes, side=side, model=model)
    return found, float(np.abs(np.array(found.moved(taken.corners)) - CORNERS).max()) / WIDTH


def opened(jpeg: bytes, flags: int = cv2.IMREAD_COLOR) -> NDArray[np.uint8]:
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), flags)
    assert pixels is not None
    return np.asarray(pixels, np.uint8)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("tier", ["scan", "photo"])
def test_corners_are_found(tier: str, side: Side) -> None:
    """On other seeds than it was chosen on: in the middle, and none so far off that a part is missed."""
    off = [straight(tier, seed, side)[1] for seed in range(7000, 7012)]
    assert np.median(off) < 0.01
    assert max(off) < 0.12


def test_a_card_upside_down_is_set_upright() -> None:
    taken, boxes = shot("photo", 7000, Side.FRONT, "G")
    height, width = opened(taken.jpeg).shape[:2]
    turned = cv2.imencode(".jpg", cv2.rotate(opened(taken.jpeg), cv2.ROTATE_180))[1].tobytes()
    around = [_as_quad(np.array((width, height)) - np.array(box)) for box in boxes]
    found = show_card(turned, around, side=Side.FRONT, model="G")
    corners = found.moved([(width - x, height - y) for x, y in taken.corners])
    assert np.abs(np.array(corners) - CORNERS).max() / WIDTH < 0.02


def test_it_is_a_small_picture_in_colour_and_of_a_cards_shape() -> None:
    found, _ = straight("photo", 7000, Side.FRONT)
    pixels = opened(found.jpeg)
    assert pixels.shape == (HEIGHT, WIDTH, 3) == (found.height, found.width, 3)
    assert np.ptp(pixels.astype(int), axis=2).mean() > 5
    assert len(found.jpeg) < 200_000


@pytest.mark.parametrize(("model", "in_the_middle"), [("G", 0.16), ("D", 0.82)])
def test_the_portrait_is_cut_out_where_the_model_has_it(model: str, in_the_middle: float) -> None:
    found, _ = straight("scan", 7000, Side.FRONT, model)
    whole, portrait = (opened(data, cv2.IMREAD_GRAYSCALE) for data in (found.jpeg, found.parts["portrait"]))
    _, likeness, _, (left, _) = cv2.minMaxLoc(cv2.matchTemplate(whole, portrait, cv2.TM_CCOEFF_NORMED))
    assert likeness > 0.95
    assert (left + portrait.shape[1] / 2) / WIDTH == pytest.approx(in_the_middle, abs=0.02)
    assert set(found.parts) == {"portrait", "signature"}


def test_a_back_has_no_portrait_to_cut() -> None:
    assert straight("scan", 7000, Side.BACK)[0].parts == {}


def test_where_little_was_read_the_picture_is_shown_as_it_is() -> None:
    taken, boxes = shot("photo", 7000, Side.FRONT, "G")
    found = show_card(taken.jpeg, boxes[:1], side=Side.FRONT, model=None)
    photo = decode_in_colour(taken.jpeg)
    assert found.parts == {}
    assert max(found.width, found.height) == WIDTH
    assert found.moved([(photo.width, photo.height)])[0] == pytest.approx((found.width, found.height), abs=1)
