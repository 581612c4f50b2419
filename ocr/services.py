"""What the service does: read a document on someone's behalf, and keep the record of it.

Comes in: who asks, and what (`Asked`). Goes out: the body, and a closed `Transaction`. Raised: a leaf of `OcrError`,
after the record of it is safe. The clock, the settings and the database are touched here; the pipeline is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from hashlib import sha256
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from ocr import serializers
from ocr.models import BROKEN, READ, THROTTLED, Transaction
from ocr.pipeline.errors import BacksideMissing, BadFlag, FrontsideMissing, OcrError, UnreadableFile, WrongDocument
from ocr.pipeline.types import Field, Reading
from ocr.processes import Desk, Here, Processes, Wanted
from ocr.serializers import DOCUMENT_TYPES, Asked

# --- the story --------------------------------------------------------------------------------------------------------


def open_transaction(owner: User, asked: Asked) -> Transaction:
    """Write the row before anything can go wrong."""
    return Transaction.objects.create(
        owner=owner,
        document_type=_printable(asked.document_type),
        device=asked.device.value,
        return_id=asked.return_id,
        validate_sides=asked.validate_sides,
        details=asked.details,
        front_sha256=_digest(asked.frontside),
        back_sha256=_digest(asked.backside),
    )


def answer(transaction: Transaction, asked: Asked) -> dict[str, Any]:
    """Read the document and return the body. However it ends, the transaction is closed."""
    with _closing(transaction):
        front, back = _pictures(asked)
        return _keep(transaction, _read(front, back), asked)


def remember(transaction: Transaction, status: int, body: dict[str, Any]) -> None:
    """Keep what a failed request was answered, so that it can be answered again."""
    transaction.status, transaction.answer = status, body
    transaction.save(update_fields=["status", "answer"])


def record_throttled(owner: User) -> Transaction:
    """Keep the record of a request that came too soon: it is closed unread."""
    return Transaction.objects.create(owner=owner, outcome=THROTTLED, valid=False, finished=timezone.now())


def erase(transaction: Transaction) -> None:
    """Take the pictures and personal data of a transaction away, for good."""
    transaction.forget()
    transaction.erased = timezone.now()
    transaction.save()


# --- opening and closing ----------------------------------------------------------------------------------------------


def _printable(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")[:40]


def _digest(picture: bytes | None) -> str:
    return "" if picture is None else sha256(picture).hexdigest()


@contextmanager
def _closing(transaction: Transaction) -> Iterator[None]:
    """Close the row with 200, the failure's code or, whatever else happens (a worker told to stop included), 500."""
    transaction.outcome, transaction.valid = BROKEN, False
    try:
        yield
    except OcrError as error:
        transaction.outcome = error.code
        raise
    finally:
        transaction.finished = timezone.now()
        transaction.milliseconds = round((transaction.finished - transaction.created) / timedelta(milliseconds=1))
        transaction.save()


def _pictures(asked: Asked) -> tuple[bytes, bytes]:
    """Both pictures of a request that makes sense; else the failure that the contract reports first."""
    if asked.too_large:
        raise UnreadableFile("the body is larger than a request may be")
    if None in (asked.return_id, asked.validate_sides, asked.details):
        raise BadFlag("a flag is neither yes nor no")
    if asked.frontside is None:
        raise FrontsideMissing("no file named frontside")
    if asked.backside is None:
        raise BacksideMissing("no file named backside")
    if asked.document_type not in DOCUMENT_TYPES:
        raise WrongDocument("document_type is missing or unknown")
    return asked.frontside, asked.backside


def _read(front: bytes, back: bytes) -> Reading:
    return desk().read(
        front,
        back,
        today=timezone.localdate(),
        match_threshold=settings.OCR_MATCH_THRESHOLD,
        most_pixels=settings.OCR_PIXEL_LIMIT,
    )


def _keep(transaction: Transaction, reading: Reading, asked: Asked) -> dict[str, Any]:
    """Write the reading into the row, and the answer that it makes; the answer goes out."""
    front, back = reading.front.fields, reading.back.fields
    transaction.match = reading.match
    transaction.valid = reading.trusted and (reading.match or not asked.validate_sides)
    transaction.issuer, transaction.model = reading.issuer, reading.model or ""
    transaction.curp, transaction.elector_key = _text(front["curp"]), _text(front["elector_key"])
    transaction.cic, transaction.document_number = _text(back["cic"]), _text(back["document_number"])
    transaction.reading = serializers.details(reading)
    transaction.readers = ", ".join(_readers_used(reading))
    transaction.answer = body = _body(transaction, reading, asked)
    transaction.outcome = transaction.status = READ
    return body


def _text(field: Field) -> str:
    return str(field.value or "")


def _readers_used(reading: Reading) -> list[str]:
    fields = (*reading.front.fields.values(), *reading.back.fields.values())
    return sorted({field.source for field in fields if field.source} | {look.reader for look in reading.second_looks})


def _body(transaction: Transaction, reading: Reading, asked: Asked) -> dict[str, Any]:
    more: dict[str, Any] = {"valid": transaction.valid}
    if asked.return_id:
        more["id"] = transaction.pk
    if asked.details:
        more["details"] = transaction.reading
    body = serializers.both_sides_body if asked.validate_sides else serializers.back_body
    return body(reading, more)


# --- the readers ------------------------------------------------------------------------------------------------------

ABANDONED_AFTER = timedelta(minutes=10)
"""Longer than a worker may take for one request: what is still open then belonged to a process that was killed."""

_opening = Lock()
_desks: list[Desk] = []


def desk() -> Desk:
    """Where documents are read; opened once per process, however many threads ask first."""
    with _opening:
        if not _desks:
            close_abandoned()
            wanted = Wanted(settings.OCR_FRONT_READERS, settings.OCR_BACK_READERS, settings.OCR_MODELS)
            count = settings.OCR_PROCESSES
            _desks.append(Processes(count, wanted, settings.OCR_SECONDS) if count else Here(wanted))
        return _desks[0]


def close() -> None:
    """End what reads for this process."""
    with _opening:
        while _desks:
            _desks.pop().close()


def close_abandoned() -> None:
    """Close as 500 what an earlier process left open when it was killed."""
    opened_before = timezone.now() - ABANDONED_AFTER
    abandoned = Transaction.objects.filter(outcome=None, created__lt=opened_before)
    abandoned.update(outcome=BROKEN, valid=False, finished=timezone.now())


def prepare() -> None:
    """Load and touch all that a first request needs; raises what is wrong with it."""
    desk().prepare()
    Transaction.objects.exists()
