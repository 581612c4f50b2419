"""What waits for a person and why, and what they made of it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from ocr import keeping, reviewing
from ocr.models import Review, ReviewState, Transaction
from ocr.pipeline.errors import MrzNotFound
from ocr.pipeline.types import Attack, Code, Reading, Suspicion
from ocr.reviewing import NothingSaid, Overtaken, Verdict, decide, next_waiting
from tests.conftest import URL, FakeReader
from tests.ocr.readings import BOX, reading

Parts = Callable[..., dict[str, Any]]


@pytest.fixture
def read(client: APIClient, parts: Parts, fake: FakeReader) -> Callable[..., Transaction]:
    def post(result: Reading | Exception, **asked: Any) -> Transaction:
        fake.reading = result
        client.post(URL, parts(**asked))
        row = Transaction.objects.first()
        assert row is not None
        return row

    return post


Read = Callable[..., Transaction]


def unsure(name: str) -> Reading:
    good = reading()
    fields = {**good.front.fields, name: replace(good.front.fields[name], confidence=0.5)}
    return replace(good, front=replace(good.front, fields=fields))


# --- the queue --------------------------------------------------------------------------------------------------------


def test_a_good_card_needs_nobody(read: Read) -> None:
    row = read(reading())
    assert (row.review, row.review_reasons) == ("", "")
    assert row.confidence == pytest.approx(0.988)


@pytest.mark.parametrize(
    ("result", "reasons"),
    [
        (reading(trusted=False), "invalid"),
        (reading(match=False), "mismatch"),
        (reading(trusted=False, match=False), "invalid,mismatch"),
        (unsure("address"), "unsure"),
        (reading(life=(Suspicion(Attack.SCREEN, 0.7, 0.6, "", ""),)), "life"),
        (reading(life=(Suspicion(Attack.SCREEN, 0.5, 0.6, "", ""),)), ""),
        (reading(codes=(Code("code_128", {"cic": "1"}, agrees=False, reason="cic", box=BOX),)), "code"),
        (reading(codes=(Code("code_128", {"cic": "1"}, agrees=None, reason="", box=BOX),)), ""),
    ],
)
def test_what_waits_and_why(read: Read, result: Reading, reasons: str) -> None:
    row = read(result)
    assert row.review_reasons == reasons
    assert (row.review == ReviewState.WAITING) == bool(reasons)


def test_a_card_seen_with_other_data_waits(read: Read) -> None:
    read(reading())
    assert read(reading(front={"curp": "AAAA800101HDFBBB09"})).review_reasons == "other_data"


def test_a_refused_document_does_not_wait(read: Read) -> None:
    assert read(MrzNotFound("none")).review == ""


def test_every_reason_has_its_words(read: Read) -> None:
    row = read(reading())
    assert list(reviewing._holding(row, row.reading)) == list(reviewing.REASONS)


def test_the_next_one_is_the_oldest_behind_and_then_the_oldest(read: Read) -> None:
    first, _, last = (read(reading(trusted=trusted)).pk for trusted in (False, True, False))

    def behind(pk: int) -> int | None:
        found = next_waiting(pk)
        return found.pk if found else None

    assert [behind(pk) for pk in (0, first, last)] == [first, last, first]


def test_nothing_waits(read: Read) -> None:
    read(reading())
    assert next_waiting() is None


def test_a_long_queue_is_not_counted_to_its_end(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [read(reading(trusted=False)) for _ in range(3)]
    assert (reviewing.how_many_wait(), reviewing.how_many_wait(besides=rows[0].pk)) == ("3", "2")
    monkeypatch.setattr(reviewing, "MOST_COUNTED", 2)
    assert reviewing.how_many_wait() == "2+"


# --- decisions --------------------------------------------------------------------------------------------------------


@pytest.fixture
def waiting(read: Read) -> Transaction:
    return read(reading(trusted=False))


@pytest.mark.parametrize(
    ("verdict", "decision", "state"),
    [
        (Verdict(approve=True), "approved", "approved"),
        (Verdict(approve=True, corrections={"frontside.name": "JUAN"}), "approved", "approved"),
        (Verdict(approve=False, reason="a copy"), "rejected", "rejected"),
        (Verdict(corrections={"frontside.name": "JUAN"}), "corrected", "waiting"),
        (Verdict(note="asked for another picture"), "noted", "waiting"),
    ],
)
def test_a_decision_is_kept(waiting: Transaction, user: User, verdict: Verdict, decision: str, state: str) -> None:
    decide(waiting, user, verdict, seen=0)
    waiting.refresh_from_db()
    review = Review.objects.get()
    assert (review.transaction, review.reviewer, review.decision) == (waiting, user, decision)
    assert review.words == {
        "reason": verdict.reason, "note": verdict.note, "corrections": dict(verdict.corrections),
    }  # fmt: skip
    assert waiting.review == state


def test_what_was_read_stays_and_the_last_correction_counts(waiting: Transaction, user: User) -> None:
    before = waiting.reading
    decide(waiting, user, Verdict(corrections={"frontside.name": "JAUN", "frontside.section": "1235"}), seen=0)
    decide(waiting, user, Verdict(corrections={"frontside.name": "JUAN"}), seen=1)
    waiting.refresh_from_db()
    assert waiting.reading == before
    assert reviewing.corrected(waiting) == {"frontside.name": "JUAN", "frontside.section": "1235"}


@pytest.mark.parametrize("verdict", [Verdict(), Verdict(approve=False), Verdict(approve=False, note="no reason")])
def test_nothing_said_is_nothing_kept(waiting: Transaction, user: User, verdict: Verdict) -> None:
    with pytest.raises(NothingSaid):
        decide(waiting, user, verdict, seen=0)
    assert not Review.objects.exists()


def test_two_at_one_transaction_do_not_overwrite_each_other(waiting: Transaction, user: User, other: User) -> None:
    decide(waiting, user, Verdict(approve=True), seen=0)
    with pytest.raises(Overtaken):
        decide(waiting, other, Verdict(approve=False, reason="a copy"), seen=0)
    waiting.refresh_from_db()
    assert (waiting.review, Review.objects.count()) == ("approved", 1)
    decide(waiting, other, Verdict(approve=False, reason="a copy"), seen=1)
    waiting.refresh_from_db()
    assert waiting.review == "rejected"


def test_of_an_erased_one_nothing_is_said_and_nothing_kept(waiting: Transaction, user: User) -> None:
    decide(waiting, user, Verdict(note="GARCIA lives elsewhere"), seen=0)
    keeping.erase(waiting)
    review = Review.objects.get()
    assert (review.decision, review.words) == ("noted", None)
    with pytest.raises(Overtaken):
        decide(waiting, user, Verdict(approve=True), seen=1)


def test_a_database_shows_nothing_of_what_was_said(waiting: Transaction, user: User) -> None:
    decide(waiting, user, Verdict(note="GARCIA lives elsewhere"), seen=0)
    sealed = Review.objects.get().sealed_words
    assert sealed is not None
    assert b"GARCIA" not in bytes(sealed)


def test_an_export_holds_what_was_said(waiting: Transaction, user: User) -> None:
    decide(waiting, user, Verdict(approve=False, reason="a copy"), seen=0)
    (said,) = keeping.held(waiting)["reviews"]
    assert (said["reviewer"], said["decision"], said["words"]["reason"]) == ("ana", "rejected", "a copy")
