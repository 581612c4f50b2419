"""`./run bench connections`: what a pool of connections to PostgreSQL costs, and what it saves, beside one a thread.

The same page asked for again and again, by as many callers as make threads hold a connection each: answers a second,
milliseconds, how many connections PostgreSQL has then, and the memory that these take (PSS).
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import psycopg

from benchmarks.measuring.client import Client
from benchmarks.measuring.machine import about
from benchmarks.measuring.service import ROOT, Service, prepared_service, started
from hardening.databases import Postgresql, postgresql

CARD = ROOT / "fixtures" / "g_scan"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one size of pool: milliseconds of every answer, in so many seconds; connections, and their megabytes."""

    milliseconds: Sequence[float]
    seconds: float
    connections: int
    megabytes: float


def main() -> int:
    options = _parser().parse_args()
    measured = about("connections", sys.argv[1:])
    print(f"# Connections, {measured.date}\n\n`{measured.command}`, commit {measured.commit}")
    print(f"{measured.processor}, {measured.cores} cores, load {measured.load}; {options.callers} callers on them.\n")
    print("| connections | answers a second | p50 ms | p95 ms | held | their MB |\n|---|---|---|---|---|---|")
    with postgresql() as database:
        os.environ.update(database.environment)
        with prepared_service() as known:
            for size in (int(size) for size in options.pools.split(",")):
                print(_row(size, _measured(known, database, size, options)), flush=True)
    return 0


def _row(size: int, found: Figures) -> str:
    name = f"a pool of {size}" if size else "one a thread"
    rate, p95 = len(found.milliseconds) / found.seconds, quantiles(found.milliseconds, n=20)[-1]
    spent = f"{rate:.0f} | {median(found.milliseconds):.0f} | {p95:.0f}"
    return f"| {name} | {spent} | {found.connections} | {found.megabytes:.0f} |"


def _measured(known: Service, database: Postgresql, size: int, options: argparse.Namespace) -> Figures:
    os.environ["APPTENTICATE_DATABASE_POOL"] = str(size)
    with started(known, 1) as service:
        client = Client(service)
        asked = client.read((CARD / "front.jpg").read_bytes(), (CARD / "back.jpg").read_bytes())
        if asked.status != 200:
            raise RuntimeError(f"the card was answered {asked.status}")
        _asked_again(client, options.callers, 2.0)  # until all is warm
        spent = _asked_again(client, options.callers, options.seconds)
        return Figures(spent, options.seconds, *_held(database))


def _asked_again(client: Client, callers: int, seconds: float) -> list[float]:
    """Milliseconds of each page of the list of transactions, asked for until the time is over."""
    address, headers = f"{client.service.url}/api/v3.2/ocr/", {"Authorization": f"Bearer {client.token}"}
    end = time.monotonic() + seconds

    def call(_: int) -> list[float]:
        found = []
        while (began := time.monotonic()) < end:
            client.session.get(address, headers=headers, timeout=30).raise_for_status()
            found.append((time.monotonic() - began) * 1000)
        return found

    with ThreadPoolExecutor(callers) as pool:
        return [spent for found in pool.map(call, range(callers)) for spent in found]


def _held(database: Postgresql) -> tuple[int, float]:
    """How many connections the service has, and the megabytes of the processes behind them."""
    (address,) = database.environment.values()
    with psycopg.connect(address) as own:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = 'apptenticate' AND pid <> pg_backend_pid()"
        processes = [int(pid) for (pid,) in own.execute(asked)]
    return len(processes), sum(map(_kilobytes, processes)) / 1000


def _kilobytes(process: int) -> int:
    """What it would give back if it ended, shared pages by their part (proc(5), smaps_rollup)."""
    with suppress(FileNotFoundError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pools", default="0,2,4,8", help="sizes, separated by commas; 0 is a connection a thread")
    parser.add_argument("--callers", type=int, default=48, help="at once")
    parser.add_argument("--seconds", type=float, default=10, help="for each size")
    return parser


if __name__ == "__main__":
    sys.exit(main())
