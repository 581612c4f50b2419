"""Who wants to hear of what: an event comes in, and a delivery for each webhook that asked for it goes on record, in
the database transaction that makes the event true. `deliveries` sends them.

An event tells that something has an answer, never what stands in it: whoever is told asks for that with a token.
"""

import base64
import hmac
import secrets
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import QuerySet
from django.db.transaction import atomic, on_commit
from django.utils import timezone

from ocr import background
from ocr.models import PING, Batch, Delivery, Transaction, Webhook

# --- events -----------------------------------------------------------------------------------------------------------


def announce(event: str, owner: int, *, transaction: Transaction | None = None, batch: Batch | None = None) -> None:
    """Put on record that those of the owner's webhooks that asked for it are to be told. Once for each event: what
    makes it true is undone together with this."""
    hooks = Webhook.objects.filter(owner_id=owner, active=True)
    deliveries = [
        Delivery(webhook=hook, event=event, transaction=transaction, batch=batch)
        for hook in hooks.defer("sealed_secrets")
        if event in hook.events
    ]
    if deliveries:
        Delivery.objects.bulk_create(deliveries)
        on_commit(background.wake)


def ping(hook: Webhook) -> Delivery:
    """Send something, to see it arrive."""
    delivery = Delivery.objects.create(webhook=hook, event=PING)
    _at_once(Webhook.objects.filter(pk=hook.pk))
    return delivery


def send_again(deliveries: QuerySet[Delivery]) -> int:
    """As if they had not been sent yet, under the same ids; how many they are. Those of webhooks that are off wait."""
    hooks = set(deliveries.order_by().values_list("webhook_id", flat=True).distinct())
    rows = Delivery.objects.filter(pk__in=deliveries.order_by().values("pk"))
    count = rows.update(due=timezone.now(), attempts=0, delivered=None, status=None, trouble="")
    _at_once(Webhook.objects.filter(pk__in=hooks))
    return count


def forget_old() -> int:
    """Delete what is known of deliveries that are as old as is kept; how many they were."""
    since = timezone.now() - timedelta(days=settings.OCR_WEBHOOKS_DAYS)
    old = Delivery.objects.filter(created__lt=since).order_by("created").values_list("pk", flat=True)
    return sum(iter(lambda: Delivery.objects.filter(pk__in=list(old[:_AT_ONCE])).delete()[0], 0))


_AT_ONCE: Final = 500
"""Rows that are deleted in one go: whoever writes beside it does not wait for long."""


def _at_once(hooks: QuerySet[Webhook]) -> None:
    """Somebody sees to it: however often it has failed, it is tried now."""
    hooks.update(ready=timezone.now(), failures=0)
    on_commit(background.wake)


# --- secrets ----------------------------------------------------------------------------------------------------------

_SECRET: Final = "whsec_"  # noqa: S105 - what each begins with (Standard Webhooks)
_BYTES: Final = 32
_BOTH_SIGN: Final = timedelta(days=1)


def new_secret() -> str:
    return _SECRET + base64.b64encode(secrets.token_bytes(_BYTES)).decode()


def rotate(hook: Webhook) -> str:
    """Another secret; the one before it goes on signing, too, for a day: receivers change over meanwhile."""
    secret = new_secret()
    with atomic():
        now = Webhook.objects.select_for_update().get(pk=hook.pk)  # of two who change it, both must be told what signs
        now.secrets = [secret, *now.secrets[:1]]
        now.rotated = timezone.now()
        now.save(update_fields=["sealed_secrets", "rotated"])
    return secret


def signatures(hook: Webhook, message: str, at: int, body: bytes) -> str:
    """What shows that it is ours: one for each secret that still signs (Standard Webhooks, HMAC-SHA256)."""
    signed = b".".join((message.encode(), str(at).encode(), body))
    return " ".join(f"v1,{base64.b64encode(hmac.digest(key, signed, 'sha256')).decode()}" for key in _keys(hook))


def _keys(hook: Webhook) -> Iterator[bytes]:
    changed_lately = hook.rotated is not None and hook.rotated > timezone.now() - _BOTH_SIGN
    for secret in hook.secrets if changed_lately else hook.secrets[:1]:
        yield base64.b64decode(secret.removeprefix(_SECRET))
