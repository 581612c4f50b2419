"""`./run bench overload`: twice the load at saturation, for a minute.

Callers post at fixed times, whether or not earlier ones were answered. Each must be answered in time, with its document
or with 503 and `Retry-After`; memory stays flat, and the service is as fast as before at once afterwards. Ends with 1
where one of that does not hold.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median

from benchmarks.measuring.cards import Card, draw_card, seeds
from benchmarks.measuring.client import Client
from benchmarks.measuring.machine import about
from benchmarks.measuring.service import Service, running_service
from benchmarks.measuring.timing import cores, held, spread

_PALETTE, _TIER = "testing", "photo"
_TO_SATURATE = 4  # callers, one request after another
_LONGEST_MS = 30_000  # for any answer: what a reading may take (APPTENTICATE_READING_SECONDS)
_SLOWER, _GROWTH = 1.5, 0.1  # afterwards, of before; of memory, from the first quarter on: then all threads are there
_WATCHED = 5.0  # seconds
_CALLERS = 200  # threads: more than are ever unanswered, so that each posts when it should


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds and bytes; `rate` in documents a second."""

    rate: float
    idle_before: float
    idle_after: float
    answers: Counter[str]
    read: Sequence[float]
    refused: Sequence[float]
    memory: Sequence[int]


def main() -> int:
    options = _parser().parse_args()
    measured = about("overload", sys.argv[1:])
    cards = [draw_card(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, options.cards)]
    with running_service(cores()) as service:
        figures = _measure(service, cards, options.seconds)
    complaints = list(_complaints(figures))
    print(f"# Overload, {measured.date}\n\n`{measured.command}`, commit {measured.commit}")
    print(f"{measured.processor}, {measured.cores} cores, load {measured.load}; callers on the same cores.\n")
    print(f"saturation {figures.rate:.1f} documents a second; then {2 * figures.rate:.1f} for {options.seconds} s")
    print(f"answers {dict(sorted(figures.answers.items()))}")
    for title, spent in (("read", figures.read), ("refused", figures.refused)):
        if spent:
            shown = spread(spent)
            print(f"{title}: p50 {shown.p50:.0f} ms, p99 {shown.p99:.0f}, longest {max(spent):.0f}")
    megabytes = " ".join(str(taken // 1_000_000) for taken in figures.memory)
    print(f"memory of all processes, before and every {_WATCHED:.0f} s: {megabytes} MB")
    print(f"one caller alone: p50 {figures.idle_before:.0f} ms before, {figures.idle_after:.0f} at once afterwards")
    for complaint in complaints:
        print(f"! {complaint}", file=sys.stderr)
    return int(bool(complaints))


def _measure(service: Service, cards: Sequence[Card], seconds: int) -> Figures:
    client = Client(service)
    for card in cards:
        client.read(card.front, card.back)
    before = _alone(client, cards)
    rate = _saturation(client, cards)
    answers: Counter[str] = Counter()
    spent: dict[bool, list[float]] = {True: [], False: []}
    memory = [_bytes(service)]

    def post(number: int) -> None:
        card = cards[number % len(cards)]
        answer = client.read(card.front, card.back)
        told = str(answer.status) if answer.status != 503 or answer.retry_after else "503 without Retry-After"
        answers[told] += 1
        spent[answer.status == 200].append(answer.milliseconds)

    _at(2 * rate, seconds, post, lambda: memory.append(_bytes(service)))
    return Figures(rate, before, _alone(client, cards), answers, spent[True], spent[False], memory)


def _at(rate: float, seconds: int, post: Callable[[int], None], watch: Callable[[], None]) -> None:
    """Post so many times a second, each at its time."""
    began = time.monotonic()
    with ThreadPoolExecutor(_CALLERS) as pool:
        for number in range(round(rate * seconds)):
            time.sleep(max(0.0, began + number / rate - time.monotonic()))
            pool.submit(post, number)
            if number % round(_WATCHED * rate) == 0:
                watch()
        watch()


def _alone(client: Client, cards: Sequence[Card]) -> float:
    return median(client.read(card.front, card.back).milliseconds for card in cards)


def _saturation(client: Client, cards: Sequence[Card]) -> float:
    wanted = [*cards] * 4
    began = time.monotonic()
    with ThreadPoolExecutor(_TO_SATURATE) as pool:
        list(pool.map(lambda card: client.read(card.front, card.back), wanted))
    return len(wanted) / (time.monotonic() - began)


def _bytes(service: Service) -> int:
    return sum(held(service.pid))


def _complaints(figures: Figures) -> Sequence[str]:
    longest = max([*figures.read, *figures.refused])
    found = [f"answered {told}" for told in figures.answers if told not in ("200", "503")]
    if longest > _LONGEST_MS:
        found.append(f"an answer took {longest:.0f} ms")
    early, *later = figures.memory[len(figures.memory) // 4 :]
    if max(later, default=early) > (1 + _GROWTH) * early:
        found.append("memory grew")
    if figures.idle_after > _SLOWER * figures.idle_before:
        found.append("it is slower afterwards")
    return found


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench overload", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="of twice the load (%(default)s)")
    parser.add_argument("--cards", type=int, default=16, help="different documents (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
