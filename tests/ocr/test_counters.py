"""What throttling counts, in a real Redis: shared by machines, never unpickled, and 503 while it is away."""

import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings
from redis import Redis as Client
from rest_framework.test import APIClient

from hardening.elsewhere import Redis, redis
from tests.fresh import run_fresh

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def server() -> Iterator[Redis]:
    with redis() as server:
        yield server


ASK = """
import django
django.setup()
from rest_framework.test import APIClient
print([APIClient().post("/api/token/", {"username": "ana", "password": "x"}).status_code for _ in range(2)])
"""


def asked(home: Path, server: Redis) -> str:
    """What a machine of its own answers whoever asks twice for a token; it has no database."""
    told = {
        "DJANGO_SETTINGS_MODULE": "apptenticate.settings",
        "APPTENTICATE_ALLOWED_HOSTS": "testserver",
        "APPTENTICATE_HOME": str(home),
        "APPTENTICATE_REDIS": server.url,
        "APPTENTICATE_TOKEN_RATE": "3/hour",
    }
    return run_fresh(ASK, **told).stdout.strip()


def test_machines_count_together(server: Redis, tmp_path: Path) -> None:
    assert asked(tmp_path / "one", server) == "[503, 503]"
    assert asked(tmp_path / "other", server) == "[503, 429]"


@pytest.fixture
def counted(server: Redis, settings: Settings) -> None:
    where = {"BACKEND": "ocr.counters.Counters", "LOCATION": server.url, "KEY_PREFIX": "test"}
    settings.CACHES = {"default": {**where, "OPTIONS": {"serializer": "ocr.counters.AsJson"}}}


def test_nothing_in_redis_is_ever_unpickled(counted: None, server: Redis) -> None:
    cache.set("history", [1.5, 2.5])
    assert cache.get("history") == [1.5, 2.5]
    (key,) = Client.from_url(server.url).keys("test:*")
    Client.from_url(server.url).set(key, pickle.dumps([1.5]))
    with pytest.raises(ValueError, match=r"utf-8|Expecting"):
        cache.get("history")


def test_who_cannot_be_counted_is_asked_to_come_back(db: None, settings: Settings) -> None:
    others = settings.CACHES
    settings.CACHES = {"default": {"BACKEND": "ocr.counters.Counters", "LOCATION": "redis://127.0.0.1:9"}}
    answer = APIClient().post("/api/token/", {"username": "ana", "password": "x"})
    settings.CACHES = others
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
