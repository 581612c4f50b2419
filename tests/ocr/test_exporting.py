"""Transactions as files: every chosen one, as read and as corrected, and nothing that a spreadsheet would run."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from ocr.models import Transaction
from ocr.pipeline.errors import MrzNotFound
from ocr.reviewing import Verdict, decide
from ocr.serializers import BacksideSerializer, FrontsideSerializer
from tests.conftest import URL, FakeReader
from tests.ocr.readings import reading

Parts = Callable[..., dict[str, Any]]
LIST = "/admin/ocr/transaction/"


@pytest.fixture
def rows(client: APIClient, parts: Parts, fake: FakeReader, user: User) -> list[Transaction]:
    for result in (reading(front={"address": "=1+1"}), MrzNotFound("none"), reading()):
        fake.reading = result
        client.post(URL, parts())
    rows = list(Transaction.objects.order_by("pk"))
    decide(rows[0], user, Verdict(corrections={"frontside.name": "JUAN"}), seen=0)
    return rows


def exported(suffix: str, rows: list[Transaction]) -> str:
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    chosen = {"action": f"export_{suffix}", "_selected_action": [row.pk for row in rows]}
    response = client.post(LIST, chosen)
    assert response.headers["Content-Disposition"].endswith(f'.{suffix}"')
    return b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]


def test_json(rows: list[Transaction]) -> None:
    first, failed, last = json.loads(exported("json", rows))
    assert (first["id"], first["owner"], first["outcome"]) == (rows[0].pk, "ana", 200)
    assert first["fields"]["frontside.CURP"] == "GALJ900315HDFRPN01"
    assert first["corrected"] == {"frontside.name": "JUAN"}
    assert (failed["outcome"], failed["fields"]) == (814, {})
    assert last["fields"]["backside.birth_date"] == "15-03-1990"


def test_csv(rows: list[Transaction]) -> None:
    first, failed, _ = csv.DictReader(io.StringIO(exported("csv", rows)))
    assert (first["id"], first["frontside.CURP"], first["corrected"]) == (
        "1",
        "GALJ900315HDFRPN01",
        "frontside.name=JUAN",
    )
    assert (failed["outcome"], failed["frontside.CURP"]) == ("814", "")


def test_a_spreadsheet_runs_nothing(rows: list[Transaction]) -> None:
    first, *_ = csv.DictReader(io.StringIO(exported("csv", rows)))
    assert first["frontside.address"] == "'=1+1"


def test_every_field_has_its_column(rows: list[Transaction]) -> None:
    heads = next(csv.reader(io.StringIO(exported("csv", rows))))
    sides = {"frontside": FrontsideSerializer(), "backside": BacksideSerializer()}
    fields = {f"{side}.{name}" for side, made in sides.items() for name in set(made.fields) - {"document_type"}}
    assert {head for head in heads if "." in head} == fields


def test_only_the_chosen_ones_and_each_is_a_look(rows: list[Transaction]) -> None:
    assert [row["id"] for row in json.loads(exported("json", rows[:1]))] == [rows[0].pk]
    looks = LogEntry.objects.filter(action=LogEntry.Action.ACCESS)
    assert [(look.object_pk, look.additional_data["how"]) for look in looks] == [(str(rows[0].pk), "export: json")]


def test_none_is_an_empty_list(rows: list[Transaction]) -> None:
    from ocr.exporting import as_json  # noqa: PLC0415

    assert json.loads("".join(as_json([]))) == []
