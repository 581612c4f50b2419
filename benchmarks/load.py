"""`./run bench load`: what the service bears. locust's callers against gunicorn on loopback, photo tier.

For 1, 2 and 4 workers: how many documents a second are read when callers never wait, then how long one takes when so
many come in as 50, 80 and 95 % of that. Before it, one caller alone. Ends with 1 when the goal is missed.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.measuring.cards import draw_card, seeds
from benchmarks.measuring.client import Client
from benchmarks.measuring.load import Load, load, save
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.progress import Progress
from benchmarks.measuring.results import RESULTS, keep
from benchmarks.measuring.service import running_service

_PALETTE, _TIER = "testing", "photo"
_WORKERS = (1, 2, 4)
_SHARES = (0.5, 0.8, 0.95)
_CALLERS = 24  # for a given rate: so many that one who waits for an answer keeps no document back
GOAL = "p99 at 80 % of saturation / p50 of one caller alone, 2 workers"
MOST = 5.0


@dataclass(frozen=True, slots=True)
class Borne:
    """What one number of workers bears: `idle` is one caller alone, `shares` by the share of saturation asked."""

    workers: int
    idle: Load
    saturated: Load
    shares: dict[float, Load]


def main() -> int:
    options = _parser().parse_args()
    measured = about("load", sys.argv[1:])
    with TemporaryDirectory(prefix="apptenticate-load-") as name:
        folder = Path(name)
        save((draw_card(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, options.cards)), folder)
        progress = Progress("loads", len(options.workers) * (2 + len(_SHARES)))
        borne = [_borne(workers, folder, options.seconds, progress) for workers in options.workers]
    page = report(measured, borne)
    print(page)
    keep("load", measured, page, {"borne": [asdict(one) for one in borne]}, options.out or RESULTS)
    figure = p99_to_idle(borne)
    if figure is None or figure > MOST:
        print(f"! {GOAL}: {'not measured' if figure is None else f'{figure:.2g}'}, goal {MOST:g}", file=sys.stderr)
        return 1
    return 0


def _borne(workers: int, folder: Path, seconds: int, progress: Progress) -> Borne:
    def under(callers: int, rate: float = 0.0) -> Load:
        found = load(client, folder, callers=callers, seconds=seconds, rate=rate)
        progress.step()
        return found

    with running_service(workers) as service:
        client = Client(service)
        load(client, folder, callers=2 * workers, seconds=5)  # every worker has read before it is measured
        idle, saturated = under(1), under(2 * workers + 1)
        return Borne(workers, idle, saturated, {s: under(_CALLERS, s * saturated.rate) for s in _SHARES})


def p99_to_idle(borne: Sequence[Borne]) -> float | None:
    """None where two workers were not measured, or nothing was read."""
    two = next((one for one in borne if one.workers == 2), None)
    return two.shares[0.8].p99 / two.idle.p50 if two and two.idle.p50 else None


def report(measured: About, borne: Sequence[Borne]) -> str:
    """A row per load; not read: refused, failed or out of time."""
    figure = p99_to_idle(borne)
    told = "not measured" if figure is None else f"{figure:.2f} ({'met' if figure <= MOST else '**missed**'})"
    lines = [
        f"# Load, {measured.date}",
        "",
        f"`{measured.command}`, commit {measured.commit}",
        f"{measured.processor}, {measured.cores} cores, load {measured.load} at the start; callers on the same cores.",
        "",
        "| workers | asked | documents a second | p50 ms | p95 | p99 | documents | not read |",
        "|---|---|---|---|---|---|---|---|",
        *(row for one in borne for row in _rows(one)),
        "",
        f"{GOAL}: {told}, goal {MOST:g}",
    ]
    return "\n".join(lines) + "\n"


def _rows(one: Borne) -> list[str]:
    loads = {"one caller": one.idle, "saturation": one.saturated}
    loads |= {f"{share:.0%} of it": found for share, found in one.shares.items()}
    return [
        f"| {one.workers} | {name} | {found.rate:.2f} | {found.p50:.0f} | {found.p95:.0f} | {found.p99:.0f} "
        f"| {found.documents} | {found.failed} |"
        for name, found in loads.items()
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench load", description=__doc__)
    parser.add_argument(
        "--cards", type=int, default=40, help="documents that are posted, again and again (%(default)s)"
    )
    parser.add_argument("--seconds", type=int, default=40, help="of each load (%(default)s)")
    parser.add_argument("--workers", type=int, nargs="+", default=_WORKERS, help="of gunicorn (1 2 4)")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
