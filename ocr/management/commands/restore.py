"""`manage.py restore FILE`: put back what `backup` wrote, into an empty home. The service must not run meanwhile."""

import os
import shutil
import stat
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, connection

from ocr.management.backups import POSTGRESQL, SQLITE, password, server
from ocr.models import Transaction


class Command(BaseCommand):
    help = "Put database, pictures and keys back from a file that `backup` wrote."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--force", action="store_true", help="put it in the place of transactions that are here")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        if _is_used() and not options["force"]:
            raise CommandError("There are transactions here already: name another APPTENTICATE_HOME, or --force.")
        with TemporaryDirectory(dir=settings.HOME) as folder:
            _unpack(options["file"], Path(folder))
            self._put_back(Path(folder))
        call_command("migrate", interactive=False, verbosity=0)
        self.stdout.write(f"Put back {Transaction.objects.count()} transactions. Start the service now.")

    def _put_back(self, folder: Path) -> None:
        """Keys and pictures first: what the database tells of is there then."""
        if (folder / "keys").exists():
            shutil.copytree(folder / "keys", settings.KEYS, dirs_exist_ok=True)
        _put_back_pictures(folder / "media")
        connection.close()
        if connection.vendor == "sqlite":
            _replace_sqlite(folder / SQLITE)
        else:
            command = ["pg_restore", "--clean", "--if-exists", "--single-transaction", *server()]
            subprocess.run([*command, str(folder / POSTGRESQL)], env=password(), check=True)


def _put_back_pictures(folder: Path) -> None:
    """To where they are kept now, which may be another place than that which they were taken from."""
    for file in (found for found in folder.rglob("*") if found.is_file()):
        default_storage.save(str(file.relative_to(folder)), ContentFile(file.read_bytes()))


def _is_used() -> bool:
    try:
        return Transaction.objects.exists()
    except DatabaseError:  # no table yet
        return False


def _unpack(file: Path, folder: Path) -> None:
    try:
        with tarfile.open(file) as tar:
            tar.extractall(folder, [_plain(member, folder) for member in tar], **_FILTER)  # noqa: S202 - looked at
    except (OSError, tarfile.TarError) as error:
        raise CommandError(f"{file} is no backup: {error}.") from error
    wanted = SQLITE if connection.vendor == "sqlite" else POSTGRESQL
    if not (folder / wanted).exists():
        raise CommandError(f"{file} holds no {wanted}: it was made with another kind of database.")


def _plain(member: tarfile.TarInfo, folder: Path) -> tarfile.TarInfo:
    """A file or a folder below this one, that will belong to whoever restores it, and that nobody else may write."""
    if not (member.isfile() or member.isdir()) or not (folder / member.name).resolve().is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{member.name} is no file of a backup")
    member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
    member.mode &= ~(stat.S_IWGRP | stat.S_IWOTH)
    return member


_FILTER: Mapping[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
"""Python's own for what `_plain` does. Debian 12's does not have it (before 3.11.4), and later ones ask for it."""


def _replace_sqlite(copy: Path) -> None:
    target = Path(str(settings.DATABASES["default"]["NAME"]))
    for journal in ("-wal", "-shm"):
        target.with_name(target.name + journal).unlink(missing_ok=True)
    copy.replace(target)
