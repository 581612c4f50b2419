"""locust's figures → ours, a goal and a page; and locust itself against a server that answers at once."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from benchmarks.load import GOAL, Borne, p99_to_idle, report
from benchmarks.measuring.client import Client
from benchmarks.measuring.load import Load, as_load, load, save
from benchmarks.measuring.machine import about
from benchmarks.measuring.service import Service
from tests.benchmarks.answers import card

SAID = {
    "name": "document",
    "start_time": 100.0,
    "last_request_timestamp": 110.0,
    "num_requests": 22,
    "num_failures": 2,
    "response_times": {"100": 11, "200": 9, "1000": 2},
}


def taking(p50: float, p99: float) -> Load:
    return Load(rate=2.0, p50=p50, p95=p99, p99=p99, documents=80, failed=0)


def borne(workers: int, p99: float) -> Borne:
    return Borne(workers, taking(100, 100), taking(500, 900), {0.5: taking(1, 1), 0.8: taking(200, p99)})


def test_figures_are_those_of_locust() -> None:
    found = as_load("some words\n" + json.dumps([SAID]))
    assert found == Load(rate=2.0, p50=100.0, p95=1000.0, p99=1000.0, documents=22, failed=2)


@pytest.mark.parametrize("said", ["", "[]", "no figures", json.dumps([SAID, SAID])])
def test_no_figures_are_no_measurement(said: str) -> None:
    with pytest.raises(RuntimeError, match="it could not bind"):
        as_load(said, "it could not bind")


def test_the_goal_is_that_of_two_workers() -> None:
    assert p99_to_idle([borne(1, 9000), borne(2, 400)]) == 4.0
    assert p99_to_idle([borne(1, 400)]) is None


@pytest.mark.parametrize(("p99", "told"), [(400, "4.00 (met)"), (600, "6.00 (**missed**)")])
def test_the_page_tells_every_load_and_the_goal(p99: float, told: str) -> None:
    page = report(about("load", []), [borne(2, p99)])
    assert f"{GOAL}: {told}, goal 5" in page
    assert "| 2 | 80% of it | 2.00 | 200 |" in page


@pytest.fixture
def answering() -> Iterator[Service]:
    """A server that answers tokens, and every document with an empty reading."""

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            said = self.rfile.read(int(self.headers["Content-Length"]))
            is_token = self.path == "/api/token/"
            is_document = b"front.jpg" in said and self.headers["Authorization"] == "Bearer mine"
            body = json.dumps({"access": "mine", "refresh": "mine"}).encode()
            self.send_response(200 if is_token or is_document else 400)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is said."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield Service(f"http://127.0.0.1:{server.server_port}", "benchmark", "secret")
    server.shutdown()
    server.server_close()


def test_locust_posts_documents_at_the_rate_asked(answering: Service, tmp_path: Path) -> None:
    save([card(), card()], tmp_path)
    found = load(Client(answering), tmp_path, callers=2, seconds=4, rate=5.0)
    assert found.failed == 0
    assert 12 <= found.documents <= 20  # a caller that began with two at once would post 22
