"""The WSGI door: a body without a length arrives all the same, and one that nobody reads is taken in, to a limit."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from apptenticate import wsgi
from tests.fresh import run_fresh

ROOT = Path(__file__).parents[2]


class Django:
    """Stands in Django's place: keeps what it is given and reads nothing."""

    def __init__(self) -> None:
        self.environ: dict[str, Any] = {}

    def __call__(self, environ: dict[str, Any], _: object) -> list[bytes]:
        self.environ = dict(environ)
        return [b"answer"]


@pytest.fixture
def django(monkeypatch: pytest.MonkeyPatch) -> Django:
    django = Django()
    monkeypatch.setattr(wsgi, "_django", django)
    return django


def call(body: io.BytesIO, **headers: str) -> list[bytes]:
    return list(wsgi.application({"wsgi.input": body, **headers}, lambda *_: print))


def test_a_chunked_body_is_measured(django: Django) -> None:
    assert call(io.BytesIO(b"abc"), HTTP_TRANSFER_ENCODING="Chunked") == [b"answer"]
    assert (django.environ["CONTENT_LENGTH"], django.environ["wsgi.input"].read()) == ("3", b"abc")


def test_a_chunked_body_that_is_too_large_is_cut_above_the_limit(django: Django) -> None:
    body = io.BytesIO(bytes(settings.OCR_BODY_LIMIT + 1000))
    call(body, HTTP_TRANSFER_ENCODING="chunked")
    assert int(django.environ["CONTENT_LENGTH"]) == settings.OCR_BODY_LIMIT + 1
    assert body.read() == b""


def test_a_body_with_a_length_is_left_alone(django: Django) -> None:
    body = io.BytesIO(b"abc")
    call(body, CONTENT_LENGTH="3")
    assert django.environ["wsgi.input"] is body


def test_a_body_that_nobody_reads_is_taken_in(django: Django) -> None:
    body = io.BytesIO(bytes(settings.OCR_BODY_LIMIT * 2))
    call(body, CONTENT_LENGTH=str(settings.OCR_BODY_LIMIT * 2))
    assert body.read() == b""


def test_patience_ends(django: Django) -> None:
    body = io.BytesIO(bytes(wsgi.PATIENCE + 1_000_000))
    call(body)
    assert body.tell() == wsgi.PATIENCE


def test_what_reads_no_document_waits_for_whoever_asks_for_it() -> None:
    code = (
        "import sys, apptenticate.wsgi; from django.urls import resolve; resolve('/api/ocr/'); "
        "print([name for name in sys.modules if name in "
        "('ocr.admin', 'drf_spectacular.openapi', 'whitenoise', 'urllib3', 'yaml', 'django.test', 'unittest')]); "
        "from django.test import RequestFactory; "
        "ask = lambda path: apptenticate.wsgi._django.get_response(RequestFactory().get(path, HTTP_HOST='localhost')); "
        "print([ask(path).status_code for path in ('/admin/login/', '/api/docs/', '/static/admin/css/base.css')])"
    )
    told = run_fresh(code)
    assert told.stdout == "[]\n[200, 200, 200]\n"


def test_what_libraries_load_merely_because_it_is_installed_waits_for_whoever_uses_it() -> None:
    code = (
        "import sys, apptenticate.wsgi; "
        "print([name for name in ('psycopg', 'requests', 'jinja2') if name in sys.modules]); "
        "import django.contrib.postgres, requests; print(requests.codes.ok)"
    )
    told = run_fresh(code)
    assert told.stdout == "[]\n200\n"
