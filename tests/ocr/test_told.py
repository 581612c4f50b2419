"""A real service that is killed with all its processes while it tells a webhook: the next one tells it again."""

import json
import os
import signal
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

from benchmarks.measuring.service import ROOT, Service, prepared_service, started
from benchmarks.measuring.timing import family
from tests.ocr.receivers import receiving, says

CARD = ROOT / "fixtures" / "g_scan"
MANY = 8
_SECONDS = 60.0


def _token(service: Service) -> dict[str, str]:
    login = {"username": service.name, "password": service.password}
    access = requests.post(f"{service.url}/api/token/", data=login, timeout=30).json()["access"]
    return {"Authorization": f"Bearer {access}"}


def _promise(service: Service, token: dict[str, str]) -> int:
    files = {f"{side}side": (f"{side}.jpg", (CARD / f"{side}.jpg").read_bytes()) for side in ("front", "back")}
    form = {"document_type": "id_mexico"}
    headers = {**token, "Prefer": "respond-async"}
    answer = requests.post(f"{service.url}/api/v3.2/ocr/", data=form, files=files, headers=headers, timeout=30)
    assert answer.status_code == 202
    return int(answer.json()["id"])


def _until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _make(service: Service, token: dict[str, str], url: str) -> dict[str, Any]:
    made = requests.post(f"{service.url}/api/v3.2/webhooks/", json={"url": url}, headers=token, timeout=30)
    assert made.status_code == 201
    return dict(made.json())


def _kill_all(service: Service) -> None:
    for pid in (service.pid, *family(service.pid)):
        os.kill(pid, signal.SIGKILL)


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
            token = _token(first)
            hook = _make(first, token, receiver.url())
            _promise(first, token)
            assert reached.wait(_SECONDS)
            _kill_all(first)
        killed.set()
        assert _claimed_until(service) > datetime.now(UTC) + timedelta(seconds=30)
        _some_time_later(service)
        with started(service, processes=1) as second:
            token = _token(second)
            _until(lambda: _all_arrived(_sent(second, token, hook), 1))
            one, other = receiver.got
            told = Verifier(hook["secret"]).verify(other.body, dict(other.headers))
            answer = requests.get(f"{second.url}{told['data']['location']}", headers=token, timeout=30)
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
            token = _token(first)
            hook = _make(first, token, receiver.url())
            promised = [_promise(first, token) for _ in range(MANY)]
            assert reached.wait(_SECONDS)
            _kill_all(first)
        killed.set()
        _some_time_later(service)
        with started(service, processes=1) as second:
            token = _token(second)
            _until(lambda: _all_arrived(_sent(second, token, hook), MANY))
    told = [(json.loads(got.body)["data"]["id"], got.headers["webhook-id"]) for got in receiver.got]
    assert {transaction for transaction, _ in told} == set(promised)
    assert len(set(told)) == len({message for _, message in told}) == MANY
    assert len(told) >= MANY + 2  # the one that failed, and the one that was slow
