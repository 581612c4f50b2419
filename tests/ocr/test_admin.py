"""The admin: whoever runs the service finds, reads and erases transactions there, and changes none."""

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from ocr import keeping
from ocr.models import Transaction
from ocr.pipeline import errors
from tests.conftest import URL, FakeReader, signed_in

Parts = Callable[..., dict[str, Any]]
LIST = "/admin/ocr/transaction/"


@pytest.fixture
def rows(client: APIClient, parts: Parts, fake: FakeReader) -> list[Transaction]:
    """One that failed, then one that was read."""
    client.post(URL, parts(device="ios"))
    fake.reading = errors.MrzNotFound()
    client.post(URL, parts())
    return list(Transaction.objects.all())


@pytest.fixture
def admin(db: None) -> Client:
    client = Client(headers={"accept-language": "es"})
    client.force_login(User.objects.create_superuser("root"))
    return client


def listed(client: Client, query: str) -> set[int]:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, response.headers
    return {row.pk for row in response.context["cl"].result_list}


@pytest.mark.parametrize(
    "found", ["GALJ900315HDFRPN01", "galj900315hdfrpn01", "GLRJNC90031512H400", "345636022", "1234567890123"]
)
def test_finds_by_what_was_read(admin: Client, rows: list[Transaction], found: str) -> None:
    assert listed(admin, f"q={found}") == {rows[1].pk}


def test_finds_by_id(admin: Client, rows: list[Transaction]) -> None:
    assert listed(admin, f"q={rows[0].pk}") >= {rows[0].pk}
    assert listed(admin, "q=nobody") == set()


@pytest.mark.parametrize("query", ["outcome=200", "valid__exact=1", "match__exact=1", "device__exact=IOS", "model=G"])
def test_filters(admin: Client, rows: list[Transaction], query: str) -> None:
    assert listed(admin, query) == {rows[1].pk}


def test_filters_by_owner_and_date(admin: Client, rows: list[Transaction], user: User) -> None:
    both = {row.pk for row in rows}
    assert listed(admin, f"owner__id__exact={user.pk}") == both
    assert listed(admin, f"created__year={rows[0].created.year}") == both
    assert listed(admin, "created__year=1999") == set()


def test_shows_everything_and_offers_no_change_of_it(admin: Client, rows: list[Transaction]) -> None:
    response = admin.get(f"{LIST}{rows[1].pk}/change/")
    page = response.content.decode()
    assert response.status_code == 200
    for shown in ("GALJ900315HDFRPN01", "CALLE REFORMA 123 COL CENTRO", "ppocr, tesseract", "curp.check_digit"):
        assert shown in page
    assert 'name="_save"' not in page
    assert admin.post(f"{LIST}{rows[1].pk}/change/", {"outcome": 500}).status_code == 400
    assert Transaction.objects.get(pk=rows[1].pk).outcome == 200
    assert admin.get(f"{LIST}add/").status_code == 403


def test_markup_in_a_reading_is_shown_not_run(admin: Client, rows: list[Transaction]) -> None:
    rows[1].reading = {"name": "<script>alert(1)</script>"}
    rows[1].save()
    assert b"<script>alert" not in admin.get(f"{LIST}{rows[1].pk}/change/").content


def test_deleting_one_erases_it(admin: Client, rows: list[Transaction], client: APIClient) -> None:
    admin.post(f"{LIST}{rows[1].pk}/delete/", {"post": "yes"})
    rows[1].refresh_from_db()
    assert (rows[1].curp_mark, rows[1].answer, rows[1].outcome) == ("", None, 200)
    assert rows[1].erased is not None
    assert client.get(f"{URL}{rows[1].pk}/").status_code == 410


def test_one_that_is_being_read_cannot_be_deleted(admin: Client, rows: list[Transaction]) -> None:
    Transaction.objects.filter(pk=rows[1].pk).update(outcome=None)
    assert admin.post(f"{LIST}{rows[1].pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    admin.post(LIST, chosen)
    assert set(Transaction.objects.filter(erased=None).values_list("pk", flat=True)) >= {rows[1].pk}


def test_deleting_many_erases_them(admin: Client, rows: list[Transaction]) -> None:
    chosen = {"action": "delete_selected", "_selected_action": [row.pk for row in rows], "post": "yes"}
    admin.post(LIST, chosen)
    assert Transaction.objects.filter(erased__isnull=False, sealed_answer__isnull=True).count() == len(rows)


@pytest.mark.parametrize(
    ("language", "words"), [("es", ("Transacciones", "resultado")), ("en", ("Transactions", "Outcome"))]
)
def test_speaks_spanish_and_english(
    admin: Client, rows: list[Transaction], language: str, words: tuple[str, ...]
) -> None:
    page = admin.get(LIST, headers={"accept-language": language}).content.decode().casefold()
    for word in words:
        assert word.casefold() in page


def test_an_account_with_transactions_cannot_be_deleted(admin: Client, rows: list[Transaction], user: User) -> None:
    admin.post(f"/admin/auth/user/{user.pk}/delete/", {"post": "yes"})
    assert User.objects.filter(pk=user.pk).exists()


def test_nobody_else_gets_in(rows: list[Transaction], user: User) -> None:
    client = Client()
    client.force_login(user)
    assert client.get(LIST).status_code == 302


# --- who looked -------------------------------------------------------------------------------------------------------


def looks() -> list[tuple[str, str, str]]:
    entries = LogEntry.objects.order_by("id").select_related("actor")
    return [(entry.actor.username, entry.object_pk, entry.additional_data["how"]) for entry in entries if entry.actor]


def test_who_looked_at_a_transaction_is_recorded(
    admin: Client, rows: list[Transaction], client: APIClient, user: User
) -> None:
    admin.get(f"{LIST}{rows[1].pk}/change/")
    client.get(f"{URL}{rows[1].pk}/")
    client.delete(f"{URL}{rows[1].pk}/")
    admin.post(f"{LIST}{rows[0].pk}/delete/", {"post": "yes"})
    one, other = (str(row.pk) for row in (rows[1], rows[0]))
    assert looks() == [("root", one, "admin"), ("ana", one, "API"), ("ana", one, "erased"), ("root", other, "erased")]


def test_what_was_refused_is_no_look(rows: list[Transaction], other: User, admin: Client) -> None:
    signed_in(other).get(f"{URL}{rows[1].pk}/")
    admin.get(LIST)
    admin.get(f"{LIST}999999/change/")
    assert looks() == []


def test_the_record_cannot_be_edited(admin: Client, rows: list[Transaction]) -> None:
    admin.get(f"{LIST}{rows[1].pk}/change/")
    entry = LogEntry.objects.get()
    page = f"/admin/auditlog/logentry/{entry.pk}"
    assert admin.get(f"{page}/change/").status_code == 200
    assert admin.post(f"{page}/change/", {"object_repr": "x"}).status_code == 403
    assert admin.post(f"{page}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get("/admin/auditlog/logentry/add/").status_code == 403


def test_the_record_holds_nothing_of_the_person(admin: Client, rows: list[Transaction]) -> None:
    admin.get(f"{LIST}{rows[1].pk}/change/")
    told = str(LogEntry.objects.values().get())
    assert "GARCIA" not in told
    assert "GALJ" not in told


def test_days_are_agreed_with_an_account(admin: Client, user: User) -> None:
    admin.post("/admin/ocr/account/add/", {"owner": user.pk, "retention_days": 7})
    assert keeping.retention_days(user) == 7
