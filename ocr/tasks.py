"""What a Celery worker does: reads the document that a message names, and puts the answer where somebody waits for it.

A worker needs Redis and the data keys, and no database.
"""

import os
import time
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import (
    celeryd_after_setup,
    heartbeat_sent,
    worker_process_init,
    worker_process_shutdown,
    worker_ready,
)
from django.conf import settings

from ocr import logs, processes, spans
from ocr.pipeline.both import in_turn, side_by_side
from ocr.pipeline.errors import OcrError, ReaderDown
from ocr.remote import BATCH, READ, SHOW, TASK, Question, Store


@cache
def store() -> Store:
    return Store(settings.REDIS)


@shared_task(name=TASK)
def read(name: str) -> None:
    """Answer the question of that name; nothing where it was answered before, or nobody waits for it any longer."""
    question = store().question(name)
    if question is None or question.deadline < time.time():
        return
    answer = logs.under(question.trace, _traced, question)
    store().answer(name, answer)


def _traced(question: Question) -> Any:  # noqa: ANN401 - as `_answered`
    parent = getattr(question, "parent", "")  # a web process of the version before does not tell
    with spans.span("worker", "consumer", parent):
        return _answered(question.kind, question.given, question.told)


def _answered(kind: str, given: tuple[Any, ...], told: Mapping[str, Any]) -> Any:  # noqa: ANN401
    try:
        return _WORK[kind](*given, **told)
    except OcrError as error:
        return error
    except SoftTimeLimitExceeded:
        return ReaderDown(f"a document took more than {settings.OCR_SECONDS} seconds")


def _read(front: bytes, back: bytes, *, alone: bool, **told: Any) -> Any:  # noqa: ANN401
    reading = processes.read(front, back, both=side_by_side if alone else in_turn, **told)
    spans.stages(reading.milliseconds)
    return reading


_WORK: Final[Mapping[str, Callable[..., Any]]] = {READ: _read, SHOW: processes.show}


# --- the worker's own life --------------------------------------------------------------------------------------------


@celeryd_after_setup.connect
def step_back(instance: Any, **_: object) -> None:  # noqa: ANN401 - Celery's worker, which has no type
    """A worker for batches alone has what processor time others leave it, and so do the processes that it starts."""
    if set(instance.app.amqp.queues.consume_from) == {BATCH}:
        os.nice(_BEHIND_ALL)


_BEHIND_ALL: Final = 19


@worker_process_init.connect
def load_readers(**_: object) -> None:
    """Before the first document, not during it."""
    wanted = processes.Wanted(settings.OCR_FRONT_READERS, settings.OCR_BACK_READERS, settings.OCR_MODELS)
    processes.load(wanted, settings.OCR_PROCESS_MEGABYTES)


@worker_process_shutdown.connect
def send_spans(**_: object) -> None:
    """Celery's processes end without ceremony."""
    spans.close()


@worker_ready.connect
@heartbeat_sent.connect
def tell_alive(**_: object) -> None:
    """That there is somebody who reads, for whoever wants to know whether the service is ready; and for whoever looks
    after this worker, by the age of a file."""
    (settings.HOME / "alive").touch()
    store().tell_alive()
