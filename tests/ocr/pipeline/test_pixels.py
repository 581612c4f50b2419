"""What a network is shown: nothing skipped, nothing of the light."""

import numpy as np
import pytest

from ocr.pipeline.pixels import Levels, shrink, standardised


@pytest.mark.parametrize("size", [(1600, 1200), (1599, 1201), (640, 480), (300, 200), (4000, 3000)])
def test_a_picture_becomes_as_large_as_is_wanted(size: tuple[int, int]) -> None:
    assert shrink(np.zeros((size[1], size[0]), np.uint8), 608, 448).shape == (448, 608)


def test_no_pixel_is_skipped() -> None:
    stripes = np.zeros((1200, 1600), np.uint8)
    stripes[:, ::2] = 200
    assert shrink(stripes, 500, 375) == pytest.approx(100, abs=1)


def test_a_place_stays_where_it_is() -> None:
    dot = np.zeros((1201, 1601), np.uint8)
    dot[800:816, 1200:1216] = 255
    rows, columns = np.nonzero(shrink(dot, 608, 456) > 60)
    assert (columns.mean() + 0.5) * 1601 / 608 == pytest.approx(1208, abs=2)
    assert (rows.mean() + 0.5) * 1201 / 456 == pytest.approx(808, abs=2)


def test_neither_light_nor_contrast_changes_what_is_shown() -> None:
    crop = np.random.default_rng(1).integers(20, 240, (32, 80), np.uint8)
    darker = (crop * 0.5 + 20).astype(np.uint8)
    assert standardised(darker) == pytest.approx(standardised(crop), abs=0.25)
    assert standardised(crop).dtype == np.float32


def test_a_place_without_any_contrast_is_shown_as_no_print() -> None:
    assert standardised(np.full((32, 48), 200, np.uint8)) == pytest.approx(0, abs=1e-4)


def test_blocks_hold_the_levels_of_four_by_four_pixels() -> None:
    grey = np.random.default_rng(3).integers(0, 256, (32, 80), np.uint8)
    levels = Levels(mean=140, deviation=25)
    blocks = levels.blocks(grey)
    assert blocks.shape == (1, 8, 20, 16)
    assert blocks.dtype == np.uint8
    pixels = blocks.reshape(8, 20, 4, 4).transpose(0, 2, 1, 3).reshape(32, 80)
    assert np.array_equal(pixels, np.clip(np.rint(standardised(grey) * 25 + 140), 0, 255))


def test_levels_stop_at_the_darkest_and_the_brightest() -> None:
    grey = np.full((32, 80), 200, np.uint8)
    grey[:2, :2], grey[-1, -1] = 0, 255
    blocks = Levels(mean=140, deviation=100).blocks(grey)
    assert (blocks.min(), blocks.max()) == (0, 255)


def test_levels_are_noted_and_found_again() -> None:
    levels = Levels(mean=140, deviation=25.5)
    assert Levels.noted(levels.notes) == levels
    with pytest.raises(KeyError):
        Levels.noted({})
