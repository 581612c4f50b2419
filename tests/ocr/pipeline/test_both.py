"""The same work on two sides: at once or in turn, with the same outcome."""

from threading import Barrier, get_ident

import pytest

from ocr.pipeline.both import Both, in_turn, side_by_side

BOTH = pytest.mark.parametrize("both", [side_by_side, in_turn])


@BOTH
def test_what_came_of_the_front_stands_first(both: Both) -> None:
    assert both(str.upper, "front", "back") == ("FRONT", "BACK")


@BOTH
def test_of_two_failures_the_fronts_is_raised(both: Both) -> None:
    def fail(side: str) -> None:
        raise ValueError(side)

    with pytest.raises(ValueError, match="front"):
        both(fail, "front", "back")


def test_side_by_side_is_at_once() -> None:
    together = Barrier(2, timeout=5)
    side_by_side(lambda _: together.wait(), "front", "back")


def test_in_turn_starts_no_thread() -> None:
    assert in_turn(lambda _: get_ident(), "front", "back") == (get_ident(), get_ident())
