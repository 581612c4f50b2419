"""A document that nobody waits for: promised at once, read when its turn comes, by one, however often it is begun."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import pictures, promises, services, workers
from ocr.background import do_next
from ocr.models import Account, Promise, Transaction
from ocr.pipeline.errors import MrzNotFound, ReaderDown
from ocr.pipeline.types import Side
from tests.conftest import URL, FakeReader, signed_in
from tests.ocr.readings import JPEG

Parts = Callable[..., dict[str, Any]]
ASYNC = {"Prefer": "respond-async"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.background.close_old_connections", lambda: None)  # the test's is one of them
    promises._looked_back.clear()
    monkeypatch.setattr(promises._claims, "_let_go", set())


def work_off() -> int:
    """Do all that is due; how much that was."""
    return sum(iter(lambda: int(do_next(promises.take)), 0))


def make_due() -> None:
    Promise.objects.update(due=timezone.now())


# --- promised ---------------------------------------------------------------------------------------------------------


def test_202_and_where_to_ask(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts(), headers=ASYNC)
    row = Transaction.objects.get()
    assert (response.status_code, response.json()) == (202, {"id": row.pk})
    assert response["Location"] == f"{URL}{row.pk}/"
    assert response["Preference-Applied"] == "respond-async"
    assert int(response["Retry-After"]) > 0
    assert fake.calls == []


@pytest.mark.parametrize("prefer", ["Respond-Async", "wait=10, respond-async", "respond-async;foo=bar, return=minimal"])
def test_however_it_is_preferred(client: APIClient, parts: Parts, fake: FakeReader, prefer: str) -> None:
    assert client.post(URL, parts(), HTTP_PREFER=prefer).status_code == 202


@pytest.mark.parametrize("prefer", ["", "return=minimal", "respond-asynchronously", "x=respond-async"])
def test_whoever_does_not_ask_for_it_waits(client: APIClient, parts: Parts, fake: FakeReader, prefer: str) -> None:
    assert client.post(URL, parts(), HTTP_PREFER=prefer).status_code == 200


def test_until_it_is_read_it_is_promised_again(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    first = client.post(URL, parts(), HTTP_IDEMPOTENCY_KEY="k", headers=ASYNC)
    asked = client.get(first["Location"])
    again = client.post(URL, parts(), HTTP_IDEMPOTENCY_KEY="k", headers=ASYNC)
    assert (asked.status_code, asked.json()) == (again.status_code, again.json()) == (202, first.json())
    assert Promise.objects.count() == 1


def test_the_answer_is_that_of_whoever_waits(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    asked = {"validate_sides": "1", "return_id": "1", "details": "1"}
    waited = client.post(URL, parts(**asked)).json()
    promised = client.post(URL, parts(**asked), headers=ASYNC)
    assert work_off() == 1
    answer = client.get(promised["Location"])
    assert answer.status_code == 200
    assert answer.json() | {"id": 0, "details": 0} == waited | {"id": 0, "details": 0}
    assert answer.json()["id"] == promised.json()["id"]
    assert answer.json()["details"]["frontside"] == waited["details"]["frontside"]
    assert fake.calls[0][:2] == fake.calls[1][:2] == (JPEG + b"front", JPEG + b"back")
    assert not Promise.objects.exists()


def test_what_is_wrong_with_the_request_is_said_at_once(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    response = client.post(URL, parts(backside=None), headers=ASYNC)
    assert (response.status_code, response.json()["error_code"]) == (400, 810)
    assert Transaction.objects.get().outcome == 810
    assert not Promise.objects.exists()


def test_what_is_wrong_with_the_pictures_is_said_later_in_the_language_of_the_request(
    client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    fake.reading = MrzNotFound("none")
    promised = client.post(URL, parts(), HTTP_ACCEPT_LANGUAGE="en", headers=ASYNC)
    work_off()
    row = Transaction.objects.get()
    assert (row.outcome, row.status) == (814, 400)
    assert client.get(promised["Location"]).json()["error"] == "Could not extract the MRZ from the document."


def test_more_than_can_be_promised_is_refused(
    client: APIClient, parts: Parts, fake: FakeReader, settings: Settings
) -> None:
    settings.OCR_PROMISES = 1
    assert client.post(URL, parts(), headers=ASYNC).status_code == 202
    refused = client.post(URL, parts(), headers=ASYNC)
    assert (refused.status_code, refused.json()["error_code"]) == (503, 852)
    assert refused["Retry-After"]
    assert sorted(str(row.outcome) for row in Transaction.objects.all()) == ["852", "None"]


def test_a_full_disk_promises_nothing(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(pictures, "keep", full)
    assert client.post(URL, parts(), headers=ASYNC).status_code == 503
    assert not Promise.objects.exists()
    assert Transaction.objects.get().outcome == 500


def test_who_keeps_no_pictures_keeps_them_until_they_are_read(
    client: APIClient, user: User, parts: Parts, fake: FakeReader
) -> None:
    Account.objects.create(owner=user, retention_days=0)
    client.post(URL, parts(), headers=ASYNC)
    row = Transaction.objects.get()
    assert set(pictures.kept(row)) == set(Side)
    work_off()
    assert set(pictures.kept(row)) == set()


def test_a_promised_document_is_not_erased_unread(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    promised = client.post(URL, parts(), headers=ASYNC)
    assert client.delete(promised["Location"]).status_code == 409
    work_off()
    assert client.delete(promised["Location"]).status_code == 204


def test_somebody_elses_does_not_exist(client: APIClient, other: User, parts: Parts, fake: FakeReader) -> None:
    promised = client.post(URL, parts(), headers=ASYNC)
    assert signed_in(other).get(promised["Location"]).status_code == 404


# --- whose turn it is -------------------------------------------------------------------------------------------------


def test_the_oldest_first_and_batches_last(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    for _ in range(4):
        client.post(URL, parts(), headers=ASYNC)
    first, second, third, fourth = Promise.objects.order_by("pk")
    Promise.objects.filter(pk=first.pk).update(behind=True)
    Promise.objects.filter(pk=fourth.pk).update(due=second.due - timedelta(seconds=1))
    work_off()
    finished = Transaction.objects.order_by("finished").values_list("pk", flat=True)
    assert list(finished) == [fourth.pk, second.pk, third.pk, first.pk]


def test_what_is_claimed_is_nobody_elses(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(), headers=ASYNC)
    work = promises.take()
    assert promises.take() is None
    assert work is not None
    work()
    assert Transaction.objects.get().outcome == 200


def test_what_a_killed_process_had_begun_is_due_again(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(), headers=ASYNC)
    assert promises.take() is not None  # and is killed
    machine, number, _ = workers.me().rsplit(":", 2)
    Promise.objects.update(worker=f"{machine}:{number}:1")
    services.close_abandoned()
    assert Transaction.objects.get().outcome is None
    promises._looked_back.clear()  # another process
    assert work_off() == 1
    assert Transaction.objects.get().outcome == 200


def test_what_a_process_of_another_machine_had_begun_is_due_after_a_while(
    client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    client.post(URL, parts(), headers=ASYNC)
    assert promises.take() is not None
    promise = Promise.objects.get()
    assert promise.due > timezone.now() + timedelta(seconds=90)
    make_due()
    assert work_off() == 1


def test_killed_between_answer_and_end_it_is_not_read_again(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(), headers=ASYNC)
    row = Transaction.objects.get()
    kept = Promise.objects.get()
    work_off()
    kept.save(force_insert=True)
    make_due()
    assert work_off() == 1
    assert len(fake.calls) == 1
    assert Transaction.objects.get().finished == Transaction.objects.get(pk=row.pk).finished
    assert not Promise.objects.exists()


# --- what fails -------------------------------------------------------------------------------------------------------


def test_what_the_service_is_at_fault_for_is_tried_again(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    good, fake.reading = fake.reading, ReaderDown("too many wait")
    promised = client.post(URL, parts(), headers=ASYNC)
    assert work_off() == 1
    assert client.get(promised["Location"]).status_code == 202
    assert Promise.objects.get().due > timezone.now()
    fake.reading = good
    make_due()
    work_off()
    assert client.get(promised["Location"]).json()["valid"] is True


def test_but_not_for_ever(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = ReaderDown("it dies of this picture")
    promised = client.post(URL, parts(), headers=ASYNC)
    pauses = []
    while Promise.objects.exists():
        make_due()
        work_off()
        pauses += [promise.due - timezone.now() for promise in Promise.objects.all()]
    assert len(fake.calls) == len(pauses) + 1 == 7
    assert pauses == sorted(pauses)
    assert client.get(promised["Location"]).json()["error_code"] == 852


def test_what_nobody_foresaw_is_a_500(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = RuntimeError("a bug")
    promised = client.post(URL, parts(), headers=ASYNC)
    work_off()
    row = Transaction.objects.get()
    assert (row.outcome, row.status) == (500, 500)
    assert client.get(promised["Location"]).json() == {"detail": "Internal server error."}


def test_a_database_that_is_away_loses_nothing(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post(URL, parts(), headers=ASYNC)
    with monkeypatch.context() as away:
        away.setattr(Transaction, "save", lambda *_, **__: (_ for _ in ()).throw(OperationalError("gone")))
        assert not do_next(promises.take)
    services.close_what_was_left_open()
    assert Transaction.objects.get().outcome is None
    assert work_off() == 1  # at once, not when the claim would end
    assert Transaction.objects.get().outcome == 200


def test_one_that_was_interrupted_before_it_was_promised_is_promised_when_it_is_asked_again(
    client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    """Whoever prefers not to wait is told by a webhook; read at once, it was told to nobody but who asked."""
    client.post(URL, parts(), HTTP_IDEMPOTENCY_KEY="k", headers=ASYNC)
    Promise.objects.all().delete()
    Transaction.objects.update(outcome=504, status=None, sealed_answer=None)
    again = client.post(URL, parts(), HTTP_IDEMPOTENCY_KEY="k", headers=ASYNC)
    assert (again.status_code, Promise.objects.count(), fake.calls) == (202, 1, [])
    assert work_off() == 1
    assert client.get(again["Location"]).status_code == 200
    assert Transaction.objects.get().outcome == 200


def test_a_claim_that_the_database_kept_and_nobody_heard_of_is_taken_back(
    client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert promises.take() is None
    client.post(URL, parts(), headers=ASYNC)

    def committed_unheard(rows: QuerySet[Promise], **values: Any) -> int:
        update(rows, **values)
        raise OperationalError("server closed the connection unexpectedly")

    update = QuerySet.update
    with monkeypatch.context() as away:
        away.setattr(QuerySet, "update", committed_unheard)
        with pytest.raises(OperationalError):
            promises.take()
    assert Promise.objects.get().due > timezone.now()
    assert work_off() == 1
    assert Transaction.objects.get().outcome == 200


def test_its_milliseconds_are_those_of_reading(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts(), headers=ASYNC)
    Transaction.objects.update(created=timezone.now() - timedelta(hours=1))
    work_off()
    assert 0 <= (Transaction.objects.get().milliseconds or 0) < 60_000
