"""An address as the card prints it → street, colonia, postal code, municipality, state: what tells them apart is the
form that every address has (ine.md, "Address lines")."""

import re
from collections.abc import Mapping

from ocr.pipeline.addresses import end_of
from ocr.pipeline.documents.types import DocumentType

PARTS = ("street", "settlement", "postal_code", "municipality", "state")


def take_apart(address: str | None, document: DocumentType) -> Mapping[str, str | None]:
    """The parts by the names of `PARTS`, in the words of the card; None for one that is not there or not told apart."""
    if not address:
        return dict.fromkeys(PARTS)
    rest, state = _without_end(address, document)
    code = _last(_POSTAL_CODE, rest)
    if code is None:
        street, settlement, postal_code, municipality = rest, "", "", ""
    else:
        before, municipality = rest[: code.start()], rest[code.end() :]
        street, settlement = _at_settlement(before, document)
        postal_code = code.group()
    found = (street, settlement, postal_code, municipality, state)
    return {name: part.strip(" ,") or None for name, part in zip(PARTS, found, strict=True)}


_POSTAL_CODE = re.compile(r"(?<!\d)\d{5}(?!\d)")


def _without_end(address: str, document: DocumentType) -> tuple[str, str]:
    start = end_of(address, document.address_ends)
    return (address, "") if start is None else (address[:start], address[start:])


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(reversed([*pattern.finditer(text)]), None)


def _at_settlement(text: str, document: DocumentType) -> tuple[str, str]:
    """Street and settlement: the latter begins with the word for its kind, behind the street's number if one is. Where
    the holder hides the street (ine.md), it begins the address."""
    words = [*re.finditer(r"[^ ]+", text)]
    kinds = [number for number, word in enumerate(words) if _bare(word.group()) in document.settlement_words]
    after_street = [number for number in kinds if number > 1]
    begins = next((number for number in after_street if _follows_number(words, number)), next(iter(after_street), None))
    if begins is None:
        return ("", text) if kinds and not any(map(str.isdigit, text)) else (text, "")
    return text[: words[begins].start()], text[words[begins].start() :]


def _follows_number(words: list[re.Match[str]], number: int) -> bool:
    """A street ends with its number (or with S/N): COL in CALLE COL MILITAR 12 begins no settlement."""
    before = words[number - 1].group()
    return any(map(str.isdigit, before)) or _bare(before) in _NO_NUMBER


_NO_NUMBER = frozenset({"SN", "N"})


def _bare(word: str) -> str:
    return re.sub(r"[^A-ZÑ]", "", word)
