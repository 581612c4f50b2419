"""`./run bench rows`: lists, filters and look-ups over ten million transactions on PostgreSQL.

Fills a PostgreSQL of its own, in a folder that goes with it, asks what people and clients ask through the service's own
views, each question many times with other values, and prints milliseconds and the plan of the slowest statement of
each. Ends with 1 where the database takes 50 ms or longer for 5 of 100, or a client waits so long for an answer of the
API or a look-up. What the admin's pages take besides is Django's drawing of fifty rows, however many there are.
"""

import argparse
import shutil
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.measuring.filling import OWNERS, fill
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.progress import Progress
from benchmarks.measuring.results import RESULTS, keep
from benchmarks.measuring.service import environment
from benchmarks.measuring.timing import Spread, spread
from hardening.databases import FOLDER, Postgresql, postgresql

if TYPE_CHECKING:
    from benchmarks.measuring.asking import Times

MOST_MS = 50.0
_MILLION = 1_000_000
_BYTES_A_ROW = 2500  # on disk, with what building the indexes takes meanwhile
# Loading may lose everything, and is not what is measured. All else is PostgreSQL's default, but for its memory.
_SERVER = {
    "fsync": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "16GB",
    "autovacuum": "off",
    "shared_buffers": "1GB",
}


@dataclass(frozen=True, slots=True)
class Table:
    """What was asked of: rows, bytes of the table, bytes of its indexes by name."""

    rows: int
    size: int
    indexes: dict[str, int]

    @property
    def indexed(self) -> int:
        return sum(self.indexes.values())


@dataclass(frozen=True, slots=True)
class Asked:
    """One question: milliseconds of the whole view and of the database alone, and its slowest statement with the plan
    (of the same statement, asked once more)."""

    name: str
    whole: Spread
    longest: float
    database: Spread
    longest_database: float
    statement: str
    plan: Sequence[str]

    @property
    def judged(self) -> float:
        return (self.database if self.name.startswith("admin") else self.whole).p95

    @property
    def has_goal(self) -> bool:
        return not self.name.startswith("(")

    @property
    def is_met(self) -> bool:
        return not self.has_goal or self.judged < MOST_MS


def main() -> int:
    options = _parser().parse_args()
    refuse_without_room(options.rows)
    measured = about("rows", sys.argv[1:])
    with TemporaryDirectory(prefix="apptenticate-rows-") as home, postgresql(**_SERVER) as server:
        told = {**server.environment, "APPTENTICATE_HOME": home, "DJANGO_SETTINGS_MODULE": "apptenticate.settings"}
        with environment(told):
            table, figures = _measured(server, options)
    page = report(measured, table, figures)
    print(page)
    data = {"table": asdict(table), "asked": [asdict(one) for one in figures]}
    keep("rows", measured, page, data, options.out or RESULTS)
    missed = [one for one in figures if not one.is_met]
    for one in missed:
        print(f"! {one.name}: 5 of 100 take {one.judged:.0f} ms or longer", file=sys.stderr)
    return int(bool(missed))


def refuse_without_room(rows: int) -> None:
    """Raises `SystemExit` where the disk could not hold them."""
    needed, free = rows * _BYTES_A_ROW, shutil.disk_usage(FOLDER).free
    if free < needed:
        raise SystemExit(f"{FOLDER} has {free >> 30} GB free, and {rows} rows need {needed >> 30}: give --rows fewer")


# --- measuring --------------------------------------------------------------------------------------------------------


def _measured(server: Postgresql, options: argparse.Namespace) -> tuple[Table, list[Asked]]:
    import django  # noqa: PLC0415 - its settings are read now, from the environment of this measurement

    django.setup()
    from benchmarks.measuring import asking  # noqa: PLC0415

    owners = asking.made(OWNERS)
    progress = Progress("millions of rows", -(-options.rows // _MILLION))
    fill(server.environment["APPTENTICATE_DATABASE"], options.rows, owners[0].pk, progress.step)
    table = Table(options.rows, *asking.sizes())
    questions = asking.Questions(options.rows, owners, asking.known(options.rows)).all()
    asked = []
    for name, ask in questions.items():
        times = asking.timed(ask, options.queries)
        asked.append(_asked(name, times, asking.plan(*times.slowest[1:])))
        print(_row(asked[-1]), file=sys.stderr, flush=True)
    return table, asked


def _asked(name: str, times: "Times", plan: Sequence[str]) -> Asked:
    whole, database = spread(times.whole), spread(times.database)
    return Asked(name, whole, max(times.whole), database, max(times.database), times.slowest[1], plan)


# --- what is said of it -----------------------------------------------------------------------------------------------


def report(measured: About, table: Table, figures: Sequence[Asked]) -> str:
    lines = [
        f"# Rows, {measured.date}",
        "",
        f"`{measured.command}`, commit {measured.commit}",
        f"{measured.processor}, {measured.cores} cores, load {measured.load} at the start; {_told(_SERVER)}.",
        "",
        f"{table.rows:,} rows: {table.size / 1e9:.1f} GB, indexes {table.indexed / 1e9:.1f}.",
        "",
        "| question | database: p50 ms | p95 | longest | whole view: p50 ms | p95 | longest | |",
        "|---|---|---|---|---|---|---|---|",
        *map(_row, figures),
        "",
        f"Goal: 95 of 100 within {MOST_MS:.0f} ms; of the admin the database's share, of all else the whole view.",
        "",
        "| index | MB |",
        "|---|---|",
        *(f"| {name} | {size / 1e6:.0f} |" for name, size in table.indexes.items()),
        "",
        "## The slowest statement of each, asked again",
        *(line for one in figures for line in ("", f"### {one.name}", "```", one.statement, "", *one.plan, "```")),
    ]
    return "\n".join(lines) + "\n"


def _told(settings: dict[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in settings.items())


def _row(one: Asked) -> str:
    spreads = " | ".join(
        f"{found.p50:.1f} | {found.p95:.1f} | {longest:.1f}"
        for found, longest in ((one.database, one.longest_database), (one.whole, one.longest))
    )
    return f"| {one.name} | {spreads} | {_verdict(one)} |"


def _verdict(one: Asked) -> str:
    if not one.has_goal:
        return "–"
    return "met" if one.is_met else "**missed**"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench rows", description=__doc__)
    parser.add_argument("--rows", type=int, default=10 * _MILLION, help="transactions (%(default)s)")
    parser.add_argument("--queries", type=int, default=200, help="of each question (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
