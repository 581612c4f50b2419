"""The record: one row for every request, closed whatever happens, holding what was asked, read and answered."""

import datetime
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import services
from ocr.models import Transaction
from ocr.pipeline import errors
from ocr.pipeline.errors import OcrError
from ocr.processes import Wanted
from ocr.serializers import Asked
from tests.conftest import URL, FakeReader
from tests.ocr.readings import JPEG, reading

Parts = Callable[..., dict[str, Any]]

LEAVES = [leaf for branch in OcrError.__subclasses__() for leaf in branch.__subclasses__()]


def test_a_reading_is_kept(client: APIClient, parts: Parts, fake: FakeReader, user: User) -> None:
    response = client.post(URL, parts(return_id="si", device="ios", document_type="mexican_id"))
    row = Transaction.objects.get()
    assert (row.owner, row.outcome, row.status, row.answer) == (user, 200, 200, response.json())
    assert (row.document_type, row.device) == ("mexican_id", "IOS")
    assert (row.return_id, row.validate_sides, row.details) == (True, False, False)
    assert row.front_sha256 == sha256(JPEG + b"front").hexdigest()
    assert row.back_sha256 == sha256(JPEG + b"back").hexdigest()
    assert (row.issuer, row.model, row.valid, row.match) == ("INE", "G", True, True)
    assert (row.curp, row.elector_key) == ("GALJ900315HDFRPN01", "GLRJNC90031512H400")
    assert (row.cic, row.document_number) == ("345636022", "1234567890123")
    assert row.readers == "ppocr, tesseract"
    assert row.reading is not None
    assert row.reading["validations"]["curp.check_digit"]["passed"] is True
    assert row.finished is not None
    assert row.created <= row.finished
    assert row.milliseconds is not None


def test_what_was_not_read_is_empty(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(front={"elector_key": None}, model=None)
    client.post(URL, parts())
    row = Transaction.objects.get()
    assert (row.elector_key, row.model) == ("", "")


@pytest.mark.parametrize("leaf", LEAVES, ids=lambda leaf: leaf.__name__)
def test_every_failure_is_kept(client: APIClient, parts: Parts, fake: FakeReader, leaf: type[OcrError]) -> None:
    fake.reading = leaf("for the log")
    response = client.post(URL, parts())
    row = Transaction.objects.get()
    assert row.outcome == response.json()["error_code"] == leaf.code
    assert (row.status, row.answer) == (response.status_code, response.json())
    assert (row.valid, row.match) == (False, None)
    assert row.finished is not None


def test_what_nobody_foresaw_is_a_generic_500_and_a_closed_row(
    client: APIClient, parts: Parts, fake: FakeReader, caplog: pytest.LogCaptureFixture
) -> None:
    fake.reading = ZeroDivisionError("secret")
    response = client.post(URL, parts())
    assert (response.status_code, response.json()) == (500, {"detail": "Internal server error."})
    row = Transaction.objects.get()
    assert (row.outcome, row.status, row.answer) == (500, 500, response.json())
    assert row.finished is not None
    assert "ZeroDivisionError" in caplog.text
    assert client.get(f"{URL}{row.pk}/").json() == response.json()


def test_a_reading_that_cannot_be_phrased_is_no_success(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(back={"gender": "?"})
    assert client.post(URL, parts()).status_code == 500
    assert Transaction.objects.get().outcome == 500


def test_a_worker_that_is_stopped_closes_its_row(user: User, fake: FakeReader) -> None:
    fake.reading = SystemExit(1)
    asked = Asked(JPEG, JPEG, "id_mexico")
    row = services.open_transaction(user, asked)
    with pytest.raises(SystemExit):
        services.answer(row, asked)
    row.refresh_from_db()
    assert row.outcome == 500
    assert row.finished is not None


def test_the_row_is_there_before_reading_starts(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int | None] = []

    def look(*_: object, **__: object) -> None:
        seen.append(Transaction.objects.get().outcome)
        raise errors.MrzNotFound

    monkeypatch.setattr(fake, "read", look)
    client.post(URL, parts())
    assert seen == [None]


def test_nothing_is_recorded_of_a_stranger(db: None, parts: Parts) -> None:
    assert APIClient().post(URL, parts()).status_code == 401
    assert not Transaction.objects.exists()


@pytest.mark.parametrize("text", ["passport", "pasaporte ñ", "\ud800", "\x00", "x" * 1000])
def test_whatever_document_type_was_asked_can_be_kept(user: User, text: str) -> None:
    row = services.open_transaction(user, Asked(document_type=text))
    assert len(row.document_type) <= 40
    row.refresh_from_db()


def test_what_a_killed_process_left_open_is_closed(user: User) -> None:
    old, new = (Transaction.objects.create(owner=user) for _ in range(2))
    Transaction.objects.filter(pk=old.pk).update(created=timezone.now() - timedelta(hours=1))
    services.close_abandoned()
    old.refresh_from_db()
    new.refresh_from_db()
    assert (old.outcome, new.outcome) == (500, None)


def test_one_desk_is_opened_and_closed(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[Any, ...]] = []
    closed: list[Any] = []

    class Fake:
        def __init__(self, *told: Any) -> None:
            opened.append(told)

        def close(self) -> None:
            closed.append(self)

    monkeypatch.setattr(services, "_desks", [])
    monkeypatch.setattr(services, "Processes", Fake)
    settings.OCR_PROCESSES = 3
    desk = services.desk()
    assert services.desk() is desk
    wanted = Wanted(("glance", "ppocr", "tesseract"), ("glance", "ppocr", "passporteye"), settings.OCR_MODELS)
    assert opened == [(3, wanted, 30)]
    services.close()
    assert closed == [desk]


def test_an_erased_row_holds_nothing_personal(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(details="1"))
    row = Transaction.objects.get()
    services.erase(row)
    stored = str(Transaction.objects.filter(pk=row.pk).values().get())
    assert "GARCIA" not in stored
    assert "GALJ" not in stored
    assert row.erased is not None
    assert row.erased.tzinfo is datetime.UTC
