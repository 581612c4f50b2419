"""The log of requests: what was asked for, and never what somebody searched for."""

import gc
import os
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from apptenticate import gunicorn
from ocr import desks, nursery
from tests.fresh import run_fresh

ROOT = Path(__file__).parents[2]


def test_a_line_tells_the_path_alone() -> None:
    config = Config()
    config.set("access_log_format", gunicorn.access_log_format)
    request = SimpleNamespace(
        headers=[("REFERER", "/admin/?q=GALJ900315HDFRPN01"), ("AUTHORIZATION", "Bearer secret")], method="GET"
    )
    environment = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": "/admin/ocr/transaction/?q=GALJ900315HDFRPN01",
        "PATH_INFO": "/admin/ocr/transaction/",
        "QUERY_STRING": "q=GALJ900315HDFRPN01",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "10.0.0.1",
        "HTTP_REFERER": "/admin/?q=GALJ900315HDFRPN01",
    }
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[])
    atoms = Logger(config).atoms(answer, request, environment, timedelta(milliseconds=5))
    line = gunicorn.access_log_format % Logger.atoms_wrapper_class(atoms)
    assert '10.0.0.1 "GET /admin/ocr/transaction/" 200 12 bytes 5 ms' in line
    assert "GALJ" not in line
    assert "secret" not in line


SAY = """
from gunicorn.config import Config
from gunicorn.glogging import Logger
from apptenticate.gunicorn import logconfig_dict
config = Config()
config.set("accesslog", "-")
config.set("logconfig_dict", logconfig_dict)
Logger(config).info("Listening at: %s", "somewhere")
"""


@pytest.mark.parametrize(
    ("kind", "said"),
    [("text", "[INFO] Listening at: somewhere"), ("json", '"message": "Listening at: somewhere"')],
)
def test_the_process_above_the_workers_logs_as_they_do(kind: str, said: str, tmp_path: Path) -> None:
    environment = {"APPTENTICATE_HOME": str(tmp_path), "APPTENTICATE_LOG_FORMAT": kind}
    told = run_fresh(SAY, **environment)
    assert said in told.stderr
    assert told.stderr.startswith("{") == (kind == "json")


# --- the order in which things start ----------------------------------------------------------------------------------


def test_what_reads_is_started_before_django(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(desks, "desk", lambda: done.append("desk"))
    monkeypatch.setattr(ThreadWorker, "load_wsgi", lambda _: done.append("Django"))
    gunicorn.Serving.load_wsgi(object.__new__(gunicorn.Serving))
    gc.unfreeze()
    assert done == ["desk", "Django"]


@pytest.mark.parametrize(
    ("read_by", "count", "opened"), [("processes", 2, True), ("processes", 0, False), ("celery", 2, False)]
)
def test_the_nursery_is_opened_before_all_else_where_documents_are_read(
    read_by: str, count: int, opened: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(nursery, "open_nursery", lambda: done.append("nursery"))
    monkeypatch.setattr(gunicorn._settings, "OCR_READ_BY", read_by)
    monkeypatch.setattr(gunicorn._settings, "OCR_PROCESSES", count)
    gunicorn.post_fork(None, None)
    assert done == ["nursery"] * opened


def test_the_desk_needs_no_django() -> None:
    code = "import sys, ocr.desks; print([name for name in ('django.db', 'rest_framework') if name in sys.modules])"
    told = run_fresh(code)
    assert told.stdout == "[]\n"


# --- the files in which workers count together ------------------------------------------------------------------------


@pytest.fixture
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(gunicorn, "worker_tmp_dir", str(tmp_path))
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "")  # and as before afterwards
    gunicorn.on_starting(None)
    yield tmp_path
    gunicorn.on_exit(None)


def test_workers_count_in_an_empty_folder_that_goes_with_the_service(memory: Path) -> None:
    (folder,) = memory.iterdir()
    assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
    assert (folder.stat().st_mode & 0o777, list(folder.iterdir())) == (0o700, [])
    gunicorn.on_exit(None)
    assert not folder.exists()


def test_what_a_killed_service_left_is_removed_by_the_next(memory: Path) -> None:
    (mine,) = memory.iterdir()
    gone = subprocess.Popen(["true"])
    gone.wait()
    left = memory / f"{gunicorn._FOLDER}{gone.pid}-abc"
    (left / "within").mkdir(parents=True)
    (other := memory / "another").mkdir()
    gunicorn._sweep()
    assert set(memory.iterdir()) == {mine, other}


def test_a_worker_that_died_waits_for_nothing_and_has_counted(memory: Path) -> None:
    (folder,) = memory.iterdir()
    for name in ("gauge_livesum_7.db", "gauge_livesum_8.db", "counter_7.db"):
        (folder / name).touch()
    gunicorn.child_exit(None, SimpleNamespace(pid=7))
    assert {path.name for path in folder.iterdir()} == {"gauge_livesum_8.db", "counter_7.db"}
