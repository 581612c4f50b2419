"""What gunicorn calls. A body sent in chunks, without a length, is measured first: Django would take it for empty."""

import os
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.wsgi import get_wsgi_application

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apptenticate.settings")
_django = get_wsgi_application()


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    if environ.get("HTTP_TRANSFER_ENCODING", "").strip().casefold() == "chunked":
        _measure(environ)
    return _django(environ, start_response)


def _measure(environ: "WSGIEnvironment") -> None:
    """Read the body as far as one byte over the limit: enough to know that it is too large."""
    body = environ["wsgi.input"].read(settings.OCR_BODY_LIMIT + 1)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ["wsgi.input"] = BytesIO(body)
