"""The simulated queue, against what is known of queues: by hand, and by formula."""

from random import Random
from statistics import mean

import pytest

from benchmarks.measuring.queueing import at_rate, poisson, queued


def test_one_after_another() -> None:
    seen = queued([0, 1, 1, 10], lambda _: 4, readers=1)
    assert seen.waits == [0, 3, 6, 0]
    assert seen.stays == [4, 7, 10, 4]


def test_two_readers_take_from_one_queue() -> None:
    assert queued([0, 0, 0, 0], lambda _: 4, readers=2).waits == [0, 0, 4, 4]


def test_too_many_are_refused() -> None:
    seen = queued([0] * 5, lambda _: 4, readers=1, waiting=2)
    assert (seen.waits, seen.refused) == ([0, 4, 8], 2)


def test_each_takes_its_own_time() -> None:
    assert queued([0, 1, 1], [3, 1, 2].__getitem__, readers=1).stays == [3, 3, 4]


def test_it_waits_as_long_as_theory_says() -> None:
    """M/D/1, busy for 80 %: 0.8 / (1 - 0.8) / 2 times a service (Pollaczek and Khinchine)."""
    dice = Random(4)
    gaps = [next(poisson(0.8, dice)) for _ in range(100_000)]
    assert mean(queued(gaps, lambda _: 1.0, readers=1, waiting=10_000).waits) == pytest.approx(2.0, rel=0.1)


def test_more_readers_wait_less_at_the_same_load() -> None:
    waits = [mean(at_rate(0.8 * readers, [1.0], readers, 20_000).waits) for readers in (1, 2, 8)]
    assert waits == sorted(waits, reverse=True)
    assert waits[2] < waits[0] / 5
