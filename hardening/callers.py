"""Who calls while things are taken away: one client a thread, made anew when its connection breaks or its token is too
old. Whatever comes back is given as it is; where nothing does, None.
"""

import re
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any

import requests

from benchmarks.measuring.client import Client
from benchmarks.measuring.service import ROOT, Service

SAMPLE = ROOT / "fixtures" / "g_scan"
READING = "/api/v3.2/ocr/"
_SECONDS = 100  # for one answer: more than the service lets anybody wait (`ocr.processes.LONGEST_WAIT`)
_mine = threading.local()


def client(service: Service) -> Client:
    """This thread's."""
    if getattr(_mine, "client", None) is None or _mine.client.service.url != service.url:
        _mine.client = Client(service)
    known: Client = _mine.client
    return known


def answered(
    service: Service,
    method: str,
    path: str,
    headers: dict[str, str] | None = None,
    **sent: Any,  # noqa: ANN401 - as requests takes it
) -> requests.Response | None:
    """What is answered; None where no answer came."""
    try:
        caller = client(service)
        told = {"Authorization": f"Bearer {caller.token}", **(headers or {})}
        response = caller.session.request(
            method, f"{service.url}{path}", headers=told, timeout=_SECONDS, allow_redirects=False, **sent
        )
    except (requests.RequestException, KeyError):
        _mine.client = None
        return None
    if response.status_code == requests.codes.unauthorized:
        _mine.client = None
    return response


def posted(service: Service, key: str, **headers: str) -> requests.Response | None:
    """The answer to a good document with that `Idempotency-Key`."""
    return answered(
        service,
        "POST",
        READING,
        {"Idempotency-Key": key, **headers},
        data={"document_type": "id_mexico", "return_id": "True"},
        files={f"{side}side": (f"{side}.jpg", pictures()[side], "image/jpeg") for side in ("front", "back")},
    )


def pictures() -> dict[str, bytes]:
    """Both sides of a card that every reader reads."""
    return {side: (SAMPLE / f"{side}.jpg").read_bytes() for side in ("front", "back")}


def json_of(response: requests.Response | None) -> dict[str, Any] | None:
    """What it says; None where it says nothing, or no JSON."""
    try:
        return None if response is None else dict(response.json())
    except ValueError:
        return None


def last_words(service: Service) -> Iterator[str]:
    """How the service explains itself: the last line of each kind of traceback in its log, and how often."""
    lines = [line for log in service.home.glob("log-*") for line in log.read_text(errors="replace").splitlines()]
    errors = Counter(line for line in lines if re.match(r"[\w.]+(Error|Exception|Down|Away|Full)\b", line))
    return (f"{count} x {line[:200]}" for line, count in errors.most_common(12))
