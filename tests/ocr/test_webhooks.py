"""Who is told of what, on record once the event is true and not before; and what shows that it was us."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import OperationalError
from django.utils import timezone
from rest_framework.test import APIClient
from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from hardening.databases import postgresql
from ocr import promises, webhooks
from ocr.background import do_next
from ocr.models import EVENTS, Batch, BatchCard, Delivery, Promise, Transaction, Webhook
from ocr.pipeline.errors import MrzNotFound
from tests.conftest import URL, FakeReader

ROOT = Path(__file__).parents[2]
Parts = Callable[..., dict[str, Any]]
ASYNC = {"prefer": "respond-async"}


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.background.close_old_connections", lambda: None)  # the test's is one of them
    promises._looked_back.clear()


def hook_of(owner: User, *events: str, **more: Any) -> Webhook:
    told = {"url": "https://receiver.example/", "events": list(events or EVENTS), **more}
    hook = Webhook(owner=owner, **told)
    hook.secrets = [webhooks.new_secret()]
    hook.save()
    return hook


def told() -> list[tuple[int, str]]:
    return list(Delivery.objects.order_by("pk").values_list("webhook_id", "event"))


def work_off() -> None:
    Promise.objects.update(due=timezone.now())
    while do_next(promises.take):
        pass


# --- events -----------------------------------------------------------------------------------------------------------


def test_a_promised_answer_is_told(client: APIClient, user: User, parts: Parts, fake: FakeReader) -> None:
    hook = hook_of(user)
    client.post(URL, parts(), headers=ASYNC)
    assert told() == []
    work_off()
    delivery = Delivery.objects.get()
    assert (delivery.webhook, delivery.event, delivery.transaction) == (
        hook,
        "transaction.finished",
        Transaction.objects.get(),
    )
    assert delivery.due is not None
    assert delivery.state == "waiting"


def test_a_failure_too(client: APIClient, user: User, parts: Parts, fake: FakeReader) -> None:
    hook = hook_of(user)
    fake.reading = MrzNotFound("none")
    client.post(URL, parts(), headers=ASYNC)
    work_off()
    assert told() == [(hook.pk, "transaction.finished")]


def test_who_waits_for_the_answer_is_not_told_it_again(
    client: APIClient, user: User, parts: Parts, fake: FakeReader
) -> None:
    hook_of(user)
    client.post(URL, parts())
    assert told() == []


def test_only_those_who_asked_for_it(
    client: APIClient, user: User, other: User, parts: Parts, fake: FakeReader
) -> None:
    both, one = hook_of(user), hook_of(user, "transaction.finished")
    hook_of(user, "batch.finished")
    hook_of(user, active=False)
    hook_of(other)
    client.post(URL, parts(), headers=ASYNC)
    work_off()
    assert sorted(told()) == sorted((hook.pk, "transaction.finished") for hook in (both, one))


def test_a_batch_is_told_once_and_its_cards_are_not(
    user: User, client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    hook = hook_of(user)
    for _ in range(3):
        client.post(URL, parts(), headers=ASYNC)
    batch = Batch.objects.create(owner=user)
    for row in Transaction.objects.all():
        BatchCard.objects.create(batch=batch, transaction=row)
    Promise.objects.update(behind=True)
    work_off()
    assert told() == [(hook.pk, "batch.finished")]
    assert Delivery.objects.get().batch == batch
    batch.refresh_from_db()
    assert batch.finished is not None


def test_what_could_not_be_ended_is_not_told_and_is_told_once_it_is(
    client: APIClient, user: User, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed anywhere between the answer and its end: neither lost nor told twice."""
    hook = hook_of(user)
    client.post(URL, parts(), headers=ASYNC)

    def gone(*_: Any, **__: Any) -> None:
        raise OperationalError("gone")

    with monkeypatch.context() as away:
        away.setattr(Delivery.objects, "bulk_create", gone)
        work_off()
    assert Promise.objects.count() == 1
    assert Transaction.objects.get().outcome == 200
    work_off()
    assert told() == [(hook.pk, "transaction.finished")]
    assert not Promise.objects.exists()
    assert len(fake.calls) == 1


def test_a_batch_whose_end_could_not_be_told_ends_later(
    client: APIClient, user: User, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook = hook_of(user)
    client.post(URL, parts(), headers=ASYNC)
    batch = Batch.objects.create(owner=user)
    BatchCard.objects.create(batch=batch, transaction=Transaction.objects.get())
    with monkeypatch.context() as away:
        away.setattr(webhooks, "announce", lambda *_, **__: (_ for _ in ()).throw(OperationalError("gone")))
        work_off()
    batch.refresh_from_db()
    assert batch.finished is None
    work_off()
    assert told() == [(hook.pk, "batch.finished")]


# --- by hand ----------------------------------------------------------------------------------------------------------


def test_what_is_sent_again_keeps_its_id_and_is_tried_at_once(user: User) -> None:
    hook = hook_of(user, failures=7, ready=timezone.now() + timedelta(hours=1))
    delivery = Delivery.objects.create(webhook=hook, event="ping", due=None, attempts=9, status=500, trouble="status")
    before = str(delivery)
    assert webhooks.send_again(Delivery.objects.filter(pk=delivery.pk)) == 1
    delivery.refresh_from_db()
    hook.refresh_from_db()
    assert str(delivery) == before
    assert (delivery.attempts, delivery.status, delivery.trouble, delivery.state) == (0, None, "", "waiting")
    assert (hook.failures, hook.ready <= timezone.now()) == (0, True)


# --- secrets ----------------------------------------------------------------------------------------------------------


def signed(hook: Webhook, body: bytes) -> dict[str, str]:
    at = int(timezone.now().timestamp())
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(at),
        "webhook-signature": webhooks.signatures(hook, "msg_1", at, body),
    }


def test_a_secret_is_as_the_standard_wants_it_and_sealed(user: User) -> None:
    hook = hook_of(user)
    (secret,) = hook.secrets
    assert secret.startswith("whsec_")
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert secret.encode() not in bytes(hook.sealed_secrets)
    assert hook_of(user).secrets != [secret]


def test_who_knows_the_secret_can_tell_that_it_was_us(user: User) -> None:
    hook = hook_of(user)
    body = '{"type": "ping", "ñ": 1}'.encode()
    assert Verifier(hook.secrets[0]).verify(body, signed(hook, body)) is not None
    with pytest.raises(WebhookVerificationError):
        Verifier(webhooks.new_secret()).verify(body, signed(hook, body))
    with pytest.raises(WebhookVerificationError):
        Verifier(hook.secrets[0]).verify(body + b" ", signed(hook, body))


def test_for_a_day_the_secret_before_it_signs_too(user: User) -> None:
    hook = hook_of(user)
    old = hook.secrets[0]
    new = webhooks.rotate(hook)
    hook.refresh_from_db()
    assert new != old
    for secret in (old, new):
        assert Verifier(secret).verify(b"{}", signed(hook, b"{}")) is not None
    hook.rotated = timezone.now() - timedelta(days=1, seconds=1)
    assert Verifier(new).verify(b"{}", signed(hook, b"{}")) is not None
    with pytest.raises(WebhookVerificationError):
        Verifier(old).verify(b"{}", signed(hook, b"{}"))


def test_of_two_who_change_it_both_are_told_what_signs(user: User) -> None:
    hook = hook_of(user)
    seen_by_another = Webhook.objects.get()
    one, other = webhooks.rotate(hook), webhooks.rotate(seen_by_another)
    hook.refresh_from_db()
    assert hook.secrets == [other, one]


# --- two at once ------------------------------------------------------------------------------------------------------

BOTH_END = """
import threading
from contextlib import suppress
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from ocr import batches, promises, webhooks
from ocr.models import Batch, BatchCard, Delivery, Promise, Transaction, Webhook

ana = User.objects.create_user("ana")
hook = Webhook(owner=ana, url="https://receiver.example/", events=["batch.finished"])
hook.secrets = [webhooks.new_secret()]
hook.save()
batch = Batch.objects.create(owner=ana)
rows = [Transaction.objects.create(owner=ana, outcome=200) for _ in range(2)]
for row in rows:
    BatchCard.objects.create(batch=batch, transaction=row)
    Promise.objects.create(transaction=row, behind=True, due=timezone.now(), language="es", request="-")
finish = batches.finish
both_are_here, both_have_looked = threading.Barrier(2, timeout=20), threading.Barrier(2, timeout=2)

def finish_together(row):
    both_are_here.wait()
    finish(row)
    with suppress(threading.BrokenBarrierError):  # one of them has to wait until the other has committed
        both_have_looked.wait()

def end(row):
    promises._end(row)
    connection.close()

batches.finish = finish_together
threads = [threading.Thread(target=end, args=(row,)) for row in rows]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(Promise.objects.count(), Batch.objects.exclude(finished=None).count(), Delivery.objects.count())
"""


@pytest.mark.skipif(not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed")
def test_of_the_last_two_cards_of_a_batch_that_end_at_once_one_ends_it(tmp_path: Path) -> None:
    """SQLite lets one write at a time; on PostgreSQL, neither sees that the other's promise is gone."""
    with postgresql() as server:
        env = {**os.environ, **server.environment, "APPTENTICATE_HOME": str(tmp_path)}
        for arguments in (("migrate", "--no-input"), ("shell", "-v0", "-c", BOTH_END)):
            command = [sys.executable, "manage.py", *arguments]
            told = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
    assert told.stdout.splitlines()[-1] == "0 1 1"
