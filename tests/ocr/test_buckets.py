"""Pictures in a bucket: the store is moto's server, a real one over HTTP on loopback, or one that does not answer."""

import os
import socket
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pytest_django import Settings
from rest_framework.test import APIClient

from hardening.elsewhere import Store, store
from ocr import checks, pictures
from ocr.buckets import Bucket
from ocr.models import Transaction
from ocr.pipeline.types import Side
from ocr.vault import vault
from tests.conftest import URL, FakeReader
from tests.fresh import run_fresh
from tests.ocr.readings import JPEG

ROOT = Path(__file__).parents[2]
Parts = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def there() -> Iterator[Store]:
    with store() as there:
        yield there


def options(endpoint: str, **more: str) -> dict[str, Any]:
    """As settings.py has them."""
    known = {"bucket_name": "pictures-of-cards", "location": "ine", "endpoint_url": endpoint, "addressing": "path"}
    return {**known, "region_name": "us-east-1", "access_key": "k", "secret_key": "s", "security_token": None, **more}


def use(settings: Settings, endpoint: str, **more: str) -> None:
    there = {"BACKEND": "ocr.buckets.Bucket", "OPTIONS": options(endpoint, **more)}
    settings.STORAGES = {**settings.STORAGES, "default": there}


@pytest.fixture
def bucket(there: Store, settings: Settings) -> Store:
    use(settings, there.url)
    return there


def dead_end() -> str:
    """Where nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"


# --- kept, shown, dropped ---------------------------------------------------------------------------------------------


def test_pictures_lie_sealed_below_the_prefix(
    bucket: Store, client: APIClient, parts: Parts, fake: FakeReader, settings: Settings
) -> None:
    assert client.post(URL, parts()).status_code == 200
    row = Transaction.objects.get()
    found = bucket.stored()
    assert set(found) == {f"ine/{pictures._name(row, side)}" for side in Side}
    assert all(JPEG not in sealed and vault().is_current(sealed) for sealed in found.values())
    assert [pictures.show(row, side) for side in Side] == [JPEG + b"front", JPEG + b"back"]
    assert not list(Path(settings.MEDIA_ROOT).iterdir())


def test_they_are_dropped(bucket: Store, client: APIClient, parts: Parts, fake: FakeReader) -> None:
    client.post(URL, parts())
    row = Transaction.objects.get()
    before = len(bucket.stored())
    assert pictures.drop(row) == 2
    assert len(bucket.stored()) == before - 2
    assert (pictures.drop(row), list(pictures.kept(row))) == (0, [])
    with pytest.raises(pictures.NoPicture):
        pictures.show(row, Side.FRONT)


def test_what_is_written_again_takes_the_place_of_what_was_there(bucket: Store) -> None:
    there = storages["default"]
    assert there.save("pictures/a", ContentFile(b"old")) == there.save("pictures/a", ContentFile(b"new"))
    assert there.open("pictures/a").read() == b"new"
    assert there.listdir("pictures")[1].count("a") == 1
    assert "pictures" in there.listdir("")[0]
    there.delete("pictures/a")


def test_nobody_gets_outside_the_prefix(bucket: Store) -> None:
    with pytest.raises(Exception, match="denied"):
        storages["default"].exists("../other/a")


# --- away, or not there -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "meaning"),
    [({"bucket_name": "not-there"}, NotADirectoryError), ({"endpoint_url": "http://127.0.0.1:9"}, OSError)],
)
def test_whatever_is_wrong_is_an_error_of_a_disk(
    there: Store, wrong: Mapping[str, str], meaning: type[OSError]
) -> None:
    found = Bucket(**{**options(there.url), **wrong})
    for call in (
        lambda: found.listdir(""),
        lambda: found.open("pictures/a"),
        lambda: found.save("pictures/a", ContentFile(b"x")),
        lambda: found.delete("pictures/a"),
    ):
        with pytest.raises(meaning) as failure:
            call()
        assert not isinstance(failure.value, FileNotFoundError)  # it is not only the picture that is missing


def test_a_store_that_is_away_is_503_and_nothing_is_promised(
    settings: Settings, client: APIClient, parts: Parts, fake: FakeReader
) -> None:
    use(settings, dead_end())
    for prefer in ("", "respond-async"):
        response = client.post(URL, parts(), HTTP_PREFER=prefer)
        assert (response.status_code, response["Retry-After"]) == (503, "5")
    assert {row.outcome for row in Transaction.objects.all()} == {500}
    assert client.get("/api/health/ready/").status_code == 503


def test_a_store_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = Bucket(**options(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        there.client_config = there.client_config.merge(type(there.client_config)(read_timeout=0.2))
        began = time.monotonic()
        with pytest.raises(OSError, match="ReadTimeoutError"):
            there.exists("pictures/a")
    assert time.monotonic() - began < 5


def test_the_bounds_are_those_of_a_request() -> None:
    config = Bucket(**options(dead_end()))._client.meta.config
    longest = config.retries["total_max_attempts"] * (config.connect_timeout + config.read_timeout)
    assert longest < 60  # gunicorn takes a process for dead that is silent for so long


def test_ready_once_the_bucket_is_there(bucket: Store, db: None, fake: FakeReader) -> None:
    assert APIClient().get("/api/health/ready/").status_code == 200


@pytest.mark.parametrize(("wrong", "said"), [({"bucket_name": "not-there"}, ["ocr.E004"]), ({}, [])])
def test_a_bucket_that_is_not_there_is_said_at_the_start(
    there: Store, settings: Settings, wrong: dict[str, str], said: list[str]
) -> None:
    use(settings, there.url, **wrong)
    assert [message.id for message in checks.pictures_have_a_place()] == said


def test_a_store_that_is_away_does_not_end_the_start(settings: Settings) -> None:
    use(settings, dead_end())
    assert [message.id for message in checks.pictures_have_a_place()] == ["ocr.W002"]


# --- chosen by the environment ----------------------------------------------------------------------------------------

SAY = """
import sys, django
django.setup()
from django.core.files.storage import default_storage
default_storage.listdir("")
print(type(default_storage._wrapped).__name__, "boto3" in sys.modules)
"""


def told(tmp_path: Path, **environment: str) -> str:
    known = {"DJANGO_SETTINGS_MODULE": "apptenticate.settings", "APPTENTICATE_HOME": str(tmp_path / "home")}
    return run_fresh(SAY, **(known | environment)).stdout.strip()


def test_with_a_folder_boto3_is_not_loaded(tmp_path: Path) -> None:
    assert told(tmp_path) == "Folder False"
    assert told(tmp_path, APPTENTICATE_STORAGE=str(tmp_path / "elsewhere")) == "Folder False"
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o700


def test_with_a_bucket_it_is(tmp_path: Path, there: Store) -> None:
    assert told(tmp_path, **there.environment) == "Bucket True"


def test_a_backup_of_a_folder_is_put_back_into_a_bucket(tmp_path: Path, there: Store) -> None:
    told = {**there.environment, "APPTENTICATE_STORAGE": f"s3://{there.bucket}/restored"}
    manage(tmp_path / "old", "migrate")
    (tmp_path / "old" / "media" / "pictures").mkdir()
    (tmp_path / "old" / "media" / "pictures" / "a").write_bytes(b"sealed")
    manage(tmp_path / "old", "backup", str(tmp_path / "of-a-folder"))
    manage(tmp_path / "new", "restore", str(tmp_path / "of-a-folder"), **told)
    assert there.stored()["restored/pictures/a"] == b"sealed"
    said = manage(tmp_path / "new", "backup", str(tmp_path / "of-a-bucket"), **told)
    assert "back the bucket up" in said
    with tarfile.open(tmp_path / "of-a-bucket") as tar:
        assert {name.split("/")[0] for name in tar.getnames()} == {"keys", "database.sqlite3"}


def test_a_bucket_is_made_once(tmp_path: Path, there: Store) -> None:
    told = {**there.environment, "APPTENTICATE_STORAGE": "s3://brand-new/ine"}
    said = [manage(tmp_path, "make_bucket", **told) for _ in range(2)]
    assert said == ["The bucket brand-new was made.\n", "The bucket brand-new is there.\n"]
    manage(tmp_path, "check", **told)


def manage(home: Path, *arguments: str, **more: str) -> str:
    environment = {**os.environ, "APPTENTICATE_HOME": str(home), **more}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True).stdout
