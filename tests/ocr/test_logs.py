"""Lines of the log: whose request each is about, and nothing of it but that."""

import json
import logging
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from gunicorn.config import Config
from gunicorn.glogging import Logger
from rest_framework.test import APIClient

from apptenticate import gunicorn
from ocr import logs
from ocr.logs import Carrying, JsonLines
from ocr.pipeline.both import of_both, side_by_side
from ocr.pipeline.errors import MrzNotFound
from ocr.processes import Limits, Processes, Wanted
from tests.conftest import URL, FakeReader, Sent

NEW = re.compile(r"[0-9a-f]{32}")


@pytest.fixture(autouse=True)
def _nothing_is_worked_on() -> None:
    """A test before may have read a document without a request around it."""
    logs._trace.set(logs.Trace())


def _carrying(record: logging.LogRecord) -> logging.LogRecord:
    assert Carrying().filter(record)
    return record


def written(record: logging.LogRecord) -> dict[str, Any]:
    """The line of JSON that a record becomes."""
    return dict(json.loads(JsonLines().format(_carrying(record))))


def record(message: str = "read %s", *told: object, **more: Any) -> logging.LogRecord:
    return logging.makeLogRecord({"name": "ocr.a", "levelname": "INFO", "msg": message, "args": told} | more)


# --- X-Request-ID -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["a", "0af7651916cd43dd-8448eb211c80319c", "A.b_c-9", "x" * 64])
def test_an_id_that_can_be_believed_comes_back(given: str) -> None:
    assert APIClient().get("/api/health/live/", headers={"x-request-id": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a\n", "a\r\nb", "é", "{id}", 'a"b'])
def test_any_other_is_replaced(given: str) -> None:
    answer = APIClient().get("/api/health/live/", headers={"x-request-id": given})
    assert NEW.fullmatch(answer["X-Request-ID"])


def test_every_request_has_one_of_its_own() -> None:
    ids = {APIClient().get(path)["X-Request-ID"] for path in ("/", "/", URL, "/nowhere/")}
    assert len(ids) == 4


def test_concurrent_requests_keep_theirs_apart() -> None:
    """All stand in the middle of their request at once, and only then say what they are about."""
    together = Barrier(8)

    def view(request: HttpRequest) -> HttpResponse:
        logs.about(int(request.headers["X-Request-ID"]))
        together.wait(5)
        line = written(record())
        return HttpResponse(f"{line['request']} {line['transaction']}")

    def ask(number: int) -> str:
        request = HttpRequest()
        request.META["HTTP_X_REQUEST_ID"] = str(number)
        return logs.traced(view)(request).content.decode()

    with ThreadPoolExecutor(8) as pool:
        for _ in range(5):
            assert list(pool.map(ask, range(8))) == [f"{number} {number}" for number in range(8)]
        assert set(pool.map(lambda _: written(record())["request"], range(8))) == {"-"}


def test_a_failure_is_logged_with_the_request_and_its_transaction(
    client: APIClient, fake: FakeReader, parts: Callable[..., Sent], caplog: pytest.LogCaptureFixture
) -> None:
    fake.reading = MrzNotFound("nothing there")
    caplog.set_level("INFO")
    caplog.handler.addFilter(carrying := Carrying())
    client.post(URL, parts(), headers={"x-request-id": "mine"})
    caplog.handler.removeFilter(carrying)
    (line,) = (vars(line) for line in caplog.records if line.name == "ocr.exception_handler")
    assert f"814, transaction {line['transaction_id']}" in line["message"]
    assert line["request_id"] == "mine"


# --- other threads, other processes -----------------------------------------------------------------------------------


def _said(_: object = None) -> tuple[str, int | None]:
    said = written(record())
    return said["request"], said["transaction"]


def under(request: str, work: Callable[[], Any]) -> Any:
    """What `work` comes to in the middle of a request."""
    kept: list[Any] = []

    def view(_: HttpRequest) -> HttpResponse:
        logs.about(5)
        kept.append(work())
        return HttpResponse()

    asked = HttpRequest()
    asked.META["HTTP_X_REQUEST_ID"] = request
    logs.traced(view)(asked)
    return kept[0]


def test_both_sides_are_read_for_the_same_request() -> None:
    def read() -> tuple[object, object]:
        with side_by_side() as aside:
            return of_both(aside, _said, 1, 2)

    assert under("mine", read) == (("mine", 5), ("mine", 5))


def test_a_reading_process_says_for_which_request(tmp_path: Path) -> None:
    """`logging.error` is what it is told to do: its line is what the other process writes. Into a file: where its
    standard error leads was settled when its nursery was opened, in a test before."""
    log = tmp_path / "log"
    known = settings.LOGGING["handlers"]
    into_it = known["stderr"] | {"class": "logging.FileHandler", "filename": str(log)}
    logging_ = settings.LOGGING | {"handlers": dict.fromkeys(known, into_it)}
    desk = Processes(1, Wanted(("glance",), ("glance",), None, logging_), Limits(20))
    under("mine", lambda: desk._schedule(logging.error, "during").result(20))
    desk._schedule(logging.error, "afterwards").result(20)
    desk.close()
    said = log.read_text()
    assert "ERROR root [mine]: during\n" in said
    assert "ERROR root [-]: afterwards\n" in said


# --- how it is written ------------------------------------------------------------------------------------------------


def test_a_line_of_json() -> None:
    line = written(record("read %d of %s", 2, "é\n", created=0.5, process=7))
    assert line == {
        "time": "1970-01-01T00:00:00.500+00:00",
        "level": "INFO",
        "logger": "ocr.a",
        "message": "read 2 of é\n",
        "request": "-",
        "transaction": None,
        "process": 7,
    }
    assert "\n" not in JsonLines().format(record("a\nb"))


def test_what_else_a_record_brings_along_is_left_out() -> None:
    """As Django does: the request, whose path may hold what somebody searched for."""
    request = HttpRequest()
    request.path, request.META["QUERY_STRING"] = "/admin/", "q=GALJ900315HDFRPN01"
    line = written(record(request=request, status_code=500))
    assert line["request"] == "-"
    assert "status_code" not in line
    assert "GALJ" not in json.dumps(line)


def test_a_traceback_stays_in_its_line() -> None:
    error = ValueError("broken")
    line = written(record(exc_info=(ValueError, error, None)))
    assert line["exception"] == "ValueError: broken"


def test_text_carries_the_request_too() -> None:
    said = settings.LOGGING["formatters"]["line"]
    line = under(
        "mine", lambda: logging.Formatter(said["format"], style=said["style"]).format(_carrying(record("read")))
    )
    assert line.endswith("INFO ocr.a [mine]: read")


def test_a_request_that_was_answered_is_logged_with_its_id() -> None:
    config = Config()
    config.set("access_log_format", gunicorn.access_log_format)
    answer = SimpleNamespace(status="200 OK", sent=12, headers=[("X-Request-ID", "mine")])
    environment = {"REQUEST_METHOD": "GET", "RAW_URI": "/", "PATH_INFO": "/", "SERVER_PROTOCOL": "HTTP/1.1"}
    atoms = Logger(config).atoms(answer, SimpleNamespace(headers=[]), environment, timedelta(milliseconds=5))
    line = written(record(gunicorn.access_log_format, args=Logger.atoms_wrapper_class(atoms)))
    assert line["request"] == "mine"
    assert line["message"].endswith("[mine]")
