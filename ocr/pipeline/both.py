"""How work is done on both sides of a card, and beside it: at once, or one after the other."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from contextvars import copy_context
from functools import cache, partial
from typing import Protocol, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Aside(Protocol):
    """Takes on work that nobody asks for yet."""

    def __call__(self, work: Callable[[], _Out]) -> Callable[[], _Out]:
        """A call that gives what came of it, or raises. It may ask for what was taken on before."""


class Both(Protocol):
    """Does some work on both sides."""

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        """What came of either; of two failures the front's is raised."""

    def aside(self) -> AbstractContextManager[Aside]:
        """Where other work is done meanwhile, one after another; what nobody asked for until its end need not be."""


class _SideBySide:
    """At once, where there are cores to spare: decoding and recognising leave the interpreter to the other's thread.

    A thread per call and no pool of them: a process that is forked keeps none. What it logs says for whom, as here.
    """

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        with ThreadPoolExecutor(1, thread_name_prefix="back") as beside:
            other = beside.submit(copy_context().run, work, back)
            return work(front), other.result()

    @contextmanager
    def aside(self) -> Iterator[Aside]:
        pool = ThreadPoolExecutor(1, thread_name_prefix="aside")
        try:
            yield partial(_begun, pool)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _begun(pool: ThreadPoolExecutor, work: Callable[[], _Out]) -> Callable[[], _Out]:
    once = cache(work)
    return partial(_came_of, pool.submit(copy_context().run, once), once)


def _came_of(begun: "Future[_Out]", once: Callable[[], _Out]) -> _Out:
    """Who asks for what has not begun yet does it rather than wait for all that stands before it."""
    return once() if begun.cancel() else begun.result()


class _InTurn:
    """One after the other, where every core reads a document of its own; what nobody asks for is not done."""

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        return work(front), work(back)

    @contextmanager
    def aside(self) -> Iterator[Aside]:
        yield _when_asked


def _when_asked(work: Callable[[], _Out]) -> Callable[[], _Out]:
    return cache(work)


side_by_side, in_turn = _SideBySide(), _InTurn()
