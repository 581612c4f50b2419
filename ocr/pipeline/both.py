"""How the same work is done on both sides of a card: at once, or one after the other."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Protocol, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class Both(Protocol):
    """Does some work on both sides."""

    def __call__(self, work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
        """What came of either; of two failures the front's is raised."""


def side_by_side(work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
    """At once, where there are cores to spare: decoding and recognising leave the interpreter to the other's thread.

    A thread per call and no pool of them: a process that is forked keeps none. What it logs says for whom, as here.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="back") as beside:
        other = beside.submit(copy_context().run, work, back)
        return work(front), other.result()


def in_turn(work: Callable[[_In], _Out], front: _In, back: _In) -> tuple[_Out, _Out]:
    """One after the other, where every core reads a document of its own."""
    return work(front), work(back)
