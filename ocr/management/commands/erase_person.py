"""`manage.py erase_person CURP`: erase all that is held of one person; that requests were made stays known."""

from ocr import keeping
from ocr.management.person import PersonCommand
from ocr.models import Transaction


class Command(PersonCommand):
    help = "Erase pictures and data of every transaction in which this CURP was read."

    def handle_rows(self, rows: list[Transaction]) -> None:
        pictures = 0
        for row in rows:
            keeping.record_look(row, None, None, keeping.ERASED)
            pictures += keeping.erase(row)
        numbers = ", ".join(str(row.pk) for row in rows)
        self.stdout.write(f"Erased {len(rows)} transactions ({numbers}) and {pictures} pictures.")
