"""The figures: what is counted, who is told, and that they tell of nobody."""

import json
import os
import re
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import DatabaseError
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import metrics
from ocr.models import Transaction
from ocr.pipeline.errors import MrzNotFound, ReaderDown
from ocr.pipeline.types import SecondLook, Side
from ocr.processes import Limits, Processes, Wanted
from tests.conftest import URL, FakeReader, Sent
from tests.fresh import run_fresh
from tests.ocr.readings import BACK, FRONT, reading

ROOT = Path(__file__).parents[2]
WANTED = Wanted(("glance",), ("glance",), None)
Parts = Callable[..., Sent]


class Growth:
    """How much a figure has grown since the test began."""

    def __init__(self) -> None:
        self._before = _samples()

    def __call__(self, name: str, **labels: str) -> float:
        key = (f"apptenticate_{name}", tuple(sorted(labels.items())))
        return _samples().get(key, 0) - self._before.get(key, 0)


def _samples() -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in metrics.REGISTRY.collect()
        for sample in family.samples
    }


@pytest.fixture
def grown() -> Growth:
    return Growth()


# --- documents --------------------------------------------------------------------------------------------------------


def test_a_document_that_is_read(client: APIClient, fake: FakeReader, parts: Parts, grown: Growth) -> None:
    looks = (
        SecondLook(Side.FRONT, "tesseract", "section", won=True),
        SecondLook(Side.FRONT, "tesseract", "curp", won=True),
        SecondLook(Side.BACK, "passporteye", "cic", won=False),
    )
    fake.reading = replace(reading(), second_looks=looks, milliseconds={"decode": 12.0, "read": 700.0})
    client.post(URL, parts())
    assert grown("documents_total", outcome="200", valid="true") == 1
    assert grown("document_seconds_count") == 1
    assert grown("stage_seconds_sum", stage="read") == pytest.approx(0.7)
    assert grown("stage_seconds_bucket", stage="decode", le="0.01") == 0
    assert grown("stage_seconds_bucket", stage="decode", le="0.025") == 1
    assert grown("second_looks_total", side="frontside", reader="tesseract", won="true") == 2
    assert grown("second_looks_total", side="backside", reader="passporteye", won="false") == 1
    assert grown("least_confidence_sum") == pytest.approx(0.988)


def test_one_that_is_read_and_not_valid(client: APIClient, fake: FakeReader, parts: Parts, grown: Growth) -> None:
    fake.reading = replace(reading(), trusted=False)
    client.post(URL, parts())
    assert grown("documents_total", outcome="200", valid="false") == 1


@pytest.mark.parametrize(
    ("failure", "outcome"),
    [(MrzNotFound("none"), "814"), (ReaderDown("gone"), "852"), (ZeroDivisionError(), "500")],
)
def test_one_that_fails(
    client: APIClient, fake: FakeReader, parts: Parts, grown: Growth, failure: Exception, outcome: str
) -> None:
    fake.reading = failure
    client.post(URL, parts())
    assert grown("documents_total", outcome=outcome, valid="false") == 1
    assert grown("document_seconds_count") == 1
    assert grown("stage_seconds_count", stage="decode") == 0


def test_one_whose_end_cannot_be_written(
    client: APIClient, fake: FakeReader, parts: Parts, grown: Growth, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was read, but whoever asked is not told so."""

    def fail(*_: Any, **__: Any) -> None:
        raise DatabaseError("the disk is full")

    monkeypatch.setattr(Transaction, "mark", fail)
    client.post(URL, parts())
    assert grown("documents_total", outcome="500", valid="false") == 1


def test_one_that_came_too_soon(
    client: APIClient, fake: FakeReader, parts: Parts, grown: Growth, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.reading = reading()
    monkeypatch.setattr("ocr.views.ReadingThrottle.rate", "1/day", raising=False)
    for _ in range(2):
        client.post(URL, parts())
    assert grown("documents_total", outcome="429", valid="false") == 1
    assert grown("document_seconds_count") == 1


# --- the desk ---------------------------------------------------------------------------------------------------------


def test_who_waits_and_who_is_refused(grown: Growth) -> None:
    desk = Processes(1, WANTED, Limits(20, waiting=1))
    pending = [_asked(desk) for _ in range(2)]
    assert grown("waiting") == 2
    with pytest.raises(ReaderDown):
        desk._enter()
    for future in pending:
        future.result(20)
    desk.close()  # the last one leaves a moment after it is answered
    assert grown("waiting") == 0
    assert grown("refused_total") == 1


def _asked(desk: Processes) -> "Future[None]":
    desk._enter()
    return desk._in_turn(time.sleep, 0.2)


def test_a_process_that_dies_is_replaced(grown: Growth) -> None:
    desk = Processes(1, WANTED, Limits(20))
    with pytest.raises(ReaderDown):
        desk._answer(desk._schedule(os._exit, 3))
    desk.close()
    assert grown("reading_process_renewals_total", why="died") == 1


def test_one_that_takes_too_long_is_replaced(grown: Growth) -> None:
    desk = Processes(1, WANTED, Limits(20))
    desk.prepare()
    desk._limits = Limits(0.3)
    with pytest.raises(ReaderDown):
        desk._answer(desk._schedule(time.sleep, 20))
    desk.close()
    assert grown("reading_process_renewals_total", why="too_long") == 1


def test_a_process_that_reads_loads_none_of_this() -> None:
    code = "import sys, ocr.processes, ocr.pipeline.run; print('prometheus_client' in sys.modules)"
    told = run_fresh(code)
    assert told.stdout == "False\n"


# --- who is told ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_prometheus_understands_it(path: str) -> None:
    answer = APIClient().get(path)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain")
    families = {family.name: family for family in text_string_to_metric_families(answer.content.decode())}
    assert set(families) == {family.name for family in metrics.REGISTRY.collect()}
    assert all(family.documentation for family in families.values())


@pytest.mark.parametrize(("address", "status"), [("127.0.0.1", 200), ("127.8.9.1", 200), ("::1", 200),
    ("::ffff:127.0.0.1", 200), ("10.0.0.1", 404), ("8.8.8.8", 404), ("", 404)])  # fmt: skip
def test_without_a_token_this_machine_alone_is_told(address: str, status: int) -> None:
    assert APIClient().get("/metrics", REMOTE_ADDR=address).status_code == status


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-real-ip", "via"])
@pytest.mark.parametrize("proxies", [0, 1])
def test_nobody_is_told_through_a_proxy(header: str, proxies: int, settings: Settings) -> None:
    settings.NUM_PROXIES = proxies
    assert APIClient().get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("given", "status"),
    [("Bearer a-token-of-length", 200), ("Bearer a-token-of-lengt", 404), ("a-token-of-length", 404), ("", 404),
     ("Bearer ", 404), ("Bearer é", 404)],
)  # fmt: skip
@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1"])
def test_with_a_token_whoever_has_it_is_told(given: str, status: int, address: str, settings: Settings) -> None:
    settings.METRICS_TOKEN = "a-token-of-length"
    answer = APIClient().get("/metrics", headers={"authorization": given}, REMOTE_ADDR=address)
    assert answer.status_code == status


# --- what it must not say ---------------------------------------------------------------------------------------------

LABELS = {
    "apptenticate_documents": {"outcome", "valid"},
    "apptenticate_stage_seconds": {"stage", "le"},
    "apptenticate_document_seconds": {"le"},
    "apptenticate_least_confidence": {"le"},
    "apptenticate_second_looks": {"side", "reader", "won"},
    "apptenticate_reading_process_renewals": {"why"},
    "apptenticate_build_info": {"api", "python", "django", "onnxruntime"},
    "apptenticate_webhook_attempts": {"came_to"},
    "apptenticate_webhook_seconds": {"le"},
}


def test_it_tells_of_nobody(client: APIClient, fake: FakeReader, parts: Parts) -> None:
    client.post(URL, parts(), headers={"x-request-id": "request-of-ana"})
    told = metrics.exposed().decode()
    for secret in (*map(str, (*FRONT.values(), *BACK.values())), "ana", "request-of"):
        assert len(secret) < 5 or secret not in told
    for family in metrics.REGISTRY.collect():
        assert {label for sample in family.samples for label in sample.labels} <= LABELS.get(family.name, set())


# --- several processes ------------------------------------------------------------------------------------------------

COUNT = """
from ocr import metrics
metrics.count(200, valid=True)
metrics.WAITING.inc(2)
print(metrics.exposed().decode())
"""


def test_processes_count_together(tmp_path: Path) -> None:
    environment = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for _ in range(2):
        told = run_fresh(COUNT, **environment).stdout
    assert 'apptenticate_documents_total{outcome="200",valid="true"} 2.0' in told
    assert "apptenticate_waiting 4.0" in told


# --- the dashboard ----------------------------------------------------------------------------------------------------

BOARD = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text(encoding="utf-8"))


def names(text: str) -> set[str]:
    return set(re.findall(r"apptenticate_\w+", text))


def exposed_names() -> set[str]:
    """As Prometheus stores them."""
    families = list(metrics.REGISTRY.collect())
    endings = {"counter": ["_total"], "gauge": [""], "histogram": ["_bucket", "_sum", "_count"]}
    return {family.name + ending for family in families for ending in endings[family.type]}


def queries() -> list[str]:
    variables = [variable["definition"] for variable in BOARD["templating"]["list"] if variable["type"] == "query"]
    return variables + [target["expr"] for panel in BOARD["panels"] for target in panel["targets"]]


def test_the_dashboard_asks_for_what_there_is() -> None:
    assert len(queries()) > 10
    for query in queries():
        assert names(query), query
        assert names(query) <= exposed_names()


def test_every_figure_is_on_the_dashboard() -> None:
    asked = set().union(*map(names, queries()))
    for family in metrics.REGISTRY.collect():
        assert any(name.startswith(family.name) for name in asked), family.name


def test_every_panel_asks_the_source_that_is_chosen() -> None:
    (source,) = (one["name"] for one in BOARD["templating"]["list"] if one["type"] == "datasource")
    assert {panel["datasource"]["uid"] for panel in BOARD["panels"]} == {f"${{{source}}}"}
    assert len({panel["id"] for panel in BOARD["panels"]}) == len(BOARD["panels"])


def test_the_example_asks_where_the_figures_are(settings: Settings) -> None:
    (job,) = yaml.safe_load((ROOT / "deploy" / "prometheus.yaml").read_text(encoding="utf-8"))["scrape_configs"]
    settings.METRICS_TOKEN = "a-token-of-length"
    headers = {"authorization": f"{job['authorization']['type']} {settings.METRICS_TOKEN}"}
    assert APIClient().get(job["metrics_path"], headers=headers).status_code == 200


def test_the_readme_lists_every_figure() -> None:
    listed = names(
        (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Seeing it\n")[2].partition("\n## ")[0]
    )
    endings = {"counter": "_total"}
    assert listed == {family.name + endings.get(family.type, "") for family in metrics.REGISTRY.collect()}
