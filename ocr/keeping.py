"""For how long what was read is kept, and what one person may ask of it: erasing, purging, exporting.

LFPDPPP (2025): data is kept no longer than its purpose needs, and whoever it is about may see it and have it erased.
"""

import base64
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from auditlog.models import LogEntry
from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.utils import timezone

from ocr import pictures
from ocr.models import MARKED, Account, BatchCard, Review, Transaction
from ocr.vault import vault

LEAST_KEPT = timedelta(days=1)
"""What was read is kept so long at least: the same `Idempotency-Key` is answered from it."""

# --- how long ---------------------------------------------------------------------------------------------------------


def retention_days(owner: User) -> int:
    """For how many days pictures and what was read are kept; 0 keeps no picture, and what was read for a day."""
    try:
        return owner.account.retention_days
    except Account.DoesNotExist:
        return int(settings.OCR_RETENTION_DAYS)


def overdue() -> Iterator[Transaction]:
    """Transactions whose data has been kept as long as was agreed, oldest first, account by account."""
    for owner in User.objects.select_related("account").order_by("pk"):
        since = timezone.now() - max(timedelta(days=retention_days(owner)), LEAST_KEPT)
        yield from _in_batches(owner.transactions.filter(erased=None, created__lt=since).exclude(outcome=None))


_BATCH = 200
"""Rows that are held in memory at once: each brings all that is sealed."""


def _in_batches(rows: QuerySet[Transaction]) -> Iterator[Transaction]:
    """By the index on those that are not erased, each batch from where the last one ended."""
    rows = rows.order_by("created", "id")
    batch = list(rows[:_BATCH])
    while batch:
        yield from batch
        last = batch[-1]
        behind = Q(created__gt=last.created) | Q(created=last.created, pk__gt=last.pk)
        batch = list(rows.filter(behind, created__gte=last.created)[:_BATCH])


def erase(transaction: Transaction) -> int:
    """Take the pictures and personal data of a transaction away, for good; how many pictures that were.

    Pictures first: stopped in between, it is found and erased again.
    """
    count = pictures.drop(transaction)
    transaction.reviews.update(sealed_words=None)
    BatchCard.objects.filter(transaction=transaction).update(sealed_names=None)
    transaction.forget()
    transaction.erased = timezone.now()
    transaction.save()
    return count


# --- one person -------------------------------------------------------------------------------------------------------


def marked(number: str) -> Q:
    """The transactions in which this CURP, elector key, CIC or document number was read."""
    said = number.strip().upper()
    return Q(*((f"{name}_mark", vault().mark(name, said)) for name in MARKED), _connector=Q.OR)


def of_person(curp: str) -> Iterator[Transaction]:
    """Every transaction in which this CURP was read, oldest first."""
    yield from Transaction.objects.filter(curp_mark=vault().mark("curp", curp.strip().upper())).order_by("id")


def held(transaction: Transaction) -> dict[str, Any]:
    """All that is held of a transaction, as JSON can say it; pictures in base64."""
    shown = {
        side.value: base64.b64encode(pictures.show(transaction, side)).decode() for side in pictures.kept(transaction)
    }
    return {
        "id": transaction.pk,
        "account": transaction.owner.get_username(),
        "created": transaction.created.isoformat(),
        "outcome": transaction.outcome,
        "reading": transaction.reading,
        "answer": transaction.answer,
        "reviews": [_said(review) for review in transaction.reviews.select_related("reviewer")],
        "pictures": shown,
    }


def _said(review: Review) -> dict[str, Any]:
    return {
        "created": review.created.isoformat(),
        "reviewer": review.reviewer.get_username(),
        "decision": review.decision,
        "words": review.words,
    }


# --- who looked -------------------------------------------------------------------------------------------------------


ERASED = "erased"


def record_look(transaction: Transaction, who: User | None, address: str | None, how: str) -> None:
    """Keep that somebody saw what was read of a person, or took it away; the record holds nothing of the person."""
    LogEntry.objects.log_create(
        transaction,
        force_log=True,
        action=LogEntry.Action.DELETE if how == ERASED else LogEntry.Action.ACCESS,
        actor=who,
        remote_addr=address,
        additional_data={"how": how},
    )
