"""How gunicorn serves: workers read pictures, threads only wait for slow phones. WEB_CONCURRENCY sets the workers."""

import ctypes
import os
from contextlib import suppress

from gunicorn.arbiter import Arbiter
from gunicorn.workers.base import Worker

wsgi_app = "apptenticate.wsgi:application"

# As in ./run, for whoever starts gunicorn without it: onnxruntime reports nothing to its maker, and Tesseract's
# threads do not fight each other.
raw_env = ["ORT_DISABLE_TELEMETRY=1", "OMP_THREAD_LIMIT=1"]

# Reading is processor work, so one worker a core; each holds its own readers in memory, hence the cap.
workers = int(os.environ.get("WEB_CONCURRENCY") or min(len(os.sched_getaffinity(0)), 4))

# A phone on a bad line takes seconds to send two pictures; a thread waits for it while another reads.
worker_class = "gthread"
threads = 4

# The service limits a reading itself (852); this is for a worker that no longer answers at all.
timeout = 60
graceful_timeout = 30
keepalive = 5

# Readers are built in the worker: onnxruntime's threads do not survive a fork.
preload_app = False


def post_fork(_server: Arbiter, _worker: Worker) -> None:
    """Keep the heaps few: glibc gives every thread its own, and each keeps the most that a document ever took."""
    with suppress(AttributeError, OSError):  # another C library has no such knob, nor such heaps
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, _HEAPS)


_M_ARENA_MAX, _HEAPS = -8, 2  # malloc.h


def post_worker_init(worker: Worker) -> None:
    """Load the readers before the first request instead of during it; what is wrong with them ends the start."""
    from ocr import services  # noqa: PLC0415 - Django is set up only by now

    services.prepare()
    worker.log.info("Ready to read")


# Heartbeats go to memory: on a disk, a busy one can look like a dead worker.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

# No remote control: several services on one machine would fight over its socket.
control_socket_disable = True

# One line a request on standard output; never a body, a name or a token.
accesslog = "-"
