"""One queue and those who read from it, simulated: when documents come and how long each takes go in, how long each
waited and stayed comes out. As the service does: in the order in which they come, and refused where too many wait.
"""

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from random import Random
from typing import Any, Final

import simpy

WAITING: Final = 30
"""As many as the service lets wait (APPTENTICATE_WAITING)."""


@dataclass(slots=True)
class Queued:
    """Seconds that documents waited for a reader, and stayed altogether; how many were refused."""

    waits: list[float] = field(default_factory=list)
    stays: list[float] = field(default_factory=list)
    refused: int = 0


def poisson(rate: float, dice: Random) -> Iterator[float]:
    """Seconds between documents of many callers who know nothing of one another."""
    while True:
        yield dice.expovariate(rate)


def queued(
    gaps: Iterable[float],
    lasts: Callable[[int], float],
    readers: int,
    waiting: int = WAITING,
) -> Queued:
    """`lasts` says how many seconds a reader is busy with a document, told its number."""
    world = simpy.Environment()
    desk = simpy.Resource(world, readers)
    seen = Queued()

    def document(number: int) -> Generator[simpy.Event, Any, None]:
        came = world.now
        with desk.request() as turn:
            yield turn
            seen.waits.append(world.now - came)
            yield world.timeout(lasts(number))
            seen.stays.append(world.now - came)

    def arrivals() -> Generator[simpy.Event, Any, None]:
        for number, gap in enumerate(gaps):
            yield world.timeout(gap)
            if len(desk.queue) >= waiting:
                seen.refused += 1
            else:
                world.process(document(number))

    world.process(arrivals())
    world.run()
    return seen


def at_rate(rate: float, seconds: Sequence[float], readers: int, count: int, *, seed: int = 1) -> Queued:
    """So many documents at random moments, each as long as one of those that were measured."""
    dice = Random(seed)
    return queued(islice(poisson(rate, dice), count), lambda _: dice.choice(seconds), readers)
