"""The real service for as long as a measurement takes: gunicorn on a free loopback port, a home and a user of its own.

What the environment sets (APPTENTICATE_FRONT_READERS and the like) holds for it too; `machine.about` reports it.
"""

import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
_NAME = "benchmark"
_SECONDS_TO_START = 120.0
_SECONDS_TO_STOP = 40.0  # gunicorn itself waits longer, but nothing that is measured takes so long


class ServiceFailed(RuntimeError):
    """The service ended, or did not get ready; the message holds its last words."""


@dataclass(frozen=True, slots=True)
class Service:
    """Where it listens, and who may ask; where its state lies; gunicorn's process, and when it was started
    (`time.monotonic`)."""

    url: str
    name: str
    password: str
    home: Path = Path()
    pid: int = 0
    started: float = 0.0


@contextmanager
def running_service(processes: int) -> Iterator[Service]:
    """With so many processes that read."""
    with prepared_service() as service, started(service, processes) as running:
        yield running


@contextmanager
def prepared_service() -> Iterator[Service]:
    """All that a service needs before it is started: a home, a database, an account."""
    with TemporaryDirectory(prefix="apptenticate-benchmark-") as folder:
        service = Service("", _NAME, secrets.token_urlsafe(12), Path(folder))
        _manage(_environment(service, 0), "migrate", "--no-input", "--verbosity", "0")
        make_user(service, service.name, service.password)
        yield service


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """What services and workers are told that are started meanwhile."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


def make_user(service: Service, name: str, password: str, *options: str) -> None:
    """Make an account with the service's own command; `--admin` among the options lets it into the administration."""
    _manage(_environment(service, 0) | {"APPTENTICATE_PASSWORD": password}, "make_user", name, *options)


@contextmanager
def started(known: Service, processes: int) -> Iterator[Service]:
    """The service once more, with the state of a known one: its tokens are good here, too."""
    service = replace(known, url=f"http://127.0.0.1:{_free_port()}", started=time.monotonic())
    log = service.home / f"log-{service.url.rpartition(':')[2]}"
    with _gunicorn(_environment(service, processes), service, log) as process:
        _wait_until_ready(process, service, log)
        yield replace(service, pid=process.pid)


def _environment(service: Service, processes: int) -> dict[str, str]:
    own = {"APPTENTICATE_HOME": str(service.home), "APPTENTICATE_PROCESSES": str(processes), "OMP_THREAD_LIMIT": "1"}
    return {**os.environ, **own}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL
    )


@contextmanager
def _gunicorn(environment: dict[str, str], service: Service, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    address = service.url.removeprefix("http://")
    command = [sys.executable, "-m", "gunicorn", "--config", "apptenticate/gunicorn.py", "--bind", address]
    with log.open("wb") as words:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=words, stderr=subprocess.STDOUT)
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_SECONDS_TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], service: Service, log: Path) -> None:
    give_up = time.monotonic() + _SECONDS_TO_START
    while not _is_ready(service):
        if process.poll() is not None or time.monotonic() > give_up:
            last_words = "\n".join(log.read_text(errors="replace").splitlines()[-30:])
            raise ServiceFailed(f"The service did not get ready. Its last words:\n{last_words}")
        time.sleep(0.02)


def _is_ready(service: Service) -> bool:
    try:
        with urllib.request.urlopen(f"{service.url}/api/health/ready/", timeout=5):  # noqa: S310 - our own, on loopback
            return True
    except (urllib.error.URLError, OSError):
        return False
