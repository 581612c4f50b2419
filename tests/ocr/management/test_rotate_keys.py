"""`manage.py rotate_keys`: everything is sealed anew with the new key, also what is written meanwhile."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from pytest_django import Settings
from rest_framework.test import APIClient

from apptenticate import keys
from ocr import keeping, pictures, reviewing
from ocr.management.commands import rotate_keys
from ocr.models import Transaction, Webhook
from ocr.pipeline.types import Side
from ocr.vault import key_of, vault
from tests.conftest import URL, FakeReader
from tests.ocr.readings import JPEG
from tests.ocr.test_webhooks import hook_of

Parts = Callable[..., dict[str, Any]]
CURP = "GALJ900315HDFRPN01"


@pytest.fixture
def file(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Keys in a file of their own."""
    path = tmp_path / "data_keys"
    path.write_text(keys.new_for_ring("old"))
    settings.DATA_KEYS_FILE, settings.DATA_KEYS = path, keys.ring(path.read_text())
    vault.cache_clear()
    yield path
    vault.cache_clear()


@pytest.fixture
def row(file: Path, client: APIClient, parts: Parts, fake: FakeReader, user: User) -> Transaction:
    client.post(URL, parts())
    row = Transaction.objects.get()
    reviewing.decide(row, user, reviewing.Verdict(note="looks like Ana"), seen=0)
    return row


def rotate(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command("rotate_keys", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue().splitlines()


def keys_used(row: Transaction) -> set[str]:
    row.refresh_from_db()
    words = list(row.reviews.values_list("sealed_words", flat=True))
    stored = [default_storage.open(pictures._name(row, side)).read() for side in Side]
    kept = (row.sealed_answer, row.sealed_reading, *words, *stored)
    return {key_of(bytes(sealed)) for sealed in kept if sealed is not None}


def test_everything_is_sealed_anew_and_opens(row: Transaction, file: Path) -> None:
    before = row.answer, row.reading
    told = rotate("--new")
    assert told[-1] == "Sealed anew: 1 transactions, 2 pictures, 1 reviews, 0 webhooks."
    (new,) = keys_used(row)
    assert new != "old"
    assert list(keys.ring(file.read_text())) == [new, "old"]
    assert (row.answer, row.reading) == before
    assert row.reviews.get().words["note"] == "looks like Ana"
    assert pictures.show(row, Side.BACK) == JPEG + b"back"
    assert Transaction.objects.filter(keeping.marked(CURP)).get() == row
    assert rotate() == ["Sealed anew: 0 transactions, 0 pictures, 0 reviews, 0 webhooks."]


def test_what_the_service_writes_meanwhile_is_sealed_with_the_new_key(
    row: Transaction, client: APIClient, parts: Parts
) -> None:
    rotate("--new")
    client.post(URL, parts())
    latest = Transaction.objects.first()
    assert latest is not None
    assert keys_used(latest) == keys_used(row)


def test_old_keys_are_forgotten_once_nothing_needs_them(row: Transaction, file: Path) -> None:
    assert rotate("--new", "--drop-old")[-1] == "Forgot 1 keys."
    assert list(keys.ring(file.read_text())) == list(keys_used(row))


def test_with_a_key_missing_it_says_so_and_forgets_none(row: Transaction, file: Path) -> None:
    file.write_text(keys.new_for_ring("another"))
    with pytest.raises(CommandError, match="1 transactions could not be opened"):
        rotate("--drop-old")
    assert list(keys.ring(file.read_text())) == ["another"]
    assert Transaction.objects.get().sealed_answer is not None


def test_a_row_that_changes_meanwhile_is_left_as_it_is(
    row: Transaction, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is erased between being read and being written."""
    reseal = vault().seal

    def erased_meanwhile(plain: bytes, about: str) -> bytes:
        Transaction.objects.filter(pk=row.pk).update(sealed_answer=None, sealed_reading=None)
        return reseal(plain, about)

    monkeypatch.setattr(vault(), "seal", erased_meanwhile)
    rotate("--new")
    row.refresh_from_db()
    assert (row.sealed_answer, row.sealed_reading) == (None, None)


def test_keys_in_the_environment_are_changed_there(row: Transaction, settings: Settings) -> None:
    settings.DATA_KEYS_FILE = None
    with pytest.raises(CommandError, match="APPTENTICATE_DATA_KEYS"):
        rotate("--new")


def test_with_another_search_key_the_marks_are_made_anew(row: Transaction, settings: Settings) -> None:
    settings.SEARCH_KEY = "another search key, as long as it must be"
    vault.cache_clear()
    assert not Transaction.objects.filter(keeping.marked(CURP)).exists()
    assert rotate()[-1] == "Sealed anew: 1 transactions, 0 pictures, 0 reviews, 0 webhooks."
    assert Transaction.objects.filter(keeping.marked(CURP)).get() == row


def test_secrets_of_webhooks_too(file: Path, user: User) -> None:
    hook = hook_of(user)
    (secret,) = hook.secrets
    assert rotate("--new", "--drop-old")[1] == "Sealed anew: 0 transactions, 0 pictures, 0 reviews, 1 webhooks."
    hook.refresh_from_db()
    assert key_of(bytes(hook.sealed_secrets)) != "old"
    assert hook.secrets == [secret]


def test_a_key_that_seals_a_secret_is_not_dropped(file: Path, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    hook = hook_of(user)
    rotate("--new")
    Webhook.objects.update(sealed_secrets=hook.sealed_secrets)  # as written by a process that knows no new key yet
    monkeypatch.setattr(rotate_keys, "_reseal_words", lambda *_: False)
    rotate("--drop-old")
    assert "old" in keys.ring(file.read_text())
