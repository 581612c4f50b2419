"""`./run chaos --with celery`: PostgreSQL, Redis and Celery's workers, killed in turn (-9) while three kinds of callers
go on: some wait for their answer, some are promised one (`Prefer: respond-async`), some send archives of cards.

What was accepted (200, 202) must be answered in the end, once: the same whenever it is asked for, in one row. No row
may stay open, no promise, no batch; a webhook must have told of every promise and batch that is kept, under one id
each, however often; and the service must answer as ever, without anybody's help but that of what starts a dead process
again, as systemd, Docker and Kubernetes do.
"""

import io
import os
import signal
import sys
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psycopg
import requests

from benchmarks.measuring.service import Service, environment, prepared_service, started
from benchmarks.measuring.timing import children
from hardening import callers
from hardening.databases import Postgresql, postgresql
from hardening.elsewhere import Redis, Worker, redis, worker
from hardening.listener import Listener, listener

_BATCHES = "/api/v3.2/ocr/batch/"
_HOOKS = "/api/v3.2/webhooks/"
_TOLD_OF = {"promised": "transaction.finished", "archive": "batch.finished"}
_WAITING, _PROMISED, _ARCHIVES = 2, 2, 1  # callers of each kind, each with one request after another
_CARDS = 12  # of an archive
_AWAY = 4.0  # seconds for which each is gone
_TO_END = 60.0  # seconds for what was accepted to be answered, once nothing is taken away any more
_TO_TELL = 150.0  # seconds for webhooks: what a killed process was telling is told again when its claim ends, after 120
_PAUSE = 0.5  # seconds before somebody asks again
_AGAIN = (202, 401, 409, 429, 503)  # statuses that say so: promised, a token of before, being read, too many, away
_IN_A_ROW = 10

_OF_KEYS = "SELECT count(*) FROM ocr_transaction WHERE idempotency_mark IS NOT NULL"
_LEFT = {
    "rows left open": "SELECT count(*) FROM ocr_transaction WHERE outcome IS NULL",
    "promises left": "SELECT count(*) FROM ocr_promise",
    "batches left": "SELECT count(*) FROM ocr_batch WHERE finished IS NULL",
}


@dataclass(slots=True)
class Ledger:
    """What callers were told: `ids` accepted, by key or batch, and what each `said` in the end; and until when anybody
    asks (`time.monotonic`)."""

    give_up: float
    ids: dict[str, int] = field(default_factory=dict)
    said: dict[str, Any] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    strange: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def lost(self) -> list[str]:
        """What was accepted and never answered."""
        return [key for key in self.ids if key not in self.said]


# --- callers ----------------------------------------------------------------------------------------------------------

Ask = Callable[[], requests.Response | None]
Body = Mapping[str, Any]


def _insist(ledger: Ledger, key: str, ask: Ask, wanted: Sequence[int]) -> Body | None:
    """Ask until one of the wanted statuses comes; None where it never does."""
    while time.monotonic() < ledger.give_up:
        response = ask()
        body = callers.json_of(response)
        status = 0 if response is None or body is None else response.status_code
        with ledger.lock:
            ledger.answers[f"{key.partition('-')[0]} {status or 'no answer'}"] += 1
        if status in wanted:
            return body
        if status and status not in _AGAIN:
            with ledger.lock:
                ledger.strange.append(f"{key}: {status} {body}")
            return None
        time.sleep(_PAUSE)
    with ledger.lock:
        ledger.strange.append(f"{key}: given up")
    return None


def _wait(service: Service, ledger: Ledger, key: str) -> None:
    """A caller who stays until the document is read."""
    body = _insist(ledger, key, lambda: callers.posted(service, key), (200,))
    if body is not None:
        _note(ledger, key, body["id"], body)


def _be_promised(service: Service, ledger: Ledger, key: str) -> None:
    """One who comes again for the answer."""
    accepted = _insist(ledger, key, lambda: callers.posted(service, key, Prefer="respond-async"), (200, 202))
    if accepted is None:
        return
    with ledger.lock:
        ledger.ids[key] = accepted["id"]
    where = f"{callers.READING}{accepted['id']}/"
    body = _insist(ledger, key, lambda: callers.answered(service, "GET", where), (200,))
    if body is not None:
        _note(ledger, key, accepted["id"], body)


def _send_archive(service: Service, ledger: Ledger, key: str) -> None:
    """One who sends many cards at once, and asks how far they are."""
    sent = {"cards": ("cards.zip", _archive(), "application/zip")}
    accepted = _insist(ledger, key, lambda: callers.answered(service, "POST", _BATCHES, files=sent), (202,))
    if accepted is None:
        return
    with ledger.lock:
        ledger.ids[key] = accepted["id"]
    while (body := _insist(ledger, key, lambda: _progress(service, accepted["id"]), (200,))) is not None:
        if body["finished"] is not None:
            _note(ledger, key, accepted["id"], {"cards": body["cards"], "outcomes": body["outcomes"]})
            return
        time.sleep(_PAUSE)


def _progress(service: Service, pk: int) -> requests.Response | None:
    return callers.answered(service, "GET", f"{_BATCHES}{pk}/")


def _note(ledger: Ledger, key: str, pk: int, body: Body) -> None:
    with ledger.lock:
        ledger.ids[key], ledger.said[key] = pk, dict(body)


def _archive() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for number in range(_CARDS):
            for side, picture in callers.pictures().items():
                archive.writestr(f"{number}_{side}.jpg", picture)
    return file.getvalue()


_KINDS: Mapping[str, tuple[Callable[[Service, Ledger, str], None], int]] = {
    "waiting": (_wait, _WAITING),
    "promised": (_be_promised, _PROMISED),
    "archive": (_send_archive, _ARCHIVES),
}


def _call_on(service: Service, ledger: Ledger, name: str, over: threading.Event) -> None:
    """One request after another, until nothing is taken away any more."""
    call, _ = _KINDS[name.partition("-")[0]]
    number = 0
    while not over.is_set():
        call(service, ledger, f"{name}-{number}")
        number += 1


# --- what is taken away -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Parts:
    """What the service is made of."""

    service: Service
    database: Postgresql
    redis: Redis
    workers: Sequence[Worker]
    listener: Listener


Fault = tuple[str, Callable[[Parts], None], float]
"""What happens, and seconds until the next."""


def _one_reader(parts: Parts) -> None:
    _kill(next(iter(parts.workers[0].reading()), None))


def _one_worker(parts: Parts) -> None:
    _without_workers(parts.workers[:1])


def _all_workers(parts: Parts) -> None:
    _without_workers(parts.workers)


def _without_workers(workers: Sequence[Worker]) -> None:
    for one in workers:
        one.kill()
    time.sleep(_AWAY)
    for one in workers:
        one.start()


def _redis_that_keeps(parts: Parts) -> None:
    parts.redis.kill()
    time.sleep(_AWAY)
    parts.redis.start()


def _redis_that_forgets(parts: Parts) -> None:
    parts.redis.kill()
    parts.redis.forget()
    time.sleep(_AWAY)
    parts.redis.start()


def _database(parts: Parts) -> None:
    with parts.database.away(parts.service):
        time.sleep(_AWAY)


def _web(parts: Parts) -> None:
    _kill(next(iter(children(parts.service.pid)), None))


def _everything_below(parts: Parts) -> None:
    with parts.database.away(parts.service):
        parts.redis.kill()
        parts.redis.forget()
        _all_workers_die(parts)
        time.sleep(_AWAY)
        parts.redis.start()
    for one in parts.workers:
        one.start()


def _all_workers_die(parts: Parts) -> None:
    for one in parts.workers:
        one.kill()


def _kill(pid: int | None) -> None:
    with suppress(ProcessLookupError, TypeError):
        os.kill(pid, signal.SIGKILL)  # type: ignore[arg-type]


FAULTS: Sequence[Fault] = (
    ("a process that reads is killed", _one_reader, 5),
    ("one of two workers is killed", _one_worker, 3),
    ("Redis is killed, and has what it had", _redis_that_keeps, 12),
    ("PostgreSQL is killed", _database, 6),
    ("Redis is killed, and comes back empty", _redis_that_forgets, 14),
    ("both workers are killed", _all_workers, 3),
    ("the process that serves is killed", _web, 6),
    ("PostgreSQL, Redis and both workers are killed", _everything_below, 6),
)
_IN_SHORT = (1, 3, 4)


# --- the whole --------------------------------------------------------------------------------------------------------


def run(*, short: bool) -> int:
    """1 where something was lost or answered twice, else 0. In short, each part once."""
    with ExitStack() as stack:
        parts = assembled(stack)
        faults = [FAULTS[number] for number in _IN_SHORT] if short else FAULTS
        print(f"\n# PostgreSQL, Redis and two Celery workers: {len(faults)} faults", flush=True)
        began = time.monotonic()
        lasting = sum(pause for *_, pause in faults) + (_AWAY + 12) * len(faults)
        ledger, over = Ledger(began + lasting + _TO_END), threading.Event()
        with ThreadPoolExecutor(_WAITING + _PROMISED + _ARCHIVES) as pool:
            calling = [pool.submit(_call_on, parts.service, ledger, name, over) for name in _names()]
            try:
                _hurt(parts, faults, began)
            finally:
                ledger.give_up = time.monotonic() + _TO_END
                over.set()
            for called in calling:
                called.result()
        return _judge(parts, ledger, time.monotonic() - began)


def assembled(stack: ExitStack) -> Parts:
    """PostgreSQL, Redis, two workers with a process each, and the service; they end with the stack."""
    database = stack.enter_context(postgresql())
    server = stack.enter_context(redis(keeps=True))
    told = {**database.environment, "APPTENTICATE_REDIS": server.url, "APPTENTICATE_READ_BY": "celery"}
    stack.enter_context(environment({**told, "APPTENTICATE_WEBHOOKS_PRIVATE": "yes"}))
    known = stack.enter_context(prepared_service())
    folder = Path(stack.enter_context(TemporaryDirectory(prefix="apptenticate-workers-")))
    home = {"APPTENTICATE_HOME": str(known.home), "OMP_THREAD_LIMIT": "1"}
    workers = [stack.enter_context(worker(home, folder / f"{name}.log")) for name in ("one", "two")]
    listening = stack.enter_context(listener())
    service = stack.enter_context(started(known, 1))
    made = callers.answered(service, "POST", _HOOKS, json={"url": listening.url})
    if made is None or made.status_code != requests.codes.created:
        raise RuntimeError(f"no webhook was made: {callers.json_of(made)}")
    return Parts(service, database, server, workers, listening)


def _names() -> Iterator[str]:
    yield from (f"{kind}-{number}" for kind, (_, callers_) in _KINDS.items() for number in range(callers_))


def _hurt(parts: Parts, faults: Sequence[Fault], began: float) -> None:
    time.sleep(3)
    for name, hurt, pause in faults:
        print(f"> {time.monotonic() - began:5.1f} s: {name}", flush=True)
        hurt(parts)
        time.sleep(pause)


# --- what is left -----------------------------------------------------------------------------------------------------


def _judge(parts: Parts, ledger: Ledger, seconds: float) -> int:
    recovered = _recovers(parts.service, ledger)
    lost, counted = ledger.lost(), _counts(parts.database, ledger)
    twice = list(_answered_twice(parts.service, ledger))
    untold = list(_not_told(parts.listener, ledger))
    kinds = Counter(key.partition("-")[0] for key in ledger.said)
    print(f"answered {sum(kinds.values())} in {seconds:.0f} s: {dict(kinds)}, an archive of {_CARDS} cards each")
    print(f"statuses {dict(sorted(ledger.answers.items()))}")
    print(", ".join(f"{name} {count}" for name, count in counted.items()))
    ids = parts.listener.told.values()
    print(f"webhooks: {len(ids)} events told {sum(map(len, ids))} times; not told, or under several ids: {len(untold)}")
    print(f"lost {len(lost)}; answered twice {len(twice)}; recovered by itself: {'yes' if recovered else 'no'}")
    complaints = [*ledger.strange, *(f"{key} was accepted and never answered" for key in lost), *twice, *untold]
    complaints += [f"{name}: {count}" for name, count in counted.items() if name in _LEFT and count]
    complaints += list(_miscounted(counted, ledger))
    complaints += [] if recovered else ["the service did not recover by itself"]
    for complaint in (*complaints[:20], *(callers.last_words(parts.service) if complaints else ())):
        print(f"! {complaint}", file=sys.stderr)
    return int(bool(complaints))


def _recovers(service: Service, ledger: Ledger) -> bool:
    """Whether requests in a row are answered as ever, at once."""
    responses = [callers.posted(service, f"after-{number}") for number in range(_IN_A_ROW)]
    for number, response in enumerate(responses):
        body = callers.json_of(response)
        if response is not None and response.status_code == requests.codes.ok and body is not None:
            _note(ledger, f"after-{number}", body["id"], body)
    return all(response is not None and response.status_code == requests.codes.ok for response in responses)


def _answered_twice(service: Service, ledger: Ledger) -> Iterator[str]:
    """What another answer comes for when it is asked for again: by its key, and by its id."""
    for key, said in ledger.said.items():
        if key.startswith("archive"):
            continue
        by_key = callers.json_of(callers.posted(service, key))
        by_id = callers.json_of(callers.answered(service, "GET", f"{callers.READING}{ledger.ids[key]}/"))
        if not by_key == by_id == said:
            yield f"{key}: answered {said}, then {by_key} by its key and {by_id} by its id"


def _not_told(listening: Listener, ledger: Ledger) -> Iterator[str]:
    """Promises and batches of which no webhook told within its time, or not under one id."""
    kinds = {key: key.partition("-")[0] for key in ledger.said}
    wanted = {(_TOLD_OF[kind], ledger.ids[key]) for key, kind in kinds.items() if kind in _TOLD_OF}
    give_up = time.monotonic() + _TO_TELL
    while wanted - listening.told.keys() and time.monotonic() < give_up:
        time.sleep(_PAUSE)
    for event in sorted(wanted):
        under = set(listening.told.get(event, []))
        if len(under) != 1:
            yield f"{event} was told under {sorted(under)}"


def _counts(database: Postgresql, ledger: Ledger) -> dict[str, int]:
    with psycopg.connect(database.environment["APPTENTICATE_DATABASE"]) as connection:
        counted = {name: _one(connection, sql) for name, sql in {"rows of keys": _OF_KEYS, **_LEFT}.items()}
        batches = [pk for key, pk in ledger.ids.items() if key.startswith("archive")]
        cards = _one(connection, "SELECT count(*) FROM ocr_batchcard WHERE batch_id = ANY(%s)", batches)
    return {**counted, "cards of archives": cards}


def _one(connection: "psycopg.Connection[tuple[Any, ...]]", sql: str, *given: object) -> int:
    (count,) = connection.execute(sql, given).fetchone() or (0,)
    return int(count)


def _miscounted(counted: Mapping[str, int], ledger: Ledger) -> Iterator[str]:
    """Rows are as many as there were keys and cards: one for each."""
    archives = [key for key in ledger.ids if key.startswith("archive")]
    wanted = {"rows of keys": len(ledger.ids) - len(archives), "cards of archives": _CARDS * len(archives)}
    yield from (f"{name}: {counted[name]}, not {count}" for name, count in wanted.items() if counted[name] != count)
    for key in archives:
        said = ledger.said.get(key)
        if said is not None and said != {"cards": _CARDS, "outcomes": {"200": _CARDS}}:
            yield f"{key}: {said}"
