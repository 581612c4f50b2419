"""Promised answers: documents that were taken while nobody waits, alone or in a batch, are read here when their turn
comes, and their transactions closed as any other.

The table is the queue. A promise is claimed by writing into it when it would be due again, later than any reading
takes: what a process had begun that was killed is read by another. Where the service is at fault it is tried again,
less and less often; what a picture is at fault for is answered at once.
"""

import logging
import os
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.db.models import F
from django.db.transaction import atomic
from django.utils import timezone, translation

from ocr import batches, keeping, logs, pictures, services, spans, webhooks, workers
from ocr.background import Chore, Claims, Work
from ocr.exception_handler import close_unheard
from ocr.models import TRANSACTION_FINISHED, Promise, Transaction
from ocr.pipeline.errors import ServiceFault
from ocr.pipeline.types import Reading
from ocr.processes import LONGEST_WAIT

log = logging.getLogger(__name__)

_CLAIMED_FOR: Final = timedelta(seconds=2 * LONGEST_WAIT)
_LOOKED_AT: Final = 8  # promises: somebody else may claim the first of them meanwhile
_PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 60, 300, 900))
"""After each attempt that the service was at fault for; after the last, that is the answer."""


def chore() -> Chore:
    return Chore("promises", take, settings.OCR_BACKGROUND)


def take() -> Work | None:
    """Claim the promise that is due first, those of batches last."""
    _free_what_the_dead_hold()
    _claims.free(Promise.objects, worker="")
    now = timezone.now()
    due = Promise.objects.filter(due__lte=now).order_by("behind", "due").values_list("pk", "due")
    for pk, was_due in due[:_LOOKED_AT]:
        if _is_claimed(pk, was_due, until=now + _CLAIMED_FOR):
            return partial(_work_on, pk, now + _CLAIMED_FOR)
    return None


def _is_claimed(pk: int, was_due: datetime, until: datetime) -> bool:
    """False where somebody else was first."""
    with _claims.letting_go(pk, until):
        still_free = Promise.objects.filter(pk=pk, due=was_due)
        return bool(still_free.update(due=until, attempts=F("attempts") + 1, worker=workers.me()))


_claims = Claims(BaseException)

_looked_back: list[int] = []
"""The process that has freed what others before it held; a fork of it has not."""


def _free_what_the_dead_hold() -> None:
    """They need not be waited for, those of this machine."""
    if os.getpid() in _looked_back:
        return
    held = Promise.objects.exclude(worker="")
    gone = [worker for worker in held.values_list("worker", flat=True).distinct() if workers.is_gone(worker)]
    held.filter(worker__in=gone).update(due=timezone.now(), worker="")
    _looked_back.append(os.getpid())


# --- one promise ------------------------------------------------------------------------------------------------------


def _work_on(pk: int, until: datetime) -> None:
    with _claims.letting_go(pk, until):
        promise = Promise.objects.select_related("transaction__owner").get(pk=pk)
        logs.under(logs.Trace(promise.request, pk), _traced, promise)


def _traced(promise: Promise) -> None:
    with spans.span("promise"):
        _keep(promise)


def _keep(promise: Promise) -> None:
    row = promise.transaction
    if row.outcome is None:  # else somebody was killed between its answer and the promise's end
        began = timezone.now()
        read = _read(promise)
        if isinstance(read, ServiceFault | OSError) and promise.attempts <= len(_PAUSES):
            _put_off(promise, read)
            return
        with translation.override(promise.language):
            _answer(row, read, began)
    _end(row)


def _read(promise: Promise) -> Reading | Exception:
    try:
        return services.read_promised(promise)
    except DatabaseError:
        raise
    except Exception as error:  # noqa: BLE001 - it is what the transaction is closed with, and logged then
        return error


def _put_off(promise: Promise, why: Exception) -> None:
    pause = _PAUSES[promise.attempts - 1]
    log.warning("transaction %s is tried again in %s: %s", promise, pause, why)
    Promise.objects.filter(pk=promise.pk).update(due=timezone.now() + pause, worker="")


def _answer(row: Transaction, read: Reading | Exception, began: datetime) -> None:
    try:
        services.answer_promised(row, read, began)
    except DatabaseError:
        raise  # nothing is written: it is due again
    except Exception as error:  # noqa: BLE001 - phrased, logged and kept as for somebody who waits
        close_unheard(error, row)


def _end(row: Transaction) -> None:
    if not keeping.retention_days(row.owner):
        pictures.drop(row)
    with atomic():  # killed before, it is ended again; afterwards, whoever is to hear of it is on record
        Promise.objects.filter(pk=row.pk).delete()
        if hasattr(row, "batch_card"):
            batches.finish(row)
        else:
            webhooks.announce(TRANSACTION_FINISHED, row.owner_id, transaction=row)
