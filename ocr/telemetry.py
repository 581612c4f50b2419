"""The door to OpenTelemetry: spans go in, and are sent to a collector (OTLP over HTTP) by a thread of their own.

Loaded where a setting names a collector, and only then: it takes half a second. A collector that is away costs the
spans, and no request anything.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Span, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Attributes = Mapping[str, str | int]

_HEADER: Final = "traceparent"  # www.w3.org/TR/trace-context
_NANOSECONDS: Final = 1_000_000  # of a millisecond


class Telemetry:
    """Sends so many per cent of all traces; which ones follows from a trace's id, so that every machine agrees."""

    def __init__(self, collector: str, percent: int, version: str) -> None:
        some = TraceIdRatioBased(percent / 100)
        self._provider = TracerProvider(
            sampler=ParentBased(some, remote_parent_sampled=some, remote_parent_not_sampled=some),
            resource=Resource.create({"service.name": "apptenticate", "service.version": version}),
        )
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(collector, timeout=5)))
        self._tracer = self._provider.get_tracer("apptenticate")
        self._words = TraceContextTextMapPropagator()

    @contextmanager
    def span(self, name: str, kind: str, parent: str, attributes: Attributes) -> Iterator[Span]:
        """What happens inside; of an exception nothing is told, since its text may say what was read."""
        told = self._tracer.start_as_current_span(
            name,
            context=self._words.extract({_HEADER: parent}) if parent else None,
            kind=SpanKind[kind.upper()],
            attributes=dict(attributes),
            record_exception=False,
            set_status_on_exception=False,
        )
        with told as span:
            try:
                yield span
            except BaseException:
                self.fail(span)
                raise

    def one_after_the_other(self, milliseconds: Mapping[str, float]) -> None:
        """Spans of which the last ends now."""
        at = time.time_ns() - round(sum(milliseconds.values()) * _NANOSECONDS)
        for name, spent in milliseconds.items():
            span = self._tracer.start_span(name, start_time=at)
            at += round(spent * _NANOSECONDS)
            span.end(at)

    def fail(self, span: Span) -> None:
        span.set_status(StatusCode.ERROR)

    def parent(self) -> str:
        """What whoever goes on elsewhere is told."""
        words: dict[str, str] = {}
        self._words.inject(words)
        return words.get(_HEADER, "")

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
