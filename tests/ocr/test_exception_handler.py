"""Status and text of every failure, in both languages, and as the settings have it."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr.exception_handler import WORDINGS, failure_body, worded
from ocr.pipeline import errors
from ocr.pipeline.errors import ErrorCode
from tests.conftest import URL, FakeReader

Parts = Callable[..., dict[str, Any]]

PUBLISHED = {
    800: "Sent file could not be processed correctly.",
    802: "Could not process the date of birth.",
    803: "Could not process the gender.",
    804: "Could not process the expiration date.",
    806: "Could not extract document metadata.",
    807: "Could not extract names from the document.",
    808: "Could not extract the identification number from the document.",
    809: 'The "frontside" was not sent in the request.',
    810: 'The "backside" was not sent in the request.',
    814: "Could not extract the MRZ from the document.",
    816: "The document does not match the one specified in the parameters.",
    819: "Could not extract the CURP from the document.",
}


def test_every_code_has_its_wording() -> None:
    assert set(WORDINGS) == set(ErrorCode)


def test_the_published_texts_are_said() -> None:
    assert {code.value: WORDINGS[code].en for code in ErrorCode if code < ErrorCode.BAD_FLAG} == PUBLISHED
    assert WORDINGS[ErrorCode.NO_FRONT].es == "No se pudo extraer la metadata del documento"


@pytest.mark.parametrize(
    ("accepted", "text"),
    [
        (None, WORDINGS[ErrorCode.NO_CURP].es),
        ("es-MX,es;q=0.9,en;q=0.8", WORDINGS[ErrorCode.NO_CURP].es),
        ("fr", WORDINGS[ErrorCode.NO_CURP].es),
        ("en", WORDINGS[ErrorCode.NO_CURP].en),
        ("en-US,en;q=0.9,es;q=0.8", WORDINGS[ErrorCode.NO_CURP].en),
    ],
)
def test_speaks_spanish_or_english(
    client: APIClient, parts: Parts, fake: FakeReader, accepted: str | None, text: str
) -> None:
    fake.reading = errors.CurpNotFound()
    response = client.post(URL, parts(), headers={"accept-language": accepted} if accepted else None)
    assert (response.status_code, response.json()) == (400, {"error_code": 819, "error": text, "valid": False})


def test_a_reader_that_is_down_is_503(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.ReaderDown("out of time")
    response = client.post(URL, parts())
    assert (response.status_code, response.json()["error_code"]) == (503, 852)
    assert int(response["Retry-After"]) > 0


def test_settings_change_status_and_text(client: APIClient, parts: Parts, fake: FakeReader, settings: Settings) -> None:
    settings.OCR_ERRORS = {806: {"status": 422, "es": "Sin datos"}}
    fake.reading = errors.FrontNotFound()
    response = client.post(URL, parts())
    assert (response.status_code, response.json()["error"]) == (422, "Sin datos")
    assert worded(ErrorCode.NO_FRONT).en == PUBLISHED[806]
    assert worded(ErrorCode.NO_MRZ) == WORDINGS[ErrorCode.NO_MRZ]


def test_the_keys_of_a_failure_are_in_order() -> None:
    assert list(failure_body(ErrorCode.NO_MRZ)) == ["error_code", "error", "valid"]


@pytest.mark.parametrize("path", ["/nothing", "/api/nothing/", "/api/v3.2/ocr/x/"])
def test_an_unknown_path_is_json(path: str) -> None:
    response = APIClient().get(path)
    assert (response.status_code, response.json()) == (404, {"detail": "Not found."})


def test_an_unknown_host_is_json() -> None:
    response = APIClient().get("/health/live", HTTP_HOST="elsewhere.example")
    assert (response.status_code, response.json()) == (400, {"detail": "Bad request."})
