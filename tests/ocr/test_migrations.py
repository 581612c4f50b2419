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


with_postgresql = pytest.mark.skipif(
    not list(Path("/usr/lib/postgresql").glob("*/bin/initdb")), reason="PostgreSQL is not installed"
)


def manage(home: Path, *arguments: str) -> None:
    env = {**os.environ, "APPTENTICATE_HOME": str(home), "APPTENTICATE_PASSWORD": "a password that nobody guesses"}
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, env=env, check=True, capture_output=True)


BEFORE = "0006"
"""Whose code still serves while all that follows is applied: the columns that it knows are there, before and after."""


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """PostgreSQL as it was then, with rows."""
    with postgresql() as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        manage(tmp_path, "migrate", "--no-input")
        manage(tmp_path, "migrate", "ocr", BEFORE)
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


@with_postgresql
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
    manage(tmp_path, "migrate", "ocr", BEFORE)
    assert set(indexes(database)) == set(before)


# --- code of before ---------------------------------------------------------------------------------------------------


class Serving(threading.Thread):
    """What a process of the version before does meanwhile: opens, closes and lists, by the columns that it knows, and
    has half a second for each. Whoever locks the table for longer is seen."""

    def __init__(self, address: str, columns: str) -> None:
        super().__init__()
        self._address, self._columns = address, columns
        self._over = threading.Event()
        self.rounds = 0
        self.errors: list[psycopg.Error] = []

    def run(self) -> None:
        with psycopg.connect(self._address, autocommit=True, prepare_threshold=None) as connection:
            connection.execute("SET lock_timeout = '500ms'")
            while not self._over.is_set():
                try:
                    self._round(connection)
                except psycopg.Error as error:
                    self.errors.append(error)
                self.rounds += 1

    def _round(self, connection: psycopg.Connection) -> None:
        (pk,) = connection.execute(f"{WRITE} RETURNING id", [1]).fetchone() or (0,)
        connection.execute(f"UPDATE {TABLE} SET outcome = 200, valid = true WHERE id = %s", [pk])  # noqa: S608
        connection.execute(f"SELECT {self._columns} FROM {TABLE} WHERE owner_id = 1 ORDER BY id DESC LIMIT 50")  # noqa: S608

    def stop(self) -> None:
        self._over.set()
        self.join()


def columns(database: psycopg.Connection) -> str:
    known = "SELECT string_agg(column_name, ', ') FROM information_schema.columns WHERE table_name = %s"
    (told,) = database.execute(known, [TABLE]).fetchone() or ("",)
    return str(told)


@with_postgresql
def test_code_of_before_serves_while_all_that_is_new_is_applied(database: psycopg.Connection, tmp_path: Path) -> None:
    before = Serving(os.environ["APPTENTICATE_DATABASE"], columns(database))
    before.start()
    try:
        manage(tmp_path, "migrate", "--no-input")
        meanwhile = before.rounds
        while before.rounds < meanwhile + 20 and before.is_alive():  # and afterwards, until it is replaced
            time.sleep(0.01)
    finally:
        before.stop()
    assert before.errors == []
    assert meanwhile > 20
    assert isinstance(_error_where_old_code_leaves_a_column_empty(database), psycopg.errors.NotNullViolation)


def _error_where_old_code_leaves_a_column_empty(database: psycopg.Connection) -> psycopg.Error:
    """That it would be seen: so Django adds a column that must not be empty, where no `db_default` is given."""
    known = columns(database)
    database.execute(f"ALTER TABLE {TABLE} ADD COLUMN extra integer NOT NULL DEFAULT 0")
    database.execute(f"ALTER TABLE {TABLE} ALTER COLUMN extra DROP DEFAULT")
    serving = Serving(os.environ["APPTENTICATE_DATABASE"], known)
    serving.start()
    while not serving.rounds:
        time.sleep(0.01)
    serving.stop()
    return serving.errors[0]
