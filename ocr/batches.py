"""Many cards sent as one archive: each becomes a transaction that is promised an answer; how far they are and what each
says comes out. The batch itself is no more than what holds them together.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

from django.contrib.auth.models import User
from django.db.transaction import atomic
from django.utils import timezone

from ocr import background, keeping, pictures, services, webhooks
from ocr.archives import Archive
from ocr.models import BATCH_FINISHED, Batch, BatchCard, Promise, Transaction
from ocr.pairs import Pair
from ocr.serializers import Asked, BatchLineSerializer

PICTURE_LIMIT: Final = 2 * 1024 * 1024
"""Bytes of a picture that are read (contract.md, code 800); one more tells that there are more."""


# --- taking -----------------------------------------------------------------------------------------------------------


def accept(owner: User, archive: Archive, asked: Asked, language: str) -> Batch:
    """Keep every card's pictures and promise each an answer: all of them or none. Raises `ReaderDown` where they are
    too many, and whatever storage raises, after what was kept is dropped again."""
    services.refuse_to_promise(len(archive.cards))
    rows: list[Transaction] = []
    try:
        for pair in archive.cards:
            front, back = (archive.picture(name, PICTURE_LIMIT) for name in (pair.front, pair.back))
            card = replace(asked, frontside=front, backside=back)
            row = services.new_row(owner, card)
            services.digest_pictures(row, card)
            row.save(force_insert=True)
            rows.append(row)
            services.keep_pictures(row, front, back)
        batch = _promised(owner, rows, archive.cards, language)
    except BaseException:
        _drop(rows)
        raise
    background.wake()
    return batch


def _promised(owner: User, rows: Sequence[Transaction], cards: Sequence[Pair], language: str) -> Batch:
    with atomic():
        batch = Batch.objects.create(owner=owner)
        Promise.objects.bulk_create(services.promised(row, language, behind=True) for row in rows)
        BatchCard.objects.bulk_create(_card(batch, row, pair) for row, pair in zip(rows, cards, strict=True))
    return batch


def _card(batch: Batch, row: Transaction, pair: Pair) -> BatchCard:
    card = BatchCard(batch=batch, transaction=row)
    card.names = {"card": pair.card, "front": pair.front, "back": pair.back}
    return card


def _drop(rows: Sequence[Transaction]) -> None:
    """That they were sent stays known, as of any request that came to nothing."""
    for row in rows:
        with suppress(OSError):
            pictures.drop(row)
    services.close_unread(rows)


# --- telling ----------------------------------------------------------------------------------------------------------


def progress(batch: Batch) -> dict[str, Any]:
    """How many cards there are, how many are answered with which code, and how many of them are valid."""
    counts: Counter[int] = Counter()
    valid = waiting = 0
    for outcome, is_valid in batch.cards.values_list("transaction__outcome", "transaction__valid"):
        waiting += outcome is None
        valid += bool(is_valid)
        counts.update(() if outcome is None else (outcome,))
    return {
        **BatchLineSerializer(batch).data,
        "cards": waiting + counts.total(),
        "waiting": waiting,
        "outcomes": {str(code): count for code, count in sorted(counts.items())},
        "valid": valid,
    }


def results(batch: Batch) -> Iterator[BatchCard]:
    """The cards that are answered, in the order in which they were sent."""
    cards = batch.cards.exclude(transaction__outcome=None).select_related("transaction").order_by("pk")
    yield from cards.iterator(chunk_size=50)


def line(card: BatchCard) -> str:
    """What one card says, as `read_cards` writes it: a line of JSON. Of an erased one, that it is."""
    row = card.transaction
    said = {
        "id": row.pk,
        "code": row.outcome,
        "erased": row.erased is not None,
        "seconds": None if row.milliseconds is None else row.milliseconds / 1000,
        "answer": row.answer,
    }
    return json.dumps({**(card.names or {}), **said}, ensure_ascii=False) + "\n"


# --- ending -----------------------------------------------------------------------------------------------------------


def finish(transaction: Transaction) -> None:
    """The batch to which it belongs, if to any, is finished with the last of them, and whoever wants to hear of that is
    told. Within whatever ends the transaction's promise: of two that end at once, one sees that the other did."""
    unfinished = Batch.objects.select_for_update(of=("self",)).filter(cards__transaction=transaction, finished=None)
    with atomic():
        for batch in unfinished:
            if not Promise.objects.filter(transaction__batch_card__batch=batch).exists():
                Batch.objects.filter(pk=batch.pk).update(finished=timezone.now())
                webhooks.announce(BATCH_FINISHED, batch.owner_id, batch=batch)


def stop(batch: Batch) -> bool:
    """Take back what is promised; whether nothing is being read any more, either."""
    mine = f"stopped {uuid4().hex}"
    promised = Promise.objects.filter(transaction__batch_card__batch=batch)
    Promise.objects.filter(pk__in=promised.filter(worker="").values("pk"), worker="").update(worker=mine)
    stopped = list(Transaction.objects.filter(promise__worker=mine))
    Promise.objects.filter(worker=mine).delete()
    services.close_unread(stopped)
    return not promised.exists()


def erase(batch: Batch) -> None:
    """Pictures and personal data of all its cards, for good."""
    for card in batch.cards.filter(transaction__erased=None).select_related("transaction"):
        keeping.erase(card.transaction)
    Batch.objects.filter(pk=batch.pk, finished=None).update(finished=timezone.now())
