"""`manage.py erase_person CURP`: erase all that is held of one person; that requests were made stays known."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ocr import keeping


class Command(BaseCommand):
    help = "Erase pictures and data of every transaction in which this CURP was read."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("curp")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        rows = list(keeping.of_person(options["curp"]))
        if not rows:
            raise CommandError("Nothing is held of this CURP.")
        pictures = 0
        for row in rows:
            keeping.record_look(row, None, None, keeping.ERASED)
            pictures += keeping.erase(row)
        numbers = ", ".join(str(row.pk) for row in rows)
        self.stdout.write(f"Erased {len(rows)} transactions ({numbers}) and {pictures} pictures.")
