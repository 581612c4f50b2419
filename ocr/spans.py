"""What a request's time went into, as spans of a trace, where a setting names a collector; else nothing is loaded.

A span tells its name, the request's id, the transaction's number, and of a request method, route and status: no path,
no query, no body, no account and no exception, since any of them may say who somebody is.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed

from ocr import logs

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from opentelemetry.trace import Span

    from ocr.telemetry import Telemetry

# --- telling ----------------------------------------------------------------------------------------------------------


@contextmanager
def span(name: str, kind: str = "internal", parent: str = "") -> "Iterator[Span | None]":
    """What happens inside. `parent`: what `carried` told where it began; else it belongs to the span around it."""
    telemetry = _telemetry()
    if telemetry is None:
        yield None
        return
    with telemetry.span(name, kind, parent, _said()) as told:
        yield told


def stages(milliseconds: Mapping[str, float]) -> None:
    """The stages of a reading that has ended just now."""
    telemetry = _telemetry()
    if telemetry is not None:
        telemetry.one_after_the_other(milliseconds)


def carried() -> str:
    """What whoever goes on elsewhere is told as `parent`."""
    telemetry = _telemetry()
    return "" if telemetry is None else telemetry.parent()


def close() -> None:
    """Send what is left, and be ready to begin anew."""
    telemetry = _telemetry()
    _telemetry.cache_clear()
    if telemetry is not None:
        telemetry.close()


@cache
def _telemetry() -> "Telemetry | None":
    """This process's own."""
    if not settings.TRACES:
        return None
    from ocr.telemetry import Telemetry  # noqa: PLC0415 - where a setting asks for it alone

    return Telemetry(settings.TRACES, settings.TRACES_PERCENT, settings.API_VERSION)


def _said() -> dict[str, str | int]:
    trace = logs.current()
    said: dict[str, str | int] = {"apptenticate.request_id": trace.request}
    return said if trace.transaction is None else {**said, "apptenticate.transaction": trace.transaction}


# --- requests ---------------------------------------------------------------------------------------------------------

_PROBES: Final = re.compile(r"/(api/)?(health|metrics)\b")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SERVICE_FAILED: Final = 500


def traced(get_response: "Callable[[HttpRequest], HttpResponse]") -> "Callable[[HttpRequest], HttpResponse]":
    """Middleware, behind `logs.traced`: a span for every request but those of probes."""
    if not settings.TRACES:
        raise MiddlewareNotUsed

    def respond(request: "HttpRequest") -> "HttpResponse":
        if _PROBES.match(request.path):
            return get_response(request)
        method = request.method if request.method in _METHODS else "_OTHER"
        with span(str(method), "server", request.headers.get("traceparent", "")) as told:
            response = get_response(request)
            if told is not None:
                _tell(told, request, response, str(method))
        return response

    return respond


def _tell(told: "Span", request: "HttpRequest", response: "HttpResponse", method: str) -> None:
    """By the names that OpenTelemetry's conventions give them."""
    if request.resolver_match:
        told.update_name(f"{method} {request.resolver_match.route}")
        told.set_attribute("http.route", request.resolver_match.route)
    told.set_attributes({**_said(), "http.request.method": method, "http.response.status_code": response.status_code})
    telemetry = _telemetry()
    if telemetry is not None and response.status_code >= _SERVICE_FAILED:
        telemetry.fail(told)
