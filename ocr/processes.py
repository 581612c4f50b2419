"""Where documents are read: in processes of their own, which a picture may crash, swell or keep busy, and no request
but its own is harmed. Pictures go in, a `Reading` or an `OcrError` comes out.

They are started once and serve one document after another, in the order in which they come; pebble replaces one that
dies or runs past its time. `Here` reads in the process that asks: for commands and tests.
"""

import atexit
import ctypes
import gc
import logging
import logging.config
import os
import resource
import signal
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock, Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, Protocol

from pebble import ProcessExpired, ProcessPool

from ocr import logs, nursery
from ocr.pipeline.both import in_turn, side_by_side
from ocr.pipeline.errors import ReaderDown

if TYPE_CHECKING:
    from ocr.pipeline.engines import Readers
    from ocr.pipeline.types import Quad, Reading, Straight

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which readers a process loads (`load_readers`), and how it logs (`logging.config`)."""

    front: tuple[str, ...]
    back: tuple[str, ...]
    models: Path | None
    log: Mapping[str, Any] | None = None

    def load(self) -> "Readers":
        from ocr.pipeline.engines import load_readers  # noqa: PLC0415 - see `_read_document`

        return load_readers(self.front, self.back, models=self.models)


Pending = Callable[[], "Reading"]
"""A document that is being read: waits for it. Raises a leaf of `OcrError`."""


class Desk(Protocol):
    """Reads documents."""

    def prepare(self) -> None:
        """Return once a document can be read; raises what is wrong with the readers."""

    def begin(self, front: bytes, back: bytes, **told: Any) -> Pending:  # noqa: ANN401 - as `read_document` is told
        """Have both sides read, as `read_document` does; raises `ReaderDown` where too many wait already."""

    def show(self, picture: bytes, boxes: "Sequence[Quad]", **told: Any) -> "Straight":  # noqa: ANN401
        """The card alone, as `show_card` does; raises what that does, and `ReaderDown` as above."""

    def close(self) -> None:
        """End what was started."""


class Here:
    """Reads in this process."""

    def __init__(self, wanted: Wanted) -> None:
        _spool_in_memory()
        self._readers = wanted.load()

    def prepare(self) -> None:
        """Nothing is left to do."""

    def begin(self, front: bytes, back: bytes, **told: Any) -> Pending:  # noqa: ANN401
        return partial(_read_document(), front, back, readers=self._readers, **told)

    def show(self, picture: bytes, boxes: "Sequence[Quad]", **told: Any) -> "Straight":  # noqa: ANN401
        return show(picture, boxes, **told)

    def close(self) -> None:
        """Nothing was started."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading may take: `seconds` for a document, else its process is replaced; `waiting` documents besides those
    that are being read, else a request is refused at once; `megabytes` of memory for a process, 0 for no limit."""

    seconds: float
    waiting: int = 1000
    megabytes: int = 0


class Processes:
    """Reads in `count` other processes, within limits.

    pebble replaces a process that dies while it reads; of one that dies while idle it makes an end of the whole pool
    (and so it must: it may have died holding a lock that all share). Then another pool is made.
    """

    def __init__(self, count: int, wanted: Wanted, limits: Limits) -> None:
        self._count, self._wanted, self._limits = count, wanted, limits
        self._pool = self._made()
        self._lock = Lock()
        self._asked = 0

    def prepare(self) -> None:
        self._answer(self._schedule(_is_there))

    def begin(self, front: bytes, back: bytes, **told: Any) -> Pending:  # noqa: ANN401
        both = side_by_side if self._enter() else in_turn
        return partial(self._answer, self._in_turn(read, front, back, both=both, **told))

    def show(self, picture: bytes, boxes: "Sequence[Quad]", **told: Any) -> "Straight":  # noqa: ANN401
        self._enter()
        straight: Straight = self._answer(self._in_turn(show, picture, boxes, **told))
        return straight

    def close(self) -> None:
        _end(self._pool)

    def _enter(self) -> bool:
        """Whether nobody else is read for: then a document may have two cores, else it must do with one."""
        with self._lock:
            if self._asked >= self._count + self._limits.waiting:
                _metrics().REFUSED.inc()
                raise ReaderDown(f"{self._asked} documents are being read or wait already")
            self._asked += 1
            _metrics().WAITING.inc()
            return self._asked == 1

    def _leave(self, _: object = None) -> None:
        with self._lock:
            self._asked -= 1
            _metrics().WAITING.dec()

    def _in_turn(self, work: Callable[..., Any], *told: Any, **more: Any) -> "Future[Any]":  # noqa: ANN401
        """Work for which somebody has entered, and who leaves when it is done."""
        try:
            future = self._schedule(work, *told, **more)
        except BaseException:
            self._leave()
            raise
        future.add_done_callback(self._leave)
        return future

    def _schedule(self, work: Callable[..., Any], *told: Any, **more: Any) -> "Future[Any]":  # noqa: ANN401
        """With the time that a document may take."""
        pool, seconds, work = self._pool, self._limits.seconds, logs.bound(work)
        try:
            return pool.schedule(work, args=told, kwargs=more, timeout=seconds)
        except RuntimeError:  # it came to an end
            return self._instead_of(pool).schedule(work, args=told, kwargs=more, timeout=seconds)

    def _instead_of(self, pool: ProcessPool) -> ProcessPool:
        """The pool that is used now; a new one where that is still `pool`."""
        with self._lock:
            if self._pool is pool:
                _log.error("the pool of reading processes came to an end: another one is started")
                _renewed("pool")
                self._pool = self._made()
                Thread(target=_end, args=(pool,), daemon=True).start()
            return self._pool

    def _made(self) -> ProcessPool:
        nursery.open_nursery()
        told = (self._wanted, self._limits.megabytes)
        pool = ProcessPool(self._count, initializer=_begin, initargs=told, context=nursery.Forking())
        # Else they would only be started for the first document; and whoever starts them waits for the nursery.
        Thread(target=_start, args=(pool,), daemon=True).start()
        return pool

    def _answer(self, future: "Future[Any]") -> Any:  # noqa: ANN401 - whatever was asked for
        pool = self._pool
        patience = self._limits.seconds * (self._limits.waiting + self._count)
        try:
            return future.result(min(patience, LONGEST_WAIT))
        except TimeoutError as exc:
            if not future.done():  # nobody has even begun: they wait for one another
                self._instead_of(pool)
            else:
                _renewed("too_long")
            raise ReaderDown(f"a document took more than {self._limits.seconds} seconds") from exc
        except (ProcessExpired, BrokenExecutor) as exc:
            if isinstance(exc, ProcessExpired):
                _renewed("died")
            raise ReaderDown("a reading process died") from exc


LONGEST_WAIT = 90.0  # seconds, in which more documents are read than may wait


def _renewed(why: str) -> None:
    _metrics().RENEWALS.labels(why).inc()


def _metrics() -> ModuleType:
    """Only the process that asks counts: those that read load no library for it."""
    from ocr import metrics  # noqa: PLC0415

    return metrics


def _start(pool: ProcessPool) -> None:
    with suppress(RuntimeError):  # it was closed before it was started, or could not be: whoever asks next is told
        pool.schedule(_is_there)


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


# --- in the other process ---------------------------------------------------------------------------------------------

_loaded: "list[Readers | Exception]" = []


def _read_document() -> "Callable[..., Reading]":
    """With it come the libraries that decode and compute: the process that serves loads none of them, and starts sooner
    for it."""
    from ocr.pipeline.run import read_document  # noqa: PLC0415

    return read_document


def warm_up() -> None:
    """Load all that does not depend on settings and that the first document would be the first to need: it is read as
    fast as the next."""
    import cv2  # noqa: PLC0415 - as above

    from ocr.pipeline import engines  # noqa: F401, PLC0415
    from ocr.pipeline.life import lessons  # noqa: PLC0415

    _read_document()
    lessons()
    cv2.setNumThreads(1)  # two do a document's small tasks no sooner, and took 7 ms more of its 97 in all


def load(wanted: Wanted, megabytes: int) -> None:
    """Make this process one that reads (`read`, `show`), with so much memory of its own."""
    _spool_in_memory()
    one_heap()
    _keep_memory()
    no_idle_threads()
    if wanted.log:
        logging.config.dictConfig(dict(wanted.log))
    if megabytes:  # what it shares with others, or only reserves, does not count
        resource.setrlimit(resource.RLIMIT_DATA, (megabytes << 20, megabytes << 20))
    try:
        with loading(), ThreadPoolExecutor(1) as beside:
            readers = beside.submit(wanted.load)  # what onnxruntime does with its models keeps no Python waiting
            warm_up()
            _loaded.append(readers.result())
    except Exception as failure:  # noqa: BLE001 - raised to whoever asks for a reading, who can tell somebody
        _loaded.append(failure)


def _begin(wanted: Wanted, megabytes: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the service's to answer: it ends its processes itself
    end_with_parent()
    load(wanted, megabytes)


def end_with_parent() -> None:
    """Nobody outlives a service that was killed: its nursery ends with it, and who reads with the nursery."""
    _libc("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL)


@contextmanager
def loading() -> Iterator[None]:
    """While libraries load: what they make stays, and looking for garbage among it took a sixth of the time. Nobody
    looks there afterwards either: of 180 000 objects of the process that serves, 1 500 were any."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
        atexit.register(gc.unfreeze)  # zxing-cpp complains of what is left then


def one_heap() -> None:
    """Glibc gives every thread a heap, and each keeps the most that it ever held. Two threads seldom hold their most at
    the same time: one heap for both came to 170 to 177 MB after 500 documents, two to 185 to 193, and no sooner."""
    _libc("mallopt", _M_ARENA_MAX, 1)


def _keep_memory() -> None:
    """What a document took is there for the next: asked for anew, page by page, it takes a fifteenth of the time."""
    for option, megabytes in _KEPT.items():
        _libc("mallopt", option, megabytes << 20)


def no_idle_threads() -> None:
    """OpenBLAS, which numpy and OpenCV each bring, looks at this when it is loaded. Its threads spin while they wait,
    for 120 ms of processor time while a reader loads, and nothing that is multiplied here is large enough for two."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def _spool_in_memory() -> None:
    """Tesseract is handed a picture as a file: that lies in memory, never on a disk."""
    if os.access(_MEMORY, os.W_OK):
        os.environ["TMPDIR"] = tempfile.tempdir = _MEMORY


_MEMORY = "/dev/shm"  # noqa: S108 - only this account's files are readable to it there, too
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_M_ARENA_MAX = -8  # malloc.h
_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3  # the same
_KEPT = {_M_MMAP_THRESHOLD: 2, _M_TRIM_THRESHOLD: 256, _M_TOP_PAD: 2}
"""Megabytes. A picture's own pixels are the few larger blocks of a usual document; kept, too, in between smaller ones,
they made the process grow by steps of 12 MB (194 to 205 over 400 documents instead of 188 to 190), saving no time."""


def _readers() -> "Readers":
    (loaded,) = _loaded
    if isinstance(loaded, Exception):
        raise loaded
    return loaded


def _is_there() -> bool:
    return bool(_readers().front)


def read(front: bytes, back: bytes, **told: Any) -> "Reading":  # noqa: ANN401
    try:
        reading = _read_document()(front, back, readers=_readers(), **told)
    except MemoryError as error:
        raise ReaderDown("a document needs more memory than a process may take") from error
    number = next(_documents)
    if number == 1:
        Thread(target=_load_the_rest, daemon=True).start()
    gc.collect()  # finds next to nothing, but gives up what Python keeps of freed tuples: 4 MB in time, for 0.2 ms
    _memory.give_back()
    return reading


def _load_the_rest() -> None:
    """What second looks need, behind the first answer: who needed one first would wait 70 ms for it."""
    for load_ in _readers().later:
        with suppress(Exception):  # whoever needs it is told
            load_()


_documents = count(1)


class _Memory:
    """Has the C library give back what it keeps free, in 2.4 ms, when a document was so large that it keeps too much of
    it."""

    def __init__(self) -> None:
        self._in_use = 0

    def give_back(self) -> None:
        """To be called when a document is done."""
        if _resident() > self._in_use + _KEEPS:
            _libc("malloc_trim", 0)
            self._in_use = _resident()


_memory = _Memory()
_KEEPS = 96 << 20  # bytes: of usual documents it is some 60 MB


def _resident() -> int:
    """Bytes of memory that this process holds; 0 on a system that does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def show(picture: bytes, boxes: "Sequence[Quad]", **told: Any) -> "Straight":  # noqa: ANN401
    from ocr.pipeline.run import show_card  # noqa: PLC0415 - see `_read_document`

    return show_card(picture, boxes, **told)


def _libc(call: str, *arguments: int) -> None:
    """A call of the C library, where this system has it."""
    with suppress(AttributeError, OSError):
        getattr(ctypes.CDLL(None), call)(*arguments)
