"""What the service does when nobody waits for the answer: threads of its own take one piece of work after another.

A chore says what is due, by `take`: it claims one piece in the database, so that no other thread, process or machine
does it too, and gives back what does it; None where nothing is due. What is not done when a process dies is due again
later: chores see to that themselves.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Condition, Thread
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import close_old_connections, connection
from django.utils import timezone

if TYPE_CHECKING:
    from django.db.models import Manager

_log = logging.getLogger(__name__)

Work = Callable[[], None]
Take = Callable[[], Work | None]

_LOOKS_AGAIN: Final = 1.0  # seconds: what other processes put there, and what becomes due, rings no bell here


@dataclass(frozen=True, slots=True)
class Chore:
    """One kind of work, and how many threads do it at once."""

    name: str
    take: Take
    threads: int


# --- claims ---------------------------------------------------------------------------------------------------------


class Claims:
    """Claims on rows of one table that came to nothing: the database went away, and may know of them. Each is a row's
    key and until when it holds (`due`)."""

    def __init__(self, *lost_by: type[BaseException]) -> None:
        """`lost_by`: the failures that a claim does not outlive."""
        self._lost_by = lost_by
        self._let_go: set[tuple[int, datetime]] = set()

    @contextmanager
    def letting_go(self, pk: int, until: datetime) -> Iterator[None]:
        """What fails inside lets go of the row."""
        try:
            yield
        except self._lost_by:
            self._let_go.add((pk, until))
            raise

    def free(self, rows: "Manager[Any]", **became: Any) -> None:  # noqa: ANN401 - columns
        """Now that it can be written, perhaps: else they would be due only when the claims end."""
        for pk, until in tuple(self._let_go):
            rows.filter(pk=pk, due=until).update(due=timezone.now(), **became)
            self._let_go.discard((pk, until))


# --- the bell ---------------------------------------------------------------------------------------------------------

_bell = Condition()
_rung = 0


def wake() -> None:
    """There is something to do: whoever rests looks at once."""
    global _rung  # noqa: PLW0603 - one bell for the process, whoever works in it
    with _bell:
        _rung += 1
        _bell.notify_all()


# --- the threads ------------------------------------------------------------------------------------------------------


class Crew:
    """Threads that work until they are told to stop; what has been begun is finished."""

    def __init__(self, chores: Sequence[Chore]) -> None:
        self._stopped = False
        self._threads = [
            Thread(target=self._work, args=(chore.take,), name=f"{chore.name}-{number}", daemon=True)
            for chore in chores
            for number in range(chore.threads)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float) -> bool:
        """Wait so long for what has been begun; whether all of it is done."""
        self._stopped = True
        wake()
        end = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self, take: Take) -> None:
        while not self._stopped:
            heard = _rung
            if not do_next(take):
                self._rest(heard)
        connection.close()

    def _rest(self, heard: int) -> None:
        """Until the bell rings; one that rang since it was last heard has been missed by nobody."""
        with _bell:
            _bell.wait_for(lambda: _rung != heard, _LOOKS_AGAIN)


def lend_connection() -> None:
    """Before a long wait: where connections to the database are pooled, others have this thread's meanwhile."""
    if settings.DATABASE_POOL and not connection.in_atomic_block:
        connection.close()


def do_next(take: Take) -> bool:
    """Do one piece of work; False where nothing is due, or it could not be done and had better not be tried at once."""
    close_old_connections()
    try:
        work = take()
        if work is not None:
            work()
    except Exception:  # noqa: BLE001 - the database may be away, or disk or network: the thread outlives it
        _log.exception("work in the background")
        return False
    finally:
        close_old_connections()
    return work is not None
