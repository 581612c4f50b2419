"""Databases that can be taken away: SQLite is locked or its disk filled, PostgreSQL is stopped and started."""

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import psycopg

from benchmarks.measuring.service import Service

Row = tuple[int, int | None]
"""A transaction's id and its outcome, None while it is open."""
FOLDER = "/tmp"  # noqa: S108 - where every account may go: PostgreSQL runs as another, and a socket's path is short
_ROWS = "SELECT id, outcome FROM ocr_transaction"


class Database(Protocol):
    """One that the service can use, and that can be hurt."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def environment(self) -> Mapping[str, str]:
        """What the service is told of it."""

    @contextmanager
    def away(self, service: Service) -> Iterator[None]:
        """Nobody can write meanwhile."""

    def rows(self, service: Service) -> list[Row]:
        """Every transaction."""


class Sqlite:
    """The default: a file at home."""

    name = "SQLite"
    environment: Mapping[str, str] = {}

    @contextmanager
    def away(self, service: Service) -> Iterator[None]:
        with sqlite3.connect(service.home / "database.sqlite3", timeout=60, isolation_level=None) as lock:
            lock.execute("BEGIN IMMEDIATE")
            yield
            lock.execute("ROLLBACK")
        lock.close()

    def rows(self, service: Service) -> list[Row]:
        with sqlite3.connect(service.home / "database.sqlite3", timeout=60) as database:
            found: list[Row] = database.execute(_ROWS).fetchall()
        database.close()
        return found


class Postgresql:
    """A server of its own, on a socket in a folder that goes with it."""

    name = "PostgreSQL"

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        self._folder = folder
        self._settings = settings
        self._data = folder / "data"
        self._bin = _programs()
        self.environment: Mapping[str, str] = {
            "APPTENTICATE_DATABASE": f"postgresql://apptenticate@/apptenticate?host={folder}"
        }

    def begin(self) -> None:
        """Make it and start it."""
        self._call("initdb", "--username=apptenticate", "--auth=trust", "--no-sync", f"--pgdata={self._data}")
        self._start()
        self._call("createdb", f"--host={self._folder}", "--username=apptenticate", "apptenticate")

    def end(self) -> None:
        """Stop it, if it runs."""
        self._call("pg_ctl", "stop", "--mode=immediate", f"--pgdata={self._data}", check=False)

    @property
    def pid(self) -> int:
        """The process above all others of it."""
        return int((self._data / "postmaster.pid").read_text().split("\n", 1)[0])

    @contextmanager
    def away(self, service: Service) -> Iterator[None]:  # noqa: ARG002
        self.end()
        yield
        self._start()

    def rows(self, service: Service) -> list[Row]:  # noqa: ARG002
        address = f"host={self._folder} user=apptenticate dbname=apptenticate"
        with psycopg.connect(address) as database:
            return [(int(pk), outcome) for pk, outcome in database.execute(_ROWS)]

    def _start(self) -> None:
        wanted = {"listen_addresses": "", "max_connections": "200", **self._settings}
        options = " ".join([f"-k {self._folder}", *(f"-c {name}={value}" for name, value in wanted.items())])
        log = self._folder / "log"
        self._call("pg_ctl", "start", "--wait", f"--pgdata={self._data}", f"--log={log}", f"--options={options}")

    def _call(self, program: str, *arguments: str, check: bool = True) -> None:
        """As another account where this is root's: PostgreSQL refuses to run as root."""
        command = [str(self._bin / program), *arguments]
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--", *command]
        subprocess.run(command, check=check, cwd="/", stdout=subprocess.DEVNULL)


@contextmanager
def postgresql(**settings: str) -> Iterator[Postgresql]:
    """One that lives as long as it is used; `settings` are PostgreSQL's own."""
    with TemporaryDirectory(prefix="apptenticate-postgres-", dir=FOLDER) as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        server = Postgresql(Path(folder), settings)
        try:
            server.begin()
            yield server
        finally:
            server.end()
            time.sleep(0.2)


def _programs() -> Path:
    """Where Debian keeps the newest server's programs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1]
