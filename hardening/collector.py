"""A collector of OpenTelemetry's spans on loopback: takes them as any other does (OTLP over HTTP), and shows them."""

import gzip
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Span:
    """One that came; ids in hexadecimal, milliseconds since 1970, and the service's name."""

    name: str
    trace: str
    id: str
    parent: str
    began: float
    ended: float
    attributes: dict[str, Any]
    failed: bool
    service: str


@dataclass(frozen=True, slots=True)
class Collector:
    """Where it listens, what came, and all of it as bytes."""

    url: str
    spans: list[Span]
    bodies: list[bytes]

    def named(self, name: str) -> Span:
        """The only one of that name."""
        (span,) = (span for span in self.spans if span.name == name)
        return span

    def below(self, parent: Span) -> list[str]:
        """Names of those that belong to it, in the order in which they began."""
        return [span.name for span in sorted(self.spans, key=lambda span: span.began) if span.parent == parent.id]


@contextmanager
def collector() -> Iterator[Collector]:
    """One that listens as long as it is used."""
    spans: list[Span] = []
    bodies: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            spans.extend(_understood(bodies[-1]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Collector(f"http://127.0.0.1:{server.server_address[1]}/v1/traces", spans, bodies)
    finally:
        server.shutdown()
        server.server_close()


def _understood(body: bytes) -> Iterator[Span]:
    for whole in ExportTraceServiceRequest.FromString(body).resource_spans:
        service = _said(whole.resource.attributes).get("service.name", "")
        for scope in whole.scope_spans:
            for span in scope.spans:
                yield Span(
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    began=span.start_time_unix_nano / 1e6,
                    ended=span.end_time_unix_nano / 1e6,
                    attributes=_said(span.attributes),
                    failed=span.status.code == span.status.STATUS_CODE_ERROR,
                    service=str(service),
                )


def _said(attributes: Any) -> dict[str, Any]:  # noqa: ANN401 - protobuf's own
    return {said.key: said.value.string_value or said.value.int_value for said in attributes}
