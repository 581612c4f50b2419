"""What the service does: read a document on someone's behalf, and keep the record of it.

Comes in: who asks, and what (`Asked`). Goes out: the body, and a closed `Transaction`. Raised: a leaf of `OcrError`,
after the record of it is safe. The clock, the settings and the database are touched here; the pipeline is told.
"""

import logging
import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError
from django.db.models import Q, QuerySet
from django.db.transaction import atomic
from django.utils import timezone

from ocr import background, keeping, logs, metrics, pictures, reviewing, serializers, sightings, spans, workers
from ocr.background import Chore
from ocr.desks import desk
from ocr.models import BROKEN, INTERRUPTED, READ, THROTTLED, Promise, Transaction
from ocr.pipeline.errors import (
    BacksideMissing,
    BadFlag,
    FrontsideMissing,
    OcrError,
    ReaderDown,
    UnreadableFile,
    WrongDocument,
)
from ocr.pipeline.types import Device, LifeTest, Reading, Side, Straight, Strictness
from ocr.processes import Pending
from ocr.serializers import DOCUMENT_TYPES, Asked
from ocr.vault import vault

log = logging.getLogger(__name__)

# --- the story --------------------------------------------------------------------------------------------------------


def open_transaction(owner: User, asked: Asked) -> tuple[Transaction, bool]:
    """Write the row before anything can go wrong, and say whether it is new: within a day the same `Idempotency-Key`
    stands for the same row."""
    close_what_was_left_open()
    row = new_row(owner, asked)
    with _opening(row):
        if not asked.idempotency_key:
            row.save(force_insert=True)
            return row, True
        digest_pictures(row, asked)
        return _once(row, vault().mark("idempotency", asked.idempotency_key))


def answer(row: Transaction, asked: Asked) -> dict[str, Any]:
    """Read the document and return the body. However it ends, the transaction is closed."""
    logs.about(row.pk)
    with metrics.counted(row), _closing(row):
        return _keep(row, _read(row, asked), asked)


def promise(row: Transaction, asked: Asked, language: str) -> None:
    """Keep the pictures and have them read when their turn comes (`promises`); what is answered then is in that
    language. Raises what stands against it, after the transaction is closed."""
    logs.about(row.pk)
    try:
        digest_pictures(row, asked)
        front, back = _pictures(asked)
        refuse_to_promise(1)
        keep_pictures(row, front, back)
        row.save(update_fields=["front_sha256", "back_sha256"])
        promised(row, language, behind=False).save(force_insert=True)
    except BaseException:
        with metrics.counted(row), _closing(row):
            raise
    background.wake()


def answer_promised(row: Transaction, read: Reading | Exception, began: datetime) -> None:
    """Close a transaction that was promised an answer, and read since then; an exception is raised again."""
    with metrics.counted(row), _closing(row, began):
        if isinstance(read, Exception):
            raise read
        _keep(row, read, _asked_then(row))


def remember(transaction: Transaction, status: int, body: dict[str, Any]) -> None:
    """Keep what a failed request was answered, to answer it again; where nothing can be kept, it is not."""
    transaction.status, transaction.answer = status, body
    try:
        transaction.save(update_fields=["status", "sealed_answer"])
    except DatabaseError:
        log.exception("transaction %s: what it was answered could not be kept", transaction)


def is_same_request(earlier: Transaction, asked: Asked) -> bool:
    """Whether the transaction was opened for the same pictures and parameters."""
    row = new_row(earlier.owner, asked)
    digest_pictures(row, asked)
    return earlier.request_sha256 == _request_digest(row)


def reopen(earlier: Transaction) -> bool:
    """Take up again a transaction that came to no answer through no fault of the request; False where somebody else did
    so first."""
    unanswered = Q(status=None) | Q(status__gte=BROKEN)
    open_again = Transaction.objects.filter(unanswered, pk=earlier.pk, erased=None).exclude(outcome=None)
    now = timezone.now()
    with _opening(earlier):
        if not open_again.update(outcome=None, status=None, sealed_answer=None, worker=workers.me(), created=now):
            return False
        earlier.refresh_from_db()
    return True


def record_throttled(owner: User) -> Transaction:
    """Keep the record of a request that came too soon: it is closed unread."""
    metrics.count(THROTTLED)
    return Transaction.objects.create(owner=owner, outcome=THROTTLED, valid=False, finished=timezone.now())


# --- opening and closing ----------------------------------------------------------------------------------------------


def new_row(owner: User, asked: Asked) -> Transaction:
    """A transaction as it is opened; not written yet."""
    return Transaction(
        owner=owner,
        worker=workers.me(),
        document_type=_printable(asked.document_type),
        device=asked.device.value,
        return_id=asked.return_id,
        validate_sides=asked.validate_sides,
        details=asked.details,
    )


def digest_pictures(row: Transaction, asked: Asked) -> None:
    """Put down which pictures were sent, once. Of two large ones that takes a millisecond: whoever waits for an answer
    need not wait for it."""
    if not (row.front_sha256 or row.back_sha256):
        row.front_sha256, row.back_sha256 = _digest(asked.frontside), _digest(asked.backside)


_ONE_DAY = timedelta(days=1)


def _once(row: Transaction, mark: str) -> tuple[Transaction, bool]:
    row.idempotency_mark, row.request_sha256 = mark, _request_digest(row)
    same = Transaction.objects.filter(owner=row.owner, idempotency_mark=mark)
    same.filter(created__lt=timezone.now() - _ONE_DAY).update(idempotency_mark=None)
    try:
        with atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return same.get(), False
    return row, True


def _request_digest(row: Transaction) -> str:
    flags = (row.return_id, row.validate_sides, row.details)
    return sha256(repr((row.document_type, row.device, flags, row.front_sha256, row.back_sha256)).encode()).hexdigest()


def _printable(text: str) -> str:
    return text.encode("unicode_escape").decode("ascii")[:40]


def _digest(picture: bytes | None) -> str:
    return "" if picture is None else sha256(picture).hexdigest()


def _asked_then(row: Transaction) -> Asked:
    """What was asked for, as far as it says how to answer."""
    return Asked(return_id=row.return_id, validate_sides=row.validate_sides, details=row.details)


@contextmanager
def _opening(transaction: Transaction) -> Iterator[None]:
    """What the database fails in here may be done all the same: it can go away between a commit and its answer."""
    try:
        yield
    except BaseException:
        _left_open.append(transaction.binding)
        raise


@contextmanager
def _closing(transaction: Transaction, began: datetime | None = None) -> Iterator[None]:
    """Close the row with 200, the failure's code or, whatever else happens (a worker told to stop included), 500."""
    transaction.outcome, transaction.valid = BROKEN, False
    try:
        yield
    except OcrError as error:
        transaction.outcome = error.code
        raise
    finally:
        transaction.finished = timezone.now()
        took = transaction.finished - (began or transaction.created)
        transaction.milliseconds = round(took / timedelta(milliseconds=1))
        try:
            transaction.save()
        except BaseException:
            _left_open.append(transaction.binding)
            raise


_left_open: deque[UUID] = deque()
"""Transactions of this process that are open, perhaps, and have nobody to close them: the disk was full, or the
database away. By their bindings: of a row whose number never came back, that is all that is known."""
_looked_back: list[int] = []
"""The process that has closed what workers before it left open; a fork of it has not."""


def chore() -> Chore:
    """Whoever asks again for what was left open may wait for this process alone, and it for the next request."""
    return Chore("left-open", close_what_was_left_open, 1)


def close_what_was_left_open() -> None:
    """Now that it can be written, perhaps; raises what the database raises, before anything is promised."""
    if os.getpid() not in _looked_back:
        close_abandoned()
        _looked_back.append(os.getpid())
    with suppress(IndexError):  # several requests may be at it
        while True:
            binding = _left_open.popleft()
            try:
                mine = Transaction.objects.filter(binding=binding, worker=workers.me())
                _interrupted(mine.filter(outcome=None, promise=None))
            except BaseException:
                _left_open.append(binding)
                raise


def close_unread(rows: Iterable[Transaction]) -> None:
    """They were opened, and nobody will read them."""
    _interrupted(Transaction.objects.filter(pk__in=[row.pk for row in rows], outcome=None))


def _interrupted(rows: QuerySet[Transaction]) -> int:
    return rows.update(outcome=INTERRUPTED, valid=False, finished=timezone.now())


# --- promised ---------------------------------------------------------------------------------------------------------


def refuse_to_promise(more: int) -> None:
    """Raises `ReaderDown` where so many are promised already that these are too many."""
    waiting = Promise.objects.count()
    if waiting + more > settings.OCR_PROMISES:
        raise ReaderDown(f"{waiting} documents are to be read already")


def promised(row: Transaction, language: str, *, behind: bool) -> Promise:
    """What keeps that it is to be read; not written yet."""
    request = logs.current().request
    return Promise(transaction=row, behind=behind, due=timezone.now(), language=language, request=request)


def read_promised(promise: Promise) -> Reading:
    """What the pictures show that were kept. Raises a leaf of `OcrError`, `NoPicture` and `CannotOpen`."""
    front, back = (pictures.show(promise.transaction, side) for side in Side)
    with spans.span("read"):
        return _waited_for(desk(batch=promise.behind).begin(front, back, **told(promise.transaction.device)))


# --- reading ----------------------------------------------------------------------------------------------------------


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


def _read(transaction: Transaction, asked: Asked) -> Reading:
    """What the pictures show; they are kept while they are read, by other processes."""
    with spans.span("read"):
        try:
            front, back = _pictures(asked)
            reading = desk().begin(front, back, **told(transaction.device))
        finally:
            digest_pictures(transaction, asked)
        if keeping.retention_days(transaction.owner):
            with spans.span("keep"):
                keep_pictures(transaction, front, back)
        return _waited_for(reading)


def _waited_for(reading: Pending) -> Reading:
    """The reading. Far more documents wait for readers than write into the database."""
    background.lend_connection()
    found = reading()
    if settings.OCR_READ_BY != "celery":  # else the worker tells them
        spans.stages(found.milliseconds)
    return found


def keep_pictures(transaction: Transaction, front: bytes, back: bytes) -> None:
    """Raises `OSError` where they cannot be written."""
    pictures.keep(transaction, Side.FRONT, front)
    pictures.keep(transaction, Side.BACK, back)


def told(device: str = Device.UNKNOWN) -> dict[str, Any]:
    """What the pipeline is told of the day, the settings, and what took the pictures."""
    return {
        "today": timezone.localdate(),
        "match_threshold": settings.OCR_MATCH_THRESHOLD,
        "most_pixels": settings.OCR_PIXEL_LIMIT,
        "formats": settings.OCR_FORMATS,
        "life_test": None if settings.OCR_LIFE_TEST == "off" else _life_test(device),
    }


def _life_test(device: str) -> LifeTest:
    """A device that is no longer known counts as unknown."""
    enforced = settings.OCR_LIFE_TEST == "enforce"
    named = Device.__members__.get(device, Device.UNKNOWN)
    return LifeTest(named, Strictness(settings.OCR_LIFE_STRICTNESS), enforced)


def _keep(transaction: Transaction, reading: Reading, asked: Asked) -> dict[str, Any]:
    """Write the reading into the row, and the answer that it makes; the answer goes out."""
    transaction.match = reading.match
    transaction.valid = reading.trusted and (reading.match or not asked.validate_sides)
    transaction.issuer, transaction.model = reading.issuer, reading.model or ""
    details = serializers.details(reading, timezone.localdate())
    transaction.mark(details)
    transaction.reading = details = details | {"seen_before": sightings.seen_before(transaction)}
    transaction.readers = ", ".join(_readers_used(reading))
    reviewing.ask_for(transaction, details)
    metrics.observe(reading, transaction.confidence)
    transaction.answer = body = _body(transaction, reading, details, asked)
    transaction.outcome = transaction.status = READ
    return body


def _readers_used(reading: Reading) -> list[str]:
    """Each once: what several say together is named after all of them."""
    fields = (*reading.front.fields.values(), *reading.back.fields.values())
    named = {field.source for field in fields if field.source} | {look.reader for look in reading.second_looks}
    return sorted({reader for name in named for reader in name.split("+")})


def _body(transaction: Transaction, reading: Reading, details: dict[str, Any], asked: Asked) -> dict[str, Any]:
    more: dict[str, Any] = {"valid": transaction.valid}
    if asked.return_id:
        more["id"] = transaction.pk
    if asked.details:
        more["details"] = details
    body = serializers.both_sides_body if asked.validate_sides else serializers.back_body
    return body(reading, more)


# --- to be looked at --------------------------------------------------------------------------------------------------


def shown(transaction: Transaction, side: Side) -> Straight:
    """One side of a transaction alone, upright. Raises `NoPicture`, and `ReaderDown` where nobody can draw it now."""
    reading = transaction.reading or {}
    fields = reading.get(side.value, {}).get("fields", {}).values()
    sent_as = _OTHER[side] if reading.get("swapped") else side
    return desk().show(
        pictures.show(transaction, sent_as),
        [field["box"] for field in fields if field["box"]],
        side=side,
        model=transaction.model,
        most_pixels=settings.OCR_PIXEL_LIMIT,
        formats=settings.OCR_FORMATS,
    )


_OTHER = {Side.FRONT: Side.BACK, Side.BACK: Side.FRONT}


# --- the readers ------------------------------------------------------------------------------------------------------

ABANDONED_AFTER = timedelta(minutes=10)
"""Longer than any worker may take for one request: for workers of other machines, of which nothing else is known."""


def close_abandoned() -> int:
    """Close what workers left open that are gone; how many transactions that were."""
    unfinished = Transaction.objects.filter(outcome=None, promise=None)
    gone = [worker for worker in unfinished.values_list("worker", flat=True).distinct() if workers.is_gone(worker)]
    long_ago = Q(created__lt=timezone.now() - ABANDONED_AFTER)
    return _interrupted(unfinished.filter(Q(worker__in=gone) | long_ago))


def prepare() -> None:
    """Touch all that a first request needs, and wait for what reads: what is wrong with that goes before all else.

    What reads is waited for last: it may still load.
    """
    try:
        pictures.reach()
        close_what_was_left_open()
        Transaction.objects.exists()
    finally:
        desk().prepare()
