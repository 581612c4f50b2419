"""`Card` → codes: the service QR and the Code-128 of a back, and whether they say the numbers that its MRZ says.

What they hold is inferred from published descriptions (ine.md, "Codes on the back"), so that they are witnesses for a
person who reviews, and no part of `valid`.
"""

import re
from collections.abc import Mapping, Sequence

from ocr.pipeline.documents.types import CodeForm, DocumentType
from ocr.pipeline.engines.types import CodeReader
from ocr.pipeline.types import Card, Code, Field, Print


def find_prints(card: Card, reader: CodeReader) -> tuple[Print, ...]:
    """Every machine code of a back, decoded and not yet understood. Boxes are in the pixels of `card.photo`."""
    return reader.read(card.photo, sideways=card.turn in _SIDEWAYS)


_SIDEWAYS = (90, 270)


def understand(prints: Sequence[Print], document: DocumentType, fields: Mapping[str, Field]) -> tuple[Code, ...]:
    """The codes that the document carries, with what each holds compared with `fields`."""
    known = [_understood(print_, form, fields) for print_ in prints for form in document.codes]
    return tuple(code for code in known if code is not None)


def _understood(print_: Print, form: CodeForm, fields: Mapping[str, Field]) -> Code | None:
    match = re.fullmatch(form.pattern, print_.text) if print_.kind == form.kind else None
    if match is None:
        return None
    numbers = match.groupdict()
    read = {name: field.value for name in numbers if (field := fields[name]).value is not None}
    others = [name for name, value in read.items() if numbers[name] != value]
    return Code(form.name, numbers, not others if read else None, _reason(read, others), print_.box)


def _reason(read: Mapping[str, object], others: list[str]) -> str:
    if not read:
        return "the MRZ says nothing to compare it with"
    return f"{' and '.join(others)} unlike the MRZ's" if others else ""
