"""How a document's work is shared: at once or in turn, with the same outcome."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Barrier, Event, get_ident

import pytest

from ocr.pipeline.both import Aside, Both, in_turn, of_both, shared, side_by_side

BOTH = pytest.mark.parametrize("both", [side_by_side, in_turn])

# --- both sides -------------------------------------------------------------------------------------------------------


@BOTH
def test_what_came_of_the_front_stands_first(both: Both) -> None:
    with both() as aside:
        assert of_both(aside, str.upper, "front", "back") == ("FRONT", "BACK")


@BOTH
def test_of_two_failures_the_fronts_is_raised(both: Both) -> None:
    def fail(side: str) -> None:
        raise ValueError(side)

    with both() as aside, pytest.raises(ValueError, match="front"):
        of_both(aside, fail, "front", "back")


def test_side_by_side_is_at_once() -> None:
    together = Barrier(2, timeout=5)
    with side_by_side() as aside:
        of_both(aside, lambda _: together.wait(), "front", "back")


def test_in_turn_starts_no_thread() -> None:
    with in_turn() as aside:
        assert of_both(aside, lambda _: get_ident(), "front", "back") == (get_ident(), get_ident())


# --- aside ------------------------------------------------------------------------------------------------------------


@BOTH
def test_what_is_done_aside_is_told_when_it_is_asked_for(both: Both) -> None:
    def fail() -> None:
        raise ValueError("aside")

    with both() as aside:
        told, failed = aside(lambda: "done"), aside(fail)
        assert told() == told() == "done"
        with pytest.raises(ValueError, match="aside"):
            failed()


@BOTH
def test_it_may_ask_for_what_was_taken_on_before(both: Both) -> None:
    with both() as aside:
        first = aside(lambda: "first")
        assert aside(lambda: f"{first()}, second")() == "first, second"


@contextmanager
def busy(aside: Aside) -> Iterator[Callable[[], None]]:
    """While the first work that was taken on is not done; a call waits for that."""
    began, go = Event(), Event()

    def wait() -> None:
        began.set()
        go.wait(5)

    done = aside(wait)
    began.wait(5)
    yield done
    go.set()


def test_what_is_begun_last_is_done_first() -> None:
    done, all_done = list[str](), Event()
    with side_by_side() as aside:
        with busy(aside):
            aside(all_done.set)
            for name in ("first", "second", "last"):
                aside(partial(done.append, name))
        assert all_done.wait(5)
    assert done == ["last", "second", "first"]


def test_who_asks_for_what_has_not_begun_does_it_and_once() -> None:
    done = list[int]()
    with side_by_side() as aside:
        with busy(aside) as until_free:
            asked = aside(lambda: done.append(get_ident()))
            asked()
            asked()
        until_free()
        assert aside(lambda: "free")() == "free"
    assert done == [get_ident()]


def test_who_asks_for_what_has_begun_waits_for_it() -> None:
    began, asking = Event(), Event()

    def work() -> int:
        began.set()
        asking.wait(5)
        return get_ident()

    with side_by_side() as aside:
        asked = aside(work)
        assert began.wait(5)
        asking.set()
        assert asked() != get_ident()


def test_what_nobody_asked_for_until_the_end_is_not_begun_any_more() -> None:
    done = list[str]()
    with ExitStack() as stack, side_by_side() as aside:
        stack.enter_context(busy(aside))
        aside(lambda: done.append("never asked"))
    assert done == []


def test_in_turn_does_nothing_that_nobody_asks_for() -> None:
    done = list[str]()
    with in_turn() as aside:
        asked = aside(lambda: done.append("asked"))
        aside(lambda: done.append("never asked"))
        assert done == []
        asked()
        asked()
    assert done == ["asked"]


# --- pieces -----------------------------------------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("count", range(8))
def test_pieces_are_put_together_in_their_order(both: Both, count: int) -> None:
    sizes = list[int]()

    def work(piece: Sequence[int]) -> list[int]:
        sizes.append(len(piece))
        return [10 * each for each in piece]

    with both() as aside:
        assert shared(aside, work, range(count), 3) == [10 * each for each in range(count)]
    assert sorted(sizes) == sorted([3] * (count // 3) + [count % 3] * (count % 3 > 0))


def test_who_is_free_takes_the_next_piece() -> None:
    """The first holds the thread that asks until all others are done."""
    done, others = dict[int, int](), Barrier(2, timeout=5)

    def work(piece: Sequence[int]) -> Sequence[int]:
        if piece[0] in (0, 1):
            others.wait()
        done[piece[0]] = get_ident()
        return piece

    with side_by_side() as aside:
        assert shared(aside, work, range(4), 1) == [0, 1, 2, 3]
    assert (done[0], len({done[each] for each in (1, 2, 3)})) == (get_ident(), 1)
    assert list(done)[:2] == [3, 2]


def test_a_piece_that_fails_fails_all() -> None:
    def work(piece: Sequence[int]) -> Sequence[int]:
        if 2 in piece:
            raise ValueError("the second")
        return piece

    with side_by_side() as aside, pytest.raises(ValueError, match="the second"):
        shared(aside, work, range(4), 1)
