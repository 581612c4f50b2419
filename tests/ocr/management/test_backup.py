"""`backup` and `restore`: one command each way brings everything back, on SQLite and on PostgreSQL."""

import json
import os
import stat
import subprocess
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from hardening.databases import postgresql
from ocr.management.commands import restore

ROOT = Path(__file__).parents[3]
FILL = """
from django.contrib.auth.models import User
from ocr import pictures
from ocr.models import Transaction
from ocr.pipeline.types import Side
owner, _ = User.objects.get_or_create(username="ana")
row = Transaction(owner=owner, outcome=200, status=200)
row.answer, row.reading = {"name": "PRUEBA"}, {"frontside": {"fields": {"CURP": {"value": "GALJ900315HDFRPN01"}}}}
row.mark(row.reading)
row.save()
pictures.keep(row, Side.FRONT, b"a picture")
"""
SHOW = """
import json
from ocr import keeping
print(json.dumps([keeping.held(row) for row in keeping.of_person("GALJ900315HDFRPN01")]))
"""


def manage(home: Path, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "APPTENTICATE_HOME": str(home)}
    command = [sys.executable, "manage.py", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, check=check, capture_output=True, text=True)


def held(home: Path) -> list[dict[str, object]]:
    told: list[dict[str, object]] = json.loads(manage(home, "shell", "-v0", "-c", SHOW).stdout)
    return told


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    manage(home, "migrate", "--no-input")
    manage(home, "shell", "-c", FILL)
    return home


def test_everything_comes_back_elsewhere(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    assert manage(home, "backup", str(file)).stdout.startswith(f"Wrote {file}: 1 transactions")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert manage(tmp_path / "new", "restore", str(file)).stdout == "Put back 1 transactions. Start the service now.\n"
    (row,) = held(tmp_path / "new")
    assert row == held(home)[0]
    assert row["pictures"] == {"frontside": "YSBwaWN0dXJl"}


def test_without_its_keys_a_backup_opens_nothing(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    manage(home, "backup", str(file), "--without-keys")
    with tarfile.open(file) as tar:
        assert not [name for name in tar.getnames() if name.startswith("keys")]
    assert b"PRUEBA" not in file.read_bytes()
    manage(tmp_path / "new", "restore", str(file))
    failed = manage(tmp_path / "new", "shell", "-v0", "-c", SHOW.replace("GALJ", "GALJ"), check=False)
    assert "PRUEBA" not in failed.stdout


def test_nothing_is_overwritten(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar"
    manage(home, "backup", str(file))
    again = manage(home, "backup", str(file), check=False)
    assert "is there already" in again.stderr
    assert "transactions here already" in manage(home, "restore", str(file), check=False).stderr
    assert manage(home, "restore", str(file), "--force").returncode == 0
    assert len(held(home)) == 1


@pytest.mark.parametrize("content", [b"", b"no tar at all"])
def test_what_is_no_backup_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "backup.tar"
    file.write_bytes(content)
    refused = manage(tmp_path / "new", "restore", str(file), check=False)
    assert refused.returncode != 0
    assert "backup" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_file_that_leads_outside_is_refused(tmp_path: Path) -> None:
    file, evil = tmp_path / "backup.tar", tmp_path / "evil"
    evil.write_text("evil")
    with tarfile.open(file, "w") as tar:
        tar.add(evil, "../../evil-out")
    assert "is no backup" in manage(tmp_path / "new", "restore", str(file), check=False).stderr
    assert not (tmp_path / "evil-out").exists()


@pytest.mark.parametrize("filter_", [restore._FILTER, {}])
@pytest.mark.parametrize(
    ("name", "kind"),
    [("../evil", tarfile.REGTYPE), ("/evil", tarfile.REGTYPE), ("link", tarfile.SYMTYPE), ("pipe", tarfile.FIFOTYPE)],
)
def test_a_python_without_filters_lets_nothing_else_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filter_: dict[str, str], name: str, kind: bytes
) -> None:
    monkeypatch.setattr(restore, "_FILTER", filter_)
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc"
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.addfile(member)
    folder = tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(CommandError, match="is no backup"):
        restore._unpack(tmp_path / "backup.tar", folder)
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("filter_", [restore._FILTER, {}])
def test_what_is_put_back_belongs_to_whoever_does_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, filter_: dict[str, str]
) -> None:
    monkeypatch.setattr(restore, "_FILTER", filter_)
    member = tarfile.TarInfo("keys/first")
    member.uid = member.gid = 12345
    member.mode, member.size = 0o662, 3
    with tarfile.open(tmp_path / "backup.tar", "w") as tar:
        tar.addfile(member, BytesIO(b"key"))
    with pytest.raises(CommandError, match="holds no"):
        restore._unpack(tmp_path / "backup.tar", tmp_path)
    found = (tmp_path / "keys" / "first").stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (os.getuid(), os.getgid(), 0o640)


def test_a_failed_backup_leaves_no_half(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    missing = folder / "missing" / "backup.tar"
    assert manage(home, "backup", str(missing), check=False).returncode != 0
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed")
def test_on_postgresql_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "backup.tar"
    with postgresql() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        manage(tmp_path / "home", "migrate", "--no-input")
        manage(tmp_path / "home", "shell", "-c", FILL)
        before = held(tmp_path / "home")
        manage(tmp_path / "home", "backup", str(file))
        manage(tmp_path / "home", "erase_person", "GALJ900315HDFRPN01")
        assert held(tmp_path / "home") == []
        assert "transactions here already" in manage(tmp_path / "home", "restore", str(file), check=False).stderr
        manage(tmp_path / "home", "restore", str(file), "--force")
        assert held(tmp_path / "home") == before
