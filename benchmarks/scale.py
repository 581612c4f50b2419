"""`./run bench scale`: what reading by Celery's workers costs, what a second one brings, what a batch does to callers.

One service with processes of its own, then one with Redis and workers, on the same cores and pictures: milliseconds of
one caller alone, documents a second with one and two workers, and one caller's milliseconds while a folder of cards is
read by a worker for batches beside one for callers. Then the same with each worker on a host of its own, a network
namespace, where this machine lets one make any. Ends with 1 where a goal is missed.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

from benchmarks.measuring.cards import Card, draw_card, seeds
from benchmarks.measuring.client import Client
from benchmarks.measuring.machine import about
from benchmarks.measuring.service import ROOT, Service, environment, prepared_service, running_service, started
from hardening.elsewhere import Redis, redis, worker
from hardening.hosts import Host, NoHosts, host
from ocr.remote import BATCH, INTERACTIVE

_PALETTE, _TIER = "testing", "photo"
_MOST_MS, _MOST_SHARE = 25.0, 0.25  # what the way over Redis may add to the median: so much, or such a part of it
_BATCH_SLOWS = 2.0  # 95 of 100 callers' milliseconds while a batch is read, of those without one
_CALLERS = 4


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds of one caller alone; documents a second of several, by the number of workers."""

    local: Sequence[float]
    elsewhere: Sequence[float]
    beside_batch: Sequence[float]
    batch: int
    rates: Mapping[str, float]
    apart: Sequence[float] = ()


def main() -> int:
    options = _parser().parse_args()
    measured = about("scale", sys.argv[1:])
    cards = [draw_card(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, options.cards, options.skip)]
    with TemporaryDirectory(prefix="apptenticate-scale-") as folder:
        figures = _apart(cards, Path(folder), options, _measured(cards, Path(folder), options))
    print(f"# Scale, {measured.date}\n\n`{measured.command}`, commit {measured.commit}")
    print(f"{measured.processor}, {measured.cores} cores, load {measured.load}; callers on the same cores.\n")
    complaints = list(_told(figures))
    for complaint in complaints:
        print(f"! {complaint}", file=sys.stderr)
    return int(bool(complaints))


def _told(figures: Figures) -> Iterator[str]:
    """Prints the figures; gives the goals that were missed."""
    local, elsewhere, beside = (median(spent) for spent in (figures.local, figures.elsewhere, figures.beside_batch))
    print(f"one caller, processes of its own: p50 {local:.0f} ms, p95 {_p95(figures.local):.0f}")
    print(f"one caller, Redis and one worker: p50 {elsewhere:.0f} ms, p95 {_p95(figures.elsewhere):.0f}")
    if elsewhere - local > max(_MOST_MS, _MOST_SHARE * local):
        yield f"the way over Redis adds {elsewhere - local:.0f} ms"
    if figures.apart:
        told = f"p50 {median(figures.apart):.0f} ms, p95 {_p95(figures.apart):.0f}"
        print(f"one caller, Redis and one worker on another host: {told}")
    for name, rate in figures.rates.items():
        print(f"{_CALLERS} callers, {name}: {rate:.1f} documents a second")
    slows = _p95(figures.beside_batch) / _p95(figures.elsewhere)
    print(
        f"one caller beside a batch of {figures.batch} cards: p50 {beside:.0f} ms, p95 {slows:.1f} x that without one"
    )
    if slows > _BATCH_SLOWS:
        yield f"a batch makes 95 of 100 callers wait {slows:.1f} times as long"


def _p95(spent: Sequence[float]) -> float:
    return quantiles(spent, n=20)[-1]


# --- measuring --------------------------------------------------------------------------------------------------------


def _measured(cards: Sequence[Card], folder: Path, options: argparse.Namespace) -> Figures:
    with running_service(1) as service:
        client = _warm(service, cards)
        local = _alone(client, cards, options.requests)
        rates = {"one process of its own": _rate(client, cards, options.seconds)}
    with redis() as server, environment({"APPTENTICATE_REDIS": server.url}):
        return _elsewhere(cards, folder, options, local, rates)


def _elsewhere(
    cards: Sequence[Card], folder: Path, options: argparse.Namespace, local: Sequence[float], rates: dict[str, float]
) -> Figures:
    with environment({"APPTENTICATE_READ_BY": "celery"}), prepared_service() as known:
        told = {**os.environ, "APPTENTICATE_HOME": str(known.home)}
        with worker(told, folder / "one.log"), started(known, 1) as service:
            client = _warm(service, cards)
            elsewhere = _alone(client, cards, options.requests)
            rates["one worker"] = _rate(client, cards, options.seconds)
            with worker(told, folder / "two.log"):
                rates["two workers"] = _rate(client, cards, options.seconds)
        one, other = (folder / f"{queue}.log" for queue in (INTERACTIVE, BATCH))
        with worker(told, one, queues=INTERACTIVE), worker(told, other, queues=BATCH), started(known, 1) as service:
            client = _warm(service, cards)
            with _batch(cards, folder, told, options.batch):
                beside = _alone(client, cards, options.requests)
    return Figures(local, elsewhere, beside, options.batch, rates)


def _apart(cards: Sequence[Card], folder: Path, options: argparse.Namespace, figures: Figures) -> Figures:
    """The figures, with those of workers on other hosts."""
    try:
        with host(0) as one, host(1) as other, redis(cables=(one.ours, other.ours)) as server:
            return _on_hosts((one, other), server, cards, folder, options, figures)
    except NoHosts as why:
        print(f"workers on other hosts are not measured: {why}", file=sys.stderr)
        return figures


def _on_hosts(
    hosts: Sequence[Host],
    server: Redis,
    cards: Sequence[Card],
    folder: Path,
    options: argparse.Namespace,
    figures: Figures,
) -> Figures:
    here = {"APPTENTICATE_REDIS": server.url, "APPTENTICATE_READ_BY": "celery"}
    with environment(here), prepared_service() as known, ExitStack() as workers:
        told = {**os.environ, "APPTENTICATE_HOME": str(known.home)}
        there = [{**told, "APPTENTICATE_REDIS": server.url_at(each.ours)} for each in hosts]
        workers.enter_context(worker(there[0], folder / "there.log", host=hosts[0]))
        with started(known, 1) as service:
            client = _warm(service, cards)
            apart = _alone(client, cards, options.requests)
            workers.enter_context(worker(there[1], folder / "yonder.log", host=hosts[1]))
            rate = _rate(client, cards, options.seconds)
    return replace(figures, apart=apart, rates={**figures.rates, "two workers on two other hosts": rate})


@contextmanager
def _batch(cards: Sequence[Card], folder: Path, told: Mapping[str, str], count: int) -> Iterator[None]:
    """So many cards in a folder, being read by `read_cards --celery`."""
    for number in range(count):
        card = cards[number % len(cards)]
        for side, picture in (("front", card.front), ("back", card.back)):
            (folder / f"{number}_{side}.jpg").write_bytes(picture)
    command = [sys.executable, "manage.py", "read_cards", str(folder), "--out", str(folder / "out"), "--celery"]
    reading = subprocess.Popen(command, cwd=ROOT, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not (folder / "out").exists() or (folder / "out").stat().st_size == 0:
        time.sleep(0.2)
    try:
        yield
        if reading.poll() is not None:
            raise RuntimeError("the batch ended before it was measured: give --batch a larger number")
    finally:
        reading.kill()
        reading.wait()


def _warm(service: Service, cards: Sequence[Card]) -> Client:
    client = Client(service)
    for card in cards:
        client.read(card.front, card.back)
    return client


def _alone(client: Client, cards: Sequence[Card], count: int) -> list[float]:
    answers = [client.read(card.front, card.back) for card in (cards[i % len(cards)] for i in range(count))]
    failed = [answer.status for answer in answers if answer.status != 200]
    if failed:
        raise RuntimeError(f"{len(failed)} of {count} were answered {set(failed)}")
    return [answer.milliseconds for answer in answers]


def _rate(client: Client, cards: Sequence[Card], seconds: float) -> float:
    end = time.monotonic() + seconds

    def call(first: int) -> int:
        read = 0
        while time.monotonic() < end:
            card = cards[(first + read) % len(cards)]
            read += client.read(card.front, card.back).status == 200
        return read

    with ThreadPoolExecutor(_CALLERS) as pool:
        return sum(pool.map(call, range(_CALLERS))) / seconds


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whole: Callable[[str], int] = int
    parser.add_argument("--cards", type=whole, default=24, help="different cards, read in turn")
    parser.add_argument("--skip", type=whole, default=2000, help="of the palette's cards: those that others looked at")
    parser.add_argument("--requests", type=whole, default=200, help="of the caller alone")
    parser.add_argument("--seconds", type=float, default=20, help="at saturation")
    parser.add_argument("--batch", type=whole, default=2000, help="cards in the folder that is read beside")
    return parser


if __name__ == "__main__":
    sys.exit(main())
