"""The real service is told to stop (SIGTERM) in the middle of its work: whoever was let in is answered, and what was
promised is read by the next process."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from benchmarks.measuring.client import Client
from benchmarks.measuring.service import Service, prepared_service, started
from hardening.elsewhere import ROOT

CARD = [(ROOT / "fixtures" / "g_scan" / name).read_bytes() for name in ("front.jpg", "back.jpg")]
SLOW = {"APPTENTICATE_FRONT_READERS": "ppocr", "APPTENTICATE_BACK_READERS": "ppocr", "APPTENTICATE_BACKGROUND": "1"}
WAITING, PROMISED = 8, 30


def promise(client: Client) -> str:
    """Post a document that nobody waits for; where to ask for its answer."""
    answer = client.session.post(
        f"{client.service.url}/api/v3.2/ocr/",
        data={"document_type": "id_mexico"},
        files={"frontside": CARD[0], "backside": CARD[1]},
        headers={"Authorization": f"Bearer {client.token}", "Prefer": "respond-async"},
        timeout=30,
    )
    assert answer.status_code == 202
    return answer.headers["Location"]


def ask(client: Client, place: str) -> requests.Response:
    headers = {"Authorization": f"Bearer {client.token}"}
    return client.session.get(f"{client.service.url}{place}", headers=headers, timeout=30)


def counted(service: Service, which: str = "TRUE") -> int:
    """Transactions."""
    with sqlite3.connect(f"file:{service.home}/database.sqlite3?mode=ro", uri=True, timeout=30) as database:
        (count,) = database.execute(f"SELECT count(*) FROM ocr_transaction WHERE {which}").fetchone()  # noqa: S608
    database.close()
    return int(count)


OPEN = "outcome IS NULL"


def until(holds: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def has_ended(process: int) -> bool:
    """It is nobody's but this process's to bury."""
    return Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(") ")[2].startswith("Z")


@pytest.fixture(scope="module")
def known() -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in SLOW.items():
            environment.setenv(name, value)
        with prepared_service() as service:
            yield service


def test_whoever_was_let_in_is_answered_and_promises_are_kept(known: Service) -> None:
    with started(known, 1) as service, ThreadPoolExecutor(WAITING) as callers:
        client = Client(service)
        places = [promise(client) for _ in range(PROMISED)]
        posted = [callers.submit(client.read, *CARD) for _ in range(WAITING)]
        until(lambda: counted(service) == PROMISED + WAITING, 30)
        os.kill(service.pid, signal.SIGTERM)
        assert [answer.result().status for answer in posted] == [200] * WAITING
        until(lambda: has_ended(service.pid), 60)
    left = counted(known, OPEN)
    assert 0 < left <= PROMISED
    with started(known, 1) as service:
        client = Client(service)
        until(lambda: all(ask(client, place).status_code == 200 for place in places), 60)
        assert {ask(client, place).json()["cic"] for place in places} == {"226179228"}
    assert counted(known, "outcome = 200") == counted(known) == PROMISED + WAITING


def test_whoever_is_told_to_stop_takes_no_more(known: Service) -> None:
    with started(known, 1) as service, ThreadPoolExecutor(1) as caller:
        client = Client(service)
        posted = caller.submit(client.read, *CARD)
        until(lambda: counted(service, OPEN) == 1, 30)
        os.kill(service.pid, signal.SIGTERM)
        assert posted.result().status == 200
        until(lambda: has_ended(service.pid), 60)
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{service.url}/api/health/live/", timeout=5)
