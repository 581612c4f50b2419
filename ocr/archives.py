"""A ZIP of pictures: bytes go in, pairs of names and their pictures come out.

Nothing is unpacked to a disk, no name is ever used as a path, and nothing is believed that an archive says of itself:
what is too large, too many, too well packed or locked is refused before it is unpacked.
"""

import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from ocr import pairs
from ocr.pairs import Pair


class BadArchive(Exception):
    """It is not taken, whole; `reason` is one of those below."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


NO_ZIP: Final = "no_zip"
LOCKED: Final = "locked"
TOO_MANY: Final = "too_many"
TOO_DENSE: Final = "too_dense"
NO_CARD: Final = "no_card"

_END: Final = struct.Struct("<4s4H2LH")  # APPNOTE 4.3.16, end of central directory record
_END_MARK, _END64_MARK, _END64_SIZE = b"PK\x05\x06", b"PK\x06\x07", 20
_LONGEST_COMMENT: Final = 0xFFFF
_LONGEST_LIST: Final = 2 * 1024 * 1024  # bytes of names and the like: an entry of 50 costs 500 in memory
_PACKINGS: Final = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_MOST_DENSE: Final = 20  # bytes that one may become; a JPEG hardly shrinks (1.0 to 1.1, drawn cards)
_LONGEST_NAME: Final = 250


@dataclass(frozen=True, slots=True)
class Archive:
    """The cards in it, and the names that make none, with the reason (`pairs`)."""

    cards: Sequence[Pair]
    unpaired: Mapping[str, str]
    _file: zipfile.ZipFile

    def picture(self, name: str, most: int) -> bytes:
        """At most one byte more than `most`, whose sake that is; nothing where it is broken."""
        try:
            with self._file.open(name) as packed:
                return packed.read(most + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError):
            return b""


def opened(data: bytes, most_cards: int) -> Archive:
    """Raises `BadArchive`."""
    _refuse_a_long_list(data)
    try:
        file = zipfile.ZipFile(BytesIO(data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise BadArchive(NO_ZIP) from error
    wanted = [entry for entry in file.infolist() if _is_picture(entry)]
    _refuse_what_is_unsafe(wanted)
    cards, unpaired = pairs.paired(entry.filename for entry in wanted)
    if not cards:
        raise BadArchive(NO_CARD)
    if len(cards) > most_cards:
        raise BadArchive(TOO_MANY)
    return Archive(cards, unpaired, file)


def _refuse_a_long_list(data: bytes) -> None:
    """Before `zipfile` makes an object of every entry; that of more than 4 GB (ZIP64) is not taken at all."""
    place = data.rfind(_END_MARK, max(len(data) - _END.size - _LONGEST_COMMENT, 0))
    if place < 0 or place + _END.size > len(data):
        raise BadArchive(NO_ZIP)
    if data[max(place - _END64_SIZE, 0) : place].startswith(_END64_MARK):
        raise BadArchive(TOO_MANY)
    if _END.unpack_from(data, place)[5] > _LONGEST_LIST:
        raise BadArchive(TOO_MANY)


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    """By its name; macOS adds files of its own, named after others."""
    path = PurePosixPath(entry.filename)
    is_hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in pairs.SUFFIXES and not is_hidden and len(entry.filename) <= _LONGEST_NAME


def _refuse_what_is_unsafe(entries: Sequence[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadArchive(LOCKED)
    if any(entry.compress_type not in _PACKINGS for entry in entries):
        raise BadArchive(NO_ZIP)
    if any(entry.file_size > _MOST_DENSE * max(entry.compress_size, 1) for entry in entries if entry.file_size):
        raise BadArchive(TOO_DENSE)
