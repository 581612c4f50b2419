"""What gunicorn calls. It does for bodies what Django leaves to a web server, as none may stand in front.

A body sent in chunks, without a length, is measured first: Django would take it for empty. A body that nobody read (too
large, no valid token) is taken in before the answer goes out: many clients hear no answer while they still send.
"""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apptenticate.settings")


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """Whoever imports one of these meanwhile is told that it is not installed (docs.python.org, "The module cache")."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]


# What these two load merely because it is installed takes a quarter as long as all else together; they use it
# for models with PostgreSQL's own types of column, a test client, the page of an API and templates: none is here.
with _absent("django.contrib.postgres", "jinja2", "pygments", "requests"):
    for _optional in ("rest_framework.compat", "django.test.signals"):
        import_module(_optional)

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
