"""Webhooks over the API: made, changed and deleted by whose they are, and what was sent there seen and sent again."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient
from standardwebhooks import Webhook as Verifier

from ocr import deliveries, hook_views, posting, webhooks
from ocr.background import do_next
from ocr.models import Delivery, Webhook
from tests.conftest import signed_in
from tests.ocr.receivers import Receiver, receiving, says
from tests.ocr.test_webhooks import hook_of

HOOKS = "/api/v3.2/webhooks/"
THERE = "https://receiver.example/credentials"


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.background.close_old_connections", lambda: None)  # the test's is one of them


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.OCR_WEBHOOKS_PRIVATE = True
    with receiving() as receiver:
        yield receiver


def make(client: APIClient, **more: Any) -> Any:
    return client.post(HOOKS, {"url": THERE, **more}, format="json")


def work_off() -> None:
    while do_next(deliveries.take):
        pass


# --- webhooks ---------------------------------------------------------------------------------------------------------


def test_making_one_shows_its_secret_once(client: APIClient, user: User) -> None:
    made = make(client)
    hook = Webhook.objects.get()
    assert made.status_code == 201
    assert made["Location"] == f"{HOOKS}{hook.pk}/"
    body = made.json()
    assert hook.owner == user
    assert hook.secrets == [body.pop("secret")]
    assert (
        body.items()
        >= {
            "id": hook.pk,
            "url": THERE,
            "events": ["transaction.finished", "batch.finished"],
            "active": True,
            "failures": 0,
        }.items()
    )
    assert client.get(made["Location"]).json() == body
    assert client.get(HOOKS).json()["results"] == [body]


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (["batch.finished"], ["batch.finished"]),
        (["batch.finished", "transaction.finished", "batch.finished"], ["transaction.finished", "batch.finished"]),
    ],
)
def test_who_asks_for_some_events_gets_those(client: APIClient, asked: list[str], told: list[str]) -> None:
    assert make(client, events=asked).json()["events"] == told


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://receiver.example/", "Nothing is sent unencrypted: give an address that begins with https://."),
        ("https://127.0.0.1/", "Nothing is sent to addresses of this machine and its network."),
        ("https://[::ffff:10.0.0.1]/", "Nothing is sent to addresses of this machine and its network."),
        ("https://169.254.169.254/latest", "Nothing is sent to addresses of this machine and its network."),
        (
            "https://ana:secret@receiver.example/",
            "Give an address such as https://receiver.example/path, without a name or a password in it.",
        ),
    ],
)
def test_addresses_that_nothing_is_sent_to(client: APIClient, url: str, why: str) -> None:
    refused = client.post(HOOKS, {"url": url}, format="json", HTTP_ACCEPT_LANGUAGE="en")
    assert (refused.status_code, refused.json()) == (400, {"url": [why]})
    hook = make(client)["Location"]
    assert client.patch(hook, {"url": url}, format="json").status_code == 400
    assert Webhook.objects.get().url == THERE


NO_EVENTS: list[Any] = [[], ["ping"], ["nothing"], "batch.finished", None, [[]]]


@pytest.mark.parametrize(
    "body",
    [{}, {"url": ""}, {"url": None}, {"url": "https://a.example/" + "a" * 500}, [], "url"]
    + [{"url": THERE, "events": events} for events in NO_EVENTS]
    + [{"url": THERE, "active": "perhaps"}],
)
def test_what_makes_no_sense_is_refused(client: APIClient, body: Any) -> None:
    assert client.post(HOOKS, body, format="json").status_code == 400
    assert not Webhook.objects.exists()


def test_what_is_no_json_is_refused(client: APIClient) -> None:
    assert client.post(HOOKS, "{", content_type="application/json").status_code == 400
    assert client.post(HOOKS, {"url": THERE}, format="multipart").status_code == 415


def test_there_is_a_limit(client: APIClient, user: User) -> None:
    for _ in range(hook_views.MOST_WEBHOOKS):
        assert make(client).status_code == 201
    refused = make(client)
    assert (refused.status_code, list(refused.json())) == (400, ["detail"])
    Webhook.objects.all()[0].delete()
    assert make(client).status_code == 201


def test_what_may_not_be_set_is_not(client: APIClient, user: User, other: User) -> None:
    made = make(client, id=77, owner=other.pk, failures=5, secret="whsec_AAAA", created="2001-01-01T00:00:00Z").json()
    hook = Webhook.objects.get()
    assert (hook.pk, hook.owner, hook.failures) == (made["id"], user, 0)
    assert hook.pk != 77
    assert made["secret"] != "whsec_AAAA"
    assert hook.created.year > 2001


def test_changing_one_has_what_waits_tried_at_once(client: APIClient, user: User) -> None:
    hook = hook_of(user, failures=9, ready=timezone.now() + timedelta(hours=1), active=False)
    secrets = hook.secrets
    told = client.patch(f"{HOOKS}{hook.pk}/", {"active": True, "url": THERE + "2"}, format="json")
    assert told.status_code == 200
    hook.refresh_from_db()
    assert (told.json()["url"], hook.url, hook.active, hook.failures) == (THERE + "2", THERE + "2", True, 0)
    assert hook.ready <= timezone.now()
    assert (hook.events, hook.secrets) == (["transaction.finished", "batch.finished"], secrets)


def test_changing_one_changes_nothing_else(client: APIClient, user: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as a secret that is made, or that it is switched off, between looking and writing."""
    hook = hook_of(user)
    target = posting.target

    def meanwhile(*arguments: Any, **more: Any) -> posting.Target:
        webhooks.rotate(hook)
        Webhook.objects.update(active=False)
        return target(*arguments, **more)

    monkeypatch.setattr(posting, "target", meanwhile)
    client.patch(f"{HOOKS}{hook.pk}/", {"url": THERE}, format="json")
    changed = Webhook.objects.get()
    assert (changed.url, changed.active, len(changed.secrets)) == (THERE, False, 2)


def test_deleting_one_deletes_what_was_sent(client: APIClient, user: User) -> None:
    hook = hook_of(user)
    webhooks.ping(hook)
    assert client.delete(f"{HOOKS}{hook.pk}/").status_code == 204
    assert not Delivery.objects.exists()
    assert client.get(f"{HOOKS}{hook.pk}/").status_code == 404


def test_another_secret_is_shown_once_and_both_sign(client: APIClient, user: User, receiver: Receiver) -> None:
    made = make(client, url=receiver.url()).json()
    new = client.post(f"{HOOKS}{made['id']}/secret/")
    assert (new.status_code, list(new.json())) == (200, ["secret"])
    client.post(f"{HOOKS}{made['id']}/test/")
    work_off()
    (got,) = receiver.got
    for secret in (made["secret"], new.json()["secret"]):
        assert Verifier(secret).verify(got.body, dict(got.headers))


# --- deliveries -------------------------------------------------------------------------------------------------------


def test_a_ping_is_sent_and_can_be_followed(client: APIClient, user: User, receiver: Receiver) -> None:
    hook = hook_of(user, url=receiver.url())
    sent = client.post(f"{HOOKS}{hook.pk}/test/")
    delivery = Delivery.objects.get()
    assert sent.status_code == 202
    assert sent["Location"] == f"{HOOKS}{hook.pk}/deliveries/{delivery.pk}/"
    assert (sent.json()["state"], sent.json()["event"]) == ("waiting", "ping")
    work_off()
    arrived = client.get(sent["Location"]).json()
    assert arrived.items() >= {"state": "delivered", "status": 204, "attempts": 1, "trouble": "", "due": None}.items()
    assert arrived["message"] == sent.json()["message"] == receiver.got[0].headers["webhook-id"]
    assert client.get(f"{HOOKS}{hook.pk}/deliveries/").json()["results"] == [arrived]


def test_what_was_given_up_can_be_replayed(client: APIClient, user: User, receiver: Receiver) -> None:
    hook = hook_of(user, url=receiver.url(), failures=9, ready=timezone.now() + timedelta(hours=1))
    delivery = Delivery.objects.create(webhook=hook, event="ping", due=None, attempts=9, status=500, trouble="status")
    where = f"{HOOKS}{hook.pk}/deliveries/{delivery.pk}/"
    assert client.get(where).json()["state"] == "failed"
    again = client.post(f"{where}replay/")
    assert (again.status_code, again["Location"]) == (202, where)
    assert again.json().items() >= {"state": "waiting", "attempts": 0, "status": None, "trouble": ""}.items()
    work_off()
    assert client.get(where).json()["state"] == "delivered"
    assert len(receiver.got) == 1


def test_what_has_arrived_can_be_replayed_too(client: APIClient, user: User, receiver: Receiver) -> None:
    hook = hook_of(user, url=receiver.url())
    where = client.post(f"{HOOKS}{hook.pk}/test/")["Location"]
    work_off()
    assert client.post(f"{where}replay/").status_code == 202
    work_off()
    one, other = receiver.got
    assert one.headers["webhook-id"] == other.headers["webhook-id"]


@pytest.mark.parametrize("path", ["test/", "deliveries/{}/replay/"])
def test_to_one_that_is_off_nothing_is_sent(client: APIClient, user: User, path: str) -> None:
    hook = hook_of(user, active=False)
    delivery = Delivery.objects.create(webhook=hook, event="ping", due=None)
    refused = client.post(f"{HOOKS}{hook.pk}/{path.format(delivery.pk)}", HTTP_ACCEPT_LANGUAGE="en")
    said = {"detail": "This webhook is off. Switch it on first: PATCH active to true."}
    assert (refused.status_code, refused.json()) == (400, said)
    assert Delivery.objects.get().due is None


def test_who_is_gone_is_switched_on_again_by_its_owner(client: APIClient, user: User, receiver: Receiver) -> None:
    hook = hook_of(user, url=receiver.url())
    receiver.answers = [says(410), says(204)]
    where = client.post(f"{HOOKS}{hook.pk}/test/")["Location"]
    work_off()
    assert client.get(f"{HOOKS}{hook.pk}/").json()["active"] is False
    assert client.patch(f"{HOOKS}{hook.pk}/", {"active": True}, format="json").status_code == 200
    assert client.post(f"{where}replay/").status_code == 202
    work_off()
    assert client.get(where).json()["state"] == "delivered"


# --- whose they are ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""), ("patch", ""), ("delete", ""), ("post", "secret/"), ("post", "test/"), ("get", "deliveries/"),
        ("get", "deliveries/{}/"), ("post", "deliveries/{}/replay/"),
    ],
)  # fmt: skip
def test_somebody_elses_do_not_exist(client: APIClient, user: User, other: User, method: str, path: str) -> None:
    hook = hook_of(user)
    delivery = Delivery.objects.create(webhook=hook, event="ping", due=None)
    before = list(Webhook.objects.values()), list(Delivery.objects.values())
    url = f"{HOOKS}{hook.pk}/{path.format(delivery.pk)}"
    for who, code in ((signed_in(other), 404), (APIClient(), 401)):
        assert getattr(who, method)(url, {"active": False}, format="json").status_code == code
    assert (list(Webhook.objects.values()), list(Delivery.objects.values())) == before
    assert signed_in(other).get(HOOKS).json()["results"] == []


@pytest.mark.parametrize("number", [0, 77, 2**63, 10**30])
def test_those_that_nobody_made_do_not_exist_either(client: APIClient, user: User, number: int) -> None:
    hook = hook_of(user)
    there, made_up = f"{HOOKS}{hook.pk}/", f"{HOOKS}{number}/"
    paths = [made_up, f"{made_up}deliveries/", f"{made_up}deliveries/1/", f"{there}deliveries/{number}/"]
    assert [client.get(path).status_code for path in paths] == [404] * 4
    paths = [f"{made_up}test/", f"{made_up}secret/", *(f"{path}replay/" for path in paths[2:])]
    assert [client.post(path).status_code for path in paths] == [404] * 4


def test_a_delivery_of_another_webhook_is_not_this_ones(client: APIClient, user: User) -> None:
    one, other = hook_of(user), hook_of(user)
    delivery = webhooks.ping(one)
    assert client.get(f"{HOOKS}{other.pk}/deliveries/{delivery.pk}/").status_code == 404
    assert client.post(f"{HOOKS}{other.pk}/deliveries/{delivery.pk}/replay/").status_code == 404


# --- described --------------------------------------------------------------------------------------------------------


def test_every_answer_has_an_example_and_the_examples_are_answers(client: APIClient, user: User) -> None:
    schema = client.get("/api/schema/?format=json").json()
    ours = {path: operations for path, operations in schema["paths"].items() if path.startswith(HOOKS)}
    assert len(ours) == 7
    for path, operations in ours.items():
        for method, operation in operations.items():
            for status, response in operation["responses"].items():
                for content in response.get("content", {}).values():
                    assert content["examples"], (path, method, status)
    shown = ours[HOOKS]["post"]["responses"]["201"]["content"]["application/json"]["examples"]["AWebhook"]["value"]
    assert shown.keys() == make(client).json().keys()
    sending = ours[f"{HOOKS}{{id}}/test/"]["post"]["responses"]
    ping = client.post(f"{HOOKS}{hook_of(user).pk}/test/").json()
    assert sending["202"]["content"]["application/json"]["examples"]["OnItsWay"]["value"].keys() == ping.keys()
    off = client.post(f"{HOOKS}{hook_of(user, active=False).pk}/test/", HTTP_ACCEPT_LANGUAGE="en").json()
    assert [one["value"] for one in sending["400"]["content"]["application/json"]["examples"].values()] == [off]
