"""A real service that is killed with all its processes while it tells a webhook: the next one tells it again."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
import requests
from standardwebhooks import Webhook as Verifier

from benchmarks.measuring.service import Service, prepared_service, started
from tests.ocr.promising import kill_all, promise, token
from tests.ocr.receivers import receiving, says

MANY = 8
_SECONDS = 60.0


def _until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _make(service: Service, token: dict[str, str], url: str) -> dict[str, Any]:
    made = requests.post(f"{service.url}/api/v3.2/webhooks/", json={"url": url}, headers=token, timeout=30)
    assert made.status_code == 201
    return dict(made.json())


def _some_time_later(service: Service) -> None:
    """Claims have run out, and whoever rested has rested."""
    with sqlite3.connect(service.home / "database.sqlite3", timeout=30) as database:
        database.execute("UPDATE ocr_delivery SET due = created WHERE due IS NOT NULL")
        database.execute("UPDATE ocr_promise SET due = '2026-01-01 00:00:00'")
        database.execute("UPDATE ocr_webhook SET ready = created")
    database.close()


def _claimed_until(service: Service) -> datetime:
    with sqlite3.connect(service.home / "database.sqlite3", timeout=30) as database:
        (due,) = database.execute("SELECT max(due) FROM ocr_delivery").fetchone()
    database.close()
    return datetime.fromisoformat(due).replace(tzinfo=UTC)


def _sent(service: Service, token: dict[str, str], hook: dict[str, Any]) -> list[dict[str, Any]]:
    log = f"{service.url}/api/v3.2/webhooks/{hook['id']}/deliveries/"
    return list(requests.get(log, headers=token, timeout=30).json()["results"])


def _all_arrived(sent: list[dict[str, Any]], count: int) -> bool:
    return len(sent) == count and {delivery["state"] for delivery in sent} == {"delivered"}


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    monkeypatch.setenv("APPTENTICATE_WEBHOOKS_PRIVATE", "yes")
    with prepared_service() as prepared:
        yield prepared


def test_what_a_killed_service_was_telling_is_told_again_under_the_same_id(service: Service) -> None:
    reached, killed = threading.Event(), threading.Event()

    def be_slow(_: BaseHTTPRequestHandler) -> None:
        reached.set()
        killed.wait(_SECONDS)

    with receiving() as receiver:
        receiver.answers = [be_slow, says(204)]
        with started(service, processes=1) as first:
            access = token(first)
            hook = _make(first, access, receiver.url())
            promise(first, access)
            assert reached.wait(_SECONDS)
            kill_all(first)
        killed.set()
        assert _claimed_until(service) > datetime.now(UTC) + timedelta(seconds=30)
        _some_time_later(service)
        with started(service, processes=1) as second:
            access = token(second)
            _until(lambda: _all_arrived(_sent(second, access, hook), 1))
            one, other = receiver.got
            told = Verifier(hook["secret"]).verify(other.body, dict(other.headers))
            answer = requests.get(f"{second.url}{told['data']['location']}", headers=access, timeout=30)
    assert one.headers["webhook-id"] == other.headers["webhook-id"]
    assert one.body == other.body
    assert told["data"]["valid"] is True
    assert (answer.status_code, answer.json()["name"]) == (200, "VERONICA")
    assert b"VERONICA" not in other.body


def test_killed_amid_many_none_is_lost_and_each_has_one_id(service: Service) -> None:
    reached, killed = threading.Event(), threading.Event()

    def be_slow(_: BaseHTTPRequestHandler) -> None:
        reached.set()
        killed.wait(_SECONDS)

    with receiving() as receiver:
        receiver.answers = [says(500), says(204), be_slow, says(204)]
        with started(service, processes=1) as first:
            access = token(first)
            hook = _make(first, access, receiver.url())
            promised = [promise(first, access) for _ in range(MANY)]
            assert reached.wait(_SECONDS)
            kill_all(first)
        killed.set()
        _some_time_later(service)
        with started(service, processes=1) as second:
            access = token(second)
            _until(lambda: _all_arrived(_sent(second, access, hook), MANY))
    told = [(json.loads(got.body)["data"]["id"], got.headers["webhook-id"]) for got in receiver.got]
    assert {transaction for transaction, _ in told} == set(promised)
    assert len(set(told)) == len({message for _, message in told}) == MANY
    assert len(told) >= MANY + 2  # the one that failed, and the one that was slow
