"""How the work on a document is shared: with a second thread, where there is a core for it, or not at all."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from functools import cache, partial
from threading import Condition, Lock, Thread
from typing import Generic, Protocol, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Aside(Protocol):
    """Takes on work that nobody waits for yet."""

    def __call__(self, work: Callable[[], _Out]) -> Callable[[], _Out]:
        """A call that gives what came of it, or raises. It may ask for what was taken on before."""


Both = Callable[[], AbstractContextManager[Aside]]
"""How both sides are read: what takes on the work of one meanwhile. What nobody asked for until its end need not be
done."""


@contextmanager
def side_by_side() -> Iterator[Aside]:
    """At once, where there are cores to spare: decoding and recognising leave the interpreter to the other thread.

    A thread per document and no pool of them: a process that is forked keeps none.
    """
    other = _Other()
    try:
        yield other
    finally:
        other.end()


@contextmanager
def in_turn() -> Iterator[Aside]:
    """One after the other, where every core reads a document of its own; what nobody asks for is not done."""
    yield when_asked


def when_asked(work: Callable[[], _Out]) -> Callable[[], _Out]:
    """An `Aside` that does nothing before it is asked for."""
    return cache(work)


def of_both(aside: Aside, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
    """What came of some work on either side; of two failures the front's is raised."""
    other = aside(partial(work, back))
    return work(front), other()


def shared(aside: Aside, work: Callable[[Sequence[_In]], Sequence[_Out]], told: Sequence[_In], size: int) -> list[_Out]:
    """What came of some work on all that it is told, in its order. It is done in pieces of that size: who is free takes
    the next, the thread that asks from the front, the other from behind."""
    pieces = [aside(partial(work, told[first : first + size])) for first in range(0, len(told), size)]
    return [one for piece in pieces for one in piece()]


class _Other:
    """A thread that does what it was given last first: work that somebody waits for is cut up and given when all else
    is waiting already. What it logs says for whom, as in the thread that gave it."""

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None] | None] = []
        self._changed = Condition()
        Thread(target=self._work, name="aside", daemon=True).start()

    def __call__(self, work: Callable[[], _Out]) -> Callable[[], _Out]:
        once = _Once(work)
        self._put(partial(copy_context().run, once.begin))
        return once

    def end(self) -> None:
        """What has not begun need not be done."""
        self._put(None)

    def _put(self, work: Callable[[], None] | None) -> None:
        with self._changed:
            self._waiting.append(work)
            self._changed.notify()

    def _work(self) -> None:
        while work := self._last():
            work()

    def _last(self) -> Callable[[], None] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting)
            return self._waiting.pop()


class _Once(Generic[_Out]):
    """Some work: who asks for what has not begun yet does it rather than wait for all that stands before it."""

    def __init__(self, work: Callable[[], _Out]) -> None:
        self._work = work
        self._begun = Lock()  # taken once, and never given back
        self._done = Future[_Out]()

    def __call__(self) -> _Out:
        self.begin()
        return self._done.result()

    def begin(self) -> None:
        """Do it, unless somebody has begun it."""
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._done.set_result(self._work())
        except BaseException as failure:  # noqa: BLE001 - raised to whoever asks
            self._done.set_exception(failure)
