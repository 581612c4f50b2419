"""`export_person` and `erase_person`: all that is held on one CURP, and nothing of anybody else."""

import base64
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from ocr import pictures
from ocr.models import Transaction
from tests.conftest import URL, FakeReader
from tests.ocr.readings import JPEG, reading

Parts = Callable[..., dict[str, Any]]
CURP, OTHER = "GALJ900315HDFRPN01", "HEGJ820506HBCRRN02"


@pytest.fixture
def rows(client: APIClient, parts: Parts, fake: FakeReader) -> list[Transaction]:
    """Two of the one person, then one of another."""
    for curp in (CURP, CURP, OTHER):
        fake.reading = reading(front={"curp": curp})
        client.post(URL, parts())
    return list(Transaction.objects.order_by("id"))


def called(command: str, *arguments: str) -> str:
    out = io.StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def test_all_that_is_held_of_a_person_is_exported(rows: list[Transaction]) -> None:
    told = json.loads(called("export_person", CURP.lower()))
    assert [row["id"] for row in told] == [rows[0].pk, rows[1].pk]
    assert told[0]["reading"]["frontside"]["fields"]["CURP"]["value"] == CURP
    assert told[0]["answer"] == rows[0].answer
    assert base64.b64decode(told[0]["pictures"]["frontside"]) == JPEG + b"front"
    assert OTHER not in json.dumps(told)


def test_all_that_is_held_of_a_person_is_erased(rows: list[Transaction]) -> None:
    assert called("erase_person", CURP) == f"Erased 2 transactions ({rows[0].pk}, {rows[1].pk}) and 4 pictures.\n"
    assert [bool(row.erased) for row in Transaction.objects.order_by("id")] == [True, True, False]
    assert len(list(pictures.kept(rows[2]))) == 2
    with pytest.raises(CommandError, match="Nothing is held"):
        called("export_person", CURP)


@pytest.mark.parametrize("command", ["export_person", "erase_person"])
@pytest.mark.parametrize("curp", ["HEGJ820506HBCRRN0", "", "%", "nobody"])
def test_of_an_unknown_person_nothing_is_held(rows: list[Transaction], command: str, curp: str) -> None:
    with pytest.raises(CommandError, match="Nothing is held"):
        called(command, curp)


def test_both_are_recorded_without_the_person(rows: list[Transaction]) -> None:
    called("export_person", CURP)
    called("erase_person", CURP)
    kept = LogEntry.objects.order_by("id").values("object_pk", "action", "additional_data", "object_repr", "changes")
    assert [(entry["object_pk"], entry["additional_data"]["how"]) for entry in kept] == [
        (str(rows[0].pk), "export_person"),
        (str(rows[1].pk), "export_person"),
        (str(rows[0].pk), "erased"),
        (str(rows[1].pk), "erased"),
    ]
    assert CURP not in str(list(kept))
