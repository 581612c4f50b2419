"""The record: one row for every request, closed whatever happens, holding what was asked, read and answered."""

import datetime
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.transaction import atomic
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import keeping, pictures, services, workers
from ocr.background import do_next
from ocr.exception_handler import AWAY
from ocr.models import Account, Transaction
from ocr.pipeline import errors
from ocr.pipeline.engines import BACK, FRONT
from ocr.pipeline.errors import OcrError, ReaderDown
from ocr.pipeline.types import Device, LifeTest, SecondLook, Side, Strictness
from ocr.serializers import Asked
from tests.conftest import URL, FakeReader, signed_in
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
    for number in ("GALJ900315HDFRPN01", "GLRJNC90031512H400", "345636022", "1234567890123", " galj900315hdfrpn01"):
        assert Transaction.objects.filter(keeping.marked(number)).get() == row
    assert not Transaction.objects.filter(keeping.marked("GALJ900315HDFRPN0")).exists()
    assert row.readers == "ppocr, tesseract"
    assert row.reading is not None
    assert row.reading["validations"]["curp.check_digit"]["passed"] is True
    assert row.finished is not None
    assert row.created <= row.finished
    assert row.milliseconds is not None


@pytest.mark.parametrize("headers", [{}, {"Prefer": "respond-async"}, {"Idempotency-Key": "one"}])
@pytest.mark.parametrize("asked", [{"document_type": "id_mexico"}, {"document_type": "passport"}])
def test_which_pictures_were_sent_is_kept_whatever_comes_of_them(
    client: APIClient, parts: Parts, fake: FakeReader, asked: dict[str, str], headers: dict[str, str]
) -> None:
    client.post(URL, parts(**asked), headers=headers)
    row = Transaction.objects.get()
    assert row.front_sha256 == sha256(JPEG + b"front").hexdigest()
    assert row.back_sha256 == sha256(JPEG + b"back").hexdigest()


def test_pictures_are_digested_once(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    with patch.object(services, "_digest", wraps=services._digest) as digested:
        client.post(URL, parts(), headers={"Idempotency-Key": "one"})
    assert [call.args for call in digested.call_args_list] == [(JPEG + b"front",), (JPEG + b"back",)]


@pytest.mark.parametrize(
    ("policy", "device", "expected"),
    [
        ("off", "ios", None),
        ("report", "ios", LifeTest(Device.IOS, Strictness.STRICT)),
        ("enforce", "", LifeTest(Device.UNKNOWN, Strictness.STRICT, enforced=True)),
        ("enforce", "Nokia", LifeTest(Device.UNKNOWN, Strictness.STRICT, enforced=True)),
    ],
)
def test_the_life_test_is_taken_as_the_settings_say(
    client: APIClient,
    parts: Parts,
    fake: FakeReader,
    settings: Settings,
    policy: str,
    device: str,
    expected: LifeTest | None,
) -> None:
    settings.OCR_LIFE_TEST, settings.OCR_LIFE_STRICTNESS = policy, "strict"
    client.post(URL, parts(device=device))
    assert fake.calls[0][2]["life_test"] == expected


def test_each_reader_is_named_once_and_all_of_them_fit(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    """PostgreSQL, unlike SQLite, refuses what is longer than its column."""
    names = ("glance", "ppocr-tiny", "ppocr-small", "ppocr", "ppocr-closer", "tesseract", "passporteye")
    looks = tuple(SecondLook(Side.FRONT, "+".join(names[:count]), "curp", won=False) for count in range(1, len(names)))
    fake.reading = reading(second_looks=looks)
    client.post(URL, parts())
    readers = Transaction.objects.get().readers
    assert readers.split(", ") == sorted(names[:-1])
    longest = Transaction._meta.get_field("readers").max_length
    assert longest is not None
    assert len(", ".join(name for names in (BACK, FRONT, names) for name in names)) < longest


def test_what_was_not_read_is_empty(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(front={"elector_key": None}, model=None)
    client.post(URL, parts())
    row = Transaction.objects.get()
    assert (row.elector_key_mark, row.model) == ("", "")


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
    row, _ = services.open_transaction(user, asked)
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
    row, _ = services.open_transaction(user, Asked(document_type=text))
    assert len(row.document_type) <= 40
    row.refresh_from_db()


def opened_by(worker: str, user: User, **since: float) -> Transaction:
    row = Transaction.objects.create(owner=user, worker=worker)
    Transaction.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(**since))
    return row


def outcome(row: Transaction) -> int | None:
    row.refresh_from_db()
    return row.outcome


def test_what_a_killed_worker_left_open_is_closed_at_the_next_start(user: User) -> None:
    mine = opened_by(workers.me(), user)
    machine, pid, _ = workers.me().split(":")
    dead = opened_by(f"{machine}:{pid}:1", user)  # an earlier process had this one's number
    elsewhere = opened_by("another-machine:1:1", user)
    long_ago = opened_by("another-machine:1:1", user, hours=1)
    assert services.close_abandoned() == 2
    assert [outcome(row) for row in (mine, dead, elsewhere, long_ago)] == [None, 504, None, 504]


def test_what_could_not_be_closed_is_closed_with_the_next_request(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    save = Transaction.save

    def away(row: Transaction, *told: Any, **more: Any) -> None:
        if row.pk:
            raise OperationalError("database or disk is full")
        save(row, *told, **more)

    monkeypatch.setattr(Transaction, "save", away)
    response = client.post(URL, parts())
    assert (response.status_code, response.json()) == (503, AWAY)
    assert int(response["Retry-After"]) > 0
    row = Transaction.objects.get()
    assert row.outcome is None
    monkeypatch.undo()
    monkeypatch.setattr(services, "desk", lambda: fake)
    assert client.post(URL, parts()).status_code == 200
    assert outcome(row) == 504


def test_a_row_that_the_database_kept_and_nobody_heard_of_is_closed(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def committed_unheard() -> Iterator[None]:
        with atomic():
            yield
        raise OperationalError("server closed the connection unexpectedly")

    with monkeypatch.context() as away:
        away.setattr(services, "atomic", committed_unheard)
        assert post(client, parts()).status_code == 503
    assert Transaction.objects.get().outcome is None
    assert not do_next(services.chore().take)
    assert Transaction.objects.get().outcome == 504
    assert post(client, parts()).status_code == 200
    assert Transaction.objects.get().outcome == 200


def test_a_row_that_was_taken_up_again_when_the_database_went_away_is_closed(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.reading = RuntimeError("a bug")
    assert post(client, parts()).status_code == 500
    fake.reading = reading()
    with monkeypatch.context() as away:
        away.setattr(Transaction, "refresh_from_db", lambda *_, **__: (_ for _ in ()).throw(OperationalError("gone")))
        assert post(client, parts()).status_code == 503
    assert Transaction.objects.get().outcome is None
    assert post(client, parts()).status_code == 200
    assert Transaction.objects.get().outcome == 200


def test_where_no_row_can_be_written_nothing_is_promised(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("database is locked")

    monkeypatch.setattr(Transaction, "save", away)
    assert client.post(URL, parts()).status_code == 503
    assert not fake.calls


def test_a_full_disk_is_503_and_a_closed_row(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pictures, "keep", full)
    assert client.post(URL, parts()).status_code == 503
    row = Transaction.objects.get()
    assert (row.outcome, row.status) == (500, 503)


# --- pictures ---------------------------------------------------------------------------------------------------------


def test_pictures_are_kept_until_the_row_is_erased(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts())
    row = Transaction.objects.get()
    assert pictures.show(row, Side.FRONT) == JPEG + b"front"
    assert pictures.show(row, Side.BACK) == JPEG + b"back"
    keeping.erase(row)
    with pytest.raises(pictures.NoPicture):
        pictures.show(row, Side.FRONT)


def test_of_a_document_that_was_refused_too(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.MrzNotFound()
    client.post(URL, parts())
    assert list(pictures.kept(Transaction.objects.get())) == list(Side)


def test_without_retention_no_picture_is_kept(client: APIClient, parts: Parts, fake: FakeReader, user: User) -> None:
    Account.objects.create(owner=user, retention_days=0)
    client.post(URL, parts())
    assert not list(pictures.kept(Transaction.objects.get()))


# --- the same request again -------------------------------------------------------------------------------------------


def post(client: APIClient, parts: dict[str, Any], key: str = "a") -> Any:
    return client.post(URL, parts, headers={"Idempotency-Key": key})


def test_the_same_key_gets_the_first_answer_and_one_row(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    first = post(client, parts(return_id="True"))
    fake.reading = errors.MrzNotFound()
    again = post(client, parts(return_id="True"))
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert Transaction.objects.count() == len(fake.calls) == 1


def test_a_failure_too(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = errors.MrzNotFound()
    first = post(client, parts())
    fake.reading = reading()
    assert post(client, parts()).content == first.content
    assert post(client, parts()).status_code == 400


@pytest.mark.parametrize("other", [{"details": "1"}, {"frontside": None}, {"device": "ios"}])
def test_another_request_with_the_same_key_is_422(
    client: APIClient, parts: Parts, fake: FakeReader, other: dict[str, Any]
) -> None:
    post(client, parts())
    assert post(client, parts(**other)).status_code == 422
    assert Transaction.objects.count() == 1


def test_one_that_is_being_read_is_409(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    post(client, parts())
    Transaction.objects.update(outcome=None, status=None, sealed_answer=None)
    response = post(client, parts())
    assert response.status_code == 409
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("failure", [errors.ReaderDown("busy"), ZeroDivisionError()])
def test_one_that_was_to_be_asked_again_is_read_again_in_its_row(
    client: APIClient, parts: Parts, fake: FakeReader, failure: Exception
) -> None:
    fake.reading = failure
    assert post(client, parts()).status_code >= 500
    fake.reading = reading()
    assert post(client, parts()).status_code == 200
    assert (Transaction.objects.get().outcome, len(fake.calls)) == (200, 2)


def test_one_that_was_interrupted_is_read_again(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    post(client, parts())
    Transaction.objects.update(outcome=504, status=None, sealed_answer=None)
    assert post(client, parts()).status_code == 200
    assert Transaction.objects.get().outcome == 200


def test_other_keys_and_other_accounts_have_rows_of_their_own(
    client: APIClient, parts: Parts, fake: FakeReader, other: User
) -> None:
    post(client, parts(), "a")
    post(client, parts(), "A")
    post(signed_in(other), parts(), "a")
    client.post(URL, parts())
    client.post(URL, parts())
    assert Transaction.objects.count() == 5


def test_after_a_day_a_key_is_free(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    post(client, parts())
    Transaction.objects.update(created=timezone.now() - timedelta(days=1, minutes=1))
    assert post(client, parts(details="1")).status_code == 200
    assert Transaction.objects.count() == 2


def test_a_key_is_not_kept_readable(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    post(client, parts(), "GALJ900315HDFRPN01")
    assert "GALJ" not in str(Transaction.objects.values().get())


def test_an_erased_row_holds_nothing_personal(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(details="1"))
    row = Transaction.objects.get()
    keeping.erase(row)
    stored = str(Transaction.objects.filter(pk=row.pk).values().get())
    assert "GARCIA" not in stored
    assert "GALJ" not in stored
    assert row.erased is not None
    assert row.erased.tzinfo is datetime.UTC


# --- getting ready ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wrong", "told"), [(ReaderDown("no model"), ReaderDown), (None, OSError)])
def test_what_is_wrong_with_readers_goes_before_all_else(
    db: None, fake: FakeReader, monkeypatch: pytest.MonkeyPatch, wrong: Exception | None, told: type[Exception]
) -> None:
    def away() -> None:
        raise OSError

    def prepare() -> None:
        if wrong is not None:
            raise wrong

    monkeypatch.setattr("ocr.pictures.reach", away)
    monkeypatch.setattr(fake, "prepare", prepare)
    with pytest.raises(told):
        services.prepare()
