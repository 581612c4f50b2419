"""A real service that is killed with all its processes while it tells a webhook: the next one tells it again."""

import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
import requests
from standardwebhooks import Webhook as Verifier

from benchmarks.measuring.service import ROOT, Service, prepared_service, started
from benchmarks.measuring.timing import family
from tests.ocr.receivers import receiving, says

CARD = ROOT / "fixtures" / "g_scan"
_SECONDS = 60.0


def _token(service: Service) -> dict[str, str]:
    login = {"username": service.name, "password": service.password}
    access = requests.post(f"{service.url}/api/token/", data=login, timeout=30).json()["access"]
    return {"Authorization": f"Bearer {access}"}


def _promise(service: Service, token: dict[str, str]) -> None:
    files = {f"{side}side": (f"{side}.jpg", (CARD / f"{side}.jpg").read_bytes()) for side in ("front", "back")}
    form = {"document_type": "id_mexico"}
    headers = {**token, "Prefer": "respond-async"}
    answer = requests.post(f"{service.url}/api/v3.2/ocr/", data=form, files=files, headers=headers, timeout=30)
    assert answer.status_code == 202


def _until(holds: Callable[[], bool]) -> None:
    give_up = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def _let_claims_run_out(service: Service) -> None:
    """As if so much time had passed."""
    with sqlite3.connect(service.home / "database.sqlite3", timeout=30) as database:
        (due,) = database.execute("SELECT due FROM ocr_delivery").fetchone()
        assert datetime.fromisoformat(due).replace(tzinfo=UTC) > datetime.now(UTC) + timedelta(seconds=30)
        database.execute("UPDATE ocr_delivery SET due = created")
    database.close()


def test_what_a_killed_service_was_telling_is_told_again_under_the_same_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPTENTICATE_WEBHOOKS_PRIVATE", "yes")
    killed = threading.Event()

    def be_slow(_: BaseHTTPRequestHandler) -> None:
        killed.wait(_SECONDS)

    with prepared_service() as service, receiving() as receiver:
        receiver.answers = [be_slow, says(204)]
        with started(service, processes=1) as first:
            token = _token(first)
            hook = requests.post(
                f"{first.url}/api/v3.2/webhooks/", json={"url": receiver.url()}, headers=token, timeout=30
            ).json()
            _promise(first, token)
            assert receiver.came.wait(_SECONDS)
            for pid in (first.pid, *family(first.pid)):
                os.kill(pid, signal.SIGKILL)
        killed.set()
        _let_claims_run_out(service)
        with started(service, processes=1) as second:
            token, log = _token(second), f"{second.url}/api/v3.2/webhooks/{hook['id']}/deliveries/"
            _until(lambda: requests.get(log, headers=token, timeout=30).json()["results"][0]["state"] == "delivered")
            one, other = receiver.got
            told = Verifier(hook["secret"]).verify(other.body, dict(other.headers))
            answer = requests.get(f"{second.url}{told['data']['location']}", headers=token, timeout=30)
        assert one.headers["webhook-id"] == other.headers["webhook-id"]
        assert one.body == other.body
        assert told["data"]["valid"] is True
        assert (answer.status_code, answer.json()["name"]) == (200, "VERONICA")
        assert b"VERONICA" not in other.body
