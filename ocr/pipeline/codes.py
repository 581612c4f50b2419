"""`Card` → codes: the service QR and the Code-128 of a back, and whether they say the numbers that its MRZ says.

What they hold is inferred from published descriptions (ine.md, "Codes on the back"), so that they are witnesses for a
person who reviews, and no part of `valid`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ocr.pipeline.documents.types import CodeForm, DocumentType, Extent
from ocr.pipeline.engines.types import CodeReader
from ocr.pipeline.quads import ASPECT, around, card_about, part_of
from ocr.pipeline.types import Card, Code, Field, Pixels, Print, Quad


def find_prints(card: Card, reader: CodeReader, mrz: Sequence[Quad], document: DocumentType) -> tuple[Print, ...]:
    """Every machine code of a back, decoded and not yet understood. Boxes are in the pixels of `card.photo`.

    `mrz`: its lines, above which all codes stand; none where they were not found.
    """
    pixels, (left, top) = _above(mrz, card.photo.pixels, document)
    found = reader.read(replace(card.photo, pixels=pixels), sideways=card.turn in _SIDEWAYS)
    return tuple(replace(print_, box=_moved(print_.box, left, top)) for print_ in found)


_SIDEWAYS = (90, 270)


def _above(mrz: Sequence[Quad], pixels: Pixels, document: DocumentType) -> tuple[Pixels, tuple[int, int]]:
    """The part of the picture that shows what of the card lies above its MRZ, and where it begins; else all of it.

    Of 150 drawn backs as many codes are found in it, in a fifth less time.
    """
    box = around(mrz)
    if box is None:
        return pixels, (0, 0)
    extent = document.layout(None).back
    above = part_of(card_about(box, extent), Extent(-_ROOM, -_ROOM / ASPECT, 1 + _ROOM, extent.top))
    (left, top), (right, bottom) = (np.clip(edge(above, axis=0), 0, pixels.shape[::-1]).astype(int) for edge in _EDGES)
    part = pixels[top:bottom, left:right]
    return (part, (int(left), int(top))) if part.size else (pixels, (0, 0))


_EDGES = (np.min, np.max)
_ROOM = 0.15  # of the card's width: where its edges are is told by its MRZ alone


def _moved(box: Quad, x: int, y: int) -> Quad:
    a, b, c, d = ((across + x, down + y) for across, down in box)
    return a, b, c, d


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
