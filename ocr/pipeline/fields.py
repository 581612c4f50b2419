"""`Card` → `FrontText`: finds the values of a front by their labels, their grammar and their place to one another.

No coordinate is fixed: labels are searched in every line that was read, a value stands right of its label or below it,
names and address are the lines between their label and the next.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from ocr.pipeline.documents.types import DocumentType, Label
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.layout import Piece, alone, folded, labels_in, level, likeness, overlap, pieces_of, word_runs
from ocr.pipeline.spelling import compact, fuse, spell
from ocr.pipeline.types import Card, FrontText, Line, Quad, Text

_VALUE_FIT = 0.6  # of a value that stands by its label
_TOLD_FIT = 0.75  # of a value that no label introduces
_CLEARLY = 0.12  # by so much it must fit better than any other words
_HEADER_LIKENESS = 80.0  # per cent


def read_fields(card: Card, document: DocumentType) -> FrontText:
    """The values, names and address of a front; an empty `FrontText` where there is nothing of one."""
    pieces = pieces_of(card, document)
    labels = [piece for piece in pieces if piece.label]
    values = _values(labels, pieces, document)
    words = folded("".join(line.text for line in card.lines))
    name, address = _blocks(labels, pieces, values, document)
    return FrontText(
        values=values,
        name=name,
        address=address,
        labels=frozenset(piece.label for piece in labels),
        issuer=_issuer(words, document),
        abroad=likeness(words, document.abroad) >= _HEADER_LIKENESS,
    )


def evidence(card: Card, document: DocumentType) -> float:
    """How surely `card` is a front read the right way up: 1 from three labels or two keys on."""
    labels = {piece.label for line in card.lines for piece in labels_in(level(line, 0.0), document)}
    words = folded("".join(line.text for line in card.lines))
    return (len(labels) + (_issuer(words, document) != "")) / 3


def read_again(
    card: Card, front: FrontText, wanted: Sequence[str], reader: LineReader, document: DocumentType
) -> FrontText:
    """The wanted values cut out anew where they were found, read by `reader`, and both readings joined.

    Values that were not found stay so. Raises `ReaderDown`.
    """
    grammars = {label.name: label.grammars for label in document.labels}
    places = [(name, front.values[name]) for name in wanted if name in front.values]
    places = [(name, text) for name, text in places if text.quad is not None]
    lines = reader.read(card.photo, [_roomier(text.quad) for _, text in places if text.quad is not None])
    values = dict(front.values)
    for (name, text), line in zip(places, lines, strict=True):
        again = max((t for g in grammars[name] for t in _spelled(compact(line), g)), key=lambda t: t.fit, default=None)
        if again is not None and again.fit >= _VALUE_FIT:
            values[name] = _joined(text, again)
    return replace(front, values=values)


def merge(one: FrontText, other: FrontText) -> FrontText:
    """Two readings of the same front as one; names and address of the first that has any."""
    values = dict(other.values)
    for name, text in one.values.items():
        values[name] = _joined(text, other.values[name]) if name in other.values else text
    return FrontText(
        values=values,
        name=one.name or other.name,
        address=one.address or other.address,
        labels=one.labels | other.labels,
        issuer=one.issuer or other.issuer,
        abroad=one.abroad or other.abroad,
    )


def _joined(one: Text, other: Text) -> Text:
    if len(one.text) != len(other.text):
        return one if one.fit >= other.fit else other
    return fuse(one, other)


def _roomier(quad: Quad) -> Quad:
    """A little air around a quad: what the first reader's box clipped is whole here."""
    points = np.array(quad)
    along = (points[1] - points[0] + points[2] - points[3]) / 2
    down = (points[3] - points[0] + points[2] - points[1]) / 2
    along *= _AIR * np.hypot(*down) / max(np.hypot(*along), 1.0)
    down *= _AIR / 3
    moved = points + np.array([-along - down, along - down, along + down, -along + down])
    a, b, c, d = ((float(x), float(y)) for x, y in moved)
    return (a, b, c, d)


_AIR = 0.25  # of the line's height, at either end; a third of it above and below


# --- values ----------------------------------------------------------------------------------------------------------


def _values(labels: Sequence[Piece], pieces: Sequence[Piece], document: DocumentType) -> dict[str, Text]:
    """Each label with the words that fit it best and stand nearest; no word serves two labels.

    What no label claims is known by its grammar alone, where it has one that nothing else on a card fits.
    """
    by_name = {label.name: label for label in document.labels}
    runs = [run for piece in pieces if not piece.label for run in word_runs(piece)]
    offers = [
        (distance + _MISFIT_COST * (1 - text.fit) - _PER_PLACE * len(text.text), label.label, i, text)
        for label in labels
        for i, run in enumerate(runs)
        if (distance := _distance(label, run)) < _FAR
        and (text := _fitting(run, by_name[label.label].grammars)) is not None
        and text.fit >= _VALUE_FIT
    ]
    # Values that nothing else is spelled like come first: a section is any four digits, part of a date's too.
    offers.sort(key=lambda offer: (not by_name[offer[1]].telling, offer[0]))
    values: dict[str, Text] = {}
    used: list[Piece] = []
    for cost, name, i, text in offers:
        if name not in values and not any(overlap(runs[i], other) for other in used):
            values[name] = text
            used.append(runs[i])
            if _is_contested(offers, runs, cost, name, i, used):
                values[name] = replace(text, fits=tuple(fit * _CONTESTED for fit in text.fits))
    for label in document.labels:
        if label.telling and label.name not in values:
            free = [run for run in runs if not any(overlap(run, other) for other in used)]
            values |= _told_by_grammar(label, free)
    return values


def _is_contested(
    offers: Sequence[tuple[float, str, int, Text]],
    runs: Sequence[Piece],
    cost: float,
    name: str,
    chosen: int,
    used: Sequence[Piece],
) -> bool:
    """Whether other words, not used so far, would serve the label nearly as well."""
    return any(
        other_name == name and other - cost < _NEARLY and not any(overlap(runs[i], piece) for piece in used)
        for other, other_name, i, _ in offers
        if i != chosen
    )


_CONTESTED = 0.4  # what the fit of a contested value is multiplied with: its own scores cannot vouch for it then
_NEARLY = 1.2  # label heights
_MISFIT_COST = 5.0  # label heights: words that do not fit at all are as bad as some that stand this much further off
_PER_PLACE = 0.1  # label heights: 2021-2031 is preferred to the 2031 in it
_MOST_WORDS = 5  # CLAVE DE ELECTOR and CURP may be printed in groups; an address has more words than any value


def _told_by_grammar(label: Label, runs: Sequence[Piece]) -> dict[str, Text]:
    """The value of a label that was not read, if one stretch of the card fits its grammar as no other does."""
    fits: dict[str, Text] = {}
    for run in runs:
        for text in _fitting_all(run, label.grammars):
            if len(text.text) >= _TELLING_PLACES and (text.text not in fits or fits[text.text].fit < text.fit):
                fits[text.text] = text
    best, *others = sorted(fits.values(), key=lambda text: -text.fit) or [None]
    if best is None or best.fit < _TOLD_FIT or (others and best.fit - others[0].fit < _CLEARLY):
        return {}
    return {label.name: best}


_TELLING_PLACES = 6


_FAR = 6.0


def _distance(label: Piece, piece: Piece) -> float:
    """How far a piece is from where a label's value would stand, in label heights; beside is nearer than below."""
    if piece.label:
        return _FAR
    size = max(label.height, 1.0)
    down = (piece.middle - label.middle) / size
    gap = (piece.left - label.right) / size
    if abs(down) < 0.6 * max(1.0, piece.height / size) and -1.0 < gap:
        return max(gap, 0.0) / 3 + abs(down)
    overlap = min(label.right, piece.right) - max(label.left, piece.left)
    begins_near = abs(piece.left - label.left) / size
    if 0.3 < down < 3.2 and (overlap > 0 or begins_near < 2.0):
        return 1.0 + down + min(begins_near, abs(piece.left + piece.right - label.left - label.right) / 2 / size) / 3
    return _FAR


def _fitting(piece: Piece, grammars: Sequence[Sequence[str]]) -> Text | None:
    """The piece, or the best stretch of it, put into whichever grammar fits it best."""
    return max(_fitting_all(piece, grammars), key=lambda text: (text.fit, len(text.text)), default=None)


def _fitting_all(piece: Piece, grammars: Sequence[Sequence[str]]) -> Iterator[Text]:
    line = compact(alone(piece))
    for grammar in grammars:
        yield from _spelled(line, grammar)


def _spelled(line: Line, grammar: Sequence[str]) -> Iterator[Text]:
    """The whole line; of a long grammar, a count that is slightly off, or the best stretch of a line that is longer."""
    places, length = len(grammar), len(line.text)
    slack = places // 9
    if abs(length - places) <= slack:
        yield spell(line, grammar)
    elif slack > 1 and places < length <= places + 14:
        yield max((spell(line, grammar, i, i + places) for i in range(length - places + 1)), key=lambda text: text.fit)


# --- names and address -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Column:
    """Where names and address stand: the left edge that they share, and from where to where, in pixels."""

    left: float
    top: float
    address: float
    bottom: float


_COLUMN_LABELS = ("name", "address", "elector_key", "curp")
"""Labels that begin where names and address do, on every model."""


def _blocks(
    labels: Sequence[Piece], pieces: Sequence[Piece], values: dict[str, Text], document: DocumentType
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """The rows of the names, then those of the address, whether or not their labels were read."""
    column = _column(labels, pieces, document)
    if column is None:
        return (), ()
    rows = [row for row in _rows(column, pieces) if not _is_value(row, values)]
    split = next((i for i, row in enumerate(rows) if row[0].middle > column.address), None)
    if split is None:
        split = next((i for i, row in enumerate(rows) if any(map(_is_numbered, row))), len(rows))
    names, address = _without_specks(rows[:split]), _without_specks(rows[split:])
    return tuple(map(_free, _until_gap(names))), tuple(map(_free, address))


def _column(labels: Sequence[Piece], pieces: Sequence[Piece], document: DocumentType) -> _Column | None:
    first = {name: piece for piece in reversed(labels) if (name := piece.label) in _COLUMN_LABELS}
    if not first:
        return None
    keys = [piece.middle - piece.height / 2 for name, piece in first.items() if name in ("elector_key", "curp")]
    return _Column(
        left=median(piece.left for piece in first.values()),
        top=first["name"].middle if "name" in first else _header_bottom(pieces, document),
        address=first["address"].middle if "address" in first else float("inf"),
        bottom=min(keys, default=float("inf")),
    )


def _header_bottom(pieces: Sequence[Piece], document: DocumentType) -> float:
    spellings = [spelling for group in document.headers.values() for spelling in group] + [*document.titles]
    headers = [piece for piece in pieces if likeness(folded(piece.text), spellings) >= _HEADER_LIKENESS]
    return max((piece.middle + piece.height / 2 for piece in headers), default=float("-inf"))


def _rows(column: _Column, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Rows that begin at the column's left edge, each with the words that follow on it, top to bottom."""
    rows: list[list[Piece]] = []
    for piece in pieces:
        if piece.label or not column.top < piece.middle < column.bottom:
            continue
        if rows and _same_row(rows[-1][-1], piece):
            if _adjoins(rows[-1], piece):
                rows[-1].append(piece)
                rows[-1].sort(key=lambda bit: bit.left)
        elif abs(piece.left - column.left) <= _INDENT * piece.height:
            rows.append([piece])
    return rows


_INDENT = 1.6  # heights by which a row may begin beside the column: perspective and a clipped first letter
_GAP = 2.6  # heights from row to row, beyond which what follows is no name


def _is_value(row: Sequence[Piece], values: dict[str, Text]) -> bool:
    return any(alone(row[0]).quad == text.quad for text in values.values())


def _is_numbered(piece: Piece) -> bool:
    """No name has two digits side by side; every address has a number or a postal code."""
    return re.search(r"\d{2}", piece.text) is not None


def _without_specks(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The rows whose print is as high as that of the others: not a rest of a label, nor a mark of the background."""
    typical = median(row[0].height for row in rows) if rows else 0.0
    return [row for row in rows if row[0].height > 0.45 * typical]


def _until_gap(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    near: list[list[Piece]] = []
    for row in rows:
        if near and row[0].middle - near[-1][0].middle > _GAP * row[0].height:
            break
        near.append(row)
    return near


def _adjoins(row: Sequence[Piece], piece: Piece) -> bool:
    """A word space away from the right end of the row: nothing that belongs to a row stands left of its beginning."""
    return -0.25 * piece.height <= piece.left - row[-1].right < 2.5 * piece.height


def _same_row(one: Piece, other: Piece) -> bool:
    return abs(one.middle - other.middle) < 0.5 * min(one.height, other.height)


def _free(row: Sequence[Piece]) -> Text:
    lines = [alone(piece) for piece in row]
    text = " ".join(_spaced(line) for line in lines)
    scores = [score for line in lines for score in line.scores]
    return Text(text, tuple(scores), _hull(lines), lines[0].reader)


def _spaced(line: Line) -> str:
    """The text, spaces put where the characters stand apart though the reader saw none."""
    text = " ".join(line.text.split())
    return re.sub(r"([,.])(?=[A-Z]{3})", r"\1 ", text)


def _hull(lines: Sequence[Line]) -> Quad | None:
    first, last = lines[0].quad, lines[-1].quad
    if first is None or last is None:
        return first or last
    return (first[0], last[1], last[2], first[3])


def _issuer(words: str, document: DocumentType) -> str:
    scores = {issuer: likeness(words, spellings) for issuer, spellings in document.headers.items()}
    best = max(scores, key=lambda issuer: scores[issuer])
    return best if scores[best] >= _HEADER_LIKENESS else ""
