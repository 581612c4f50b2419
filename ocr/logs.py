"""Which request a line of the log belongs to: `X-Request-ID` comes in and goes out, and every line between carries it,
as text or as JSON, also where another process does the reading.

Whatever else a record brings along is left out: Django adds the request itself, whose path may hold what was searched
for.
"""

import logging
import re
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar
from uuid import uuid4

from pythonjsonlogger.json import JsonFormatter

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

_Out = TypeVar("_Out")

# --- what belongs together --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Trace:
    """What is being worked on: a request, and the transaction that it opened."""

    request: str = "-"
    transaction: int | None = None


_trace: ContextVar[Trace] = ContextVar("trace", default=Trace())  # noqa: B039 - frozen


def traced(get_response: "Callable[[HttpRequest], HttpResponse]") -> "Callable[[HttpRequest], HttpResponse]":
    """Middleware, the outermost: the request's own id, where it has one to believe, else a new one."""

    def respond(request: "HttpRequest") -> "HttpResponse":
        trace = Trace(_request_id(request.headers.get(HEADER, "")))
        response = under(trace, get_response, request)
        response.headers[HEADER] = trace.request
        return response

    return respond


HEADER: Final = "X-Request-ID"
_BELIEVED: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")  # nothing that could end a line, or fill a disk


def _request_id(given: str) -> str:
    return given if _BELIEVED.fullmatch(given) else uuid4().hex


def about(transaction: int) -> None:
    """From here to the end of the request, lines are about this transaction."""
    _trace.set(replace(_trace.get(), transaction=transaction))


def current() -> Trace:
    """What is being worked on here, to be told to whoever goes on with it elsewhere."""
    return _trace.get()


def bound(work: Callable[..., _Out]) -> Callable[..., _Out]:
    """The same work, to be done by another process: what it logs carries what is being worked on here."""
    return partial(under, _trace.get(), work)


def under(trace: Trace, work: Callable[..., _Out], *told: Any, **more: Any) -> _Out:  # noqa: ANN401 - as work is told
    """Do the work: what it logs carries the trace."""
    token = _trace.set(trace)
    try:
        return work(*told, **more)
    finally:
        _trace.reset(token)


# --- how it is written ------------------------------------------------------------------------------------------------


class Carrying(logging.Filter):
    """Lets every record pass, with the ids of what is being worked on."""

    def filter(self, record: logging.LogRecord) -> bool:
        trace = _trace.get()
        record.request_id = trace.request if trace.request != "-" else _answered(record)
        record.transaction_id = trace.transaction
        return True


def _answered(record: logging.LogRecord) -> str:
    """Gunicorn logs a request when its answer is out, and nobody works on it any more: the answer's header tells."""
    atoms = record.args
    return str(atoms.get(f"{{{HEADER.lower()}}}o", "-")) if isinstance(atoms, Mapping) else "-"


class JsonLines(JsonFormatter):
    """A line of JSON for a record, with the fields of `_SAID` and a traceback where there is one."""

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        log_data["time"] = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        log_data.update({name: getattr(record, attribute, None) for name, attribute in _SAID.items()})
        if "exc_info" in message_dict:
            log_data["exception"] = message_dict["exc_info"]


_SAID: Final = {
    "level": "levelname",
    "logger": "name",
    "message": "message",
    "request": "request_id",
    "transaction": "transaction_id",
    "process": "process",
}
