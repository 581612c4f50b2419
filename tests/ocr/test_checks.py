"""The checks: what cannot work is said before the service starts, with what to do about it."""

import shutil
from typing import Any

import pytest
from django.core.checks import CheckMessage, run_checks
from pytest_django import Settings

from ocr import checks
from ocr.admin import TransactionAdmin


def ids(messages: list[CheckMessage]) -> set[str | None]:
    return {message.id for message in messages}


def test_nothing_is_wrong_by_default() -> None:
    assert run_checks() == []


def test_what_the_admin_shows_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TransactionAdmin, "list_display", ("id", "horoscope"))
    assert ids(checks.the_admin_makes_sense()) == {"admin.E108"}


@pytest.mark.parametrize(
    ("setting", "readers"),
    [("OCR_FRONT_READERS", ("ppocr", "oracle")), ("OCR_FRONT_READERS", ("passporteye",)), ("OCR_BACK_READERS", ())],
)
def test_readers_exist_for_their_side(settings: Settings, setting: str, readers: tuple[str, ...]) -> None:
    setattr(settings, setting, readers)
    [message] = checks.readers_exist()
    assert message.id == "ocr.E001"
    assert setting.replace("OCR_", "APPTENTICATE_") in str(message.hint)


@pytest.mark.parametrize(
    ("front", "back", "wrong"),
    [
        ("ppocr", "ppocr", False),
        ("tesseract", "ppocr", True),
        ("ppocr", "passporteye", True),
    ],
)
def test_tesseract_is_there_when_it_is_named(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, front: str, back: str, wrong: bool
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    settings.OCR_FRONT_READERS, settings.OCR_BACK_READERS = (front,), (back,)
    assert ids(checks.tesseract_is_installed()) == ({"ocr.E002"} if wrong else set())


@pytest.mark.parametrize(
    "table",
    [{805: {"status": 400}}, {806: {"status": 200}}, {806: {"status": "400"}}, {806: {"es": ""}}, {806: {"fr": "x"}}],
)
def test_overrides_make_sense(settings: Settings, table: dict[int, dict[str, Any]]) -> None:
    settings.OCR_ERRORS = table
    assert ids(checks.error_overrides_make_sense()) == {"ocr.E003"}


def test_overrides_that_make_sense_pass(settings: Settings) -> None:
    settings.OCR_ERRORS = {806: {"status": 422, "es": "Sin datos", "en": "No data"}, 852: {"status": 500}}
    assert checks.error_overrides_make_sense() == []


@pytest.mark.parametrize(
    ("hosts", "secure", "wrong"),
    [(["localhost"], False, False), (["ine.example"], False, True), (["ine.example"], True, False)],
)
def test_tokens_travel_encrypted(settings: Settings, hosts: list[str], secure: bool, wrong: bool) -> None:
    settings.ALLOWED_HOSTS, settings.SESSION_COOKIE_SECURE = hosts, secure
    assert ids(checks.tokens_travel_encrypted()) == ({"ocr.W001"} if wrong else set())
