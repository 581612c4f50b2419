"""A stolen database and media folder show no name, no number and no face; nor does the log."""

import json
import os
import re
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SAMPLE = ROOT / "fixtures" / "g_scan"
EXPECTED = json.loads((SAMPLE / "expected.json").read_text(encoding="utf-8"))["body"]
_NOT_PERSONAL = {"INE", "MEX", "Male", "Female", "X"}


def manage(home: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "APPTENTICATE_HOME": str(home), "APPTENTICATE_LOG_LEVEL": "DEBUG", **more}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)


READ = """
from django.conf import settings
from django.contrib.auth.models import User
from rest_framework.test import APIClient
from pathlib import Path
from django.core.files.uploadedfile import SimpleUploadedFile
if not User.objects.exists():
    User.objects.create_user("ana", password="a password that nobody guesses")
client = APIClient(headers={"host": "localhost"})
token = client.post("/api/token/", {"username": "ana", "password": "a password that nobody guesses"}).json()["access"]
for sides in (("front", "back"), ("front", "front"), ("back", "back")):
    pictures = (Path("fixtures/g_scan", f"{side}.jpg").read_bytes() for side in sides)
    front, back = (SimpleUploadedFile("a.jpg", picture) for picture in pictures)
    form = {"frontside": front, "backside": back, "document_type": "id_mexico", "details": "1", "validate_sides": "1"}
    headers = {"authorization": f"Bearer {token}", "idempotency-key": "-".join((*sides, settings.LOG_FORMAT))}
    answer = client.post("/api/v3.2/ocr/", form, headers=headers)
    print(answer.status_code, answer.json().get("valid"))
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def stolen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The home of a service that read three documents for each kind of log, and was killed each time, without its keys;
    and all that it wrote."""
    home = tmp_path_factory.mktemp("home")
    manage(home, "migrate", "--no-input")
    environment = {**os.environ, "APPTENTICATE_HOME": str(home), "APPTENTICATE_LOG_LEVEL": "DEBUG"}
    environment |= {"APPTENTICATE_PROCESSES": "0", "APPTENTICATE_MATCH_THRESHOLD": "0"}
    command = [sys.executable, "manage.py", "shell", "-v0", "-c", READ]
    log = ""
    for kind in ("text", "json"):
        environment["APPTENTICATE_LOG_FORMAT"] = kind
        told = subprocess.run(command, cwd=ROOT, env=environment, check=False, capture_output=True, text=True)
        assert "200 True" in told.stdout, told.stderr
        log += told.stdout + told.stderr
    for key in (home / "keys").iterdir():
        key.unlink()
    return home, log


def personal(body: dict[str, Any]) -> set[str]:
    """Values of an answer, and each word of a name or an address of its own."""
    values = {str(value) for side in body.values() if isinstance(side, dict) for value in side.values() if value}
    words = {word for value in values for word in value.replace(",", " ").split() if len(word) > 4}
    return {
        text
        for text in values | words
        if text not in _NOT_PERSONAL and len(text) >= (_DIGITS if text.isdigit() else _TELLING)
    }


_TELLING, _DIGITS = 5, 9  # characters: shorter ones stand in other words, and shorter numbers in times


def everything(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def test_the_journal_is_among_what_is_searched(stolen: tuple[Path, str]) -> None:
    files = everything(stolen[0])
    assert files.keys() >= {"database.sqlite3", "database.sqlite3-wal"}
    assert sum(name.startswith("media/pictures/") for name in files) == 12


def test_no_name_and_no_number_is_found(stolen: tuple[Path, str]) -> None:
    secrets = personal(EXPECTED)
    assert len(secrets) > 15
    for name, content in everything(stolen[0]).items():
        for secret in secrets:
            for coding in ("utf-8", "utf-16-le"):
                assert secret.encode(coding) not in content, f"{secret} stands in {name}"


def test_no_picture_is_found(stolen: tuple[Path, str]) -> None:
    pictures = [(SAMPLE / f"{side}.jpg").read_bytes() for side in ("front", "back")]
    slices = [picture[place : place + 24] for picture in pictures for place in range(0, len(picture) - 24, 5000)]
    for name, content in everything(stolen[0]).items():
        for part in slices:
            assert part not in content, f"part of a picture stands in {name}"


def test_the_log_tells_nobody(stolen: tuple[Path, str]) -> None:
    _, log = stolen
    assert re.search(r"INFO ocr.exception_handler \[\w{32}\]: 814, transaction", log)
    assert re.search(r'"message": "814, transaction \d+: .*", "request": "\w{32}", "transaction": \d+', log)
    assert "/tmp/tess" not in log  # noqa: S108 - where Tesseract's pictures lie, on a disk, unless told otherwise
    for secret in (*personal(EXPECTED), "a password that nobody guesses"):
        assert secret not in log


PLAIN = {"backside": {"cic": "345636022", "name": "FULANA"}, "frontside": {"CURP": "GALJ900315HDFRPN01"}}


def test_what_an_earlier_version_kept_plain_is_sealed_and_gone(tmp_path: Path) -> None:
    """Off the file's free pages, too."""
    manage(tmp_path, "migrate", "ocr", "0001", "--no-input")
    manage(tmp_path, "migrate", "auth", "--no-input")
    with sqlite3.connect(tmp_path / "database.sqlite3") as database:
        database.execute(
            "INSERT INTO auth_user (id, username, password, is_superuser, is_staff, is_active, first_name, last_name, "
            "email, date_joined) VALUES (1, 'ana', '', 0, 0, 1, '', '', '', '2026-01-01')"
        )
        said = json.dumps(PLAIN)
        for number in range(1, 41):
            database.execute(
                "INSERT INTO ocr_transaction (id, created, owner_id, outcome, document_type, device, front_sha256, "
                "back_sha256, answer, reading, issuer, model, curp, elector_key, cic, document_number, readers) "
                "VALUES (?, '2026-01-01', 1, 200, '', '', '', '', ?, ?, '', '', 'GALJ900315HDFRPN01', '', '345636022', "
                "'', '')",
                (number, said, said),
            )
    database.close()
    manage(tmp_path, "migrate", "--no-input")
    for name, content in everything(tmp_path).items():
        for secret in (b"GALJ900315HDFRPN01", b"345636022", b"FULANA"):
            assert secret not in content, f"{secret!r} stands in {name}"
    code = (
        "from ocr.models import Transaction; from ocr.keeping import marked; import json; "
        "rows = Transaction.objects.filter(marked('galj900315hdfrpn01'), marked('345636022')); "
        "print(json.dumps([[row.answer, row.reading] for row in rows]))"
    )
    rows = json.loads(manage(tmp_path, "shell", "-v0", "-c", code).stdout)
    assert rows == [[PLAIN, PLAIN]] * 40
