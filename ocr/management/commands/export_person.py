"""`manage.py export_person CURP`: all that is held of one person, as JSON on standard output, pictures in base64."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ocr import keeping


class Command(BaseCommand):
    help = "Print all that is held of the person with this CURP, as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("curp")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        rows = list(keeping.of_person(options["curp"]))
        if not rows:
            raise CommandError("Nothing is held of this CURP.")
        for row in rows:
            keeping.record_look(row, None, None, "export_person")
        self.stdout.write(json.dumps([keeping.held(row) for row in rows], ensure_ascii=False, indent=1))
