"""What a person has to look at, and what they make of it: a reading goes in, reasons come out; a decision goes in, and
is kept beside what was read, which never changes.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import F
from django.db.transaction import atomic
from django.utils.translation import gettext_lazy as _

from ocr.models import Review, ReviewState, Transaction

SURE: Final = 0.9
"""A value that was read with less confidence is one for a person."""

REASONS: Final = {
    "invalid": _("not valid"),
    "mismatch": _("the sides do not match"),
    "unsure": _("a value was read with little confidence"),
    "life": _("the life test suspects a copy or a change"),
    "code": _("a code of the back says another number"),
    "other_data": _("seen before with other data"),
}

# --- what has to be looked at -----------------------------------------------------------------------------------------


def ask_for(transaction: Transaction, details: Mapping[str, Any]) -> None:
    """Put a transaction that was read into the queue, where there is a reason to."""
    transaction.confidence = min(_confidences(details), default=None)
    reasons = [name for name, holds in _holding(transaction, details).items() if holds]
    transaction.review_reasons = ",".join(reasons)
    transaction.review = ReviewState.WAITING if reasons else ""


def _holding(transaction: Transaction, details: Mapping[str, Any]) -> dict[str, bool]:
    return {
        "invalid": not transaction.valid,
        "mismatch": not transaction.match,
        "unsure": transaction.confidence is not None and transaction.confidence < SURE,
        "life": any(suspicion["suspected"] for suspicion in details["life"]),
        "code": any(code["agrees"] is False for code in details["codes"]),
        "other_data": details["seen_before"]["other_data"] > 0,
    }


def _confidences(details: Mapping[str, Any]) -> Iterator[float]:
    for side in ("frontside", "backside"):
        yield from (field["confidence"] for field in details[side]["fields"].values() if field["value"] is not None)


def next_waiting(after: int = 0) -> Transaction | None:
    """The oldest that waits behind a transaction; the oldest of all behind the last."""
    waiting = Transaction.objects.filter(review=ReviewState.WAITING).order_by("pk").only("pk")
    return waiting.filter(pk__gt=after).first() or waiting.first()


MOST_COUNTED: Final = 1000


def how_many_wait(besides: int = 0) -> str:
    """How many wait besides a transaction; nobody needs a longer queue to the last one."""
    waiting = Transaction.objects.filter(review=ReviewState.WAITING).exclude(pk=besides)
    count = waiting.order_by()[: MOST_COUNTED + 1].count()
    return str(count) if count <= MOST_COUNTED else f"{MOST_COUNTED}+"


# --- what is made of it -----------------------------------------------------------------------------------------------


class Overtaken(Exception):
    """Somebody else wrote a review since the page was opened."""


class NothingSaid(Exception):
    """A rejection without a reason, or nothing but an empty form."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a person says: `approve` is None where they only correct or note something. `corrections` are values by
    field, as "frontside.CURP"."""

    approve: bool | None = None
    reason: str = ""
    note: str = ""
    corrections: Mapping[str, str] = field(default_factory=dict)

    @property
    def decision(self) -> Review.Decision:
        """Raises `NothingSaid`."""
        if self.approve is not None:
            if not self.approve and not self.reason:
                raise NothingSaid
            return Review.Decision.APPROVED if self.approve else Review.Decision.REJECTED
        if self.corrections:
            return Review.Decision.CORRECTED
        if not self.note:
            raise NothingSaid
        return Review.Decision.NOTED


def decide(transaction: Transaction, reviewer: User, verdict: Verdict, seen: int) -> Review:
    """Keep what a person says of a transaction of which they saw so many reviews. Raises `Overtaken`, `NothingSaid`."""
    decision = verdict.decision
    changes: dict[str, Any] = {"reviews_written": F("reviews_written") + 1}
    if verdict.approve is not None:
        changes["review"] = ReviewState(decision)
    with atomic():
        unchanged = Transaction.objects.filter(pk=transaction.pk, reviews_written=seen, erased=None)
        if not unchanged.update(**changes):
            raise Overtaken
        review = Review(transaction=transaction, reviewer=reviewer, decision=decision)
        review.words = {"reason": verdict.reason, "note": verdict.note, "corrections": dict(verdict.corrections)}
        review.save(force_insert=True)
    return review


def corrected(transaction: Transaction) -> dict[str, str]:
    """The values that persons put right, by field; the last one counts."""
    found: dict[str, str] = {}
    for review in transaction.reviews.exclude(sealed_words=None):
        found |= review.words["corrections"]
    return found
