"""PostgreSQL whose connections are pooled: a few serve all threads, also while many documents wait to be read."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from benchmarks.measuring.client import Client
from benchmarks.measuring.service import Service, prepared_service, started
from hardening.databases import Postgresql, postgresql
from hardening.elsewhere import ROOT

CARD = [(ROOT / "fixtures" / "g_scan" / name).read_bytes() for name in ("front.jpg", "back.jpg")]
POOL = 2
SLOW = {"APPTENTICATE_FRONT_READERS": "ppocr", "APPTENTICATE_BACK_READERS": "ppocr"}
"""Of 16 documents at once, most wait longer than a connection is waited for."""


@pytest.fixture(scope="module")
def database() -> Iterator[Postgresql]:
    with postgresql() as server:
        yield server


@pytest.fixture(scope="module")
def service(database: Postgresql) -> Iterator[Service]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {**database.environment, **SLOW, "APPTENTICATE_DATABASE_POOL": str(POOL)}.items():
            environment.setenv(name, value)
        with prepared_service() as known, started(known, 1) as service:
            yield service


def connections(database: Postgresql) -> int:
    """How many the service has."""
    (address,) = database.environment.values()
    with psycopg.connect(address) as own:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'apptenticate' AND pid <> pg_backend_pid()"
        row = own.execute(asked).fetchone()
    assert row is not None
    return int(row[0])


def test_more_documents_wait_than_there_are_connections(service: Service, database: Postgresql) -> None:
    client = Client(service)
    with ThreadPoolExecutor(16) as callers:
        answers = list(callers.map(lambda _: client.read(*CARD).status, range(16)))
    assert answers == [200] * 16
    assert connections(database) <= POOL


def test_a_database_that_comes_back_is_used_again(service: Service, database: Postgresql) -> None:
    client = Client(service)
    assert client.read(*CARD).status == 200
    with database.away(service):
        assert client.read(*CARD).status == 503
    assert client.read(*CARD).status == 200
