"""The dashboard: what it counts, by day and code, and that it shows nobody."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from ocr.models import Transaction
from ocr.pipeline.errors import MrzNotFound
from tests.conftest import URL, FakeReader
from tests.ocr.readings import reading

Parts = Callable[..., dict[str, Any]]
PAGE = "/admin/ocr/transaction/dashboard/"


@pytest.fixture
def admin(db: None) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(User.objects.create_superuser("root"))
    return client


@pytest.fixture
def rows(client: APIClient, parts: Parts, fake: FakeReader) -> list[Transaction]:
    """Two valid, one not, one refused; the first of them five weeks ago."""
    for result in (reading(), reading(), reading(trusted=False), MrzNotFound("none")):
        fake.reading = result
        client.post(URL, parts())
    rows = list(Transaction.objects.order_by("pk"))
    Transaction.objects.filter(pk=rows[0].pk).update(created=timezone.now() - timedelta(days=35))
    Transaction.objects.exclude(pk=rows[0].pk).update(milliseconds=120)
    return rows


def charts(client: Client, query: str = "") -> dict[str, Any]:
    context = client.get(f"{PAGE}{query}").context
    return {str(chart["title"]): chart for chart in context["charts"]}


def test_documents_are_counted_by_day_and_kind(admin: Client, rows: list[Transaction]) -> None:
    (today,) = charts(admin)["Documents a day"]["rows"]
    assert today[1:] == (1, 1, 1, 0)
    assert len(charts(admin, "?days=90")["Documents a day"]["rows"]) == 2


def test_failures_are_counted_by_code(admin: Client, rows: list[Transaction]) -> None:
    assert charts(admin)["Failures by code"]["rows"] == [("814", 1)]


def test_latency_is_told_to_the_class(admin: Client, rows: list[Transaction]) -> None:
    (today,) = charts(admin)["Milliseconds for a document"]["rows"]
    assert today[1:] == (150, 150)


def test_confidence(admin: Client, rows: list[Transaction]) -> None:
    (today,) = charts(admin)["Confidence, per cent"]["rows"]
    assert today[1:] == (98.8, 98.8)


def test_it_says_how_many_wait(admin: Client, rows: list[Transaction]) -> None:
    assert "Waiting for review: 1" in admin.get(PAGE).content.decode()


@pytest.mark.parametrize("query", ["", "?days=7", "?days=x", "?days=100000"])
def test_without_any_document_it_is_empty(admin: Client, query: str) -> None:
    assert all(chart["rows"] == [] for chart in charts(admin, query).values())


def test_no_script_and_nobody_is_on_it(admin: Client, rows: list[Transaction]) -> None:
    html = admin.get(PAGE).content.decode()
    assert not re.search(r"<script(?![^>]* src=)", html)
    for personal in ("GARCIA", "GALJ900315HDFRPN01", "345636022"):
        assert personal not in html
