"""`manage.py export_person CURP`: all that is held of one person, as JSON on standard output, pictures in base64."""

import json

from ocr import keeping
from ocr.management.person import PersonCommand
from ocr.models import Transaction


class Command(PersonCommand):
    help = "Print all that is held of the person with this CURP, as JSON."

    def handle_rows(self, rows: list[Transaction]) -> None:
        for row in rows:
            keeping.record_look(row, None, None, "export_person")
        self.stdout.write(json.dumps([keeping.held(row) for row in rows], ensure_ascii=False, indent=1))
