"""`manage.py make_user NAME`: make an account, or give an existing one a new password.

The password comes from APPTENTICATE_PASSWORD or, without it, from the first line of standard input: never from the
command line, which every user of the machine can read.
"""

import os
import sys
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ocr.roles import ROLES


class Command(BaseCommand):
    help = "Make an account, or give an existing one a new password (from APPTENTICATE_PASSWORD or standard input)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--admin", action="store_true", help="let the account into /admin/ with every right")
        parser.add_argument("--role", choices=ROLES, help="let the account into /admin/, to do what the role may")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        user = User.objects.filter(username=options["name"]).first()
        made = user is None
        user = user or User(username=options["name"])
        user.is_active = True
        if options["admin"]:
            user.is_superuser = True
        if options["admin"] or options["role"]:
            user.is_staff = True
        user.set_password(_password())
        _save(user)
        user.groups.add(*Group.objects.filter(name=options["role"]))
        self.stdout.write(f"{'Made' if made else 'Reset'} the account {user.username}.")


def _password() -> str:
    password = os.environ.get("APPTENTICATE_PASSWORD") or _typed()
    if not password:
        raise CommandError("The password is empty: set APPTENTICATE_PASSWORD, or type one.")
    return password


def _typed() -> str:
    return getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")


def _save(user: User) -> None:
    try:
        user.full_clean()
    except ValidationError as error:
        raise CommandError("; ".join(error.messages)) from error
    user.save()
