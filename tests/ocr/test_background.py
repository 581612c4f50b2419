"""Threads that work while nobody waits: at once when they are told, later when they are not, and to the end."""

import logging
import time
from collections import deque
from threading import Event

import pytest
from pytest_django import Settings

from ocr import background
from ocr.background import Chore, Crew, Take, do_next

pytestmark = pytest.mark.django_db  # each piece of work begins and ends with its thread's connections


def of(*works: background.Work) -> Take:
    left = deque(works)
    return lambda: left.popleft() if left else None


def test_does_what_is_due_and_says_whether_anything_was() -> None:
    done: list[int] = []
    take = of(lambda: done.append(1), lambda: done.append(2))
    assert [do_next(take) for _ in range(3)] == [True, True, False]
    assert done == [1, 2]


def test_what_fails_is_logged_and_does_not_end_the_thread(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise OSError("the disk is full")

    with caplog.at_level(logging.ERROR):
        assert not do_next(of(broken))
    assert "the disk is full" in caplog.text


def test_a_rung_bell_is_answered_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_LOOKS_AGAIN", 60.0)
    works: deque[background.Work] = deque()
    done = Event()
    crew = Crew([Chore("test", lambda: works.popleft() if works else None, 2)])
    crew.start()
    time.sleep(0.1)  # both rest by now
    works.append(done.set)
    background.wake()
    assert done.wait(5)
    assert crew.stop(5)


def test_without_a_bell_it_looks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "_LOOKS_AGAIN", 0.02)
    works: deque[background.Work] = deque()
    done = Event()
    crew = Crew([Chore("test", lambda: works.popleft() if works else None, 1)])
    crew.start()
    time.sleep(0.1)
    works.append(done.set)
    assert done.wait(5)
    assert crew.stop(5)


def test_what_was_begun_is_finished_and_nothing_else_is_begun() -> None:
    begun, finish, done = Event(), Event(), Event()

    def long() -> None:
        begun.set()
        finish.wait(5)
        done.set()

    left = deque([long, lambda: pytest.fail("it was told to stop")])
    crew = Crew([Chore("test", lambda: left.popleft() if left else None, 1)])
    crew.start()
    assert begun.wait(5)
    assert not crew.stop(0.05)
    finish.set()
    assert crew.stop(5)
    assert done.is_set()
    assert len(left) == 1


class Connected:
    """In the place of a thread's connection."""

    def __init__(self, *, in_atomic_block: bool) -> None:
        self.in_atomic_block = in_atomic_block
        self.was_lent = False

    def close(self) -> None:
        self.was_lent = True


@pytest.mark.parametrize(
    ("pool", "in_atomic_block", "lent"), [(8, False, True), (0, False, False), (8, True, False), (0, True, False)]
)
def test_a_connection_of_a_pool_is_lent_to_others(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, pool: int, in_atomic_block: bool, lent: bool
) -> None:
    mine = Connected(in_atomic_block=in_atomic_block)
    monkeypatch.setattr(background, "connection", mine)
    settings.DATABASE_POOL = pool
    background.lend_connection()
    assert mine.was_lent == lent
