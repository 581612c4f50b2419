"""The admin's list at length: pages that can be walked and are not counted, filters that ask for no distinct values."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from ocr import listing
from ocr.models import Transaction

LIST = "/admin/ocr/transaction/"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def rows(user: User) -> list[Transaction]:
    """Two pages and a bit; every tenth was refused."""
    made = [Transaction(owner=user, outcome=200 if i % 10 else 819, model="G") for i in range(120)]
    return Transaction.objects.bulk_create(made)


def shown(client: Client, query: str = "") -> list[int]:
    response = client.get(f"{LIST}?{query}")
    assert response.status_code == 200, response.headers
    return [row.pk for row in response.context["cl"].result_list]


def told(client: Client, query: str = "") -> str:
    return str(client.get(f"{LIST}?{query}").context["cl"].paginator.told)


# --- what takes too long ----------------------------------------------------------------------------------------------


def failing(sqlstate: str) -> property:
    def fail(_: object) -> None:
        cause = RuntimeError()
        cause.sqlstate = sqlstate  # type: ignore[attr-defined]
        raise OperationalError from cause

    return property(fail)


def test_what_takes_too_long_is_given_up_and_said(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as slow:
        slow.setattr(listing.UncountedPages, "_found", failing(listing._CANCELLED))
        response = admin.get(f"{LIST}?device__exact=IOS&outcome=806")
    assert (response.status_code, response["Location"]) == (302, f"{LIST}?e=1")
    assert "Choose a month" in admin.get(response["Location"]).content.decode()


def test_another_failure_stays_one(admin: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing.UncountedPages, "_found", failing("08006"))
    with pytest.raises(OperationalError):
        admin.get(LIST)


# --- pages ------------------------------------------------------------------------------------------------------------


def test_pages_are_walked_to_the_last(admin: Client, rows: list[Transaction]) -> None:
    walked = shown(admin) + shown(admin, "p=2") + shown(admin, "p=3")
    assert walked == [row.pk for row in reversed(rows)]
    assert 'href="?p=2"' in admin.get(LIST).content.decode()
    assert 'href="?p=4"' not in admin.get(f"{LIST}?p=3").content.decode()


def test_how_many_there_are_is_told_as_far_as_it_is_known(admin: Client, rows: list[Transaction]) -> None:
    assert told(admin) == "more than 50"
    assert told(admin, "p=3") == "120"
    assert told(admin, "outcome=819") == "12"
    assert told(admin, "outcome=851") == "0"


@pytest.mark.parametrize("page", ["4", "100000", "9" * 30, "-1", "0", "x"])
def test_a_page_that_is_not_there_harms_nobody(admin: Client, rows: list[Transaction], page: str) -> None:
    assert admin.get(f"{LIST}?p={page}", follow=True).status_code == 200


def test_no_page_lies_so_far_back_that_it_costs_much(
    admin: Client, rows: list[Transaction], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_PAGES", 2)
    assert len(shown(admin, "p=2")) == 50
    assert told(admin, "p=2") == "more than 100"
    assert 'href="?p=3"' not in admin.get(f"{LIST}?p=2").content.decode()
    assert admin.get(f"{LIST}?p=3").status_code == 302


@pytest.mark.parametrize("query", ["", "p=2", "outcome=200", "all=", "_facets=True", "q=nobody", "created__year=1999"])
def test_nothing_is_counted(admin: Client, rows: list[Transaction], query: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        admin.get(f"{LIST}?{query}")
    of_the_table = [one["sql"] for one in asked if listing.TABLE in one["sql"]]
    assert of_the_table
    assert not [sql for sql in of_the_table if "COUNT(" in sql or "DISTINCT" in sql]


@pytest.mark.parametrize("said", ["GALJ900315HDFRPN01", "281234", "9" * 40, "nobody"])
def test_what_is_searched_is_found_by_indexes_alone(admin: Client, rows: list[Transaction], said: str) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert shown(admin, f"q={said}") == []
    assert not [one["sql"] for one in asked if "UPPER(" in one["sql"] or "LIKE" in one["sql"]]


def test_nothing_searched_is_everything(admin: Client, rows: list[Transaction]) -> None:
    assert shown(admin, "q=+") == shown(admin)


def test_all_that_match_can_be_exported(admin: Client, rows: list[Transaction]) -> None:
    assert "Select all that match" in admin.get(LIST).content.decode()
    chosen = {"action": "export_csv", "select_across": 1, "_selected_action": [rows[0].pk], "index": 0}
    response: Any = admin.post(f"{LIST}?outcome=819", chosen)
    assert len(response.getvalue().splitlines()) == 1 + 12


# --- filters ----------------------------------------------------------------------------------------------------------


def test_every_outcome_and_model_is_offered_whether_or_not_one_came_to_it(admin: Client) -> None:
    page = admin.get(LIST).content.decode()
    for query in ("outcome=200", "outcome=851", "outcome=504", "outcome=none", "model=C", "model=J"):
        assert f'href="?{query}"' in page


def test_those_that_are_being_read(admin: Client, rows: list[Transaction]) -> None:
    Transaction.objects.filter(pk=rows[3].pk).update(outcome=None)
    assert shown(admin, "outcome=none") == [rows[3].pk]


def test_what_is_not_offered_narrows_nothing(admin: Client, rows: list[Transaction]) -> None:
    assert len(shown(admin, "outcome=x")) == len(shown(admin, "model=%27")) == 50


def test_every_month_since_the_first_is_offered(
    admin: Client, rows: list[Transaction], monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.TIME_ZONE = "America/Tijuana"  # changes its clocks between the first of these months and the last
    zone = timezone.get_current_timezone()
    Transaction.objects.filter(pk=rows[7].pk).update(created=datetime(2025, 2, 28, 23, 59, tzinfo=zone))
    Transaction.objects.exclude(pk=rows[7].pk).update(created=datetime(2025, 4, 1, tzinfo=zone))
    monkeypatch.setattr(timezone, "now", lambda: datetime(2025, 4, 2, tzinfo=zone))
    spec = next(s for s in admin.get(LIST).context["cl"].filter_specs if isinstance(s, listing.MonthFilter))
    links = dict(spec.links)
    assert [title for title in links if "2025" in str(title)] == ["April 2025", "March 2025", "February 2025"]
    (choice,) = (c for c in spec.choices(admin.get(LIST).context["cl"]) if c["display"] == "February 2025")
    assert shown(admin, str(choice["query_string"]).removeprefix("?")) == [rows[7].pk]
    assert links["March 2025"]["created__lt"] == links["April 2025"]["created__gte"]


def test_a_time_asked_for_is_listed_by_time(admin: Client, rows: list[Transaction]) -> None:
    moved = timezone.now() - timedelta(hours=1)
    Transaction.objects.filter(pk=rows[-1].pk).update(created=moved)
    assert shown(admin)[0] == rows[-1].pk
    assert shown(admin, f"created__year={moved.year}")[0] == rows[-2].pk


def test_owners_are_offered_up_to_a_number_and_named_in_every_row(
    admin: Client, rows: list[Transaction], user: User, other: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offered() -> list[object]:
        specs = admin.get(LIST).context["cl"].filter_specs
        return [name for spec in specs if isinstance(spec, listing.OwnerFilter) for _, name in spec.lookup_choices]

    assert offered() == []  # one alone is no choice
    Transaction.objects.create(owner=other)
    assert offered() == [user.username, other.username]
    monkeypatch.setattr(listing, "MOST_OWNERS", 1)
    assert f'<a href="?owner__id__exact={other.pk}">' in admin.get(LIST).content.decode()
