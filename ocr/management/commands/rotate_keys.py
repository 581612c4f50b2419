"""`manage.py rotate_keys`: seal anew, with the first data key, what older ones sealed, while the service goes on.

Safe to stop and to repeat: a row is changed only if nobody else changed it meanwhile. Marks are made anew, too, where
the search key is another.
"""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Q

from apptenticate import keys
from ocr import pictures
from ocr.files import written_whole
from ocr.models import SEALED, BatchCard, Review, Transaction, Webhook, marks_of
from ocr.vault import CannotOpen, key_of, vault


class Command(BaseCommand):
    help = "Seal pictures and personal data anew with the first data key."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--new", action="store_true", help="first make a new key, where they are kept in a file")
        parser.add_argument("--drop-old", action="store_true", help="then forget keys in the file that seal nothing")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        if options["new"]:
            self.stdout.write(f"Made the key {_add_key()}.")
        done: Counter[str] = Counter()
        try:
            for pk in Transaction.objects.filter(erased=None).order_by("id").values_list("pk", flat=True).iterator():
                done.update(self._reseal(pk))
            done["webhooks"] = sum(_reseal_words(hook, "secrets") for hook in Webhook.objects.iterator())
        finally:
            counts = ", ".join(f"{done[name]} {name}" for name in ("transactions", "pictures", "reviews", "webhooks"))
            self.stdout.write(f"Sealed anew: {counts}.")
        if done["unopened"]:
            raise CommandError(f"{done['unopened']} transactions could not be opened: a key is missing.")
        if options["drop_old"]:
            self.stdout.write(f"Forgot {_drop_old_keys()} keys.")

    def _reseal(self, pk: int) -> Counter[str]:
        row = Transaction.objects.filter(pk=pk).first()
        if row is None or row.erased:
            return Counter()
        try:
            reviews = sum(_reseal_words(review, "words") for review in row.reviews.exclude(sealed_words=None))
            for card in BatchCard.objects.filter(transaction=row).exclude(sealed_names=None):
                _reseal_words(card, "names")
            return Counter(transactions=int(_reseal_row(row)), pictures=pictures.reseal(row), reviews=reviews)
        except CannotOpen as error:
            self.stderr.write(f"Transaction {pk}: {error}.")
            return Counter(unopened=1)


def _reseal_row(row: Transaction) -> bool:
    before = {name: getattr(row, name) for name in SEALED}
    changed: dict[str, Any] = {
        f"sealed_{name}": anew
        for name in ("answer", "reading")
        if (anew := _sealed_anew(before[f"sealed_{name}"], row.about(name)))
    }
    changed |= {name: mark for name, mark in marks_of(row.reading or {}).items() if mark != getattr(row, name)}
    return bool(changed) and bool(Transaction.objects.filter(Q(**before), pk=row.pk, erased=None).update(**changed))


def _reseal_words(row: Review | BatchCard | Webhook, name: str) -> bool:
    column = f"sealed_{name}"
    before = getattr(row, column)
    anew = _sealed_anew(before, row.about(name))
    unchanged = type(row).objects.filter(Q((column, before)), pk=row.pk)
    return bool(anew) and bool(unchanged.update(**{column: anew}))


def _sealed_anew(sealed: bytes | memoryview | None, about: str) -> bytes | None:
    """None where nothing is sealed, or with the first key already."""
    if sealed is None or vault().is_current(bytes(sealed)):
        return None
    return vault().seal(vault().open(bytes(sealed), about), about)


# --- the file of keys -------------------------------------------------------------------------------------------------


def _file() -> Path:
    if settings.DATA_KEYS_FILE is None:
        raise CommandError("The keys stand in APPTENTICATE_DATA_KEYS: put a new one first there, and start anew.")
    return Path(settings.DATA_KEYS_FILE)


def _add_key() -> str:
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
    _write(f"{keys.new_for_ring(name)} {_file().read_text().strip()}")
    return name


def _drop_old_keys() -> int:
    first, *others = _file().read_text().split()
    columns = (
        Transaction.objects.values_list(*SEALED),
        Review.objects.values_list("sealed_words"),
        BatchCard.objects.values_list("sealed_names"),
        Webhook.objects.values_list("sealed_secrets"),
    )
    rows = (row for table in columns for row in table.iterator())
    used = {key_of(bytes(sealed)) for row in rows for sealed in row if sealed is not None}
    kept = [key for key in others if key.partition(":")[0] in used]
    _write(" ".join([first, *kept]))
    return len(others) - len(kept)


def _write(text: str) -> None:
    """A service that reads the file meanwhile must find every key."""
    with written_whole(_file()) as file:
        file.write(f"{text}\n".encode())
