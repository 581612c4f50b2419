"""`./run bench capacity`: how many cards a day, on how many cores, and what breaks first.

Measures what a document costs each part and how long readers are busy with it; simulates the queue in front of them
(simpy), first at loads that it then measures, so that one sees how far a simulation can be believed; then at loads that
this machine never had: a day of a million cards, busy by day and quiet by night. Ends with 1 where what was simulated
and what was measured differ too much.
"""

import argparse
import math
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles

from benchmarks.measuring.cards import Card, draw_card, seeds
from benchmarks.measuring.client import Answer, Client
from benchmarks.measuring.costs import Costs, costs
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.queueing import at_rate, poisson, queued
from benchmarks.measuring.results import RESULTS, keep
from benchmarks.measuring.service import running_service
from benchmarks.measuring.timing import Spread, cores, spread

_PALETTE, _TIER = "testing", "photo"
_SHARES = (0.5, 0.8)  # of saturation: where simulation and measurement are compared
_APART = 1.5  # how many times as long as measured a simulated p50 or p95 may be, or the other way round
_UTILISATIONS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
_MANY = 20_000  # documents of each simulated load
_LONGEST_WAIT = 0.25  # seconds that 95 of 100 may wait for a reader in the busiest minutes
_CALLERS = 64  # threads: more than are ever unanswered
_EACH = 8  # times that each card is read while costs are counted
_DAY = 24 * 60 * 60
HOURS = (
    0.8, 0.5, 0.3, 0.3, 0.4, 0.8, 1.6, 3.0, 4.8, 6.4, 7.6, 8.2,
    8.0, 7.4, 6.8, 7.0, 7.4, 7.6, 6.8, 5.2, 3.8, 2.6, 1.6, 1.1,
)  # fmt: skip
"""Per cent of a day's cards in each of its hours: an assumption, of people who open accounts by day."""


@dataclass(frozen=True, slots=True)
class Point:
    """One load, measured and simulated: milliseconds as a client sees them."""

    share: float
    rate: float
    measured: Spread
    simulated: Spread

    @property
    def apart(self) -> float:
        """The larger of both ratios, p50 and p95, whichever way round."""
        pairs = ((self.measured.p50, self.simulated.p50), (self.measured.p95, self.simulated.p95))
        return max(max(one / other, other / one) for one, other in pairs)


@dataclass(frozen=True, slots=True)
class Readers:
    """`alone` and `busy`: seconds that one takes for a document, when nobody else is read for, and when all are busy;
    `besides`: those that a request takes besides; `rate`: documents a second of all together."""

    count: int
    alone: Sequence[float]
    busy: Sequence[float]
    besides: float
    rate: float


def main() -> int:
    options = _parser().parse_args()
    measured = about("capacity", sys.argv[1:])
    cards = [draw_card(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, options.cards)]
    with running_service(cores()) as service:
        client = Client(service)
        readers = _readers(client, cards, options.seconds)
        points = [_point(client, cards, share, readers, options.seconds) for share in _SHARES]
    found = costs(cards, lambda caller, count: _posted(caller, cards, count), _EACH * len(cards))
    own = [spent * found.seconds["readers"] / mean(readers.busy) for spent in readers.busy]
    lines = (_head(measured), _of_readers(readers, points), _of_parts(found, options), _of_day(own, options))
    page = "\n".join(chain.from_iterable(lines))
    print(page)
    data = {"readers": asdict(readers), "points": [asdict(point) for point in points], "costs": asdict(found)}
    keep("capacity", measured, page, data, options.out or RESULTS)
    wrong = [point for point in points if point.apart > _APART]
    for point in wrong:
        print(f"! at {point.share:.0%} simulated and measured are {point.apart:.1f} times apart", file=sys.stderr)
    return int(bool(wrong))


# --- measuring --------------------------------------------------------------------------------------------------------


def _readers(client: Client, cards: Sequence[Card], seconds: int) -> Readers:
    for card in cards:
        client.read(card.front, card.back)
    answers = [client.read(card.front, card.back, details=True) for card in cards]
    alone = [_reading(answer.body) for answer in answers]
    besides = median(answer.milliseconds / 1000 - spent for answer, spent in zip(answers, alone, strict=True))
    busy, rate = _saturated(client, cards, seconds)
    return Readers(cores(), alone, busy, besides, rate)


def _reading(body: Mapping[str, object]) -> float:
    """Seconds that its stages took, as the answer's `details` say."""
    details = body["details"]
    assert isinstance(details, dict)
    return float(sum(details["milliseconds"].values())) / 1000


def _saturated(client: Client, cards: Sequence[Card], seconds: int) -> tuple[list[float], float]:
    """How long readers are busy with each document when they never rest, and how many they read a second."""
    busy: list[float] = []
    end = time.monotonic() + seconds

    def call(number: int) -> None:
        while time.monotonic() < end:
            card = cards[number % len(cards)]
            answer = client.read(card.front, card.back, details=True)
            if answer.status == 200:
                busy.append(_reading(answer.body))
            number += 1

    with ThreadPoolExecutor(2 * cores()) as pool:
        list(pool.map(call, range(2 * cores())))
    return busy, len(busy) / seconds


def _posted(client: Client, cards: Sequence[Card], count: int) -> int:
    """So many, twice as many at a time as there are readers."""
    wanted = [cards[number % len(cards)] for number in range(count)]
    with ThreadPoolExecutor(2 * cores()) as pool:
        return sum(pool.map(lambda card: client.read(card.front, card.back).status == 200, wanted))


def _point(client: Client, cards: Sequence[Card], share: float, readers: Readers, seconds: int) -> Point:
    """Documents at random moments, posted; and the same simulated, each as long as its reading took then: neighbours on
    this machine slow both."""
    rate = share * readers.rate
    gaps = list(islice(poisson(rate, Random(5)), round(rate * seconds)))
    answers = _at_moments(client, cards, gaps)
    reading = [_reading(answer.body) for answer in answers]
    seen = queued(gaps, reading.__getitem__, readers.count)
    simulated = [(stay + readers.besides) * 1000 for stay in seen.stays]
    return Point(share, rate, spread([answer.milliseconds for answer in answers]), spread(simulated))


def _at_moments(client: Client, cards: Sequence[Card], gaps: Sequence[float]) -> list[Answer]:
    """Of documents that are posted when they should be, whether or not earlier ones are answered. Raises `KeyError`
    where one was not read."""

    def post(number: int) -> Answer:
        card = cards[number % len(cards)]
        return client.read(card.front, card.back, details=True)

    due, posted = time.monotonic(), []
    with ThreadPoolExecutor(_CALLERS) as pool:
        for number, gap in enumerate(gaps):
            due += gap
            time.sleep(max(0.0, due - time.monotonic()))
            posted.append(pool.submit(post, number))
    return [one.result() for one in posted]


# --- what is said of it -----------------------------------------------------------------------------------------------


def _head(measured: About) -> Iterator[str]:
    yield f"# Capacity, {measured.date}"
    yield ""
    yield f"`{measured.command}`, commit {measured.commit}"
    yield f"{measured.processor}, {measured.cores} cores, load {measured.load} at the start; callers on the same cores."


def _of_readers(readers: Readers, points: Sequence[Point]) -> Iterator[str]:
    yield ""
    yield "## Readers"
    yield ""
    yield "| a reader is busy with a document for | mean ms | p50 | p95 |"
    yield "|---|---|---|---|"
    for name, seconds in (("alone, with two cores", readers.alone), ("with one core, all readers busy", readers.busy)):
        shown = spread([spent * 1000 for spent in seconds])
        yield f"| {name} | {mean(seconds) * 1000:.0f} | {shown.p50:.0f} | {shown.p95:.0f} |"
    yield ""
    yield f"{readers.count} readers: {readers.rate:.1f} documents a second, {readers.rate / readers.count:.1f} a core;"
    yield f"a request takes {readers.besides * 1000:.0f} ms besides."
    yield ""
    yield "| of that | documents a second | p50 ms: measured | simulated | p95: measured | simulated | apart |"
    yield "|---|---|---|---|---|---|---|"
    for point in points:
        one, other = point.measured, point.simulated
        yield (
            f"| {point.share:.0%} | {point.rate:.1f} | {one.p50:.0f} | {other.p50:.0f} | {one.p95:.0f} "
            f"| {other.p95:.0f} | {point.apart:.2f} × |"
        )


def _of_parts(found: Costs, options: argparse.Namespace) -> Iterator[str]:
    """What breaks first: the part whose one process or core bears least."""
    mean_rate, peak = options.day / _DAY, _peak_rate(options)
    yield ""
    yield f"## Parts, at {options.day:,} cards a day"
    yield ""
    yield f"{mean_rate:.1f} documents a second on average, {peak / options.peak:.1f} in the busiest hour, {peak:.1f} in"
    yield f"its busiest minutes ({options.peak:g} times as many)."
    yield ""
    yield "| part | ms of a core for a document | documents a second of one core | cores in the busiest minutes |"
    yield "|---|---|---|---|"
    for name, seconds in sorted(found.seconds.items(), key=lambda part: -part[1]):
        yield f"| {name} | {seconds * 1000:.1f} | {1 / seconds:.0f} | {peak * seconds:.1f} |"
    yield ""
    yield "| bytes | of a document | of a day | in the busiest minutes |"
    yield "|---|---|---|---|"
    for name, size in (
        ("pictures, as sent", found.sent_bytes),
        ("in and out of Redis", found.redis_bytes),
        ("pictures, as kept", found.picture_bytes),
        ("PostgreSQL's log of changes", found.log_bytes),
        ("PostgreSQL's table and indexes", found.row_bytes),
    ):
        day, busiest = size * options.day / 1e9, size * peak * 8 / 1e6
        yield f"| {name} | {size / 1e3:.1f} kB | {day:.1f} GB | {busiest:.1f} Mbit/s |"
    yield ""
    kept, rows = (30 * options.day * size / 1e12 for size in (found.picture_bytes, found.row_bytes))
    yield f"A link of 1 Gbit/s to Redis bears {1e9 / 8 / found.redis_bytes:.0f} documents a second. Kept for 30 days,"
    yield f"pictures take {kept:.1f} TB, and rows {rows:.2f}."


def _of_day(own: Sequence[float], options: argparse.Namespace) -> Iterator[str]:
    """How long documents wait, by how busy readers are; and how many readers a day takes, each with a core of its own:
    as busy with a document as the processor is, and as unevenly as was measured."""
    yield ""
    yield "## Waiting for a reader, simulated"
    yield ""
    peak, takes = _peak_rate(options), mean(own)
    enough = _enough(own, peak)
    counts = sorted({2, 8, enough})
    yield "| readers are busy | " + " | ".join(f"p95 ms, {count} readers" for count in counts) + " |"
    yield "|---" * (len(counts) + 1) + "|"
    for busy in _UTILISATIONS:
        waits = (_p95(at_rate(busy * count / takes, own, count, _MANY).waits) for count in counts)
        yield f"| {busy:.0%} | " + " | ".join(f"{wait * 1000:.0f}" for wait in waits) + " |"
    yield ""
    yield f"{options.day:,} cards a day take {enough} readers, each with a core of its own, if 95 of 100 are to wait"
    yield f"{_LONGEST_WAIT * 1000:.0f} ms at most in the busiest minutes."
    yield ""
    yield "| hour | documents a second | readers busy | p95 ms of waiting |"
    yield "|---|---|---|---|"
    for hour, share in enumerate(HOURS):
        rate = options.day * share / 100 / 3600
        wait = _p95(at_rate(rate, own, enough, _MANY).waits)
        yield f"| {hour} | {rate:.1f} | {rate * takes / enough:.0%} | {wait * 1000:.0f} |"
    seen = at_rate(peak, own, enough, _MANY)
    yield f"| busiest minutes | {peak:.1f} | {peak * takes / enough:.0%} | {_p95(seen.waits) * 1000:.0f} |"


def _peak_rate(options: argparse.Namespace) -> float:
    """Documents a second in the busiest minutes."""
    busiest: float = options.day * max(HOURS) / 100 / 3600 * options.peak
    return busiest


def _enough(own: Sequence[float], rate: float) -> int:
    """The fewest with whom 95 of 100 wait no longer than they may, and none is refused."""
    count = math.ceil(rate * mean(own))
    while True:
        seen = at_rate(rate, own, count, _MANY)
        if _p95(seen.waits) <= _LONGEST_WAIT and not seen.refused:
            return count
        count += 1


def _p95(values: Sequence[float]) -> float:
    return quantiles(values, n=20, method="inclusive")[-1]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench capacity", description=__doc__)
    parser.add_argument("--day", type=int, default=1_000_000, help="cards a day to plan for (%(default)s)")
    parser.add_argument("--peak", type=float, default=1.5, help="busiest minutes of busiest hour (%(default)s times)")
    parser.add_argument("--cards", type=int, default=40, help="different documents (%(default)s)")
    parser.add_argument("--seconds", type=int, default=30, help="of each measured load (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
