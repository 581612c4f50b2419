"""What gunicorn calls. It does for bodies what Django leaves to a web server, as none may stand in front.

A body sent in chunks, without a length, is measured first: Django would take it for empty. A body that nobody read (too
large, no valid token) is taken in before the answer goes out: many clients hear no answer while they still send.
"""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from types import ModuleType
from typing import TYPE_CHECKING

from django.conf import settings
from django.core import signals
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apptenticate.settings")


@contextmanager
def _instead(modules: Mapping[str, ModuleType | None]) -> Iterator[None]:
    """Whoever imports one of these meanwhile gets what stands beside it, or, for None, is told that it is not installed
    (docs.python.org, "The module cache")."""
    placed = {name: module for name, module in modules.items() if name not in sys.modules}
    sys.modules.update(placed)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


# What these two load beyond need takes a quarter as long as all else together. The first does so merely because it is
# installed, for PostgreSQL's own types of column, a page of the API and a schema of DRF's own: none is here. The second
# asks Django's test client for a signal, which that has from the module named here.
_UNUSED = ("django.contrib.postgres", "pygments", "requests", "uritemplate", "yaml")
with _instead({**dict.fromkeys(_UNUSED), "django.test.signals": signals}):
    for _greedy in ("rest_framework.compat", "rest_framework_simplejwt.settings"):
        import_module(_greedy)

_django = get_wsgi_application()

PATIENCE = 32 * 1024 * 1024
"""Bytes taken in of a body that is not wanted; two photos straight from a camera are fewer."""


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    body = environ["wsgi.input"]
    if environ.get("HTTP_TRANSFER_ENCODING", "").strip().casefold() == "chunked":
        _measure(environ, body)
    response = _django(environ, start_response)
    _take_in(body)
    return response


def _measure(environ: "WSGIEnvironment", body: "InputStream") -> None:
    """Read as far as one byte over the limit: enough to know that the body is too large."""
    read = body.read(settings.OCR_BODY_LIMIT + 1)
    environ["CONTENT_LENGTH"] = str(len(read))
    environ["wsgi.input"] = BytesIO(read)


def _take_in(body: "InputStream") -> None:
    taken, piece = 0, b"-"
    while piece and taken < PATIENCE:
        piece = body.read(64 * 1024)
        taken += len(piece)
