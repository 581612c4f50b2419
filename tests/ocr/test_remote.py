"""Documents read elsewhere: what lies in a real Redis meanwhile, who waits for how long, and what becomes of it when
Redis or whoever reads goes away."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

import pytest
from redis import Redis as Client

from hardening.elsewhere import Redis, redis
from ocr import logs, metrics, processes, remote, tasks
from ocr.pipeline.errors import MrzNotFound, ReaderDown
from ocr.remote import BATCH, INTERACTIVE, TASK, Patience, Question, Remote, Store
from tests.ocr.readings import reading

TODAY = date(2026, 11, 24)
FRONT, BACK = b"\xff\xd8\xff front of GARCIA", b"\xff\xd8\xff back"


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with redis() as server:
        yield server


@pytest.fixture
def store(server: Redis, monkeypatch: pytest.MonkeyPatch) -> Store:
    Client.from_url(server.url).flushall()
    store = Store(server.url)
    monkeypatch.setattr(tasks, "store", lambda: store)
    monkeypatch.setattr(processes, "read", _read)
    return store


def _read(front: bytes, back: bytes, **told: Any) -> Any:
    if back == b"none":
        raise MrzNotFound("no MRZ")
    return reading(model="G" if told["today"] == TODAY else None)


class Sent:
    """Where messages go: into a list, and from there to the one worker that a test lets work."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, str, float]] = []

    def send_task(self, name: str, *, args: Sequence[Any], queue: str, expires: float) -> None:
        assert name == TASK
        self.messages.append((args[0], queue, expires))

    def work(self) -> None:
        while self.messages:
            tasks.read(self.messages.pop(0)[0])


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def desk(store: Store, sent: Sent) -> Remote:
    return Remote(store, sent, Patience(30, waiting=3))  # no test waits so long: it is for a machine that is busy


def question(deadline: float | None = None) -> Question:
    return Question("read", (FRONT, BACK), {"today": TODAY, "alone": True}, deadline or time.time() + 5)


def later(seconds: float, work: Callable[[], Any]) -> threading.Timer:
    timer = threading.Timer(seconds, work)
    timer.start()
    return timer


# --- what lies in Redis -----------------------------------------------------------------------------------------------


def test_a_document_is_read_and_nothing_of_it_stays(desk: Remote, sent: Sent, server: Redis) -> None:
    pending = desk.begin(FRONT, BACK, today=TODAY)
    sent.work()
    assert pending() == reading()
    assert Client.from_url(server.url).keys("*") == []


def test_a_failure_comes_back_as_it_was_raised(desk: Remote, sent: Sent) -> None:
    pending = desk.begin(FRONT, b"none", today=TODAY)
    sent.work()
    with pytest.raises(MrzNotFound, match="no MRZ"):
        pending()


def test_what_lies_there_is_sealed_and_ends_by_itself(store: Store, server: Redis) -> None:
    client = Client.from_url(server.url)
    store.ask("one", question())
    store.ask("two", question())
    store.answer("two", reading())
    for key in client.keys("*"):
        kept: Any = client.get(key) if b"question" in key else client.lrange(key, 0, 0)[0]
        assert b"GARCIA" not in kept
        assert b"ocr.pipeline" not in kept
        assert 0 < client.pttl(key) <= 21_000


def test_a_message_holds_no_more_than_an_id_and_when_it_ends(desk: Remote, sent: Sent) -> None:
    desk.begin(FRONT, BACK, today=TODAY)
    ((name, queue, expires),) = sent.messages
    assert (len(name), queue) == (32, INTERACTIVE)
    assert 30 < expires < 50


def test_what_somebody_else_put_there_is_not_opened(desk: Remote, sent: Sent, server: Redis) -> None:
    pending = desk.begin(FRONT, BACK, today=TODAY)
    Client.from_url(server.url).rpush(f"apptenticate:answer:{sent.messages[0][0]}", b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(ReaderDown, match="sealed"):
        pending()


def test_one_document_gets_one_answer(store: Store) -> None:
    store.ask("one", question())
    assert store.answer("one", reading())
    assert not store.answer("one", MrzNotFound("too late"))
    assert store.await_answer("one", 1) == reading()
    with pytest.raises(TimeoutError):
        store.await_answer("one", 0.1)


# --- who waits --------------------------------------------------------------------------------------------------------


def test_whoever_waits_wakes_at_once(desk: Remote, sent: Sent) -> None:
    pending = desk.begin(FRONT, BACK, today=TODAY)
    later(0.3, sent.work)
    began = time.monotonic()
    pending()
    assert 0.25 < time.monotonic() - began < 1.0


def test_what_nobody_reads_in_time_is_given_up(store: Store, sent: Sent) -> None:
    desk = Remote(store, sent, Patience(0.3, waiting=3))
    pending = desk.begin(FRONT, BACK, today=TODAY)
    with pytest.raises(ReaderDown, match="no worker answered"):
        pending()
    name = sent.messages[0][0]
    sent.work()  # late: dropped
    assert store.question(name) is None
    assert not store.has_answer(name)


def test_what_a_worker_logs_says_for_which_request(desk: Remote, sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def read(*_: Any, **__: Any) -> Any:
        seen.append(logs.current().request)
        return reading()

    monkeypatch.setattr(processes, "read", read)
    logs.under(logs.Trace("of-a-phone"), desk.begin, FRONT, BACK, today=TODAY)
    sent.work()
    assert seen == ["of-a-phone"]


def test_late_work_is_not_begun(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    monkeypatch.setattr(processes, "read", lambda *given, **_: read.append(given))
    store.ask("one", question(deadline=time.time() - 0.1))
    tasks.read("one")
    tasks.read("never asked")
    assert read == []


def test_too_many_are_refused_at_once(desk: Remote, server: Redis) -> None:
    client = Client.from_url(server.url)
    client.rpush(INTERACTIVE, *"abc")
    with pytest.raises(ReaderDown, match="3 documents wait"):
        desk.begin(FRONT, BACK, today=TODAY)


def test_who_waits_and_who_is_refused_is_counted(desk: Remote, sent: Sent, server: Redis) -> None:
    def told(name: str) -> float:
        return metrics.REGISTRY.get_sample_value(f"apptenticate_{name}") or 0.0

    waiting, refused = told("waiting"), told("refused_total")
    pending = desk.begin(FRONT, BACK, today=TODAY)
    assert told("waiting") == waiting + 1
    Client.from_url(server.url).rpush(INTERACTIVE, *"abc")
    with pytest.raises(ReaderDown):
        desk.begin(FRONT, BACK, today=TODAY)
    assert told("refused_total") == refused + 1
    sent.work()
    pending()
    assert told("waiting") == waiting


def test_a_batch_waits_in_a_queue_of_its_own(store: Store, sent: Sent, server: Redis) -> None:
    Client.from_url(server.url).rpush(INTERACTIVE, *"abc")
    Remote(store, sent, Patience(5, waiting=3), queue=BATCH).begin(FRONT, BACK, today=TODAY)
    assert sent.messages[0][1] == BATCH


def test_one_alone_may_have_two_cores(desk: Remote, store: Store, sent: Sent) -> None:
    for _ in range(2):
        desk.begin(FRONT, BACK, today=TODAY)
    asked = [store.question(name) for name, *_ in sent.messages]
    assert [one.told["alone"] for one in asked if one] == [True, False]


def test_it_is_ready_while_a_worker_is_heard_of(desk: Remote, store: Store) -> None:
    with pytest.raises(ReaderDown, match="no worker"):
        desk.prepare()
    tasks.tell_alive()
    desk.prepare()


def test_workers_are_reminded_of_what_none_of_them_answers(
    desk: Remote, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "_REMINDED_AFTER", 0.2)
    pending = desk.begin(FRONT, BACK, today=TODAY)
    sent.messages.clear()  # a worker took it, and was killed
    working = later(0.5, sent.work)
    assert pending() == reading()
    working.join()


# --- Redis is away ----------------------------------------------------------------------------------------------------


@pytest.fixture
def frail() -> Iterator[Redis]:
    with redis() as server:
        yield server


def test_without_redis_nothing_is_promised(frail: Redis, sent: Sent) -> None:
    desk = Remote(Store(frail.url), sent, Patience(5, waiting=3))
    frail.kill()
    for ask in (desk.prepare, lambda: desk.begin(FRONT, BACK, today=TODAY)):
        with pytest.raises(ReaderDown, match="Redis is away"):
            ask()


def test_a_redis_that_comes_back_empty_is_asked_again(
    frail: Redis, sent: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(frail.url)
    monkeypatch.setattr(tasks, "store", lambda: store)
    monkeypatch.setattr(processes, "read", _read)
    pending = Remote(store, sent, Patience(20, waiting=3)).begin(FRONT, BACK, today=TODAY)
    first = sent.messages.pop()[0]

    def restart() -> None:
        frail.kill()
        time.sleep(1)
        frail.start()

    def work_when_asked() -> None:
        while not sent.messages:
            time.sleep(0.1)
        assert sent.messages[0][0] == first
        sent.work()

    later(0.3, restart)
    later(0.5, work_when_asked)
    assert pending() == reading()
