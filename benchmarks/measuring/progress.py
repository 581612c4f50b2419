"""One line on standard error that says how far a measurement is: rewritten on a terminal, now and then in a log."""

import sys
import threading
import time

_SECONDS_BETWEEN_LINES = 20.0  # where every line stays


class Progress:
    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._done = what, total, 0
        self._started = self._said = time.monotonic()
        self._lock = threading.Lock()

    def step(self, count: int = 1) -> None:
        with self._lock:
            self._done += count
            now = time.monotonic()
            ended = self._done >= self._total
            if sys.stderr.isatty() or ended or now - self._said > _SECONDS_BETWEEN_LINES:
                self._said = now
                self._say(now - self._started, ended)

    def _say(self, seconds: float, ended: bool) -> None:
        left = seconds / self._done * (self._total - self._done)
        until = f"in {seconds:.0f} s" if ended else f"{left:.0f} s left"
        start, end = ("\r\033[K", "\n" if ended else "") if sys.stderr.isatty() else ("", "\n")
        print(f"{start}> {self._what}: {self._done} of {self._total}, {until}", end=end, file=sys.stderr, flush=True)
