"""A real service that promised answers and is killed with all its processes: the next one keeps what it promised."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from benchmarks.measuring.service import Service, prepared_service, started
from tests.ocr.promising import kill_all, promise, token

PROMISED = 4
_SECONDS = 60.0


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with prepared_service() as prepared:
        yield prepared


def _answered(service: Service, told: dict[str, str], number: int) -> dict[str, Any]:
    give_up = time.monotonic() + _SECONDS
    while time.monotonic() < give_up:
        answer = requests.get(f"{service.url}/api/v3.2/ocr/{number}/", headers=told, timeout=30)
        if answer.status_code != 202:
            return {"status": answer.status_code, **answer.json()}
        time.sleep(0.1)
    raise AssertionError(f"{number} is promised still")


def test_the_next_service_keeps_what_a_killed_one_promised(service: Service) -> None:
    with started(service, processes=1) as first:
        told = token(first)
        promised = [promise(first, told) for _ in range(PROMISED)]
        kill_all(first)
    with started(service, processes=1) as second:
        told = token(second)
        answers = [_answered(second, told, number) for number in promised]
    assert {(answer["status"], answer["valid"], answer["name"]) for answer in answers} == {(200, True, "VERONICA")}
    assert [answer["id"] for answer in answers] == promised
