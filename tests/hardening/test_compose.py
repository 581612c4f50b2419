"""What compose.yaml starts, without its containers: the same commands with the same variables and secrets, on one
machine. PostgreSQL, Redis and the store are Debian's and moto's instead of the images', and nothing stands in front."""

import dataclasses
import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
import requests

from hardening.databases import postgresql
from hardening.elsewhere import ROOT, Store, _free_port, store
from tests.test_deploy import SERVICES, configured_redis, secrets, variables

__all__ = ["secrets"]  # a fixture

PASSWORD = "a password that nobody guesses"
PROXY = {"Host": "localhost", "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
"""What nginx says of a client that came by TLS."""


@dataclasses.dataclass(frozen=True, slots=True)
class Started:
    """What runs: where the service listens, what each part was told, their processes, and the store of pictures."""

    url: str
    told: Mapping[str, Mapping[str, str]]
    processes: Mapping[str, "subprocess.Popen[bytes]"]
    pictures: Store


@pytest.fixture(scope="module")
def running(secrets: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    folder = tmp_path_factory.mktemp("compose")
    with ExitStack() as stack:
        database, there = stack.enter_context(postgresql()), stack.enter_context(store())
        here = Path(shutil.copytree(secrets, folder / "secrets"))
        replace(here / "redis", stack.enter_context(configured_redis(here)))
        replace(here / "database", *database.environment.values())
        told = {
            name: elsewhere(name, here, folder / name, there) for name in ("migrate", "web", "worker", "worker-batch")
        }
        subprocess.run(command("migrate"), cwd=ROOT, env=told["migrate"], check=True, stdout=subprocess.DEVNULL)
        listens = f"127.0.0.1:{_free_port()}"
        commands = {"web": [listens if word == "0.0.0.0:8000" else word for word in command("web")]}
        commands |= {name: command(name) for name in ("worker", "worker-batch")}
        processes = {name: stack.enter_context(process(words, told[name])) for name, words in commands.items()}
        await_answer(f"http://{listens}/api/health/ready/")
        yield Started(f"http://{listens}", told, processes, there)


def replace(secret: Path, value: str) -> None:
    """What the other machines of the file are called, these are not."""
    secret.chmod(0o600)
    secret.write_text(value)


def elsewhere(name: str, secrets: Path, home: Path, there: Store) -> dict[str, str]:
    """What a container is told, with the store of this test."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("APPTENTICATE_")}
    told = variables(SERVICES[name], secrets, home)
    return {
        **own,
        **told,
        **({"APPTENTICATE_STORAGE_ENDPOINT": there.url} if "web" in name or name == "migrate" else {}),
    }


def command(name: str) -> list[str]:
    words: list[str] = SERVICES[name]["command"]
    return words


@contextmanager
def process(words: list[str], told: Mapping[str, str]) -> "Iterator[subprocess.Popen[bytes]]":
    """One that is told to stop in the end, as Compose does."""
    begun = subprocess.Popen(words, cwd=ROOT, env=dict(told), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield begun
    finally:
        begun.terminate()
        begun.wait(60)


def await_answer(url: str) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end:
        try:
            requests.get(url, headers={"Host": "localhost"}, timeout=10).raise_for_status()
        except requests.RequestException:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(url)


@pytest.fixture(scope="module")
def token(running: Started) -> dict[str, str]:
    make = [".venv/bin/python", "manage.py", "make_user", "ana"]
    told = {**running.told["web"], "APPTENTICATE_PASSWORD": PASSWORD}
    subprocess.run(make, cwd=ROOT, env=told, check=True, stdout=subprocess.DEVNULL)
    login = {"username": "ana", "password": PASSWORD}
    answer = requests.post(f"{running.url}/api/token/", data=login, headers=PROXY, timeout=30)
    return {**PROXY, "Authorization": f"Bearer {answer.json()['access']}"}


def read(running: Started, headers: Mapping[str, str]) -> requests.Response:
    files = {f"{side}side": (ROOT / "fixtures/g_scan" / f"{side}.jpg").read_bytes() for side in ("front", "back")}
    url, form = f"{running.url}/api/v3.2/ocr/", {"document_type": "id_mexico"}
    return requests.post(url, data=form, files=files, headers=dict(headers), timeout=90)


def test_a_card_is_read_and_its_pictures_are_kept(running: Started, token: dict[str, str]) -> None:
    answer = read(running, token)
    assert (answer.status_code, answer.json()["cic"]) == (200, "226179228")
    assert [
        key.startswith("ine/pictures/") for key in dataclasses.replace(running.pictures, bucket="pictures").stored()
    ] == [True, True]


def test_an_archive_is_read_by_the_other_worker(running: Started, token: dict[str, str]) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        for side in ("front", "back"):
            archive.write(ROOT / "fixtures/g_scan" / f"{side}.jpg", f"ana/{side}.jpg")
    form, files = {"document_type": "id_mexico"}, {"cards": ("cards.zip", packed.getvalue())}
    sent = requests.post(f"{running.url}/api/v3.2/ocr/batch/", data=form, files=files, headers=token, timeout=30)
    assert sent.status_code == 202, sent.text
    end, place = time.monotonic() + 60, f"{running.url}{sent.headers['Location']}"
    while (told := requests.get(place, headers=token, timeout=30).json())["waiting"]:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert told["outcomes"] == {"200": 1}


@pytest.mark.parametrize("name", ["web", "worker", "worker-batch"])
def test_health_checks_hold(running: Started, name: str) -> None:
    kind, *words = SERVICES[name]["healthcheck"]["test"]
    here = {"/state": running.told[name]["APPTENTICATE_HOME"], "http://127.0.0.1:8000": running.url}
    for there, instead in here.items():
        words = [word.replace(there, instead) for word in words]
    assert subprocess.run(words if kind == "CMD" else ["sh", "-c", *words], check=False).returncode == 0


def test_plain_http_is_sent_to_https(running: Started) -> None:
    plain = requests.get(f"{running.url}/", headers={"Host": "localhost"}, allow_redirects=False, timeout=30)
    assert (plain.status_code, plain.headers["Location"]) == (301, "https://localhost/")


def test_told_to_stop_all_end_well(running: Started) -> None:
    for one in running.processes.values():
        one.terminate()
    assert {name: one.wait(60) for name, one in running.processes.items()} == dict.fromkeys(running.processes, 0)
