"""A real service that promised answers and is killed with all its processes: the next one keeps what it promised."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from benchmarks.measuring.service import ROOT, Service, prepared_service, started

CARD = ROOT / "fixtures" / "g_scan"
PROMISED = 4
_SECONDS = 60.0


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with prepared_service() as prepared:
        yield prepared


def _told(service: Service) -> dict[str, str]:
    login = {"username": service.name, "password": service.password}
    access = requests.post(f"{service.url}/api/token/", data=login, timeout=30).json()["access"]
    return {"Authorization": f"Bearer {access}"}


def _promise(service: Service, told: dict[str, str]) -> str:
    files = {f"{side}side": (f"{side}.jpg", (CARD / f"{side}.jpg").read_bytes()) for side in ("front", "back")}
    answer = requests.post(
        f"{service.url}/api/v3.2/ocr/",
        data={"document_type": "id_mexico", "return_id": "1"},
        files=files,
        headers={**told, "Prefer": "respond-async"},
        timeout=30,
    )
    assert answer.status_code == 202
    return answer.headers["Location"]


def _answered(service: Service, told: dict[str, str], where: str) -> dict[str, Any]:
    give_up = time.monotonic() + _SECONDS
    while time.monotonic() < give_up:
        answer = requests.get(f"{service.url}{where}", headers=told, timeout=30)
        if answer.status_code != 202:
            return {"status": answer.status_code, **answer.json()}
        time.sleep(0.1)
    raise AssertionError(f"{where} is promised still")


def _below(pid: int) -> list[int]:
    """The processes that it started, and those that they did (proc(5))."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for file in lists for child in file.read_text().split()]
    return children + [grandchild for child in children for grandchild in _below(child)]


def _kill_all(service: Service) -> None:
    for pid in [service.pid, *_below(service.pid)]:
        os.kill(pid, signal.SIGKILL)


def test_the_next_service_keeps_what_a_killed_one_promised(service: Service) -> None:
    with started(service, processes=1) as first:
        told = _told(first)
        promised = [_promise(first, told) for _ in range(PROMISED)]
        _kill_all(first)
    with started(service, processes=1) as second:
        told = _told(second)
        answers = [_answered(second, told, where) for where in promised]
    assert {(answer["status"], answer["valid"], answer["name"]) for answer in answers} == {(200, True, "VERONICA")}
    assert [f"/api/v3.2/ocr/{answer['id']}/" for answer in answers] == promised
