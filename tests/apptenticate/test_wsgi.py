"""The WSGI door: a body without a length arrives all the same, and one that is too large is not read to its end."""

import io
from typing import Any

import pytest
from django.conf import settings

from apptenticate import wsgi


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What Django is given."""
    seen: dict[str, Any] = {}

    def django(environ: dict[str, Any], _: object) -> list[bytes]:
        seen.update(environ)
        return []

    monkeypatch.setattr(wsgi, "_django", django)
    return seen


def test_a_chunked_body_is_measured(seen: dict[str, Any]) -> None:
    wsgi.application({"HTTP_TRANSFER_ENCODING": "Chunked", "wsgi.input": io.BytesIO(b"abc")}, lambda *_: print)
    assert (seen["CONTENT_LENGTH"], seen["wsgi.input"].read()) == ("3", b"abc")


def test_a_chunked_body_that_is_too_large_is_cut_above_the_limit(seen: dict[str, Any]) -> None:
    endless = io.BytesIO(bytes(settings.OCR_BODY_LIMIT + 1000))
    wsgi.application({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": endless}, lambda *_: print)
    assert int(seen["CONTENT_LENGTH"]) == settings.OCR_BODY_LIMIT + 1


def test_a_body_with_a_length_is_left_alone(seen: dict[str, Any]) -> None:
    body = io.BytesIO(b"abc")
    wsgi.application({"CONTENT_LENGTH": "3", "wsgi.input": body}, lambda *_: print)
    assert seen["wsgi.input"] is body
