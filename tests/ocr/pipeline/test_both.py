"""The same work on two sides: at once or in turn, with the same outcome."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from threading import Barrier, Event, get_ident

import pytest

from ocr.pipeline.both import Aside, Both, in_turn, side_by_side

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
def test_what_is_done_aside_is_told_when_it_is_asked_for(both: Both) -> None:
    def fail() -> None:
        raise ValueError("aside")

    with both.aside() as aside:
        told, failed = aside(lambda: "done"), aside(fail)
        assert told() == told() == "done"
        with pytest.raises(ValueError, match="aside"):
            failed()


@BOTH
def test_it_may_ask_for_what_stands_before_it(both: Both) -> None:
    with both.aside() as aside:
        first = aside(lambda: "first")
        assert aside(lambda: f"{first()}, second")() == "first, second"


def test_aside_is_at_once_and_in_order() -> None:
    go, done = Event(), list[str]()

    def wait() -> None:
        go.wait(5)
        done.append("first")

    with side_by_side.aside() as aside:
        first = aside(wait)
        second = aside(lambda: done.append("second"))
        go.set()
        first()
        second()
    assert done == ["first", "second"]


@contextmanager
def busy(aside: Aside) -> Iterator[None]:
    """While the first work that was taken on is not done."""
    began, go = Event(), Event()

    def wait() -> None:
        began.set()
        go.wait(5)

    aside(wait)
    began.wait(5)
    yield
    go.set()


def test_who_asks_for_what_has_not_begun_does_it_and_once() -> None:
    done = list[int]()
    with side_by_side.aside() as aside, busy(aside):
        asked = aside(lambda: done.append(get_ident()))
        asked()
        asked()
    assert done == [get_ident()]


def test_what_nobody_asked_for_until_the_end_is_not_begun_any_more() -> None:
    done = list[str]()
    with ExitStack() as stack, side_by_side.aside() as aside:
        stack.enter_context(busy(aside))
        aside(lambda: done.append("never asked"))
    assert done == []


def test_in_turn_does_nothing_that_nobody_asks_for() -> None:
    done = list[str]()
    with in_turn.aside() as aside:
        asked = aside(lambda: done.append("asked"))
        aside(lambda: done.append("never asked"))
        assert done == []
        asked()
        asked()
    assert done == ["asked"]
