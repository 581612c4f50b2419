"""Load by locust, in a process of its own: it replaces sockets, and shares no interpreter with what it measures."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.measuring.cards import Card
from benchmarks.measuring.client import Client

_LOCUSTFILE = Path(__file__).with_name("locustfile.py")
_SLACK = 60  # seconds beyond the run in which locust starts and stops


@dataclass(frozen=True, slots=True)
class Load:
    """What was asked and answered: documents a second, milliseconds, and how many were not read."""

    rate: float
    p50: float
    p95: float
    p99: float
    documents: int
    failed: int


def save(cards: Iterable[Card], folder: Path) -> None:
    """The pictures as `locustfile` takes them."""
    for number, card in enumerate(cards):
        (folder / f"{number}-front.jpg").write_bytes(card.front)
        (folder / f"{number}-back.jpg").write_bytes(card.back)


def load(client: Client, folder: Path, *, callers: int, seconds: int, rate: float = 0.0) -> Load:
    """So many callers for so many seconds, `rate` documents a second together; 0: each as fast as it is answered.

    Raises `RuntimeError` when locust gives no figures.
    """
    command = (
        sys.executable, "-m", "locust", "--locustfile", str(_LOCUSTFILE), "--headless", "--json", "--skip-log-setup",
        "--host", client.service.url, "--users", str(callers), "--spawn-rate", str(callers),
        "--run-time", f"{seconds}s", "--stop-timeout", "30", "--exit-code-on-error", "0", "--reset-stats",
    )  # fmt: skip
    own = {"LOAD_TOKEN": client.token, "LOAD_FOLDER": str(folder), "LOAD_RATE": repr(rate / callers)}
    done = subprocess.run(
        command, env={**os.environ, **own}, capture_output=True, text=True, timeout=seconds + _SLACK, check=False
    )
    return as_load(done.stdout, done.stderr)


def as_load(said: str, complaints: str = "") -> Load:
    """Locust's own figures of one run (`--json`)."""
    try:
        (figures,) = json.loads(said[said.index("[") :])
    except ValueError as exc:
        raise RuntimeError(f"locust gave no figures: {complaints[-2000:]}") from exc
    spent = figures["last_request_timestamp"] - figures["start_time"]
    return Load(
        rate=(figures["num_requests"] - figures["num_failures"]) / max(spent, 1e-9),
        p50=_percentile(figures, 0.5),
        p95=_percentile(figures, 0.95),
        p99=_percentile(figures, 0.99),
        documents=figures["num_requests"],
        failed=figures["num_failures"],
    )


def _percentile(figures: dict[str, Any], share: float) -> float:
    """Locust counts requests by milliseconds, rounded to two digits."""
    counted = sorted((float(ms), count) for ms, count in figures["response_times"].items())
    left = share * sum(count for _, count in counted)
    for milliseconds, count in counted:
        left -= count
        if left <= 0:
            return milliseconds
    return 0.0
