"""Several machines that migrate the same PostgreSQL at once: all come to the end, and the tables are there once."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psycopg
import pytest

from hardening.databases import postgresql
from hardening.elsewhere import ROOT

MIGRATE = [sys.executable, "manage.py", "migrate", "--no-input"]


def begun(environment: Mapping[str, str], home: Path) -> "subprocess.Popen[str]":
    told = {**os.environ, **environment, "APPTENTICATE_HOME": str(home)}
    return subprocess.Popen(MIGRATE, cwd=ROOT, env=told, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("pool", ["0", "1"])
def test_whoever_comes_second_finds_nothing_left_to_do(tmp_path: Path, pool: str) -> None:
    with postgresql() as database:
        told = {**database.environment, "APPTENTICATE_DATABASE_POOL": pool}
        machines = [begun(told, tmp_path / str(number)) for number in range(3)]
        said = [machine.communicate(timeout=240) for machine in machines]
        assert [machine.returncode for machine in machines] == [0, 0, 0], said
        assert sorted("Applying ocr.0001" in out for out, _ in said) == [False, False, True]
        (address,) = database.environment.values()
        with psycopg.connect(address) as own:
            assert own.execute("SELECT count(*) FROM django_migrations WHERE app = 'ocr'").fetchone() == (
                len(list((ROOT / "ocr" / "migrations").glob("0*.py"))),
            )
            assert own.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone() == (0,)
