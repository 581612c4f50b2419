"""Values found so far and the lines of a card go in, what its rows tell besides comes out.

Labels are printed smaller than values and are lost first. The numbers of a card stand in rows of a known order (ine.md,
"Models"): where a row holds as many numbers as one of these, each is known by its place. What is told so cannot vouch
for itself: another witness must.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise, product
from statistics import median

from rapidfuzz import fuzz

from ocr.pipeline.documents.types import DocumentType, Label
from ocr.pipeline.layout import Piece, as_letters, overlap, word_runs
from ocr.pipeline.types import Text
from ocr.pipeline.values import TOLD_FIT, Value, fitting

Found = Mapping[str, Value]

_PLACE_FIT = 0.5  # of every place: four digits are soon found in four characters
_FEWEST = 2  # values of a row, that it may be told from another


def find_by_rows(found: Found, lines: Sequence[Piece], document: DocumentType) -> dict[str, Value]:
    """`found` with the values that stand in a row with others, and with lone ones that stand where they should.

    Both are told from the keys above or below them: without one, nothing is added.
    """
    if not any(name in found for name in document.above_rows):
        return dict(found)
    known = dict(found)
    bottom = max(known[name].piece.middle for name in document.above_rows if name in known)
    for row in _rows([line for line in lines if line.middle > bottom]):
        known |= _told_by(row, known, document)
    return known | {
        label.name: value
        for label in document.labels
        if label.lone and label.name not in known and (value := _lone(label, lines, known))
    }


def _rows(lines: Sequence[Piece]) -> list[list[Piece]]:
    rows: list[list[Piece]] = []
    for line in sorted(lines, key=lambda piece: piece.middle):
        if rows and _is_level(rows[-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _is_level(row: Sequence[Piece], line: Piece) -> bool:
    typical = sorted((*row, line), key=lambda piece: piece.height)[(len(row) + 1) // 2]
    return abs(median(piece.middle for piece in row) - line.middle) < _LEVEL * typical.height


_LEVEL = 0.45  # of the usual height: a box that was cut short still lies in its row


def _told_by(row: Sequence[Piece], found: Found, document: DocumentType) -> dict[str, Value]:
    """What the row adds, if all its likeliest readings agree on it."""
    labels = {label.name: label for label in document.labels}
    runs = [run for line in row for run in word_runs(line)]
    readings = [
        reading
        for names in document.rows
        if any(name not in found for name in names)
        for reading in _readings([_choices(labels[name], runs, row, found) for name in names])
    ]
    readings = [reading for reading in readings if _in_order(reading) and _spans(reading, document)]
    most = max((len(reading) for reading in readings), default=0)
    if most < _FEWEST:
        return {}
    best = [reading for reading in readings if len(reading) == most]
    clearest = max(map(_clarity, best))
    best = [reading for reading in best if clearest - _clarity(reading) < _AS_CLEAR]
    shared = {
        name: value
        for name, value in best[0].items()
        if name not in found and all(name in other and other[name].text.text == value.text.text for other in best)
    }
    return {name: Value(value.piece, replace(value.text, contested=True)) for name, value in shared.items()}


def _clarity(reading: Found) -> float:
    return sum(value.text.fit for value in reading.values())


_AS_CLEAR = 0.15  # of a fit: by less, one reading is no better than another


def _choices(label: Label, runs: Sequence[Piece], row: Sequence[Piece], found: Found) -> list[tuple[str, Value | None]]:
    """What may be the label's value in this row: what was found, else every number that is spelled like it, or none."""
    if label.name in found:
        inside = _is_level(row, found[label.name].piece)
        return [(label.name, found[label.name] if inside else None)]
    numbers = [
        Value(run, text)
        for run in runs
        if not any(overlap(run, value.piece) for value in found.values())
        for text in fitting(run, label.grammars)
        if text.fit >= TOLD_FIT and min(text.fits) >= _PLACE_FIT and not (label.beside_years and _YEAR.match(text.text))
    ]
    return [*((label.name, number) for number in numbers), (label.name, None)]


_YEAR = re.compile(r"19[3-9]|20[0-5]")


def _readings(choices: Sequence[Sequence[tuple[str, Value | None]]]) -> Iterator[dict[str, Value]]:
    for chosen in product(*choices):
        yield {name: value for name, value in chosen if value is not None}


def _in_order(reading: Found) -> bool:
    """Left to right, no character twice."""
    pieces = [value.piece for value in reading.values()]
    return all(
        one.left < other.left and one.right < other.right and not overlap(one, other) for one, other in pairwise(pieces)
    )


def _spans(reading: Found, document: DocumentType) -> bool:
    """From issue to expiry it is as many years as every card is valid, where the row tells both."""
    issued, expires = reading.get("emission"), reading.get("validity")
    if issued is None or expires is None or len(expires.text.text) != len(issued.text.text):
        return True
    return int(expires.text.text) - int(issued.text.text) == document.years_valid


# --- lone values -----------------------------------------------------------------------------------------------------


def _lone(label: Label, lines: Sequence[Piece], found: Found) -> Value | None:
    """A value of one letter, at the end of what may have been its label, right of the keys and above them."""
    keys = [found[name].piece for name in label.above if name in found]
    if not keys:
        return None
    bottom, left = min(key.middle for key in keys), min(key.left for key in keys)
    beside = [line for line in lines if line.middle < bottom and line.left > left + _ASIDE * line.height]
    ends = [Value(run, text) for line in beside for run, text in _endings(label, line)]
    return ends[0] if len({value.text.text for value in ends}) == 1 else None


_ASIDE = 4.0  # heights: the column of birth date and sex begins further right than names do


def _endings(label: Label, line: Piece) -> Iterator[tuple[Piece, Text]]:
    for run in word_runs(line):
        if run.stop != line.stop:
            continue
        before = as_letters(line.line.text[line.start : run.start])
        for text in fitting(run, label.grammars):
            alike = max(fuzz.ratio(spelling, before) for spelling in label.spellings)
            if text.fit >= TOLD_FIT and len(text.text) == len(run.text) and (len(before) <= _REST or alike >= _ALIKE):
                yield run, replace(text, contested=True)


_REST, _ALIKE = 2, 40.0  # letters that may be the rest of any label; per cent from which more of them are this label's
