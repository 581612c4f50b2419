"""A host of our own: a worker on it reads, over the cable alone, and it goes with what ran there."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardening.elsewhere import redis, worker
from hardening.hosts import Host, NoHosts, host
from tests.hardening.test_elsewhere import read_one


@pytest.fixture(scope="module")
def other() -> Iterator[Host]:
    try:
        with host(0) as made:
            yield made
    except NoHosts as why:
        pytest.skip(str(why))


def test_a_worker_on_it_reads_what_is_asked_here(other: Host, tmp_path: Path) -> None:
    with redis(cables=(other.ours,)) as server:
        shared = {"APPTENTICATE_READ_BY": "celery", "APPTENTICATE_HOME": str(tmp_path / "home")}
        here = {**shared, "APPTENTICATE_REDIS": server.url}
        with worker({**shared, "APPTENTICATE_REDIS": server.url_at(other.ours)}, tmp_path / "there.log", host=other):
            assert read_one(here) == "226179228"


def test_it_has_no_way_out_but_the_cable(other: Host) -> None:
    routes = subprocess.run([*other.command, "ip", "route"], check=True, capture_output=True, text=True).stdout
    assert [route.split()[0] for route in routes.splitlines()] == ["198.18.0.0/30"]


def test_it_goes() -> None:
    try:
        with host(1) as made:
            assert made.name in _hosts()
    except NoHosts as why:
        pytest.skip(str(why))
    assert made.name not in _hosts()


def _hosts() -> str:
    return subprocess.run(["ip", "netns", "list"], check=True, capture_output=True, text=True).stdout
