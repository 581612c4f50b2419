"""`manage.py make_user`: accounts made and reset, passwords never on the command line."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

pytestmark = pytest.mark.django_db


def make_user(*arguments: str) -> str:
    out = io.StringIO()
    call_command("make_user", *arguments, stdout=out)
    return out.getvalue().strip()


@pytest.fixture(autouse=True)
def _password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPTENTICATE_PASSWORD", "from the environment")


def test_makes_an_account_that_can_log_in() -> None:
    assert make_user("ana") == "Made the account ana."
    user = User.objects.get()
    assert user.check_password("from the environment")
    assert not user.is_staff


def test_resets_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    make_user("ana", "--admin")
    User.objects.update(is_active=False)
    monkeypatch.setenv("APPTENTICATE_PASSWORD", "another")
    assert make_user("ana") == "Reset the account ana."
    user = User.objects.get()
    assert user.check_password("another")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, True, True)


def test_reads_the_password_from_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("APPTENTICATE_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO("typed in\nnot this\n"))
    make_user("ana")
    assert User.objects.get().check_password("typed in")


@pytest.mark.parametrize("environment", [{}, {"APPTENTICATE_PASSWORD": ""}])
def test_an_empty_password_is_refused(monkeypatch: pytest.MonkeyPatch, environment: dict[str, Any]) -> None:
    monkeypatch.delenv("APPTENTICATE_PASSWORD")
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    with pytest.raises(CommandError, match="APPTENTICATE_PASSWORD"):
        make_user("ana")


@pytest.mark.parametrize("name", ["", "two words", "x" * 200])
def test_a_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CommandError):
        make_user(name)
    assert not User.objects.exists()
