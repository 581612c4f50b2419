"""The pictures of a transaction, sealed, in a folder or a bucket: kept, shown, dropped.

Their names follow from the row, so that a picture whose row was never finished is found and dropped all the same.
"""

from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from ocr.models import Transaction
from ocr.pipeline.types import Side
from ocr.vault import vault


class NoPicture(Exception):
    """None was kept, or it was dropped."""


def reach() -> None:
    """Raises `OSError` where their place is not to be found now, or lets nobody in."""
    default_storage.listdir("")


def keep(transaction: Transaction, side: Side, picture: bytes) -> None:
    """Raises `OSError` where it cannot be written."""
    name = _name(transaction, side)
    _put(name, vault().seal(picture, name))


def show(transaction: Transaction, side: Side) -> bytes:
    """The picture as it was sent. Raises `NoPicture`, `CannotOpen`."""
    name = _name(transaction, side)
    try:
        with default_storage.open(name) as file:
            return vault().open(file.read(), name)
    except FileNotFoundError as error:
        raise NoPicture(f"transaction {transaction} has no picture of its {side.value}") from error


def kept(transaction: Transaction) -> Iterator[Side]:
    """The sides of which there is one."""
    yield from (side for side in Side if default_storage.exists(_name(transaction, side)))


def drop(transaction: Transaction) -> int:
    """How many there were."""
    sides = list(kept(transaction))
    for side in sides:
        default_storage.delete(_name(transaction, side))
    return len(sides)


def reseal(transaction: Transaction) -> int:
    """Seal anew what another key than the first one sealed; how many that were."""
    done = 0
    for side in kept(transaction):
        name = _name(transaction, side)
        with default_storage.open(name) as file:
            sealed = file.read()
        if not vault().is_current(sealed):
            _put(name, vault().seal(vault().open(sealed, name), name))
            done += 1
    return done


def _put(name: str, sealed: bytes) -> None:
    default_storage.save(name, ContentFile(sealed))


def _name(transaction: Transaction, side: Side) -> str:
    token = transaction.binding.hex
    return f"pictures/{token[:2]}/{token}-{side.value}"
