"""A receiver of webhooks on loopback: answers 204 and keeps what it was told, as often as it was told it."""

import json
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Event = tuple[str, int]
"""What happened, and the number of the transaction or batch."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Where it listens, and under which ids each event came (the header `webhook-id`), one for each time."""

    url: str
    told: dict[Event, list[str]] = field(default_factory=lambda: defaultdict(list))


@contextmanager
def listener() -> Iterator[Listener]:
    """One that listens as long as it is used."""

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            said = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            listening.told[said["type"], said["data"]["id"]].append(self.headers["webhook-id"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    listening = Listener(f"http://127.0.0.1:{server.server_address[1]}/")
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield listening
    finally:
        server.shutdown()
        server.server_close()
