"""The whole contract with PostgreSQL, a store of pictures, Redis and Celery instead of what is built in; and workers
that are killed."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from redis import Redis as Client

from benchmarks.measuring.timing import processor_seconds
from hardening.databases import postgresql
from hardening.elsewhere import ROOT, Redis, Worker, redis, store, worker

SAMPLE = ROOT / "fixtures" / "g_scan"


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with redis() as server:
        yield server


@pytest.fixture(scope="module")
def environment(server: Redis, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What every machine is told."""
    home = tmp_path_factory.mktemp("home")
    return {
        "APPTENTICATE_HOME": str(home),
        "APPTENTICATE_REDIS": server.url,
        "APPTENTICATE_READ_BY": "celery",
        "OMP_THREAD_LIMIT": "1",
    }


def test_every_fixture_is_answered_alike(environment: Mapping[str, str], tmp_path: Path) -> None:
    with postgresql() as database, store() as there, worker(environment, tmp_path / "worker.log", processes=2):
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/ocr/test_contract.py"]
        shared = {**database.environment, "APPTENTICATE_DATABASE_POOL": "4", **there.environment}
        told = {**os.environ, **environment, **shared}
        ended = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
        kept = there.stored()
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert len(kept) > 60
    assert not any(b"JFIF" in picture for picture in kept.values())
    log = (tmp_path / "worker.log").read_text()
    assert log.count("succeeded") > 30
    for personal in ("QUPV860720MDFXXR07", "QUINONES", "226179228"):
        assert personal not in log


def test_a_folder_is_read_by_workers(environment: Mapping[str, str], tmp_path: Path) -> None:
    for name in ("g_scan", "h_scan_abroad"):
        shutil.copytree(ROOT / "fixtures" / name, tmp_path / name)
    command = [sys.executable, "manage.py", "read_cards", str(tmp_path), "--out", str(tmp_path / "out"), "--celery"]
    with worker(environment, tmp_path / "worker.log"):
        told = {**os.environ, **environment}
        ended = subprocess.run(command, cwd=ROOT, env=told, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    codes = {card["card"]: card["code"] for card in map(json.loads, (tmp_path / "out").read_text().splitlines())}
    assert codes == {"g_scan": 200, "h_scan_abroad": 200}
    assert (tmp_path / "worker.log").read_text().count("succeeded") == 2


@pytest.mark.parametrize(("queues", "niceness"), [("batch", 19), ("interactive,batch", os.nice(0))])
def test_a_worker_for_batches_alone_leaves_callers_the_processor(
    environment: Mapping[str, str], tmp_path: Path, queues: str, niceness: int
) -> None:
    with worker(environment, tmp_path / "worker.log", queues=queues) as one:
        assert {os.getpriority(os.PRIO_PROCESS, pid) for pid in one.reading()} == {niceness}


def test_without_redis_it_is_said_what_is_missing(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "manage.py",
        "read_cards",
        str(SAMPLE.parent),
        "--out",
        str(tmp_path / "out"),
        "--celery",
    ]
    told = {**os.environ, "APPTENTICATE_HOME": str(tmp_path / "home")}
    ended = subprocess.run(command, cwd=ROOT, env=told, check=False, capture_output=True, text=True)
    assert ended.returncode == 1
    assert "APPTENTICATE_REDIS" in ended.stderr


READ_ONE = """
from datetime import date
from pathlib import Path
from ocr import services
front, back = (Path("fixtures/g_scan", name).read_bytes() for name in ("front.jpg", "back.jpg"))
found = services.desk().begin(front, back, today=date(2026, 11, 24))()
print(found.back.fields["cic"].value)
"""


def read_one(environment: Mapping[str, str]) -> str:
    command = [sys.executable, "manage.py", "shell", "--no-imports", "-c", READ_ONE]
    told = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=True).stdout.strip()


def test_what_a_killed_worker_was_reading_is_read_by_another(
    environment: Mapping[str, str], server: Redis, tmp_path: Path
) -> None:
    slow = {**environment, "APPTENTICATE_FRONT_READERS": "ppocr,tesseract"}
    with worker(slow, tmp_path / "first.log") as first, worker(environment, tmp_path / "second.log") as second:
        second.kill()
        killer = threading.Thread(target=_kill_while_it_reads, args=(first, tmp_path / "first.log", second))
        killer.start()
        assert read_one(environment) == "226179228"
        killer.join()
    assert "received" in (tmp_path / "first.log").read_text()
    assert "succeeded" in (tmp_path / "second.log").read_text()
    assert Client.from_url(server.url).keys("apptenticate:question:*") == []


def _kill_while_it_reads(first: Worker, log: Path, second: Worker) -> None:
    while "received" not in log.read_text():
        time.sleep(0.005)
    first.kill()
    second.start()


def test_a_worker_that_is_told_to_stop_finishes_what_it_reads(environment: Mapping[str, str], tmp_path: Path) -> None:
    with worker(environment, tmp_path / "worker.log") as only:
        read_one(environment)  # its process has loaded all that it needs, and computes no more until it reads again
        told: list[int] = []
        stopper = threading.Thread(target=lambda: told.append(_stop_while_it_reads(only)))
        stopper.start()
        assert read_one(environment) == "226179228"
        stopper.join()
    assert told == [0]


def _stop_while_it_reads(only: Worker) -> int:
    """Not before: a document that was received and not begun is left to other workers, of which there are none."""
    (reading,) = only.reading()
    idle = processor_seconds(reading)
    while processor_seconds(reading) < idle + 0.02:
        time.sleep(0.002)
    status: int = only.stop()
    return status
