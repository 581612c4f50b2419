"""What one document costs each part of the service: processor time, bytes over Redis, bytes kept. Measured on a service
with PostgreSQL, Redis and two Celery workers on this machine, by what each part had used before and after.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg
from redis import Redis as RedisClient

from benchmarks.measuring.cards import Card
from benchmarks.measuring.client import Client
from benchmarks.measuring.timing import children, family, processor_seconds
from hardening.outages import Parts, assembled

Post = Callable[[Client, int], int]
"""Posts so many documents, several at a time; how many were read."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Of one document: seconds of a core, by part; bytes into and out of Redis, of pictures as they are kept, of
    PostgreSQL's log of changes and of its table and indexes, of pictures as they were sent."""

    seconds: Mapping[str, float]
    redis_bytes: float
    picture_bytes: float
    log_bytes: float
    row_bytes: float
    sent_bytes: float


def costs(cards: Sequence[Card], post: Post, count: int) -> Costs:
    with ExitStack() as stack:
        parts = assembled(stack)
        client = Client(parts.service)
        post(client, len(cards))
        before = _state(parts)
        read = post(client, count)
        after = _state(parts)
    grown = {name: (after[name] - value) / read for name, value in before.items()}
    sent = sum(len(card.front) + len(card.back) for card in cards) / len(cards)
    seconds = {name: grown.pop(name) for name in _PARTS}
    return Costs(seconds, **grown, sent_bytes=sent)


# --- what each has used -----------------------------------------------------------------------------------------------


def _readers(parts: Parts) -> list[int]:
    return [pid for one in parts.workers for pid in (one.pid, *one.reading())]


_PARTS: Mapping[str, Callable[[Parts], list[int]]] = {
    "readers": _readers,
    "web": lambda parts: [*children(parts.service.pid)],
    "PostgreSQL": lambda parts: [parts.database.pid, *family(parts.database.pid)],
    "Redis": lambda parts: [parts.redis.pid],
}


def _state(parts: Parts) -> dict[str, float]:
    """Since each began."""
    used = {name: sum(map(processor_seconds, pids(parts))) for name, pids in _PARTS.items()}
    told = RedisClient.from_url(parts.redis.url).info("stats")
    with psycopg.connect(parts.database.environment["APPTENTICATE_DATABASE"], autocommit=True) as connection:
        (log, rows) = connection.execute(_OF_DATABASE).fetchone() or (0, 0)
    return {
        **used,
        "redis_bytes": told["total_net_input_bytes"] + told["total_net_output_bytes"],
        "picture_bytes": _size(parts.service.home / "media"),
        "log_bytes": float(log),
        "row_bytes": float(rows),
    }


_OF_DATABASE = "SELECT pg_current_wal_lsn() - '0/0'::pg_lsn, pg_total_relation_size('ocr_transaction')"


def _size(folder: Path) -> float:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
