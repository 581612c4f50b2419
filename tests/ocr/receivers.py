"""Receivers of webhooks on loopback: real servers, with or without TLS, that keep what came and answer as told."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answering = Callable[[BaseHTTPRequestHandler], None]


@dataclass(frozen=True, slots=True)
class Got:
    """One request, as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes


def says(status: int, **headers: str) -> Answering:
    """An answer with a few words that nobody reads."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {**headers, "Content-Length": "4"}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(b"what")

    return answer


@dataclass(slots=True)
class Receiver:
    """What came, and how the next ones are answered; the last answer is given again and again."""

    address: str
    port: int
    answers: list[Answering] = field(default_factory=lambda: [says(204)])
    got: list[Got] = field(default_factory=list)
    came: threading.Event = field(default_factory=threading.Event)

    def url(self, host: str = "", scheme: str = "http") -> str:
        return f"{scheme}://{host or self.address}:{self.port}/hook?of=ana"

    def next_answer(self) -> Answering:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@contextmanager
def receiving(address: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver, as long as it is needed."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            receiver.got.append(Got(self.path, dict(self.headers.items()), body))
            receiver.came.set()
            receiver.next_answer()(self)

        do_GET = do_POST  # noqa: N815 - its parent's; what follows a redirect may come so

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = Server((address, port), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    receiver = Receiver(address, server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_: Any) -> None:
        """Who hangs up is meant to."""


class Names:
    """Stands for what resolves names: a name has, one time after the other, the addresses that it is given."""

    def __init__(self, **names: list[str]) -> None:
        self.names = {name.replace("_", "."): list(addresses) for name, addresses in names.items()}
        self.asked: list[str] = []
        self._real = socket.getaddrinfo

    def __call__(self, host: str, port: int, *arguments: Any, **more: Any) -> Any:
        if host not in self.names:
            return self._real(host, port, *arguments, **more)
        self.asked.append(host)
        addresses = self.names[host]
        found = (addresses.pop(0) if len(addresses) > 1 else addresses[0]).split()
        return [entry for one in found for entry in self._real(one, port, *arguments, **more)]
