"""Three roles: each may do what its work needs, and sees no more."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from ocr import roles
from ocr.models import Delivery, Review, Transaction
from tests.conftest import URL, FakeReader
from tests.ocr.readings import reading
from tests.ocr.test_webhooks import hook_of

Parts = Callable[..., dict[str, Any]]
LIST = "/admin/ocr/transaction/"
CURP = "GALJ900315HDFRPN01"


@pytest.fixture
def row(client: APIClient, parts: Parts, fake: FakeReader) -> Transaction:
    fake.reading = reading(trusted=False)
    client.post(URL, parts())
    return Transaction.objects.get()


@pytest.fixture
def as_role(db: None) -> Callable[[str], Client]:
    def sign_in(role: str) -> Client:
        person = User.objects.create_user(f"some {role}", is_staff=True)
        person.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(person)
        return client

    return sign_in


AsRole = Callable[[str], Client]


def decide(client: Client, row: Transaction) -> int:
    return client.post(f"{LIST}{row.pk}/change/", {"decision": "approve", "seen": 0}).status_code


@pytest.mark.parametrize(("role", "sees", "decides"), [("reviewer", True, True), ("auditor", True, False)])
def test_who_sees_and_who_decides(as_role: AsRole, row: Transaction, role: str, sees: bool, decides: bool) -> None:
    client = as_role(role)
    page = client.get(f"{LIST}{row.pk}/change/").content.decode()
    assert (CURP in page) is sees
    assert ('value="approve"' in page) is decides
    assert (decide(client, row) == 302) is decides
    assert Review.objects.exists() is decides


def test_an_operator_sees_how_it_does_and_no_person(as_role: AsRole, row: Transaction) -> None:
    client = as_role("operator")
    page = client.get(f"{LIST}{row.pk}/change/")
    assert page.status_code == 200
    for personal in (CURP, "GARCIA", "data:image"):
        assert personal not in page.content.decode()
    assert client.get(f"{LIST}dashboard/").status_code == 200
    assert client.get(f"{LIST}next/").status_code == 403
    assert decide(client, row) == 403
    assert not Review.objects.exists()


def test_an_operator_finds_nobody_by_a_number(as_role: AsRole, row: Transaction) -> None:
    found = {role: as_role(role).get(f"{LIST}?q={CURP}").context["cl"].result_count for role in ("operator", "auditor")}
    assert found == {"operator": 0, "auditor": 1}


@pytest.mark.parametrize("role", ["operator", "reviewer", "auditor"])
def test_nobody_of_them_erases(as_role: AsRole, row: Transaction, role: str) -> None:
    assert as_role(role).post(f"{LIST}{row.pk}/delete/", {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(("role", "may"), [("operator", False), ("auditor", True), ("reviewer", True)])
def test_who_exports(as_role: AsRole, row: Transaction, role: str, may: bool) -> None:
    chosen = {"action": "export_json", "_selected_action": [row.pk]}
    response = as_role(role).post(LIST, chosen)
    assert (response.get("Content-Disposition") is not None) is may


@pytest.mark.parametrize(
    ("role", "pages"),
    [
        ("auditor", {"auditlog/logentry/": 200, "ocr/account/": 403, "auth/user/": 403}),
        ("operator", {"auditlog/logentry/": 403, "ocr/account/": 200, "axes/accessattempt/": 200, "auth/user/": 403}),
        ("reviewer", {"auditlog/logentry/": 403, "ocr/account/": 403, "auth/user/": 403}),
    ],
)
def test_what_else_they_see(as_role: AsRole, role: str, pages: dict[str, int]) -> None:
    client = as_role(role)
    assert {page: client.get(f"/admin/{page}").status_code for page in pages} == pages


def test_what_was_changed_by_hand_stays(db: None) -> None:
    Group.objects.get(name="reviewer").permissions.clear()
    roles.make_groups()
    assert not Group.objects.get(name="reviewer").permissions.exists()


def test_every_permission_named_is_there(db: None) -> None:
    assert {role: Group.objects.get(name=role).permissions.count() for role in roles.ROLES} == {
        role: len(permissions) for role, permissions in roles.ROLES.items()
    }


def test_an_account_is_made_with_a_role(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPTENTICATE_PASSWORD", "a password that nobody guesses")
    call_command("make_user", "rita", role="reviewer")
    rita = User.objects.get(username="rita")
    assert (rita.is_staff, rita.is_superuser, rita.has_perm("ocr.review_transaction")) == (True, False, True)
    with pytest.raises(CommandError, match="invalid choice"):
        call_command("make_user", "rita", "--role", "king")


# --- webhooks ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def failed(row: Transaction) -> Delivery:
    hook = hook_of(row.owner, url="https://receiver.example/hook?key=of-the-receiver")
    return Delivery.objects.create(
        webhook=hook, event="transaction.finished", transaction=row, due=None, attempts=9, status=500, trouble="status"
    )


HOOKS, SENT = "/admin/ocr/webhook/", "/admin/ocr/delivery/"


def test_an_operator_sends_again_and_switches_off(as_role: AsRole, failed: Delivery) -> None:
    client = as_role("operator")
    chosen = {"action": "send_again", "_selected_action": [failed.pk]}
    assert client.post(SENT, chosen).status_code == 302
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == ("waiting", 0)
    assert client.post(f"{HOOKS}{failed.webhook_id}/change/", {}).status_code == 302
    failed.webhook.refresh_from_db()
    assert not failed.webhook.active


def test_an_operator_sees_neither_secret_nor_key_nor_person(as_role: AsRole, failed: Delivery) -> None:
    client = as_role("operator")
    (secret,) = failed.webhook.secrets
    for path in (HOOKS, f"{HOOKS}{failed.webhook_id}/change/", SENT, f"{SENT}{failed.pk}/change/"):
        page = client.get(path)
        assert page.status_code == 200
        for hidden in (secret, "whsec_", "of-the-receiver", CURP, "GARCIA"):
            assert hidden not in page.content.decode()
    assert "receiver.example/hook" in client.get(HOOKS).content.decode()


@pytest.mark.parametrize(("state", "found"), [("failed", 1), ("delivered", 0), ("waiting", 0), ("nonsense", 1)])
def test_deliveries_are_found_by_state(as_role: AsRole, failed: Delivery, state: str, found: int) -> None:
    assert as_role("operator").get(f"{SENT}?state={state}").context["cl"].result_count == found


@pytest.mark.parametrize("path", [f"{SENT}add/", f"{HOOKS}add/"])
def test_nobody_makes_any_here(as_role: AsRole, path: str) -> None:
    assert as_role("operator").get(path).status_code == 403


def test_nobody_changes_what_was_sent(as_role: AsRole, failed: Delivery) -> None:
    assert as_role("operator").post(f"{SENT}{failed.pk}/change/", {"status": 200}).status_code == 403


@pytest.mark.parametrize("role", ["auditor", "reviewer"])
def test_others_see_none_of_it(as_role: AsRole, failed: Delivery, role: str) -> None:
    client = as_role(role)
    assert [client.get(path).status_code for path in (HOOKS, SENT)] == [403, 403]
    assert client.post(SENT, {"action": "send_again", "_selected_action": [failed.pk]}).status_code == 403
