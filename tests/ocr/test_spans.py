"""Traces, as a collector on loopback receives them: what took how long, for which request, and nothing of anybody."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from rest_framework.test import APIClient

from benchmarks.measuring.client import Client
from benchmarks.measuring.service import ROOT, prepared_service, started
from hardening.collector import Collector, collector
from hardening.elsewhere import redis, worker
from ocr import promises, spans
from ocr.background import do_next
from ocr.pipeline.errors import ReaderDown
from tests.conftest import URL, FakeReader, signed_in
from tests.fresh import run_fresh
from tests.ocr.readings import reading

Parts = Callable[..., dict[str, Any]]
STAGES = {"decode": 10.0, "read": 50.5, "judge": 1.0}
POST = "POST api/v3.2/ocr/"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def told(settings: Settings, user: User) -> Iterator[Collector]:
    with collector() as there:
        spans.close()
        settings.TRACES = there.url
        yield there
        spans.close()
        settings.TRACES = ""


@pytest.fixture
def posted(told: Collector, user: User, parts: Parts, fake: FakeReader) -> Collector:
    """A document was asked for, and all is sent."""
    fake.reading = replace(reading(), milliseconds=STAGES)
    asked = {"x-request-id": "mine", "traceparent": PARENT}
    assert signed_in(user).post(URL, parts(), headers=asked).status_code == 200
    spans.close()
    return told


def test_a_request_is_a_span_and_its_stages_are_below(posted: Collector) -> None:
    request, read = posted.named(POST), _reading(posted)
    assert (read.parent, set(posted.below(read))) == (request.id, {"keep", *STAGES})
    assert request.began <= read.began <= read.ended <= request.ended
    assert request.service == "apptenticate"


def _reading(told: Collector) -> Any:
    """The reading as a whole; one of its stages is called like it."""
    request = told.named(POST)
    (read,) = (span for span in told.spans if span.parent == request.id)
    return read


def test_stages_follow_one_another_and_take_what_they_took(posted: Collector) -> None:
    read = _reading(posted)
    stages = sorted(
        (span for span in posted.spans if span.parent == read.id and span.name in STAGES), key=lambda span: span.began
    )
    assert [span.ended - span.began for span in stages] == pytest.approx(list(STAGES.values()), abs=0.01)
    assert [span.ended for span in stages[:-1]] == pytest.approx([span.began for span in stages[1:]], abs=0.01)


def test_it_goes_on_from_whoever_asks(posted: Collector) -> None:
    request = posted.named(POST)
    assert (request.trace, request.parent) == (PARENT.split("-")[1], PARENT.split("-")[2])
    assert {span.trace for span in posted.spans if span.parent == _reading(posted).id} == {request.trace}


def test_what_a_span_says(posted: Collector) -> None:
    said = posted.named(POST).attributes
    assert said.pop("apptenticate.transaction") > 0
    assert said == {
        "apptenticate.request_id": "mine",
        "http.request.method": "POST",
        "http.response.status_code": 200,
        "http.route": "api/v3.2/ocr/",
    }


def test_nothing_is_said_of_anybody(told: Collector, client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = RuntimeError("GALJ900315HDFRPN01")
    client.post(URL, parts())
    client.get("/admin/ocr/transaction/?q=GALJ900315HDFRPN01")
    client.get("/GALJ900315HDFRPN01/")
    spans.close()
    everything = b"".join(told.bodies)
    assert told.named(POST).failed
    for personal in (b"GALJ", b"ana", b"PALOMA", b"RuntimeError"):
        assert personal not in everything


def test_a_failure_of_the_service_is_marked(told: Collector, client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = ReaderDown("all are busy")
    assert client.post(URL, parts()).status_code == 503
    spans.close()
    assert (told.named(POST).failed, _reading(told).failed) == (True, True)


def test_probes_are_none(told: Collector, fake: FakeReader) -> None:
    for path in ("/api/health/live/", "/health/ready", "/metrics"):
        APIClient().get(path)
    spans.close()
    assert told.spans == []


def test_what_was_promised_names_the_request(
    told: Collector, client: APIClient, parts: Parts, fake: FakeReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ocr.background.close_old_connections", lambda: None)  # the test's is one of them
    client.post(URL, parts(), headers={"Prefer": "respond-async", "x-request-id": "mine"})
    do_next(promises.take)
    spans.close()
    promise = told.named("promise")
    assert promise.attributes["apptenticate.request_id"] == "mine"
    assert told.below(promise) == ["read"]


@pytest.mark.parametrize(("percent", "count"), [(0, 0), (100, 1)])
def test_so_many_are_sent(told: Collector, settings: Settings, percent: int, count: int) -> None:
    settings.TRACES_PERCENT = percent
    spans.close()
    APIClient().get("/")
    spans.close()
    assert len(told.spans) == count


def test_a_collector_that_is_away_costs_no_request_anything(settings: Settings, db: None) -> None:
    settings.TRACES = "http://127.0.0.1:9/v1/traces"
    spans.close()
    assert APIClient().get("/").status_code == 200
    spans.close()


SAY = "import sys, apptenticate.wsgi; from ocr import services, urls; print('opentelemetry' in sys.modules)"


def test_nothing_is_loaded_where_nobody_asks(tmp_path: Path) -> None:
    known = {"DJANGO_SETTINGS_MODULE": "apptenticate.settings", "APPTENTICATE_HOME": str(tmp_path)}
    said = run_fresh(SAY, **known)
    assert said.stdout == "False\n"


# --- over the hop to Celery's workers ---------------------------------------------------------------------------------


def test_a_worker_goes_on_with_the_trace(tmp_path: Path) -> None:
    card = [(ROOT / "fixtures" / "g_scan" / name).read_bytes() for name in ("front.jpg", "back.jpg")]
    with (
        collector() as there,
        redis() as server,
        pytest.MonkeyPatch.context() as environment,
        prepared_service() as known,
    ):
        for name, value in {"REDIS": server.url, "READ_BY": "celery", "TRACES": there.url}.items():
            environment.setenv(f"APPTENTICATE_{name}", value)
        with (
            worker({"APPTENTICATE_HOME": str(known.home)}, tmp_path / "log") as reads,
            started(known, 1) as service,
        ):
            assert Client(service).read(*card).status == 200
            reads.stop()
    request, worked = there.named(POST), there.named("worker")
    assert worked.trace == request.trace
    assert worked.parent == _reading(there).id
    assert there.below(worked)[:2] == ["decode", "read"]
    assert worked.attributes["apptenticate.request_id"] == request.attributes["apptenticate.request_id"]
    assert b"QUINONES" not in b"".join(there.bodies)
