"""What is on record is sent to a real receiver: signed, again where it did not arrive, and keeping nobody waiting."""

import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DataError, OperationalError
from django.utils import timezone, translation
from pytest_django import Settings
from standardwebhooks import Webhook as Verifier

from ocr import deliveries, hook_views, posting, webhooks
from ocr.background import Crew, do_next
from ocr.models import EVENTS, Batch, BatchCard, Delivery, Transaction, Trouble, Webhook
from ocr.serializers import NewWebhookSerializer
from tests.ocr.receivers import Got, Names, Receiver, receiving, says
from tests.ocr.test_metrics import Growth
from tests.ocr.test_webhooks import hook_of
from tests.test_docs import fences, rows, section, settings_read, text_of


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr("ocr.background.close_old_connections", lambda: None)  # the test's is one of them
    monkeypatch.setattr(deliveries._claims, "_let_go", set())
    settings.OCR_WEBHOOKS_PRIVATE = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def hook(user: User, receiver: Receiver) -> Webhook:
    return hook_of(user, url=receiver.url())


@pytest.fixture
def grown() -> Growth:
    return Growth()


def work_off() -> int:
    """Send all that is due; how much that was."""
    return sum(iter(lambda: int(do_next(deliveries.take)), 0))


def make_due() -> None:
    """Some time later."""
    Delivery.objects.exclude(due=None).update(due=timezone.now())
    Webhook.objects.update(ready=timezone.now())


def pinged(hook: Webhook) -> Delivery:
    delivery = webhooks.ping(hook)
    work_off()
    delivery.refresh_from_db()
    return delivery


def verified(hook: Webhook, got: Got) -> dict[str, Any]:
    """What a receiver makes of it, with a library that knows nothing of us."""
    said: dict[str, Any] = Verifier(hook.secrets[0]).verify(got.body, dict(got.headers))
    assert said == json.loads(got.body)
    return said


# --- what arrives -----------------------------------------------------------------------------------------------------


def test_it_arrives_signed(hook: Webhook, receiver: Receiver) -> None:
    delivery = pinged(hook)
    (got,) = receiver.got
    said = verified(hook, got)
    assert (said["type"], said["data"]) == ("ping", {"webhook": hook.pk})
    assert datetime.fromisoformat(said["timestamp"]) == delivery.created
    assert got.headers["webhook-id"] == str(delivery)
    assert got.headers["Content-Type"] == "application/json"
    assert got.headers["User-Agent"].startswith("Apptenticate/")
    assert (delivery.state, delivery.status, delivery.attempts, delivery.trouble) == ("delivered", 204, 1, "")


def test_of_a_document_it_tells_what_came_of_it_and_nothing_of_the_person(hook: Webhook, receiver: Receiver) -> None:
    row = Transaction(owner=hook.owner, outcome=200, valid=True, finished=timezone.now())
    row.answer = {"name": "JUAN CARLOS", "cic": "345636022"}
    row.save()
    webhooks.announce("transaction.finished", hook.owner_id, transaction=row)
    work_off()
    (got,) = receiver.got
    where = f"/api/v3.2/ocr/{row.pk}/"
    assert verified(hook, got)["data"] == {"id": row.pk, "outcome_code": 200, "valid": True, "location": where}


def test_of_a_batch_it_counts(hook: Webhook, receiver: Receiver) -> None:
    batch = Batch.objects.create(owner=hook.owner, finished=timezone.now())
    for outcome, valid in ((200, True), (200, False), (814, False)):
        row = Transaction.objects.create(owner=hook.owner, outcome=outcome, valid=valid)
        BatchCard.objects.create(batch=batch, transaction=row)
    webhooks.announce("batch.finished", hook.owner_id, batch=batch)
    work_off()
    (got,) = receiver.got
    counts = {"cards": 3, "outcomes": {"200": 2, "814": 1}, "valid": 1}
    assert verified(hook, got)["data"] == {"id": batch.pk, **counts, "location": f"/api/v3.2/ocr/batch/{batch.pk}/"}


def test_an_erased_transaction_is_told_of_without_what_it_was(hook: Webhook, receiver: Receiver) -> None:
    row = Transaction.objects.create(owner=hook.owner, outcome=200, valid=True)
    webhooks.announce("transaction.finished", hook.owner_id, transaction=row)
    row.forget()
    row.save()
    work_off()
    assert verified(hook, receiver.got[0])["data"]["valid"] is None


@pytest.mark.django_db(transaction=True)
def test_a_crew_is_woken_and_sends_at_once(hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ocr.background._LOOKS_AGAIN", 60.0)
    crew = Crew([deliveries.chore()])
    crew.start()
    time.sleep(0.2)  # all of it rests by now
    try:
        webhooks.ping(hook)
        assert receiver.came.wait(10)
    finally:
        assert crew.stop(10)
    assert Delivery.objects.get().state == "delivered"


# --- again ------------------------------------------------------------------------------------------------------------


def test_what_did_not_arrive_is_sent_again_under_the_same_id(hook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [says(500), says(204)]
    first = pinged(hook)
    assert (first.state, first.status, first.trouble) == ("waiting", 500, "status")
    assert first.due is not None
    assert first.due - timezone.now() < timedelta(seconds=6)
    assert work_off() == 0
    make_due()
    assert work_off() == 1
    first.refresh_from_db()
    assert (first.state, first.status, first.attempts, first.trouble) == ("delivered", 204, 2, "")
    one, other = receiver.got
    assert one.headers["webhook-id"] == other.headers["webhook-id"]
    assert one.body == other.body
    assert verified(hook, other)


class Killed(BaseException):
    """Nothing after it is done."""


def test_killed_between_sending_and_writing_that_down_it_is_sent_again(
    hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.ping(hook)
    with monkeypatch.context() as killing:
        killing.setattr(deliveries, "_write", lambda *_, **__: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            do_next(deliveries.take)
    assert len(receiver.got) == 1
    assert work_off() == 0  # it may be alive still
    claimed = Delivery.objects.get().due
    assert claimed is not None
    assert claimed > timezone.now() + timedelta(seconds=posting.SECONDS)
    make_due()
    assert work_off() == 1
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    assert len(receiver.got) == 2
    assert Delivery.objects.get().state == "delivered"


def test_a_database_that_goes_away_before_it_is_sent_delays_nothing(
    hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.ping(hook)
    with monkeypatch.context() as away:
        away.setattr(deliveries, "_send", lambda _: (_ for _ in ()).throw(OperationalError("gone")))
        assert not do_next(deliveries.take)
    assert work_off() == 1  # at once, not when the claim would end
    assert Delivery.objects.get().state == "delivered"
    assert len(receiver.got) == 1


def test_what_cannot_be_written_for_another_reason_is_not_sent_again_at_once(
    hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    webhooks.ping(hook)
    with monkeypatch.context() as wrong:
        wrong.setattr(deliveries, "_write", lambda *_, **__: (_ for _ in ()).throw(DataError("too long")))
        assert not do_next(deliveries.take)
    assert work_off() == 0
    assert len(receiver.got) == 1


def test_one_that_took_so_long_that_another_began_anew_does_not_undo_that_it_arrived(
    hook: Webhook, receiver: Receiver
) -> None:
    receiver.answers = [says(500), says(204)]
    webhooks.ping(hook)
    slow = Delivery.objects.select_related("webhook").get()
    first = deliveries.take()
    assert first is not None
    make_due()  # its claim has run out
    assert work_off() == 1
    assert Delivery.objects.get().status == 500
    make_due()
    work_off()
    assert Delivery.objects.get().state == "delivered"
    slow.attempts = 1
    deliveries._failed(slow, Trouble.TIMEOUT)  # and only now the first one comes to its end
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.trouble, delivery.due) == ("delivered", "", None)


def test_of_the_last_attempt_it_is_told_how_it_went(hook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [says(500)]
    delivery = pinged(hook)
    assert (delivery.status, delivery.trouble) == (500, "status")
    with receiving() as gone:
        Webhook.objects.update(url=gone.url())
    make_due()
    work_off()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.trouble) == (None, "connection")


def test_less_and_less_often_and_not_for_ever(
    hook: Webhook, receiver: Receiver, grown: Growth, caplog: pytest.LogCaptureFixture
) -> None:
    receiver.answers = [says(503)]
    delivery = pinged(hook)
    pauses = []
    while delivery.due is not None:
        pauses.append((delivery.due - timezone.now()) / timedelta(seconds=1))
        make_due()
        work_off()
        delivery.refresh_from_db()
    assert pauses == pytest.approx([5, 60, 300, 1800, 7200, 21600, 43200, 86400], rel=0.12, abs=0.5)
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", 9, 503)
    assert len(receiver.got) == 9
    assert grown("webhook_attempts_total", came_to="put_off") == 8
    assert grown("webhook_attempts_total", came_to="given_up") == 1
    assert f"{delivery} to webhook {hook.pk} is given up" in caplog.text
    assert "of=ana" not in caplog.text


def test_what_was_given_up_arrives_when_somebody_sends_it_again(hook: Webhook, receiver: Receiver) -> None:
    delivery = Delivery.objects.create(webhook=hook, event="ping", due=None, attempts=9, status=503, trouble="status")
    assert work_off() == 0
    webhooks.send_again(Delivery.objects.all())
    assert work_off() == 1
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts) == ("delivered", 1)
    assert receiver.got[0].headers["webhook-id"] == str(delivery)


def in_ten_minutes() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(minutes=10), usegmt=True)


@pytest.mark.parametrize("say", [lambda: "600", in_ten_minutes], ids=["seconds", "date"])
def test_who_asks_to_wait_is_waited_for(hook: Webhook, receiver: Receiver, say: Callable[[], str]) -> None:
    receiver.answers = [says(429, Retry_After=say())]
    due = pinged(hook).due
    assert due is not None
    assert timedelta(seconds=500) < due - timezone.now() < timedelta(seconds=601)
    hook.refresh_from_db()
    assert hook.ready > timezone.now() + timedelta(seconds=500)


@pytest.mark.parametrize("said", ["99999999999999999999", "soon", "-5", "Thu, 01 Jan 1970 00:00:00 GMT", "999999999"])
def test_but_not_longer_than_a_day_nor_for_nonsense(hook: Webhook, receiver: Receiver, said: str) -> None:
    receiver.answers = [says(503, Retry_After=said)]
    due = pinged(hook).due
    assert due is not None
    assert timezone.now() < due <= timezone.now() + timedelta(days=1)


def test_who_is_gone_is_told_nothing_any_more(hook: Webhook, receiver: Receiver) -> None:
    receiver.answers = [says(410)]
    delivery = pinged(hook)
    hook.refresh_from_db()
    assert (delivery.state, delivery.attempts, hook.active) == ("failed", 1, False)
    webhooks.announce("transaction.finished", hook.owner_id)
    assert Delivery.objects.count() == 1


def test_what_waits_for_a_webhook_that_is_off_waits(hook: Webhook, receiver: Receiver) -> None:
    webhooks.ping(hook)
    Webhook.objects.update(active=False)
    assert work_off() == 0
    Webhook.objects.update(active=True)
    assert work_off() == 1


def test_an_account_that_is_off_is_told_nothing(hook: Webhook, receiver: Receiver) -> None:
    webhooks.ping(hook)
    User.objects.update(is_active=False)
    assert work_off() == 0


def test_a_webhook_that_is_deleted_while_it_is_sent_to(hook: Webhook) -> None:
    webhooks.ping(hook)
    work = deliveries.take()
    assert work is not None
    hook.delete()
    work()
    assert not Delivery.objects.exists()


# --- what goes wrong --------------------------------------------------------------------------------------------------


def test_an_address_of_a_neighbour_is_not_called(hook: Webhook, receiver: Receiver, settings: Settings) -> None:
    """Though it was let pass when it was chosen."""
    settings.OCR_WEBHOOKS_PRIVATE = False
    assert pinged(hook).trouble == "address"
    Webhook.objects.update(url=f"https://localhost:{receiver.port}/")
    make_due()
    work_off()
    assert Delivery.objects.get().trouble == "address"
    assert receiver.got == []


def test_a_redirect_is_a_failure(hook: Webhook, receiver: Receiver) -> None:
    with receiving() as elsewhere:
        receiver.answers = [says(302, Location=elsewhere.url())]
        delivery = pinged(hook)
        assert (delivery.state, delivery.status, delivery.trouble) == ("waiting", 302, "status")
        assert elsewhere.got == []


def test_nobody_there_and_nobody_who_answers(
    user: User, hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 0.3)
    with receiving() as gone:
        url = gone.url()
    assert pinged(hook_of(user, url=url)).trouble == "connection"
    receiver.answers = [lambda _: time.sleep(2)]
    assert pinged(hook).trouble == "timeout"
    assert pinged(hook_of(user, url=receiver.url(scheme="https"))).trouble == "tls"


def test_while_it_is_sent_others_have_the_connection_to_the_database(
    hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    lent: list[int] = []
    monkeypatch.setattr("ocr.background.lend_connection", lambda: lent.append(len(receiver.got)))
    assert pinged(hook).state == "delivered"
    assert (lent, len(receiver.got)) == ([0], 1)


def test_without_its_key_nothing_is_sent(hook: Webhook, receiver: Receiver) -> None:
    Webhook.objects.update(sealed_secrets=b"\x01\x04lostwhatever it was")
    assert pinged(hook).trouble == "secret"
    assert receiver.got == []


# --- whose turn it is -------------------------------------------------------------------------------------------------


def test_webhooks_take_turns(user: User, other: User, receiver: Receiver) -> None:
    busy, quiet = hook_of(user, url=receiver.url()), hook_of(other, url=receiver.url())
    for _ in range(5):
        webhooks.announce("transaction.finished", user.pk, transaction=Transaction.objects.create(owner=user))
    webhooks.announce("transaction.finished", other.pk, transaction=Transaction.objects.create(owner=other))
    work_off()
    order = list(Delivery.objects.order_by("delivered").values_list("webhook", flat=True))
    assert sorted(order[:2]) == sorted([busy.pk, quiet.pk])


def test_one_that_fails_rests_and_nothing_that_waits_for_it_is_lost(
    user: User, hook: Webhook, receiver: Receiver
) -> None:
    receiver.answers = [says(500), says(500), says(204)]
    for _ in range(20):
        webhooks.ping(hook)
    assert work_off() == 1
    for attempts, rest in ((2, 60), (3, 0)):
        Webhook.objects.update(ready=timezone.now())
        work_off()
        hook.refresh_from_db()
        if rest:
            assert len(receiver.got) == attempts
            assert rest * 0.9 < (hook.ready - timezone.now()) / timedelta(seconds=1) <= rest
    make_due()
    work_off()
    hook.refresh_from_db()
    assert hook.failures == 0
    assert {delivery.state for delivery in Delivery.objects.all()} == {"delivered"}
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 20
    assert len(receiver.got) == 22


def until_let_in(work: Callable[[], object]) -> None:
    """SQLite in memory refuses whoever comes while another thread writes; on a disk they wait (`busy_timeout`)."""
    for _ in range(200):
        try:
            work()
        except OperationalError:
            time.sleep(0.01)
        else:
            return
    pytest.fail("never let in")


@pytest.mark.django_db(transaction=True)
def test_one_that_answers_nothing_keeps_nobody_else_waiting(
    user: User, other: User, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posting, "SECONDS", 1.0)
    hold = threading.Event()

    def keep_quiet(_: BaseHTTPRequestHandler) -> None:
        hold.wait(30)

    with receiving() as mute:
        mute.answers = [keep_quiet]
        slow = hook_of(user, url=mute.url())
        quick = hook_of(other, url=receiver.url())
        for _ in range(50):
            webhooks.ping(slow)
        crew = Crew([deliveries.chore()])
        crew.start()
        try:
            assert mute.came.wait(10)
            began = time.monotonic()
            until_let_in(lambda: webhooks.ping(quick))
            assert receiver.came.wait(10)
            assert time.monotonic() - began < 3  # both threads had been at the mute one
        finally:
            hold.set()
            assert crew.stop(10)


def test_what_is_claimed_is_nobody_elses(hook: Webhook) -> None:
    webhooks.ping(hook)
    assert deliveries.take() is not None
    assert deliveries.take() is None


def test_it_tells_nobody_a_name_twice(hook: Webhook, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each attempt asks for the address anew: a receiver may move."""
    names = Names(moving_example=["127.0.0.9", "127.0.0.1"])
    monkeypatch.setattr(socket, "getaddrinfo", names)
    Webhook.objects.update(url=receiver.url("moving.example"))
    assert pinged(hook).trouble == "connection"
    make_due()
    assert work_off() == 1
    assert Delivery.objects.get().state == "delivered"
    assert names.asked == ["moving.example"] * 2


def test_how_long_it_took_is_counted_from_the_event(hook: Webhook, grown: Growth) -> None:
    webhooks.ping(hook)
    Delivery.objects.update(created=timezone.now() - timedelta(seconds=100))
    work_off()
    assert grown("webhook_seconds_sum") == pytest.approx(100, abs=5)
    assert grown("webhook_attempts_total", came_to="delivered") == 1


def test_the_log_names_no_address(hook: Webhook, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    receiver.answers = [says(500)]
    with caplog.at_level(logging.DEBUG):
        pinged(hook)
    assert "is sent again in" in caplog.text
    assert str(receiver.port) not in caplog.text


# --- the page ---------------------------------------------------------------------------------------------------------


def test_what_the_page_shows_verifies_what_comes(hook: Webhook, receiver: Receiver) -> None:
    (shown,) = [block for language, block in fences(text_of("webhooks")) if language == "python"]
    names: dict[str, Any] = {}
    exec(shown, names)  # noqa: S102 - of our own page
    verify = names["verify"]
    old = hook.secrets[0]
    new = webhooks.rotate(hook)
    pinged(hook)
    (got,) = receiver.got
    assert verify(new, got.headers, got.body) is verify(old, got.headers, got.body) is True
    assert not verify(new, got.headers, got.body + b" ")
    assert not verify(webhooks.new_secret(), got.headers, got.body)
    for header in ("webhook-id", "webhook-timestamp"):
        assert not verify(new, {**got.headers, header: "1795802401"}, got.body)
    late = int(time.time()) - 301
    signatures = webhooks.signatures(hook, "msg_1", late, b"{}")
    told = {"webhook-id": "msg_1", "webhook-timestamp": str(late), "webhook-signature": signatures}
    assert not verify(new, told, b"{}")


def test_the_page_shows_what_is_sent(hook: Webhook) -> None:
    shown = {said["type"]: said for said in bodies() if "type" in said}
    row, batch = Transaction.objects.create(owner=hook.owner), Batch.objects.create(owner=hook.owner)
    webhooks.announce("transaction.finished", hook.owner_id, transaction=row)
    webhooks.announce("batch.finished", hook.owner_id, batch=batch)
    sent = [json.loads(deliveries.payload(delivery)) for delivery in Delivery.objects.all()]
    assert set(shown) == set(EVENTS) == {said["type"] for said in sent}
    for said in sent:
        like = shown[said["type"]]
        assert list(like) == list(said)
        assert list(like["data"]) == list(said["data"])
    assert [row[0] for row in rows(text_of("webhooks")) if row[0].strip("`") in EVENTS] == [f"`{e}`" for e in EVENTS]


def bodies() -> list[dict[str, Any]]:
    return [json.loads(block) for language, block in fences(text_of("webhooks")) if language == "json"]


def test_the_page_shows_what_a_new_one_is_answered() -> None:
    assert list(bodies()[0]) == list(NewWebhookSerializer().fields)


UNITS = {"second": 1, "minute": 60, "hour": 3600}


def test_the_page_tells_when_it_is_sent_again() -> None:
    told = [row[1] for row in rows(section("webhooks", "What holds")) if row[0].isdecimal()]
    seconds = [int(number) * UNITS[unit.removesuffix("s")] for number, unit in (pause.split() for pause in told)]
    assert [timedelta(seconds=pause) for pause in seconds] == list(deliveries.PAUSES)
    assert f"{posting.SECONDS:.0f} seconds" in section("webhooks", "What holds")


def test_the_page_tells_every_trouble_and_refusal() -> None:
    page = text_of("webhooks")
    assert {row[0].strip("`") for row in rows(page)} >= set(Trouble.values)
    with translation.override("en"):
        for kind in (hook_views.TooManyWebhooks, hook_views.WebhookIsOff):
            assert str(kind.default_detail) in page
    assert f"{hook_views.MOST_WEBHOOKS} for each account" in page
    assert set(re.findall(r"APPTENTICATE_[A-Z_]+[A-Z]", page)) <= set(settings_read())
