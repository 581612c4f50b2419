"""The client asks as a phone does, and goes on when its token has expired."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from benchmarks.measuring.client import Client
from benchmarks.measuring.service import Service


@contextmanager
def pretended(answers: dict[str, list[tuple[int, str]]]) -> Iterator[tuple[Service, list[tuple[str, str | None]]]]:
    """A service that gives each path its answers in turn; and what it was asked, with the token sent along."""
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, self.headers["Authorization"]))
            status, body = answers[self.path].pop(0)
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Service(f"http://127.0.0.1:{server.server_port}", "name", "password"), asked
    finally:
        server.shutdown()
        server.server_close()


TOKENS = (200, json.dumps({"access": "first", "refresh": "r"}))


def test_an_expired_token_is_refreshed_and_the_document_posted_again() -> None:
    answers = {
        "/api/token/": [TOKENS],
        "/api/token/refresh/": [(200, '{"access": "second"}')],
        "/api/v3.2/ocr/": [(401, '{"code": "token_not_valid"}'), (200, '{"valid": true}'), (200, "{}")],
    }
    with pretended(answers) as (service, asked):
        client = Client(service)
        answer = client.read(b"front", b"back", details=True)
        client.read(b"front", b"back")

    assert (answer.status, answer.body, answer.error_code) == (200, {"valid": True}, None)
    assert asked == [
        ("/api/token/", None),
        ("/api/v3.2/ocr/", "Bearer first"),
        ("/api/token/refresh/", None),
        ("/api/v3.2/ocr/", "Bearer second"),
        ("/api/v3.2/ocr/", "Bearer second"),
    ]


def test_failures_are_told_apart() -> None:
    answers = {
        "/api/token/": [TOKENS],
        "/api/v3.2/ocr/": [(400, '{"error_code": 814}'), (500, "<h1>Server Error</h1>")],
    }
    with pretended(answers) as (service, _):
        client = Client(service)
        codes = [client.read(b"front", b"back").error_code for _ in range(2)]

    assert codes == ["814", "HTTP 500"]
