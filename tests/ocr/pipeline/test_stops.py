"""Whether something small and dark stands behind the last letter of a row."""

import cv2
import numpy as np
import pytest

from ocr.pipeline.stops import has_stop, may_have_stop, with_room
from ocr.pipeline.types import Photo
from tests.ocr.pipeline.cards import quad

FRAME = quad(100, 100, 254, 140)
"""About PUEBLA, PUE, ending with its last letter."""


def photo(*marks: tuple[int, int], size: int = 3, ink: int = 40) -> Photo:
    """A row of print, and square marks at these middles."""
    pixels = np.full((300, 500), 200, np.uint8)
    for x in range(104, 250, 16):
        cv2.rectangle(pixels, (x, 106), (x + 9, 134), 40, 3)
    for x, y in marks:
        cv2.rectangle(pixels, (x - size, y - size), (x + size, y + size), ink, -1)
    pixels.setflags(write=False)
    return Photo(pixels, 1.0, 500, 300)


def test_a_speck_on_the_base_line_may_be_a_stop() -> None:
    assert may_have_stop(photo((266, 133)), FRAME)


@pytest.mark.parametrize("seed", range(8))
def test_noise_hides_no_stop_and_makes_none(seed: int) -> None:
    for seen, stopped in ((photo((268, 133)), True), (photo(), False)):
        noise = np.random.default_rng(seed).normal(0, 40, seen.pixels.shape)
        noisy = np.clip(seen.pixels + noise, 0, 255).astype(np.uint8)
        assert has_stop(Photo(noisy, 1.0, 500, 300), FRAME) is stopped


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(photo(), id="nothing"),
        pytest.param(photo((266, 108)), id="too_high"),
        pytest.param(photo((300, 133)), id="too_far"),
        pytest.param(photo((266, 133), ink=160), id="too_pale"),
        pytest.param(photo((266, 133), size=0), id="too_small"),
    ],
)
def test_nothing_else_is(other: Photo) -> None:
    assert not may_have_stop(other, FRAME)


def test_a_row_lies_as_it_lies() -> None:
    """Turned by a quarter: left is up."""
    turned = np.ascontiguousarray(np.rot90(photo((266, 133)).pixels))
    row = tuple((y, 500 - x) for x, y in FRAME)
    assert may_have_stop(Photo(turned, 1.0, 300, 500), row)  # type: ignore[arg-type]


def test_where_there_are_no_letters_there_is_no_stop() -> None:
    blank = np.full((300, 500), 200, np.uint8)
    assert not may_have_stop(Photo(blank, 1.0, 500, 300), FRAME)


def test_room_is_made_behind_a_row_alone() -> None:
    assert with_room(FRAME) == quad(100, 100, 274, 140)


# --- a stop and nothing else ------------------------------------------------------------------------------------------


def test_a_speck_by_itself_on_the_base_line_is_a_stop() -> None:
    assert has_stop(photo((268, 133)), FRAME)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(photo(), id="nothing"),
        pytest.param(photo((260, 133)), id="the_foot_of_a_letter"),
        pytest.param(photo((268, 118), (268, 126), (268, 133)), id="a_stroke"),
        pytest.param(photo((268, 118)), id="too_high"),
        pytest.param(photo((292, 133)), id="too_far"),
        pytest.param(photo((268, 133), ink=130), id="too_pale"),
        pytest.param(photo((268, 133), (274, 133), (280, 133)), id="a_line"),
    ],
)
def test_what_touches_a_letter_is_long_or_faint_is_none(other: Photo) -> None:
    assert not has_stop(other, FRAME)


def test_behind_no_letters_stands_no_stop() -> None:
    blank = np.full((300, 500), 200, np.uint8)
    assert not has_stop(Photo(blank, 1.0, 500, 300), FRAME)
