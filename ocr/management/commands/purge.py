"""`manage.py purge`: erase what has been kept as long as was agreed, and what was known of old deliveries to webhooks.
For every night; safe to stop and to repeat.
"""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from ocr import keeping, webhooks


class Command(BaseCommand):
    help = "Erase pictures and personal data that have been kept as long as was agreed, and say how much that was."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would be erased")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        transactions: Counter[str] = Counter()
        pictures = 0
        try:
            for transaction in keeping.overdue():
                if not options["dry_run"]:
                    pictures += keeping.erase(transaction)
                transactions[transaction.owner.get_username()] += 1
        finally:  # stopped half-way, it says what is done
            for account, count in sorted(transactions.items()):
                self.stdout.write(f"{account}: {count} transactions")
            done = "Would erase" if options["dry_run"] else "Erased"
            self.stdout.write(f"{done} {transactions.total()} transactions and {pictures} pictures.")
        if not options["dry_run"] and (forgotten := webhooks.forget_old()):
            self.stdout.write(f"Deleted {forgotten} old deliveries to webhooks.")
