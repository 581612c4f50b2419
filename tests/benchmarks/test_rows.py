"""`./run bench rows`, on few rows: it fills, asks everything, and tells what is missed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measuring.timing import Spread
from benchmarks.rows import MOST_MS, Asked, refuse_without_room

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed")
def test_everything_is_asked_of_a_table_that_is_made(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks.rows", "--rows", "3000", "--queries", "2", "--out", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    (page,) = tmp_path.glob("*.json")
    data = json.loads(page.read_text())
    names = {one["name"] for one in data["asked"]}
    assert {"admin: newest", "admin: by device", "admin: search by CURP", "API: behind an id"} <= names
    assert all(one["plan"] and one["whole"]["count"] == 2 for one in data["asked"])
    assert {"ocr_transaction_pkey", "transaction_curp", "transaction_once_per_idempotency_key"} <= set(
        data["table"]["indexes"]
    )


def asked(name: str, database: float, whole: float) -> Asked:
    spreads = [Spread(p95, p95, p95, 1) for p95 in (whole, database)]
    return Asked(name, spreads[0], whole, spreads[1], database, "SELECT 1", [])


def test_of_the_admin_the_database_is_judged_and_of_all_else_the_view() -> None:
    assert asked("admin: newest", 40, 90).is_met
    assert not asked("admin: newest", MOST_MS, 90).is_met
    assert not asked("API: newest", 10, 60).is_met
    assert asked("(no goal) admin: by any two of these", 900, 900).is_met


def test_a_disk_that_cannot_hold_them_is_told() -> None:
    refuse_without_room(10)
    with pytest.raises(SystemExit, match="give --rows fewer"):
        refuse_without_room(10**12)
