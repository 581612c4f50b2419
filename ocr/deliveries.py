"""What `webhooks` has put on record is sent here, signed as Standard Webhooks says, until it arrives or is given up.

The table is the queue, as `promises` has it: a delivery is claimed by writing into it when it would be due again, later
than sending takes. Who is killed between sending and writing that down has it sent again, under the same id: at least
once, and the receiver can tell. Webhooks take turns, and one that fails rests: one that is slow, or gone, keeps nobody
else's waiting.
"""

import json
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from random import SystemRandom
from typing import Any, Final

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from ocr import background, batches, metrics, posting, webhooks
from ocr.background import Chore, Claims, Work
from ocr.models import BATCH_FINISHED, PING, TRANSACTION_FINISHED, Delivery, Trouble, Webhook
from ocr.posting import Answer, BadTarget, NoAddress, NoConnection, NotPosted, NoTrust, TooLong
from ocr.vault import CannotOpen

log = logging.getLogger(__name__)

_CLAIMED_FOR: Final = timedelta(seconds=120)  # `posting.SECONDS`, and what a name server may take before
_LOOKED_AT: Final = 8  # webhooks, and deliveries of one: somebody else may claim the first of them meanwhile
PAUSES: Final = tuple(
    timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 6 * 3600, 12 * 3600, 24 * 3600)
)
"""After each attempt that failed, give or take a tenth; after the last, it is given up."""
_RESTS: Final = PAUSES[:3]
"""After each failure in a row, for all deliveries of a webhook."""
_GONE: Final = 410


def chore() -> Chore:
    return Chore("webhooks", take, settings.OCR_WEBHOOKS)


def take() -> Work | None:
    """Claim what is due first of the webhook that has waited longest."""
    _claims.free(Delivery.objects)
    now = timezone.now()
    due = Delivery.objects.filter(webhook=OuterRef("pk"), due__lte=now)
    waiting = Webhook.objects.filter(Exists(due), active=True, owner__is_active=True, ready__lte=now)
    for hook in waiting.order_by("ready").values_list("pk", flat=True)[:_LOOKED_AT]:
        if (claimed := _claimed(hook, now)) is not None:
            return partial(_work_on, claimed, now + _CLAIMED_FOR)
    return None


_claims = Claims(OperationalError, InterfaceError)  # of what is wrong here the address would hear every second


def _claimed(hook: int, now: datetime) -> int | None:
    due = Delivery.objects.filter(webhook=hook, due__lte=now).order_by("due").values_list("pk", "due")
    for pk, was_due in due[:_LOOKED_AT]:
        with _claims.letting_go(pk, now + _CLAIMED_FOR):
            still_free = Delivery.objects.filter(pk=pk, due=was_due)
            if still_free.update(due=now + _CLAIMED_FOR, attempts=F("attempts") + 1):
                Webhook.objects.filter(pk=hook, ready__lte=now).update(ready=now)  # behind all others that wait
                return pk
    return None


# --- one delivery -----------------------------------------------------------------------------------------------------


def _work_on(pk: int, until: datetime) -> None:
    with _claims.letting_go(pk, until):
        _deliver(pk)


def _deliver(pk: int) -> None:
    delivery = Delivery.objects.select_related("webhook", "transaction", "batch").filter(pk=pk).first()
    if delivery is None:  # its webhook was deleted meanwhile
        return
    try:
        answer = _send(delivery)
    except (NotPosted, CannotOpen) as error:
        delivery.status = None
        _failed(delivery, _TROUBLES[type(error)])
        return
    delivery.status = answer.status
    if 200 <= answer.status < 300:
        _arrived(delivery)
    else:
        _failed(delivery, Trouble.STATUS, answer)


_TROUBLES: Final[Mapping[type[Exception], Trouble]] = {
    NoAddress: Trouble.ADDRESS,
    NoConnection: Trouble.CONNECTION,
    NoTrust: Trouble.TLS,
    TooLong: Trouble.TIMEOUT,
    CannotOpen: Trouble.SECRET,
}


def _send(delivery: Delivery) -> Answer:
    hook, message, now, body = delivery.webhook, str(delivery), int(time.time()), payload(delivery)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": f"Apptenticate/{settings.API_VERSION}",
        "webhook-id": message,
        "webhook-timestamp": str(now),
        "webhook-signature": webhooks.signatures(hook, message, now, body),
    }
    private = settings.OCR_WEBHOOKS_PRIVATE
    try:
        target = posting.target(hook.url, private=private)
    except BadTarget as error:  # the setting was another when it was chosen
        raise NoAddress from error
    background.lend_connection()
    return posting.post(target, headers, body, private=private)


def _arrived(delivery: Delivery) -> None:
    now = timezone.now()
    _write(delivery, due=None, delivered=now, trouble="")
    if delivery.webhook.failures:
        Webhook.objects.filter(pk=delivery.webhook_id).update(failures=0)
    metrics.DELIVERIES.labels(metrics.DELIVERED).inc()
    metrics.DELIVERY_SECONDS.observe((now - delivery.created) / timedelta(seconds=1))


def _failed(delivery: Delivery, trouble: Trouble, answer: Answer | None = None) -> None:
    asked = _asked_to_wait(answer.retry_after) if answer else timedelta(0)
    _rest(delivery.webhook, asked, gone=delivery.status == _GONE)
    if delivery.attempts > len(PAUSES) or delivery.status == _GONE:
        log.warning("%s to webhook %s is given up: %s %s", delivery, delivery.webhook_id, trouble, delivery.status)
        metrics.DELIVERIES.labels(metrics.GIVEN_UP).inc()
        _write(delivery, due=None, trouble=trouble)
        return
    pause = max(PAUSES[delivery.attempts - 1] * SystemRandom().uniform(0.9, 1.1), asked)
    log.info(
        "%s to webhook %s is sent again in %s: %s %s", delivery, delivery.webhook_id, pause, trouble, delivery.status
    )
    metrics.DELIVERIES.labels(metrics.PUT_OFF).inc()
    _write(delivery, due=timezone.now() + pause, trouble=trouble)


def _write(delivery: Delivery, **became: Any) -> None:  # noqa: ANN401
    """How it went. If it took so long that somebody else has begun anew, and that did arrive, that is what counts."""
    Delivery.objects.filter(pk=delivery.pk, delivered=None).update(status=delivery.status, **became)


def _rest(hook: Webhook, asked: timedelta, *, gone: bool) -> None:
    """It is not sent to for a while; who says that it is gone, until somebody switches it on again."""
    rest = max(_RESTS[min(hook.failures, len(_RESTS) - 1)], asked)
    Webhook.objects.filter(pk=hook.pk).update(failures=F("failures") + 1, ready=timezone.now() + rest)
    if gone:
        Webhook.objects.filter(pk=hook.pk).update(active=False)


def _asked_to_wait(said: str) -> timedelta:
    """`Retry-After`, seconds or a date (RFC 9110, 10.2.3); no longer than we would ever wait."""
    if said.isdecimal() and len(said) < _LONGEST:
        return min(timedelta(seconds=int(said)), PAUSES[-1])
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return timedelta(0)
    return min(until.replace(tzinfo=until.tzinfo or UTC) - timezone.now(), PAUSES[-1])


_LONGEST: Final = 9  # digits: no number of seconds that can be counted with has more

# --- what is said -----------------------------------------------------------------------------------------------------


def payload(delivery: Delivery) -> bytes:
    """The body: what has happened to what, and where to ask for it; of the person, nothing."""
    said = {
        "type": delivery.event,
        "timestamp": delivery.created.isoformat(),
        "data": _DATA[delivery.event](delivery),
    }
    return json.dumps(said, separators=(",", ":")).encode()


def _of_a_transaction(delivery: Delivery) -> dict[str, Any]:
    row = delivery.transaction
    assert row is not None
    where = reverse("transaction", kwargs={"pk": row.pk})
    return {"id": row.pk, "outcome_code": row.outcome, "valid": row.valid, "location": where}


def _of_a_batch(delivery: Delivery) -> dict[str, Any]:
    assert delivery.batch is not None
    progress = batches.progress(delivery.batch)
    where = reverse("batch", kwargs={"pk": delivery.batch.pk})
    return {**{name: progress[name] for name in ("id", "cards", "outcomes", "valid")}, "location": where}


def _of_a_ping(delivery: Delivery) -> dict[str, Any]:
    return {"webhook": delivery.webhook_id}


_DATA: Final[Mapping[str, Callable[[Delivery], dict[str, Any]]]] = {
    TRANSACTION_FINISHED: _of_a_transaction,
    BATCH_FINISHED: _of_a_batch,
    PING: _of_a_ping,
}
