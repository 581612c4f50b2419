"""Where documents are read by Celery workers, on this machine or others: pictures go into Redis, sealed and for as long
as somebody waits for them; a `Reading` or an `OcrError` comes back the same way. A message says no more than an id.

Whoever asks waits on a key of their own, and wakes when the answer is put there. A worker that dies has acknowledged
nothing: another reads the document. Two answers to one document there cannot be: the first takes it away.
"""

import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any, Final, Protocol
from uuid import uuid4

from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

from ocr import logs, metrics, spans
from ocr.pipeline.errors import OcrError, ReaderDown
from ocr.pipeline.types import Quad, Straight
from ocr.processes import Pending
from ocr.vault import CannotOpen, vault

INTERACTIVE: Final = "interactive"
BATCH: Final = "batch"
"""Queues: a worker takes from the second what the first leaves it time for."""
TASK: Final = "ocr.read"

READ: Final = "read"
SHOW: Final = "show"
"""What can be asked for (`ocr.tasks`)."""

_KEPT: Final = 15.0  # seconds that an answer is kept for somebody who was cut off, and pictures beyond their deadline
_ALIVE: Final = "apptenticate:alive"
_ALIVE_SECONDS: Final = 15
_REMINDED_AFTER: Final = 10.0  # seconds: Celery itself gives what a killed worker held to another after up to 100
_RETRY: Final = 0.5  # seconds between attempts to reach a Redis that is away

# One step, so that no second answer comes between: whoever takes the question away may answer it.
_ANSWER_ONCE: Final = """
if redis.call('DEL', KEYS[1]) == 1 then
  redis.call('RPUSH', KEYS[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[2], ARGV[2])
  return 1
end
return 0
"""


# --- what lies in Redis -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of a worker, until when somebody waits for it (seconds since 1970), and for which request."""

    kind: str
    given: tuple[Any, ...]
    told: Mapping[str, Any]
    deadline: float
    trace: logs.Trace = field(default_factory=logs.current)
    parent: str = field(default_factory=spans.carried)


class Store:
    """Questions and answers by id, sealed: what was not sealed by one of us is never unpickled."""

    def __init__(self, url: str) -> None:
        self._redis = Redis.from_url(url, socket_connect_timeout=5, health_check_interval=30)
        self._answer_once = self._redis.register_script(_ANSWER_ONCE)

    def ask(self, name: str, question: Question) -> None:
        lasts = max(question.deadline - time.time(), 0) + _KEPT
        self._redis.set(_question(name), _sealed(question, _question(name)), px=round(lasts * 1000))

    def question(self, name: str) -> Question | None:
        """None where it was answered, or nobody waits any longer."""
        sealed = self._redis.get(_question(name))
        found: Question | None = None if sealed is None else _opened(sealed, _question(name))
        return found

    def answer(self, name: str, answer: Any) -> bool:  # noqa: ANN401 - a reading, a picture, or why there is none
        """False where it was answered before, or nobody waits any longer."""
        sealed = _sealed(answer, _answer(name))
        return bool(self._answer_once(keys=[_question(name), _answer(name)], args=[sealed, round(_KEPT * 1000)]))

    def await_answer(self, name: str, seconds: float) -> Any:  # noqa: ANN401
        """Raises `TimeoutError`."""
        found = self._redis.blpop([_answer(name)], timeout=max(seconds, 0.01))
        if found is None:
            raise TimeoutError
        return _opened(found[1], _answer(name))

    def has_answer(self, name: str) -> bool:
        return bool(self._redis.exists(_answer(name)))

    def withdraw(self, name: str) -> None:
        """Nobody waits for it any longer."""
        self._redis.delete(_question(name))

    def waiting(self, queue: str) -> int:
        """How many messages nobody has taken yet."""
        return int(self._redis.llen(queue))

    def tell_alive(self) -> None:
        self._redis.set(_ALIVE, 1, ex=_ALIVE_SECONDS)

    def is_alive(self) -> bool:
        """Whether a worker was heard of lately."""
        return bool(self._redis.exists(_ALIVE))


def _question(name: str) -> str:
    return f"apptenticate:question:{name}"


def _answer(name: str) -> str:
    return f"apptenticate:answer:{name}"


def _sealed(value: Any, about: str) -> bytes:  # noqa: ANN401
    return vault().seal(pickle.dumps(value), about)


def _opened(sealed: Any, about: str) -> Any:  # noqa: ANN401
    return pickle.loads(vault().open(bytes(sealed), about))  # noqa: S301 - sealed by a holder of the data keys, for this key


# --- who asks ---------------------------------------------------------------------------------------------------------


class Sender(Protocol):
    """Sends a message to workers: Celery does."""

    def send_task(self, name: str, *, args: Sequence[Any], queue: str, expires: float) -> object: ...


@dataclass(frozen=True, slots=True)
class Patience:
    """For how long somebody waits for a document, and how many may wait in one queue besides those being read."""

    seconds: float
    waiting: int


class Remote:
    """A desk whose readers are elsewhere (`ocr.processes.Desk`)."""

    def __init__(self, store: Store, sender: Sender, patience: Patience, queue: str = INTERACTIVE) -> None:
        self._store, self._sender, self._patience, self._queue = store, sender, patience, queue
        self._lock = Lock()
        self._asked = 0

    def prepare(self) -> None:
        """Raises `ReaderDown` where no worker has been heard of lately, or Redis is away."""
        if not _reached(self._store.is_alive):
            raise ReaderDown("no worker has been heard of: start one (./run worker)")

    def begin(self, front: bytes, back: bytes, **told: Any) -> Pending:  # noqa: ANN401
        return self._ask(READ, (front, back), told)

    def show(self, picture: bytes, boxes: Sequence[Quad], **told: Any) -> Straight:  # noqa: ANN401
        straight: Straight = self._ask(SHOW, (picture, boxes), told)()
        return straight

    def close(self) -> None:
        """Nothing was started."""

    def _ask(self, kind: str, given: tuple[Any, ...], told: Mapping[str, Any]) -> Callable[[], Any]:
        self._refuse_what_is_too_much()
        alone = self._enter()
        try:
            more = {"alone": alone} if kind == READ else {}
            question = Question(kind, given, {**told, **more}, time.time() + self._patience.seconds)
            name = uuid4().hex
            _reached(partial(self._send, name, question))
        except BaseException:
            self._leave()
            raise
        return partial(self._wait, name, question)

    def _refuse_what_is_too_much(self) -> None:
        waiting = _reached(partial(self._store.waiting, self._queue))
        if waiting >= self._patience.waiting:
            metrics.REFUSED.inc()
            raise ReaderDown(f"{waiting} documents wait in the queue {self._queue} already")

    def _send(self, name: str, question: Question) -> None:
        self._store.ask(name, question)
        self._sender.send_task(TASK, args=(name,), queue=self._queue, expires=question.deadline - time.time() + _KEPT)

    def _wait(self, name: str, question: Question) -> Any:  # noqa: ANN401
        try:
            answer = self._patiently(name, question)
        finally:
            self._leave()
        if isinstance(answer, OcrError):
            raise answer
        return answer

    def _patiently(self, name: str, question: Question) -> Any:  # noqa: ANN401
        """The answer. Workers are reminded of a question that is not answered for long: one may have been killed with
        it, or Redis come back without it. Read twice, it is answered once."""
        while (left := question.deadline - time.time()) > 0:
            try:
                return self._store.await_answer(name, min(left, _REMINDED_AFTER))
            except TimeoutError:
                self._remind(name, question)
            except _AWAY:
                time.sleep(_RETRY)
                self._remind(name, question)
            except CannotOpen as error:
                raise ReaderDown("an answer was not sealed with a key that is known here") from error
        self._give_up(name)
        raise ReaderDown(f"no worker answered within {self._patience.seconds} seconds")

    def _remind(self, name: str, question: Question) -> None:
        with suppress(*_AWAY, *_BROKER_AWAY):  # it is tried again as long as somebody waits
            if not self._store.has_answer(name):
                self._send(name, question)

    def _give_up(self, name: str) -> None:
        with suppress(*_AWAY):  # then it ends by itself
            self._store.withdraw(name)

    def _enter(self) -> bool:
        """Whether nobody else is read for, as far as this process knows."""
        with self._lock:
            self._asked += 1
            metrics.WAITING.inc()
            return self._asked == 1

    def _leave(self) -> None:
        with self._lock:
            self._asked -= 1
            metrics.WAITING.dec()


_AWAY: Final = (RedisError, OSError)
_BROKER_AWAY: Final = (OperationalError,)


def _reached(call: Callable[[], Any]) -> Any:  # noqa: ANN401 - whatever the call gives
    """What Redis answers; one that is away is a reader that is down, to whoever asks for a reading."""
    try:
        return call()
    except (*_AWAY, *_BROKER_AWAY) as error:
        raise ReaderDown("Redis is away") from error
