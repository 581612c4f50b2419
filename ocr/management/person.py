"""What commands about one person share: a CURP goes in, the transactions in which it was read come out."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ocr import keeping
from ocr.models import Transaction


class PersonCommand(BaseCommand):
    """One that is about the person with a CURP; refuses where nothing is held of them."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("curp")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        rows = list(keeping.of_person(options["curp"]))
        if not rows:
            raise CommandError("Nothing is held of this CURP.")
        self.handle_rows(rows)

    def handle_rows(self, rows: list[Transaction]) -> None:
        """What is to be done with them, oldest first."""
        raise NotImplementedError
