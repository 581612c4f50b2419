"""`./run chaos`: requests go on while everything below the service is taken away; nothing that was accepted is lost.

Callers post documents, each with an `Idempotency-Key`, and send one again that got no answer or a 5xx. Meanwhile
reading processes and the whole worker are killed (-9), the database is taken away for ten seconds, the disk is filled,
and callers hang up. In the end every answered request must have exactly one row, in a final state, and every answer
must be one of the contract's; the service must answer as ever, without anybody's help. Ends with 1 where one of that
does not hold.
"""

import argparse
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from benchmarks.measuring.service import Service, environment, running_service
from benchmarks.measuring.timing import children
from hardening import callers, outages
from hardening.databases import Database, Sqlite, postgresql

_CALLERS = 4
_AWAY = 10.0  # seconds for which the database is taken away
_TRIES, _PAUSE = 60, 1.0  # of one request, and seconds between
_BROKEN, _AGAIN = 500, 503  # what no answer should be, and the one above it that the contract knows
_IN_A_ROW, _TO_RECOVER = 10, 30.0  # requests, seconds
_SETTINGS = {"APPTENTICATE_RETRY_AFTER": "1", "APPTENTICATE_TOKEN_RATE": "off"}
_DISK = 512  # megabytes: room for the database and every picture, but for the filler


@dataclass
class Story:
    """What callers saw: `answers` by status, and by key the id and status that each request ended with."""

    answers: Counter[str] = field(default_factory=Counter)
    ended: dict[str, tuple[int | None, int | None]] = field(default_factory=dict)
    strange: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def main() -> int:
    options = _parser().parse_args()
    with environment(_SETTINGS):
        return max([_tried(name, options) for name in getattr(options, "with")])


def _tried(name: str, options: argparse.Namespace) -> int:
    if name == _CELERY:
        return outages.run(short=options.short)
    return _run(_KINDS[name], options.requests, short=options.short)


def _run(kind: Callable[[ExitStack], Database], count: int, *, short: bool) -> int:
    with ExitStack() as stack:
        database = kind(stack)
        stack.enter_context(environment(database.environment))
        disk = None if short else stack.enter_context(_small_disk())
        service = stack.enter_context(running_service(2))
        print(f"\n# {database.name}: {count} requests", flush=True)
        story, began = Story(), time.monotonic()
        with ThreadPoolExecutor(_CALLERS) as pool:
            posting = [pool.submit(_ask, service, story, f"{database.name}-{i}") for i in range(count)]
            for name, hurt in _faults(service, database, disk, short=short):
                print(f"> {time.monotonic() - began:5.1f} s: {name}", flush=True)
                hurt()
            for posted in posting:
                posted.result()
        recovered = _recovers(service, story)
        return _judge(service, database, story, count, recovered, time.monotonic() - began)


# --- callers ----------------------------------------------------------------------------------------------------------


def _ask(service: Service, story: Story, key: str) -> None:
    """Post a document until it is answered for good."""
    for _ in range(_TRIES):
        status, pk = _post(service, story, key)
        with story.lock:
            story.answers[str(status or "no answer")] += 1
        if status and status < _BROKEN and status not in (401, 409, 429):
            with story.lock:
                story.ended[key] = (pk, status)
            return
        time.sleep(_PAUSE)
    with story.lock:
        story.strange.append(f"{key}: given up after {_TRIES} tries")


def _post(service: Service, story: Story, key: str) -> tuple[int | None, int | None]:
    response = callers.posted(service, key)
    body = callers.json_of(response)
    if response is None or body is None:
        return None, None
    if response.status_code >= _BROKEN and response.status_code != _AGAIN:
        with story.lock:
            story.strange.append(f"{key}: {response.status_code} {body}")
    return response.status_code, body.get("id")


# --- faults -----------------------------------------------------------------------------------------------------------

Fault = tuple[str, Callable[[], None]]


def _faults(service: Service, database: Database, disk: Path | None, *, short: bool) -> Iterator[Fault]:
    """One after another, with time between to recover; in short, each once and for less long."""
    dice = random.Random(7)
    for number in range(1 if short else 3):
        yield f"a reading process is killed ({number + 1})", lambda: _kill(dice.choice(_readers(service)))
        time.sleep(2)
        yield "callers hang up", lambda: _hang_up(service)
    for number in range(1 if short else 2):
        yield f"the worker is killed ({number + 1})", lambda: _kill(_worker(service))
        time.sleep(3 if short else 6)
    seconds = 2.0 if short else _AWAY
    yield f"the database is away for {seconds:.0f} s", lambda: _take_away(service, database, seconds)
    if short:
        return
    time.sleep(3)
    if disk is not None:
        yield "the disk is full for 5 s", lambda: _fill(disk)
        time.sleep(3)
    yield "the worker is killed while the database is away", lambda: _both(service, database)


def _kill(pid: int | None) -> None:
    with suppress(ProcessLookupError, TypeError):
        os.kill(pid, signal.SIGKILL)  # type: ignore[arg-type]


def _worker(service: Service) -> int | None:
    with suppress(OSError):
        return next(iter(children(service.pid)), None)
    return None


def _readers(service: Service) -> list[int | None]:
    worker = _worker(service)
    with suppress(OSError):
        nurseries = children(worker) if worker is not None else []  # the worker starts these, and they the readers
        if found := [reader for nursery in nurseries for reader in children(nursery)]:
            return [*found]
    return [None]


def _hang_up(service: Service) -> None:
    """In the middle of the head, of the body, and before the answer."""
    host, _, port = service.url.removeprefix("http://").partition(":")
    head = (
        f"POST /api/v3.2/ocr/ HTTP/1.1\r\nHost: {host}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Authorization: Bearer {callers.client(service).token}\r\nContent-Length: 300000\r\n"
    )
    for sent in (head[:60], f"{head}\r\n--x\r\n", f"{head}\r\n" + "x" * 300_000):
        with suppress(OSError), socket.create_connection((host, int(port)), timeout=5) as caller:
            caller.sendall(sent.encode())


def _take_away(service: Service, database: Database, seconds: float) -> None:
    with database.away(service):
        time.sleep(seconds)


def _both(service: Service, database: Database) -> None:
    with database.away(service):
        time.sleep(1)
        _kill(_worker(service))
        time.sleep(4)


def _fill(disk: Path) -> None:
    filler = disk / "filler"
    with suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(1 << 16)):
            pass
    time.sleep(5)
    filler.unlink()


# --- where it happens -------------------------------------------------------------------------------------------------


def _sqlite(_: ExitStack) -> Database:
    return Sqlite()


def _postgresql(stack: ExitStack) -> Database:
    return stack.enter_context(postgresql())


_KINDS: Mapping[str, Callable[[ExitStack], Database]] = {"sqlite": _sqlite, "postgresql": _postgresql}
_CELERY = "celery"
"""PostgreSQL, Redis and workers elsewhere: `outages`."""


@contextmanager
def _small_disk() -> Iterator[Path | None]:
    """A disk of its own for the service's home, that can be filled; None where this account may not make one."""
    folder = tempfile.mkdtemp(prefix="apptenticate-disk-")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}m", "tmpfs", folder], check=False, capture_output=True
    )
    if mounted.returncode:
        print("! No disk can be mounted here: that it is full is not tried", file=sys.stderr)
    before, tempfile.tempdir = tempfile.tempdir, folder
    try:
        yield None if mounted.returncode else Path(folder)
    finally:
        tempfile.tempdir = before
        if not mounted.returncode:
            subprocess.run(["umount", "--lazy", folder], check=False)
        Path(folder).rmdir()


# --- what is left -----------------------------------------------------------------------------------------------------


def _recovers(service: Service, story: Story) -> bool:
    """Whether ten requests in a row are answered as ever within half a minute, without anybody's help."""
    give_up, number = time.monotonic() + _TO_RECOVER, 0
    while number < _IN_A_ROW and time.monotonic() < give_up:
        key = f"after-{number}"
        status, pk = _post(service, Story(), key)
        number = number + 1 if status == requests.codes.ok else 0
        story.ended |= {key: (pk, status)} if status == requests.codes.ok else {}
    return number == _IN_A_ROW


def _judge(service: Service, database: Database, story: Story, count: int, recovered: bool, seconds: float) -> int:
    outcomes = dict(database.rows(service))
    complaints = [*story.strange, *complaints_of(story, outcomes)]
    if not recovered:
        complaints.append("the service did not recover by itself")
    lost = count + _IN_A_ROW - len(story.ended)
    print(f"sent {sum(story.answers.values())} times, for {count} documents, in {seconds:.0f} s")
    print("answered", dict(sorted(story.answers.items())))
    print(f"rows {len(outcomes)}, by outcome {dict(Counter(str(outcome) for outcome in outcomes.values()))}")
    print(f"lost {lost}; rows left open {sum(outcome is None for outcome in outcomes.values())}; "
          f"recovered by itself: {'yes' if recovered else 'no'}")  # fmt: skip
    for complaint in (*complaints[:20], *(callers.last_words(service) if complaints else ())):
        print(f"! {complaint}", file=sys.stderr)
    return int(bool(complaints or lost))


def complaints_of(story: Story, outcomes: Mapping[int, int | None]) -> list[str]:
    """What should not be: a row that is open, an answer without a row that says so, one row for two requests."""
    answered = [pk for pk, _ in story.ended.values() if pk is not None]
    twice = ["one row answers for two requests"] if len(set(answered)) != len(answered) else []
    return [
        *(f"row {pk} is open still" for pk, outcome in outcomes.items() if outcome is None),
        *(
            f"{key}: answered {status}, its row says {outcomes.get(pk or 0)}"
            for key, (pk, status) in story.ended.items()
            if outcomes.get(pk or 0) != status
        ),
        *twice,
    ]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run chaos", description=__doc__)
    parser.add_argument("--requests", type=int, default=500, help="documents, each posted until answered (%(default)s)")
    parser.add_argument("--short", action="store_true", help="each fault once, none that needs root")
    kinds = [*_KINDS, _CELERY]
    parser.add_argument("--with", nargs="+", choices=kinds, default=kinds, help="one or more (%(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
