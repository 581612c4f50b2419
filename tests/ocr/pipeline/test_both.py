"""The same work on two sides: at once or in turn, with the same outcome."""

from threading import Barrier, Event, get_ident

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


@BOTH
def test_what_is_done_beside_is_told_when_it_is_asked_for(both: Both) -> None:
    def fail() -> None:
        raise ValueError("beside")

    told, failed = both.beside(lambda: "done", fail)
    assert told() == told() == "done"
    with pytest.raises(ValueError, match="beside"):
        failed()


def test_beside_is_at_once_and_in_order() -> None:
    go, done = Event(), list[str]()

    def wait() -> None:
        go.wait(5)
        done.append("first")

    first, second = side_by_side.beside(wait, lambda: done.append("second"))
    go.set()
    second()
    first()
    assert done == ["first", "second"]


def test_in_turn_does_nothing_that_nobody_asks_for() -> None:
    done = list[str]()
    asked, _ = in_turn.beside(lambda: done.append("asked"), lambda: done.append("never asked"))
    assert done == []
    asked()
    asked()
    assert done == ["asked"]
