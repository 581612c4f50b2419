"""Imported by the server from which processes that read are forked (`nursery`), and by nobody else."""

import signal
from contextlib import suppress

from ocr.processes import end_with_parent, loading, no_idle_threads, warm_up

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to answer
end_with_parent()
no_idle_threads()
with suppress(Exception), loading():  # a reader finds it again, and can tell somebody
    warm_up()
