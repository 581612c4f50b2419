"""The settings: what the environment says counts; what it says wrongly is refused with the variable's name."""

import re
import runpy
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from django.core.exceptions import ImproperlyConfigured

from ocr.pipeline.decode import MAGIC

ROOT = Path(__file__).parents[2]
SETTINGS = ROOT / "apptenticate" / "settings.py"
Load = Callable[..., dict[str, Any]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Load:
    """Run the settings as a fresh process would, with these variables and no others."""
    for name in re.findall(r'"(APPTENTICATE_\w+)"', SETTINGS.read_text()):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    monkeypatch.setenv("APPTENTICATE_HOME", str(tmp_path / "home"))

    def run(**environment: str) -> dict[str, Any]:
        for name, value in environment.items():
            monkeypatch.setenv(f"APPTENTICATE_{name}", value)
        return runpy.run_path(str(SETTINGS))

    return run


def test_the_defaults_are_the_contract(load: Load) -> None:
    settings = load()
    assert settings["DEBUG"] is False
    assert settings["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert settings["SIMPLE_JWT"]["ACCESS_TOKEN_LIFETIME"] == timedelta(minutes=5)
    assert settings["SIMPLE_JWT"]["REFRESH_TOKEN_LIFETIME"] == timedelta(days=1)
    assert settings["OCR_MATCH_THRESHOLD"] == 80
    assert settings["OCR_BODY_LIMIT"] == 5 * 1024 * 1024
    assert settings["OCR_PIXEL_LIMIT"] == 50_000_000
    assert (settings["TOKEN_RATE"], settings["OCR_RATE"]) == ("30/minute", None)
    assert settings["LANGUAGE_CODE"] == "es"
    assert settings["NUM_PROXIES"] == 0


def test_the_environment_counts(load: Load) -> None:
    settings = load(
        ALLOWED_HOSTS="ine.example, api.ine.example",
        HTTPS="on",
        PROXIES="1",
        ACCESS_MINUTES="10",
        OCR_RATE="60/minute",
        FRONT_READERS="tesseract",
        ERRORS='{"806": {"status": 422}}',
        TIME_ZONE="America/Tijuana",
    )
    assert settings["ALLOWED_HOSTS"] == ["ine.example", "api.ine.example"]
    assert settings["SECURE_SSL_REDIRECT"] is True
    assert settings["SECURE_PROXY_SSL_HEADER"] is not None
    assert settings["SIMPLE_JWT"]["ACCESS_TOKEN_LIFETIME"] == timedelta(minutes=10)
    assert settings["REST_FRAMEWORK"]["DEFAULT_THROTTLE_RATES"]["ocr"] == "60/minute"
    assert settings["OCR_FRONT_READERS"] == ("tesseract",)
    assert settings["OCR_ERRORS"] == {806: {"status": 422}}


def test_an_empty_variable_is_an_unset_one(load: Load) -> None:
    assert load(DEBUG="", ALLOWED_HOSTS=" ", MATCH_THRESHOLD="")["OCR_MATCH_THRESHOLD"] == 80


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DEBUG", "perhaps"),
        ("HTTPS", "2"),
        ("PROXIES", "-1"),
        ("ACCESS_MINUTES", "5.5"),
        ("ACCESS_MINUTES", "0"),
        ("MATCH_THRESHOLD", "101"),
        ("MEGAPIXELS", "many"),
        ("TOKEN_RATE", "30"),
        ("OCR_RATE", "fast"),
        ("LANGUAGE", "fr"),
        ("TIME_ZONE", "Mexico"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_TOKEN", "too short"),
        ("METRICS_TOKEN", "a token with spaces in it"),
        ("ERRORS", "{806"),
        ("ERRORS", "[806]"),
        ("ERRORS", '{"806": 422}'),
        ("ERRORS", '{"many": {}}'),
        ("SECRET_KEY", "changeme"),
        ("TOKEN_KEY", "changeme"),
        ("TOKEN_ALGORITHM", "none"),
        ("LOCKOUT_FAILURES", "1"),
        ("FORMATS", "gif"),
        ("DATABASE", "mysql://root@localhost/x"),
        ("DATA_KEYS", "1:short"),
        ("WAITING", "-1"),
        ("STORAGE", "s3://B"),
        ("STORAGE", "s3://bucket/../other"),
        ("STORAGE", "gs://bucket"),
        ("STORAGE", "pictures"),
        ("STORAGE_ENDPOINT", "storage.internal:9000"),
        ("STORAGE_ENDPOINT", "https://key:secret@storage.internal"),
        ("TRACES", "collector:4318"),
        ("TRACES_PERCENT", "101"),
        ("STORAGE_KEY", "a key without its secret"),
    ],
)
def test_a_malformed_value_is_refused_by_name(load: Load, name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^APPTENTICATE_{name}\\b"):
        load(**{name: value})


@pytest.mark.parametrize("name", ["SECRET_KEY", "METRICS_TOKEN"])
def test_a_secret_is_not_said_aloud(load: Load, name: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(**{name: "hunter2"})
    assert "hunter2" not in str(refusal.value)


def test_any_variable_may_stand_in_a_file(load: Load, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text(f"{'k' * 40}\n")
    assert load(SECRET_KEY_FILE=str(tmp_path / "secret"))["SECRET_KEY"] == "k" * 40
    (tmp_path / "number").write_text("x")
    with pytest.raises(ImproperlyConfigured, match=r"^APPTENTICATE_WAITING is 'x'"):
        load(WAITING_FILE=str(tmp_path / "number"))
    with pytest.raises(ImproperlyConfigured, match=r"^APPTENTICATE_REDIS_FILE is '/nowhere'"):
        load(REDIS_FILE="/nowhere", WAITING="30")


def test_keys_are_made_once_and_kept_to_themselves(load: Load, tmp_path: Path) -> None:
    made, again = load(), load()
    folder = tmp_path / "home" / "keys"
    for name in ("SECRET_KEY", "TOKEN_KEYS", "DATA_KEYS", "SEARCH_KEY"):
        assert made[name] == again[name]
    assert made["SECRET_KEY"] != made["TOKEN_KEYS"][0]
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert {file.name for file in folder.iterdir()} == {"secret_key", "token_key", "data_keys", "search_key"}


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({"DEBUG": "yes", "ALLOWED_HOSTS": "ine.example"}, "APPTENTICATE_DEBUG"),
        ({"ALLOWED_HOSTS": "*"}, "APPTENTICATE_ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "ine.example,.example"}, "APPTENTICATE_ALLOWED_HOSTS"),
        ({"CORS_ORIGINS": "*"}, "APPTENTICATE_CORS_ORIGINS"),
        ({"CORS_ORIGINS": "https://*.example"}, "APPTENTICATE_CORS_ORIGINS"),
        ({"CORS_ORIGINS": "app.example"}, "APPTENTICATE_CORS_ORIGINS"),
    ],
)
def test_what_would_be_unsafe_is_refused_by_name(load: Load, environment: dict[str, str], named: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"^{named}"):
        load(**environment)


def test_on_loopback_alone_debugging_is_safe(load: Load) -> None:
    assert load(DEBUG="yes")["DEBUG"] is True


@pytest.mark.parametrize("algorithm", ["RS256", "EdDSA"])
def test_tokens_may_be_signed_by_a_key_in_two_halves(load: Load, tmp_path: Path, algorithm: str) -> None:
    settings = load(TOKEN_ALGORITHM=algorithm)
    assert load(TOKEN_ALGORITHM=algorithm)["TOKEN_KEYS"] == settings["TOKEN_KEYS"]
    jwt_settings = settings["SIMPLE_JWT"]
    token = jwt.encode({"sub": "ana"}, jwt_settings["SIGNING_KEY"], algorithm)
    assert jwt.decode(token, jwt_settings["VERIFYING_KEY"], [jwt_settings["ALGORITHM"]]) == {"sub": "ana"}
    (kept,) = (tmp_path / "home" / "keys").glob("*.pem")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    other = {"RS256": "EdDSA", "EdDSA": "RS256"}[algorithm]
    with pytest.raises(ImproperlyConfigured, match=f"APPTENTICATE_TOKEN_KEY .* {other}"):
        load(TOKEN_ALGORITHM=other, TOKEN_KEY=jwt_settings["SIGNING_KEY"])


def test_workers_that_start_at_once_agree_on_the_key(load: Load) -> None:
    with ThreadPoolExecutor(8) as pool:
        keys = {settings["SECRET_KEY"] for settings in pool.map(lambda _: load(), range(16))}
    assert len(keys) == 1


def test_a_key_that_is_given_is_used_and_not_kept(load: Load, tmp_path: Path) -> None:
    assert load(SECRET_KEY="k" * 40)["SECRET_KEY"] == "k" * 40
    assert not (tmp_path / "home" / "keys" / "secret_key").exists()


def test_a_home_that_cannot_be_made_is_refused_by_name(load: Load, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ImproperlyConfigured, match="APPTENTICATE_HOME"):
        load(HOME=str(tmp_path / "file"))


def test_all_state_lies_at_home(load: Load, tmp_path: Path) -> None:
    settings = load()
    for place in (
        settings["DATABASES"]["default"]["NAME"],
        settings["MEDIA_ROOT"],
        settings["CACHES"]["default"]["LOCATION"],
    ):
        assert place.is_relative_to(tmp_path / "home")


def test_pictures_lie_in_a_bucket_where_one_is_named(load: Load, tmp_path: Path) -> None:
    settings = load(STORAGE="s3://cards/ine/", STORAGE_ENDPOINT="http://127.0.0.1:9000", STORAGE_REGION="garage")
    options = settings["STORAGES"]["default"]["OPTIONS"]
    assert (options["bucket_name"], options["location"], options["addressing"]) == ("cards", "ine", "path")
    assert (options["region_name"], options["access_key"]) == ("garage", None)
    assert not (tmp_path / "home" / "media").exists()


@pytest.mark.parametrize(("hosts", "silent"), [("localhost", True), ("ine.example", False)])
def test_only_loopback_is_silent_about_tls(load: Load, hosts: str, silent: bool) -> None:
    assert ("SILENCED_SYSTEM_CHECKS" in load(ALLOWED_HOSTS=hosts)) is silent


def test_a_postgresql_database_is_told_by_its_address(load: Load) -> None:
    database = load(DATABASE="postgresql://ana:p%40ss@db.example:5433/cards")["DATABASES"]["default"]
    told = {name: database[name] for name in ("USER", "PASSWORD", "HOST", "PORT", "NAME")}
    assert told == {"USER": "ana", "PASSWORD": "p@ss", "HOST": "db.example", "PORT": 5433, "NAME": "cards"}
    assert database["CONN_HEALTH_CHECKS"]


@pytest.mark.parametrize("given", ["http://c:4318", "http://c:4318/", "http://c:4318/v1/traces"])
def test_spans_are_posted_where_collectors_take_them(load: Load, given: str) -> None:
    assert load(TRACES=given)["TRACES"] == "http://c:4318/v1/traces"


def test_whoever_shares_connections_keeps_none(load: Load) -> None:
    database = load(DATABASE="postgresql://ana@db/cards", DATABASE_POOL="8")["DATABASES"]["default"]
    assert (database["CONN_MAX_AGE"], database["OPTIONS"]["pool"]["max_size"]) == (0, 8)


def test_machines_count_together_where_they_share_a_redis(load: Load) -> None:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    assert load()["CACHES"]["default"]["BACKEND"] == backend
    assert load(REDIS="redis://r/0")["CACHES"]["default"]["BACKEND"] == "ocr.counters.Counters"


def test_formats_that_can_be_let_in_are_those_that_can_be_decoded(load: Load) -> None:
    assert load(FORMATS=",".join(MAGIC))["OCR_FORMATS"] == set(MAGIC)
    assert load(FORMATS="jpg, PNG")["OCR_FORMATS"] == {"JPEG", "PNG"}
