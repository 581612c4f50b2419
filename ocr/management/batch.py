"""Many cards read at once: pairs of files go in, what each says comes out as soon as it is ready, in no order.

Pictures are opened when their turn comes, and no more cards are under way than keep every process busy.
"""

import logging
import os
import signal
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from threading import Event

from ocr.management.reading import picture, read_both
from ocr.pairs import Pair
from ocr.pipeline.errors import OcrError
from ocr.pipeline.types import Reading
from ocr.processes import Desk

log = logging.getLogger(__name__)


class Unforeseen(Exception):
    """Nobody foresaw how reading a card ended; the log says more."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one card ended, and how long that took; an `OSError` where a picture could not be opened."""

    pair: Pair
    seconds: float
    result: Reading | OcrError | OSError | Unforeseen


@dataclass(frozen=True, slots=True)
class Batch:
    """Cards of a folder, so many `at_once`; once `stop` is set none is begun, and those begun are finished."""

    desk: Desk
    folder: Path
    at_once: int
    stop: Event

    def read(self, cards: Iterable[Pair]) -> Iterator[Outcome]:
        left, begun = iter(cards), set[Future[Outcome | None]]()
        with ThreadPoolExecutor(self.at_once) as pool:
            while begun or not self.stop.is_set():
                # Twice as many as are read: whoever comes free need not wait until an answer is phrased.
                begun |= {pool.submit(self._read, pair) for pair in islice(left, 2 * self.at_once - len(begun))}
                if not begun:
                    return
                ready, begun = wait(begun, return_when=FIRST_COMPLETED)
                yield from filter(None, (future.result() for future in ready))

    def _read(self, pair: Pair) -> Outcome | None:
        if self.stop.is_set():
            return None
        try:
            front, back = (picture(self.folder / name) for name in (pair.front, pair.back))
        except OSError as error:
            return Outcome(pair, 0.0, error)
        began = time.monotonic()
        result = self._result(front, back)
        return Outcome(pair, time.monotonic() - began, result)

    def _result(self, front: bytes, back: bytes) -> Reading | OcrError | Unforeseen:
        """One card of thousands may not end them all."""
        try:
            return read_both(self.desk, front, back)
        except Exception as error:
            log.exception("unforeseen")
            return Unforeseen(str(error))


@contextmanager
def stopped_by_signal() -> Iterator[Event]:
    """Set by the first Ctrl-C or SIGTERM; the second ends this process at once."""
    stop = Event()

    def first(number: int, _: object) -> None:
        stop.set()
        signal.signal(number, signal.SIG_DFL)
        os.write(2, b"\nStopping once what is being read is written; the same again stops at once.\n")

    before = {number: signal.signal(number, first) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
