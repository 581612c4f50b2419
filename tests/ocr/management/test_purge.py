"""`manage.py purge`: what has been kept long enough goes, and nothing else; stopped half-way, it goes on next time."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import keeping, pictures, webhooks
from ocr.models import Account, Delivery, Transaction
from tests.conftest import URL, FakeReader
from tests.ocr.test_webhooks import hook_of

Parts = Callable[..., dict[str, Any]]


def purge(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("purge", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def read(client: APIClient, parts: Parts, fake: FakeReader) -> Callable[[float], Transaction]:
    """Reads a document so many days ago."""

    def make(days: float) -> Transaction:
        client.post(URL, parts())
        row = Transaction.objects.first()
        assert row is not None
        Transaction.objects.filter(pk=row.pk).update(created=timezone.now() - timedelta(days=days))
        return row

    return make


Read = Callable[[float], Transaction]


def erased() -> set[int]:
    return set(Transaction.objects.exclude(erased=None).values_list("pk", flat=True))


def test_what_is_older_than_agreed_is_erased(read: Read) -> None:
    old, new = read(31), read(29)
    assert purge() == ["ana: 1 transactions", "Erased 1 transactions and 2 pictures."]
    assert erased() == {old.pk}
    assert list(pictures.kept(old)) == []
    assert len(list(pictures.kept(new))) == 2
    old.refresh_from_db()
    assert (old.answer, old.reading, old.curp_mark, old.outcome) == (None, None, "", 200)
    assert purge() == ["Erased 0 transactions and 0 pictures."]


def test_batches_leave_nobody_out(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "_BATCH", 2)
    rows = [read(days) for days in (40, 50, 31, 45, 35)]
    Transaction.objects.filter(pk__in=[row.pk for row in rows[:3]]).update(created=rows[0].created - timedelta(days=60))
    assert len(purge("--dry-run")) == 2
    assert [row.pk for row in keeping.overdue()] == [*(rows[i].pk for i in (0, 1, 2, 3, 4))]
    assert purge()[-1] == "Erased 5 transactions and 10 pictures."


def test_each_account_has_its_own_days(read: Read, user: User) -> None:
    Account.objects.create(owner=user, retention_days=7)
    old, _ = read(8), read(6)
    purge()
    assert erased() == {old.pk}


def test_without_retention_what_was_read_is_kept_for_a_day(read: Read, user: User) -> None:
    Account.objects.create(owner=user, retention_days=0)
    old, _ = read(1.1), read(0.9)
    purge()
    assert erased() == {old.pk}


def test_it_may_only_say_what_it_would_do(read: Read) -> None:
    read(31)
    assert purge("--dry-run") == ["ana: 1 transactions", "Would erase 1 transactions and 0 pictures."]
    assert not erased()


def test_what_is_being_read_is_left_alone(read: Read) -> None:
    row = read(31)
    Transaction.objects.filter(pk=row.pk).update(outcome=None)
    purge()
    assert not erased()


def test_stopped_half_way_it_says_what_is_done_and_goes_on_next_time(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [read(40 - i) for i in range(3)]
    erase = keeping.erase

    def stopped(row: Transaction) -> int:
        if row.pk == rows[1].pk:
            pictures.drop(row)  # stopped between the pictures and the row
            raise KeyboardInterrupt
        return erase(row)

    monkeypatch.setattr(keeping, "erase", stopped)
    out = io.StringIO()
    with pytest.raises(KeyboardInterrupt):
        call_command("purge", stdout=out)
    assert "Erased 1 transactions and 2 pictures." in out.getvalue()
    assert erased() == {rows[0].pk}
    monkeypatch.undo()
    assert purge()[-1] == "Erased 2 transactions and 2 pictures."
    assert erased() == {row.pk for row in rows}


def test_old_deliveries_to_webhooks_go(user: User, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "_AT_ONCE", 2)
    settings.OCR_WEBHOOKS_DAYS = 7
    hook = hook_of(user)
    for days in (8, 9, 7.1, 6.9, 0):
        webhooks.ping(hook)
        Delivery.objects.filter(pk=Delivery.objects.all()[0].pk).update(created=timezone.now() - timedelta(days=days))
    assert purge("--dry-run") == ["Would erase 0 transactions and 0 pictures."]
    assert purge()[-1] == "Deleted 3 old deliveries to webhooks."
    assert Delivery.objects.count() == 2
    assert purge() == ["Erased 0 transactions and 0 pictures."]
