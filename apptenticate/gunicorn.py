"""How gunicorn serves: one process whose threads wait, for slow phones and for the processes that read pictures."""

import os
import shutil
import socket
import tempfile
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker
from gunicorn.workers.gthread import ThreadWorker

if TYPE_CHECKING:
    from ocr.background import Crew

wsgi_app = "apptenticate.wsgi:application"


def _run(file: Path) -> ModuleType:
    """Run, not imported: after a HUP, workers are to find the settings' newest version, and not this process's."""
    spec = spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_settings = _run(Path(__file__).parent / "settings.py")

# As in ./run, for whoever starts gunicorn without it: onnxruntime reports nothing to its maker, and Tesseract's
# threads do not fight each other.
raw_env = ["ORT_DISABLE_TELEMETRY=1", "OMP_THREAD_LIMIT=1"]

# Reading is what takes processor time, and it is done elsewhere (APPTENTICATE_PROCESSES says by how many). All requests
# stand in one queue for it: of several web processes one would have callers waiting while another has none.
workers = 1


class Serving(ThreadWorker):  # type: ignore[misc]  # gunicorn ships no types
    """A phone on a bad line takes seconds to send two pictures; a thread waits for it while others are answered.

    What reads is started first: it loads on another core while Django loads on this one.
    """

    def load_wsgi(self) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apptenticate.settings")
        # In the worker: what the process above it loads is as old as that is.
        from ocr import desks  # noqa: PLC0415
        from ocr.processes import loading  # noqa: PLC0415

        with loading():
            desks.desk()
            super().load_wsgi()
            _foresee_a_request()


def _foresee_a_request() -> None:
    """Django makes what finds a request's view when it is first asked, and simplejwt loads what takes a token apart;
    here, while readers still load. What names views (`reverse`) is made later: it needs the admin's, too."""
    from django.urls import resolve  # noqa: PLC0415 - as above

    resolve("/api/health/ready/")
    import_module("rest_framework_simplejwt.state")


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """Before all else: what reads takes as long to load as this process, on another core."""
    from ocr.nursery import open_nursery  # noqa: PLC0415 - as above

    if _settings.OCR_READ_BY == "processes" and _settings.OCR_PROCESSES:
        open_nursery()


worker_class = Serving
# Twice as many as documents may wait (APPTENTICATE_WAITING), so that one is free to refuse what is too many.
threads = 64

# The service limits a reading itself (852); this is for a process that no longer answers at all.
timeout = 60
# Longer than anybody who was let in waits for an answer (ocr.processes.LONGEST_WAIT): told to stop, it finishes that.
graceful_timeout = 95

# Longer than what stands before it keeps a connection (nginx: 60 s), lest a request meet one that is being closed.
keepalive = 75

# Reading processes are started by the process that asks them.
preload_app = False


def post_worker_init(worker: Worker) -> None:
    """Load the readers before the first request instead of during it; what is wrong with them ends the start.

    A database that is away does not, nor a store of pictures, nor do workers elsewhere: they come back, and until then
    requests are told so.
    """
    from django.conf import settings  # noqa: PLC0415 - Django is set up only by now
    from django.db import DatabaseError  # noqa: PLC0415

    from ocr import deliveries, metrics, promises, services  # noqa: PLC0415
    from ocr.background import Crew  # noqa: PLC0415
    from ocr.pipeline.errors import ReaderDown  # noqa: PLC0415
    from ocr.processes import one_heap  # noqa: PLC0415

    one_heap()
    metrics.tell_build(settings.API_VERSION)
    try:
        services.prepare()
    except (DatabaseError, OSError):
        worker.log.exception("The database or the place of pictures is away: nothing is read until it is back")
    except ReaderDown as error:
        if settings.OCR_READ_BY != "celery":
            raise
        worker.log.warning("Nothing is read until there is somebody who reads: %s", error)
    else:
        worker.log.info("Ready to read")
    _crew.append(Crew([services.chore(), promises.chore(), deliveries.chore()]))
    _crew[0].start()


def worker_exit(_server: Arbiter, _worker: Worker) -> None:
    """End the processes that read; one that is killed takes them along."""
    from ocr import desks, spans  # noqa: PLC0415

    for crew in _crew:
        crew.stop(graceful_timeout / 2)
    desks.close()
    spans.close()


_crew: "list[Crew]" = []
"""Who works in the background of this process; what is not done when it is stopped, another one does."""


def on_starting(_server: Arbiter) -> None:
    """Make the files in which workers count together, before there are any; their folder begins empty.

    In memory: a full disk would kill whoever counts (mmap(2), SIGBUS), and what they hold is worth nothing afterwards.
    """
    _sweep()
    os.environ[_COUNTED_IN] = tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=worker_tmp_dir)


def child_exit(_server: Arbiter, worker: Worker) -> None:
    """What a worker had before it is waiting no more; what it counted stays."""
    from prometheus_client.multiprocess import mark_process_dead  # noqa: PLC0415 - reads the folder's name when loaded

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(_server: Arbiter) -> None:
    shutil.rmtree(os.environ[_COUNTED_IN], ignore_errors=True)


def _sweep() -> None:
    """Remove what services left that were killed."""
    for folder in Path(tempfile.gettempdir() if worker_tmp_dir is None else worker_tmp_dir).glob(f"{_FOLDER}*"):
        if not Path("/proc", folder.name.removeprefix(_FOLDER).partition("-")[0]).exists():
            shutil.rmtree(folder, ignore_errors=True)


_COUNTED_IN = "PROMETHEUS_MULTIPROC_DIR"
_FOLDER = f"apptenticate-metrics-{socket.gethostname()}-"

# Heartbeats go to memory: on a disk, a busy one can look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# No remote control: several services on one machine would fight over its socket.
control_socket_disable = True

# One line a request on standard output; never a body, a name or a token, nor what stands behind a path's question mark:
# whoever searches the admin for a CURP sends it there.
accesslog = "-"
access_log_format = '%(t)s %(h)s "%(m)s %(U)s" %(s)s %(B)s bytes %(M)s ms [%({x-request-id}o)s]'

# What a worker says, Django's LOGGING says how; this is for the process above the workers.
logconfig_dict = _settings.GUNICORN_LOGGING if _settings.LOG_FORMAT == "json" else {}
