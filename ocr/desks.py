"""Where this process has documents read, as the settings say: by processes of its own, by itself, or by Celery's
workers. What is opened begins to load at once; who asks waits for it.

Needs the settings and no more of Django, so that readers load while the rest of it does.
"""

from functools import partial
from threading import Lock

from django.conf import settings

from ocr.processes import LONGEST_WAIT, Desk, Here, Limits, Processes, Wanted

_opening = Lock()
_desks: dict[bool, Desk] = {}


def desk(*, batch: bool = False) -> Desk:
    """The one that is opened once per process, however many threads ask first. Elsewhere, a batch has a queue of its
    own; here, one queue serves all."""
    elsewhere = settings.OCR_READ_BY == "celery"
    wanted = batch and elsewhere
    with _opening:
        if wanted not in _desks:
            open_ = partial(open_remote_desk, batch=batch) if elsewhere else partial(open_desk, settings.OCR_PROCESSES)
            _desks[wanted] = open_(settings.OCR_WAITING)
        return _desks[wanted]


def open_desk(count: int, waiting: int) -> Desk:
    """One more desk: `count` processes that read, or this one; the caller closes it."""
    wanted = Wanted(settings.OCR_FRONT_READERS, settings.OCR_BACK_READERS, settings.OCR_MODELS, settings.LOGGING)
    limits = Limits(settings.OCR_SECONDS, waiting, settings.OCR_PROCESS_MEGABYTES)
    return Processes(count, wanted, limits) if count else Here(wanted)


def open_remote_desk(waiting: int, *, batch: bool = False) -> Desk:
    """One more desk whose readers are Celery's workers; a batch waits behind what somebody waits for."""
    from apptenticate.celery import app  # noqa: PLC0415 - Celery is loaded where a setting asks for it alone
    from ocr.remote import BATCH, INTERACTIVE, Patience, Remote, Store  # noqa: PLC0415

    queue = BATCH if batch else INTERACTIVE
    return Remote(Store(settings.REDIS), app, Patience(LONGEST_WAIT, waiting), queue)


def close() -> None:
    """End what reads for this process."""
    with _opening:
        while _desks:
            _desks.popitem()[1].close()
