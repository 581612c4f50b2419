"""How work is done on both sides of a card, and beside it: at once, or one after the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from typing import Any, Protocol, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Both(Protocol):
    """Does some work on both sides."""

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        """What came of either; of two failures the front's is raised."""

    def beside(self, *works: Callable[[], Any]) -> tuple[Callable[[], Any], ...]:
        """Other work, one after another, that nobody asks for yet: for each a call that gives what came of it, or
        raises."""


class _SideBySide:
    """At once, where there are cores to spare: decoding and recognising leave the interpreter to the other's thread.

    A thread per call and no pool of them: a process that is forked keeps none. What it logs says for whom, as here.
    """

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        with ThreadPoolExecutor(1, thread_name_prefix="back") as beside:
            other = beside.submit(copy_context().run, work, back)
            return work(front), other.result()

    def beside(self, *works: Callable[[], Any]) -> tuple[Callable[[], Any], ...]:
        pool = ThreadPoolExecutor(1, thread_name_prefix="beside")
        begun = [pool.submit(copy_context().run, work) for work in works]
        pool.shutdown(wait=False)
        return tuple(future.result for future in begun)


class _InTurn:
    """One after the other, where every core reads a document of its own; what nobody asks for is not done."""

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        return work(front), work(back)

    def beside(self, *works: Callable[[], Any]) -> tuple[Callable[[], Any], ...]:
        return tuple(map(cache, works))


side_by_side, in_turn = _SideBySide(), _InTurn()
