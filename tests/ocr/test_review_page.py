"""The page of one transaction: what it shows, what is decided on it, and what becomes of two who decide at once."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from ocr import keeping, pages, review_page
from ocr.models import Account, Review, Transaction
from ocr.pipeline.errors import MrzNotFound, ReaderDown
from ocr.pipeline.types import Attack, Code, Comparison, Reading, Suspicion
from tests.conftest import URL, FakeReader
from tests.ocr.readings import BACK, BOX, FRONT, reading

Parts = Callable[..., dict[str, Any]]
LIST = "/admin/ocr/transaction/"


@pytest.fixture
def read(client: APIClient, parts: Parts, fake: FakeReader) -> Callable[..., Transaction]:
    def post(result: Reading | Exception | None = None) -> Transaction:
        fake.reading = result or reading(trusted=False)
        client.post(URL, parts())
        row = Transaction.objects.first()
        assert row is not None
        return row

    return post


Read = Callable[..., Transaction]


@pytest.fixture
def admin(db: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("root"))
    return client


def page(client: Client, row: Transaction) -> str:
    response = client.get(f"{LIST}{row.pk}/change/")
    assert response.status_code == 200
    return response.content.decode()


def decide(client: Client, row: Transaction, **said: Any) -> Any:
    return client.post(f"{LIST}{row.pk}/change/", {"decision": "approve", "seen": 0, **said})


# --- what it shows ----------------------------------------------------------------------------------------------------


def test_every_field_of_both_sides_and_its_place(admin: Client, read: Read) -> None:
    html = page(admin, read())
    rows = re.findall(r'<tr class="(\w+)" data-field="([\w.]+)"', html)
    assert len(rows) == len(FRONT) + len(BACK)
    assert {level for level, _ in rows} == {"sure"}
    areas = re.findall(r'<polygon class="area sure" data-field="([\w.]+)" points="([^"]+)"', html)
    assert [path for path, _ in areas] == [path for _, path in rows]
    assert areas[0][1] == "5.0,10.0 55.0,10.0 55.0,20.0 5.0,20.0"


def test_pictures_come_with_it_and_from_nowhere_else(admin: Client, read: Read) -> None:
    html = page(admin, read())
    assert html.count("data:image/jpeg;base64,") == 4  # both sides, and a portrait of each: the fake's
    assert not re.findall(r'(?:src|href)="https?://', html)


def test_what_the_life_test_suspects_and_why(admin: Client, read: Read) -> None:
    signs = (Suspicion(Attack.SCREEN, 0.71, 0.6, "sus tonos", "its tones"), Suspicion(Attack.PRINT, 0.2, 0.6, "", ""))
    html = page(admin, read(reading(life=signs)))
    row = re.search(r'<tr class="bad"><th scope="row">shown on a screen</th>(.*?)</tr>', html)
    assert row is not None
    assert "71 %" in row[1]
    assert "its tones" in row[1]
    assert '<tr class=""><th scope="row">colour print</th>' in html
    assert "the life test suspects" in html


def test_every_attack_has_its_words() -> None:
    assert list(pages.ATTACKS) == list(Attack)


def test_without_a_life_test_nothing_is_said_of_one(admin: Client, read: Read) -> None:
    assert "Life test" not in page(admin, read())


def test_a_field_that_is_unsure_or_missing_is_told_by_more_than_colour(admin: Client, read: Read) -> None:
    good = reading(front={"section": None}, trusted=False)
    fields = {**good.front.fields, "name": replace(good.front.fields["name"], confidence=0.5)}
    html = page(admin, read(replace(good, front=replace(good.front, fields=fields))))
    assert '<tr class="unsure" data-field="frontside.name"' in html
    assert "not confirmed" in html
    assert '<tr class="missing" data-field="frontside.section"' in html
    assert "hidden" in html


def test_validations_comparisons_codes_and_the_rest(admin: Client, read: Read) -> None:
    differs = Comparison("date_of_birth", "15-03-1990", "16-03-1990", 0.0, 2.0, contradicts=True)
    code = Code("code_128", {"cic": "345636023"}, agrees=False, reason="cic unlike the MRZ's", box=BOX)
    html = page(
        admin, read(reading(comparisons=(differs,), codes=(code,), doubts=("birth date, print and MRZ",), match=False))
    )
    for shown in (
        "16-03-1990", "✗", "curp.check_digit", "cic unlike the MRZ&#x27;s", "birth date, print and MRZ",
        "Hold the phone still.",
        "a code of the back says another number", "the sides do not match", "ppocr, tesseract",
    ):  # fmt: skip
        assert shown in html, shown


def test_every_field_has_a_name_for_persons() -> None:
    from ocr.serializers import BacksideSerializer, FrontsideSerializer  # noqa: PLC0415

    named = {*FrontsideSerializer().fields, *BacksideSerializer().fields} - {"document_type"}
    assert named == set(review_page.LABELS)


def test_a_refused_document_shows_its_pictures_and_offers_no_decision(admin: Client, read: Read) -> None:
    html = page(admin, read(MrzNotFound("none")))
    assert html.count("data:image/jpeg;base64,") == 2
    assert "814" in html
    assert 'value="approve"' not in html


def test_a_picture_that_is_not_kept_is_said_to_be_missing(admin: Client, read: Read, user: User) -> None:
    Account.objects.create(owner=user, retention_days=0)
    html = page(admin, read())
    assert "No picture is kept" in html
    assert "GALJ900315HDFRPN01" in html


def test_a_picture_that_cannot_be_drawn_now(
    admin: Client, read: Read, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ReaderDown("busy")

    row = read()
    monkeypatch.setattr(fake, "show", fail)
    assert "cannot be shown just now" in page(admin, row)


def test_an_erased_one_says_so(admin: Client, read: Read) -> None:
    row = read()
    keeping.erase(row)
    html = page(admin, row)
    assert "erased" in html
    assert "GARCIA" not in html
    assert decide(admin, row).status_code == 409


def test_markup_in_a_reading_is_shown_not_run(admin: Client, read: Read) -> None:
    assert "<script>alert" not in page(admin, read(reading(front={"name": "<script>alert(1)</script>"})))


def test_it_is_a_look_that_is_recorded(admin: Client, read: Read) -> None:
    row = read()
    page(admin, row)
    assert LogEntry.objects.get(object_pk=str(row.pk)).additional_data == {"how": "admin"}


# --- what is decided --------------------------------------------------------------------------------------------------


def test_approved_and_the_next_one_opens(admin: Client, read: Read) -> None:
    first, second = read(), read()
    response = decide(admin, first, note="looks fine")
    assert response.headers["Location"] == f"{LIST}{second.pk}/change/"
    first.refresh_from_db()
    assert first.review == "approved"
    assert "Transaction 1: approved" in page(admin, second)


def test_the_last_one_leads_to_the_list(admin: Client, read: Read) -> None:
    assert decide(admin, read()).headers["Location"] == LIST


def test_rejected_with_a_reason(admin: Client, read: Read) -> None:
    row = read()
    assert decide(admin, row, decision="reject").status_code == 400
    assert decide(admin, row, decision="reject", reason="a copy").status_code == 302
    assert "reason: a copy" in page(admin, row)


def test_a_value_is_corrected_and_the_one_read_stays(admin: Client, read: Read) -> None:
    row = read()
    same = {"correct:frontside.CURP": "GALJ900315HDFRPN01", "correct:frontside.nothing": "x"}
    decide(admin, row, decision="save", **{"correct:frontside.name": "  JUAN   CARLOS II ", **same})
    review = Review.objects.get()
    assert (review.decision, review.words["corrections"]) == ("corrected", {"frontside.name": "JUAN CARLOS II"})
    html = page(admin, row)
    assert '<span class="value">JUAN CARLOS</span>' in html
    assert '<ins class="corrected">JUAN CARLOS II</ins>' in html


@pytest.mark.parametrize("said", [{"decision": "save"}, {"decision": "burn"}, {"seen": ""}, {"seen": "-1"}])
def test_what_makes_no_sense_is_said(admin: Client, read: Read, said: dict[str, str]) -> None:
    response = decide(admin, read(), **said)
    assert response.status_code == 400
    assert 'role="alert"' in response.content.decode()
    assert not Review.objects.exists()


def test_the_second_of_two_is_told_and_overwrites_nothing(admin: Client, read: Read) -> None:
    row = read()
    decide(admin, row, note="fine")
    response = decide(admin, row, decision="reject", reason="a copy", note="what I typed")
    html = response.content.decode()
    assert response.status_code == 409
    assert "Somebody else reviewed" in html
    assert "what I typed" in html
    assert 'name="seen" value="1"' in html
    row.refresh_from_db()
    assert (row.review, Review.objects.count()) == ("approved", 1)


def test_a_form_from_elsewhere_is_refused(read: Read) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(User.objects.create_superuser("root"))
    assert decide(client, read()).status_code == 403


# --- the queue --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("after", ["", "?after=0", "?after=abc", f"?after={'9' * 40}"])
def test_the_next_one(admin: Client, read: Read, after: str) -> None:
    row = read()
    assert admin.get(f"{LIST}next/{after}").headers["Location"] == f"{LIST}{row.pk}/change/"


@pytest.mark.parametrize("query", ["review__exact=waiting", "reason=invalid"])
def test_the_list_is_narrowed_to_what_waits(admin: Client, read: Read, query: str) -> None:
    row = read()
    read(reading())
    assert {found.pk for found in admin.get(f"{LIST}?{query}").context["cl"].result_list} == {row.pk}
    assert len(admin.get(f"{LIST}?reason=nonsense").context["cl"].result_list) == 2
