"""Where processes that read come from: a server (multiprocessing's) that has loaded what all of them need, once, and
forks them. No thread runs there, since none would survive that.

Loads next to nothing here, so that the server can be started before all else.
"""

from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext


def open_nursery() -> None:
    """Start the server, where none is running: it loads while its caller goes on, and ends with the calling thread."""
    forkserver.set_forkserver_preload(["ocr.preloaded"])
    forkserver.ensure_running()


class Forking(ForkServerContext):
    """Starts processes there, with pipes that hold a document whole.

    Through those of 64 kB it goes in seven pieces; for each, writer and reader wait for one another, 1.2 ms in all.
    """

    def Pipe(self, duplex: bool = True) -> tuple[Connection, Connection]:  # noqa: N802 - as overridden
        ends = super().Pipe(duplex)
        with suppress(OSError):  # a user may have but so much of it
            fcntl(ends[1].fileno(), F_SETPIPE_SZ, _DOCUMENT)
        return ends


_DOCUMENT = 1 << 20  # bytes: what a user may ask for (proc(5), pipe-max-size)
