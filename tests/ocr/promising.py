"""A caller of a real service who is promised answers; and what kills that service with all its processes."""

import os
import signal

import requests

from benchmarks.measuring.service import ROOT, Service
from benchmarks.measuring.timing import family

CARD = ROOT / "fixtures" / "g_scan"


def token(service: Service) -> dict[str, str]:
    """What goes with each request."""
    login = {"username": service.name, "password": service.password}
    access = requests.post(f"{service.url}/api/token/", data=login, timeout=30).json()["access"]
    return {"Authorization": f"Bearer {access}"}


def promise(service: Service, token: dict[str, str]) -> int:
    """The number of a transaction whose answer is promised."""
    files = {f"{side}side": (f"{side}.jpg", (CARD / f"{side}.jpg").read_bytes()) for side in ("front", "back")}
    form = {"document_type": "id_mexico", "return_id": "1"}
    headers = {**token, "Prefer": "respond-async"}
    answer = requests.post(f"{service.url}/api/v3.2/ocr/", data=form, files=files, headers=headers, timeout=30)
    assert answer.status_code == 202
    number = int(answer.json()["id"])
    assert answer.headers["Location"] == f"/api/v3.2/ocr/{number}/"
    return number


def kill_all(service: Service) -> None:
    """At once: what serves, what reads, and what started them."""
    for pid in (service.pid, *family(service.pid)):
        os.kill(pid, signal.SIGKILL)
