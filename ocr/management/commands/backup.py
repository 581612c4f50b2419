"""`manage.py backup FILE`: database, pictures and keys as one tar file, while the service goes on.

The file opens everything: it is readable to its owner alone, and wants as good a place as the keys. `--without-keys`
leaves them out. Pictures in a bucket stay there: a store has backups of its own.
"""

import sqlite3
import subprocess
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection

from ocr.files import DRAFT, written_whole
from ocr.management.backups import POSTGRESQL, SQLITE, password, server
from ocr.models import Transaction


class Command(BaseCommand):
    help = "Write database, pictures and keys into one tar file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--without-keys", action="store_true", help="for a copy that opens nothing by itself")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} is there already: name a new file.")
        with written_whole(target) as file:
            self._write(file, with_keys=not options["without_keys"])
        self.stdout.write(f"Wrote {target}: {Transaction.objects.count()} transactions, {target.stat().st_size} bytes.")
        if settings.BUCKET:
            self.stdout.write("Pictures are not in it: back the bucket up that APPTENTICATE_STORAGE names.")

    def _write(self, file: BinaryIO, *, with_keys: bool) -> None:
        with tarfile.open(fileobj=file, mode="w") as tar, TemporaryDirectory(dir=settings.HOME) as folder:
            # The database first: a picture that is added meanwhile is one too many, and harms nobody.
            dump = _dump(Path(folder))
            tar.add(dump, dump.name)
            if with_keys:
                tar.add(settings.KEYS, "keys")
            if not settings.BUCKET:
                tar.add(settings.MEDIA_ROOT, "media", filter=_without_drafts)


def _without_drafts(member: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if member.name.endswith(DRAFT) else member


def _dump(folder: Path) -> Path:
    if connection.vendor == "sqlite":
        return _copy_of_sqlite(folder / SQLITE)
    if connection.vendor == "postgresql":
        return _dump_of_postgresql(folder / POSTGRESQL)
    raise CommandError(f"There is no backup of a {connection.vendor} database.")


def _copy_of_sqlite(target: Path) -> Path:
    """As it is at one moment, whatever is written meanwhile (sqlite.org/backup.html)."""
    connection.ensure_connection()
    with sqlite3.connect(target) as copy:
        connection.connection.backup(copy)
    copy.close()
    return target


def _dump_of_postgresql(target: Path) -> Path:
    command = ["pg_dump", "--format=custom", f"--file={target}", *server()]
    subprocess.run(command, env=password(), check=True)
    return target
