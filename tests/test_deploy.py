"""compose.yaml and deploy/kubernetes/: valid by their schemas, and every name in them is one of the service's own.

No container is started here, and no cluster: whether images, proxies and stores work together, nobody has tried.
"""

import importlib.util
import json
import os
import re
import runpy
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve
from redis import Redis as Client
from redis.exceptions import RedisError

from ocr.remote import BATCH, INTERACTIVE
from tests.test_docs import settings_read

ROOT = Path(__file__).parents[1]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: Mapping[str, Any] = COMPOSE["services"]
OURS = {name: told for name, told in SERVICES.items() if told["image"].startswith("apptenticate")}
CLUSTER = ROOT / "deploy" / "kubernetes"
USER = 10001
QUEUES = {INTERACTIVE, BATCH}


@pytest.fixture(scope="module")
def secrets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What deploy/make-secrets makes."""
    folder = tmp_path_factory.mktemp("here")
    subprocess.run([ROOT / "deploy/make-secrets", "ine.example"], cwd=folder, check=True)
    return folder / "secrets"


# --- what both say ----------------------------------------------------------------------------------------------------


def is_ours(name: str) -> bool:
    """Whether a variable is a setting, given or named as a file."""
    return name.removesuffix("_FILE") in settings_read()


def exists(command: list[str]) -> bool:
    """Whether what a container runs is there: `.venv/bin/python -m MODULE …` or `.venv/bin/python manage.py NAME …`."""
    interpreter, how, name, *rest = command
    assert interpreter == ".venv/bin/python"
    if how == "manage.py":
        return name in get_commands()
    assert how == "-m"
    files = [word for word in rest if word.endswith(".py")]
    return importlib.util.find_spec(name) is not None and all((ROOT / file).exists() for file in files)


def queues(command: list[str]) -> list[str]:
    return command[command.index("--queues") + 1].split(",")


def is_known_to_celery(command: list[str]) -> bool:
    told = [sys.executable, "-m", "celery", "--app", "apptenticate.celery", "worker", "--help"]
    said = subprocess.run(told, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return all(word in said for word in command if word.startswith("--") and word != "--app")


def started(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings as a container with this environment has them."""
    with pytest.MonkeyPatch.context() as patched:
        for name in [name for name in os.environ if name.startswith("APPTENTICATE_")]:
            patched.delenv(name)
        for name, value in environment.items():
            patched.setenv(name, value)
        return runpy.run_path(str(ROOT / "apptenticate/settings.py"))


def is_secret(name: str) -> bool:
    return bool(re.search(r"PASSWORD|SECRET|TOKEN|_KEY|KEYS|DATABASE$|REDIS$", name)) and not name.endswith("_FILE")


def test_the_image_has_the_user_that_both_name() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert f"useradd --system --uid {USER} --gid {USER}" in dockerfile


# --- compose ----------------------------------------------------------------------------------------------------------


def variables(told: Mapping[str, Any], secrets: Path, home: Path) -> dict[str, str]:
    """What a container of ours is told, with this machine's places."""
    plain = {name: re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", value) for name, value in told["environment"].items()}
    placed = {name: value.replace("/run/secrets", str(secrets)) for name, value in plain.items()}
    return {**placed, "APPTENTICATE_HOME": str(home)}


def test_compose_keeps_its_schema() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    checked = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("name", OURS)
def test_compose_names_settings_and_commands_that_exist(name: str) -> None:
    told = OURS[name]
    named = [variable for variable in told["environment"] if variable.startswith("APPTENTICATE_")]
    assert [variable for variable in named if not is_ours(variable)] == []
    shell = told["command"] if told["command"][0] != "sh" else told["command"][2].replace("exec ", "")
    commands = [part.split() for part in shell.split(" && ")] if isinstance(shell, str) else [shell]
    assert all(map(exists, commands))


@pytest.mark.parametrize("name", OURS)
def test_compose_starts_the_settings(name: str, secrets: Path, tmp_path: Path) -> None:
    found = started(variables(OURS[name], secrets, tmp_path / "home"))
    assert found["OCR_READ_BY"] == "celery"
    assert urlsplit_host(found["REDIS"]) == "redis"
    if "APPTENTICATE_DATABASE_FILE" in OURS[name]["environment"]:
        assert found["DATABASES"]["default"]["HOST"] == "postgres"
        assert found["DATABASES"]["default"]["PASSWORD"] == (secrets / "database_password").read_text().strip()
        assert found["STORAGES"]["default"]["OPTIONS"]["access_key"] == (secrets / "storage_key").read_text().strip()
        assert not (tmp_path / "home" / "keys" / "secret_key").exists()


def urlsplit_host(address: str) -> str:
    return address.rpartition("@")[2].partition(":")[0]


def test_workers_of_compose_read_every_queue() -> None:
    commands = [told["command"] for told in OURS.values() if "celery" in told["command"]]
    assert {queue for command in commands for queue in queues(command)} == QUEUES
    assert all(map(is_known_to_celery, commands))


def test_secrets_of_compose_are_files_that_are_made(secrets: Path) -> None:
    for told in SERVICES.values():
        assert [name for name in told.get("environment", {}) if is_secret(name)] == []
        assert set(told.get("secrets", ())) <= set(COMPOSE["secrets"])
        used = {Path(value).name for value in told.get("environment", {}).values() if "/run/secrets/" in value}
        assert used <= set(told.get("secrets", ()))
    made = {file.name for file in secrets.iterdir()}
    assert {Path(secret["file"]).name for secret in COMPOSE["secrets"].values()} <= made
    assert "/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_secrets_that_are_there_stay(secrets: Path) -> None:
    before = {file.name: file.read_bytes() for file in secrets.iterdir()}
    subprocess.run([ROOT / "deploy/make-secrets"], cwd=secrets.parent, check=True)
    assert {file.name: file.read_bytes() for file in secrets.iterdir()} == before
    assert secrets.stat().st_mode & 0o777 == 0o700


def test_the_store_knows_the_key_that_the_service_has(secrets: Path) -> None:
    (identity,) = json.loads((secrets / "store").read_text())["identities"]
    (credentials,) = identity["credentials"]
    assert credentials == {
        "accessKey": (secrets / "storage_key").read_text().strip(),
        "secretKey": (secrets / "storage_secret").read_text().strip(),
    }


def test_a_redis_takes_its_configuration_and_wants_the_password(secrets: Path) -> None:
    with configured_redis(secrets) as address:
        assert Client.from_url(address).ping()
        with pytest.raises(RedisError, match=r"(?i)authenticat"):
            Client.from_url(f"redis://{address.rpartition('@')[2]}").ping()


@contextmanager
def configured_redis(secrets: Path) -> Iterator[str]:
    """One that has been told what the container is told; the address that the service has, on this machine."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = shutil.which("redis-server")
    assert program
    server = subprocess.Popen([program, secrets / "redis_conf", "--port", str(port)], stdout=subprocess.DEVNULL)
    address = (secrets / "redis").read_text().strip().replace("@redis:6379", f"@127.0.0.1:{port}")
    try:
        assert answers(address)
        yield address
    finally:
        server.kill()
        server.wait()


def answers(address: str) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            return bool(Client.from_url(address).ping())
        except RedisError:
            time.sleep(0.1)
    return False


def test_nothing_but_the_proxy_can_be_reached() -> None:
    assert [name for name, told in SERVICES.items() if told.get("ports")] == ["proxy"]
    assert [name for name, told in SERVICES.items() if "outside" in told["networks"]] == ["proxy"]
    assert [name for name, told in SERVICES.items() if "telling" in told["networks"]] == ["web"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_every_service_of_compose_tells_how_it_is() -> None:
    assert [name for name, told in SERVICES.items() if "healthcheck" not in told] == ["migrate"]
    asked = " ".join(map(str, SERVICES["web"]["healthcheck"]["test"]))
    assert resolve(re.findall(r":8000(/\S+)'?$", asked)[0].strip("']")).func.__name__ == "live"


def test_whoever_is_told_to_stop_has_time_to_finish() -> None:
    gunicorn = runpy.run_path(str(ROOT / "apptenticate/gunicorn.py"))
    assert seconds(SERVICES["web"]["stop_grace_period"]) > gunicorn["graceful_timeout"]
    for name in ("worker", "worker-batch"):
        assert seconds(SERVICES[name]["stop_grace_period"]) > settings.CELERY_TASK_TIME_LIMIT


def seconds(told: str) -> int:
    return int(told.removesuffix("s"))


def test_other_peoples_images_are_of_a_version() -> None:
    images = [told["image"] for told in SERVICES.values() if told["image"] != "apptenticate:latest"]
    assert all(re.search(r":\d", image) for image in images)


# --- Kubernetes -------------------------------------------------------------------------------------------------------

KUSTOMIZATION = yaml.safe_load((CLUSTER / "kustomization.yaml").read_text(encoding="utf-8"))


def objects() -> Iterator[dict[str, Any]]:
    for file in KUSTOMIZATION["resources"]:
        yield from yaml.safe_load_all((CLUSTER / file).read_text(encoding="utf-8"))


OBJECTS = list(objects())
CORE = [one for one in OBJECTS if not one["apiVersion"].startswith("keda.sh/")]


def name_of(one: dict[str, Any]) -> str:
    return f"{one['kind']} {one['metadata']['name']}"


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for one in CORE:
        spec = one["spec"].get("jobTemplate", one).get("spec", {})
        if "template" in spec:
            yield name_of(one), spec["template"]["spec"]


PODS = dict(pods())
CONTAINERS = [
    (name, container)
    for name, pod in PODS.items()
    for container in (*pod.get("initContainers", ()), *pod["containers"])
]
VARIABLES = dict(
    line.split("=", 1)
    for line in (CLUSTER / "settings.env").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
)


@pytest.mark.parametrize("one", CORE, ids=name_of)
def test_objects_keep_their_schema(one: dict[str, Any]) -> None:
    kubernetes_validate.validate(one, kubernetes_validate.latest_version(), strict=True)


def test_every_file_is_used() -> None:
    assert {file.name for file in CLUSTER.glob("*.yaml")} == {*KUSTOMIZATION["resources"], "kustomization.yaml"}


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not installed")
def test_kustomize_puts_them_together() -> None:
    built = subprocess.run(["kubectl", "kustomize", CLUSTER], check=True, capture_output=True, text=True).stdout
    found = list(yaml.safe_load_all(built))
    assert len(found) == len(OBJECTS) + 1
    assert {one["metadata"]["namespace"] for one in found} == {"apptenticate"}
    assert "image: apptenticate\n" not in built


def test_the_cluster_starts_the_settings(secrets: Path, tmp_path: Path) -> None:
    for name, container in CONTAINERS:
        told = {**VARIABLES, **{one["name"]: one["value"] for one in container.get("env", ())}}
        assert [name for name in told if name.startswith("APPTENTICATE_") and not is_ours(name)] == []
        assert [name for name in told if is_secret(name)] == []
        placed = {key: value.replace("/run/secrets/apptenticate", str(secrets)) for key, value in told.items()}
        found = started({**placed, "APPTENTICATE_HOME": str(tmp_path / "home")})
        has_database = found["DATABASES"]["default"]["ENGINE"].endswith("postgresql")
        assert has_database == ("worker" not in name)


@pytest.mark.parametrize(("name", "container"), CONTAINERS, ids=[f"{n} {c['name']}" for n, c in CONTAINERS])
def test_containers_run_what_exists_and_may_do_nothing_else(name: str, container: dict[str, Any]) -> None:
    command = container["command"]
    words = command if command[0] != "sh" else re.findall(r"until (.*?);", command[2])[0].split()
    assert exists(words)
    assert container["securityContext"] == {
        "readOnlyRootFilesystem": True,
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
    }
    inside = PODS[name]["securityContext"]
    assert (inside["runAsNonRoot"], inside["runAsUser"], inside["fsGroup"]) == (True, USER, USER)
    assert container["resources"]["requests"]
    assert container["resources"]["limits"]["memory"]
    places = {place["name"] for place in PODS[name]["volumes"]}
    assert {mount["name"] for mount in container["volumeMounts"]} == places


def test_a_worker_is_given_the_secrets_that_it_needs_alone() -> None:
    for name in ("Deployment worker", "Deployment worker-batch"):
        (secret,) = [place["secret"] for place in PODS[name]["volumes"] if "secret" in place]
        assert {item["key"] for item in secret["items"]} == {"redis", "data_keys"}


def test_every_queue_has_its_workers_and_its_scale() -> None:
    scaled = {one["spec"]["scaleTargetRef"]["name"]: one for one in OBJECTS if one["kind"] == "ScaledObject"}
    read = {name: queues(PODS[f"Deployment {name}"]["containers"][0]["command"]) for name in scaled}
    lists = {name: one["spec"]["triggers"][0]["metadata"]["listName"] for name, one in scaled.items()}
    assert set(lists.values()) == QUEUES
    assert all(lists[name] in read[name] for name in scaled)
    assert {one["metadata"]["name"] for one in OBJECTS if one["kind"] == "TriggerAuthentication"} == {
        one["spec"]["triggers"][0]["authenticationRef"]["name"] for one in scaled.values()
    }
    for one in (one for one in CORE if name_of(one) in {f"Deployment {name}" for name in scaled}):
        assert "replicas" not in one["spec"]


def test_probes_ask_what_answers() -> None:
    (web,) = PODS["Deployment web"]["containers"]
    for probe, view in (("startupProbe", "live"), ("livenessProbe", "live"), ("readinessProbe", "ready")):
        assert resolve(web[probe]["httpGet"]["path"]).func.__name__ == view
        (host,) = web[probe]["httpGet"]["httpHeaders"]
        assert host["value"] in VARIABLES["APPTENTICATE_ALLOWED_HOSTS"].split(",")


def test_pods_have_time_to_finish() -> None:
    gunicorn = runpy.run_path(str(ROOT / "apptenticate/gunicorn.py"))
    web = PODS["Deployment web"]
    waits = int(web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert web["terminationGracePeriodSeconds"] > waits + gunicorn["graceful_timeout"]
    for name in ("worker", "worker-batch"):
        assert PODS[f"Deployment {name}"]["terminationGracePeriodSeconds"] > settings.CELERY_TASK_TIME_LIMIT


def test_services_and_budgets_find_their_pods() -> None:
    labels = [one["spec"]["template"]["metadata"]["labels"] for one in CORE if one["kind"] == "Deployment"]
    for one in CORE:
        selector = one["spec"].get("selector", {})
        assert not selector or selector.get("matchLabels", selector) in labels
