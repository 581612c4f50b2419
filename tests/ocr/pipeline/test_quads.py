"""Where lines stand, and the box about several."""

import numpy as np
import pytest

from ocr.pipeline.quads import around, holds, length, middle, set_level
from ocr.pipeline.types import Quad
from tests.ocr.pipeline.cards import quad

ROW, LONGER = quad(10, 20, 60, 30), quad(12, 40, 110, 50)


def test_a_row() -> None:
    assert middle(ROW) == (35, 25)
    assert length(ROW) == 50
    assert holds(ROW, (35, 25))
    assert not holds(ROW, (35, 31))


def test_the_box_about_rows_is_as_long_as_the_longest() -> None:
    assert np.array(around([ROW, LONGER])) == pytest.approx(np.array(quad(10, 20, 110, 50)))


@pytest.mark.parametrize("degrees", [7, 90, 180, 200])
def test_it_stands_as_the_text_does(degrees: float) -> None:
    turn = np.array([[c := np.cos(np.radians(degrees)), -(s := np.sin(np.radians(degrees)))], [s, c]])

    def turned(box: Quad) -> Quad:
        a, b, c, d = map(tuple, np.array(box) @ turn.T)
        return a, b, c, d

    found = around([turned(ROW), turned(LONGER)])
    assert np.array(found) == pytest.approx(np.array(turned(quad(10, 20, 110, 50))))


def test_rows_without_a_place_do_not_count() -> None:
    assert np.array(around([None, ROW])) == pytest.approx(np.array(ROW))
    assert around([None]) is None
    assert around([]) is None


@pytest.mark.parametrize("degrees", [0, 7, 90, 180, 200])
def test_a_row_that_was_found_with_a_label_above_its_left_end_is_set_as_the_others_stand(degrees: float) -> None:
    turn = np.array([[c := np.cos(np.radians(degrees)), -(s := np.sin(np.radians(degrees)))], [s, c]])

    def turned(box: Quad) -> Quad:
        a, b, c, d = map(tuple, np.array(box) @ turn.T)
        return a, b, c, d

    tilted = ((100, 90), (300, 100), (298, 128), (98, 118))
    found, tilt, higher = set_level(
        turned(tilted), [turned(quad(100, 130, 250, 150)), turned(quad(100, 154, 180, 174))]
    )
    assert tilt == pytest.approx(np.degrees(np.arctan(0.05)))
    assert higher == pytest.approx(1.4, abs=0.01)
    assert np.array(found) == pytest.approx(np.array(turned(quad(98, 102, 300, 122))))
