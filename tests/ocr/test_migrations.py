"""Migrations while the service writes: indexes come and go without a lock, there and back."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from hardening.databases import postgresql

ROOT = Path(__file__).parents[2]
TABLE = "ocr_transaction"
WRITE = (
    f"INSERT INTO {TABLE} (owner_id, created, binding, worker, request_sha256, document_type, device, front_sha256,"  # noqa: S608
    " back_sha256, review, review_reasons, reviews_written, issuer, model, curp_mark, elector_key_mark, cic_mark,"
    " document_number_mark, readers) SELECT 1, now(), gen_random_uuid(), '', '', '', '', '', '', 'waiting', '', 0, '',"
    " '', md5(n::text), '', '', '', '' FROM generate_series(1, %s) n"
)


def manage(home: Path, *arguments: str) -> None:
    env = {**os.environ, "APPTENTICATE_HOME": str(home), "APPTENTICATE_PASSWORD": "a password that nobody guesses"}
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True, capture_output=True)


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """PostgreSQL before the indexes, with rows."""
    with postgresql() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        manage(tmp_path, "migrate", "--no-input")
        manage(tmp_path, "migrate", "ocr", "0006")
        manage(tmp_path, "make_user", "ana")
        with psycopg.connect(server.environment["APPTENTICATE_DATABASE"], autocommit=True) as connection:
            connection.execute(WRITE, [20_000])
            yield connection


def indexes(database: psycopg.Connection) -> dict[str, bool]:
    """By name, and whether each is valid."""
    of_the_table = "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = %s::regclass"
    return dict(database.execute(of_the_table, [TABLE]).fetchall())


def is_building(database: psycopg.Connection) -> bool:
    active = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'CREATE INDEX%'"
    (count,) = database.execute(active).fetchone() or (0,)
    return bool(count)


@pytest.mark.skipif(not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed")
def test_indexes_come_and_go_while_rows_are_written(database: psycopg.Connection, tmp_path: Path) -> None:
    before = indexes(database)
    assert "transaction_curp" not in before
    assert [name for name in before if name.endswith("_like")]
    database.execute(f"CREATE UNIQUE INDEX transaction_cic ON {TABLE} ((1)) WHERE id < 0")  # stands for a stopped one
    migrating = threading.Thread(target=manage, args=(tmp_path, "migrate", "--no-input"))
    with psycopg.connect(os.environ["APPTENTICATE_DATABASE"]) as slow:
        slow.execute(
            WRITE, [1]
        )  # not committed: a lock on the table would wait for it, and all writers behind the lock
        migrating.start()
        while not is_building(database):
            assert migrating.is_alive()
            time.sleep(0.01)
        database.execute("SET lock_timeout = '500ms'")
        database.execute(WRITE, [1])
        database.execute(f"UPDATE {TABLE} SET outcome = 200 WHERE id = 1")  # noqa: S608
    migrating.join()
    after = indexes(database)
    assert all(after.values())
    assert not [name for name in after if name.endswith("_like") or "_owner_id_" in name]
    assert {"transaction_curp", "transaction_outcome_newest", "transaction_review_queue", "transaction_kept"} <= set(
        after
    )
    manage(tmp_path, "migrate", "ocr", "0006")
    assert set(indexes(database)) == set(before)
