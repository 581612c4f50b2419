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
from ocr.pipeline.spelling import INDEX, along, compact, fuse, spell
from ocr.pipeline.types import Card, FrontText, Line, Quad, Text

_VALUE_FIT = 0.6  # of a value that stands by its label
_TOLD_FIT = 0.75  # of a value that no label introduces
_CLEARLY = 0.12  # by so much it must fit better than any other words
_HEADER_LIKENESS = 80.0  # per cent


def read_fields(card: Card, document: DocumentType) -> FrontText:
    """The values, names and address of a front; an empty `FrontText` where there is nothing of one."""
    pieces = pieces_of(card, document)
    labels = [piece for piece in pieces if piece.label]
    found = _found(labels, pieces, document)
    words = folded("".join(line.text for line in card.lines))
    name, address = _blocks(labels, pieces, found, document)
    return FrontText(
        values={name: value.text for name, value in found.items()},
        name=name,
        address=address,
        labels=frozenset(piece.label for piece in labels),
        issuer=_issuer(words, document),
        abroad=any(likeness(folded(line.text), document.abroad) >= _HEADER_LIKENESS for line in card.lines),
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
    # Rows of one reading: where names end and the address begins is told within it.
    blocks = max(one, other, key=lambda front: _worth((*front.name, *front.address)))
    return FrontText(
        values=values,
        name=blocks.name,
        address=blocks.address,
        labels=one.labels | other.labels,
        issuer=one.issuer or other.issuer,
        abroad=one.abroad or other.abroad,
    )


def _worth(rows: Sequence[Text]) -> float:
    """How much was read, and how surely: a character below even odds counts against its reading."""
    return sum(score - _EVEN for row in rows for score in row.scores)


_EVEN = 0.6


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


@dataclass(frozen=True, slots=True, eq=False)
class _Value:
    """A value and the words that it was read from."""

    piece: Piece
    text: Text


def _found(labels: Sequence[Piece], pieces: Sequence[Piece], document: DocumentType) -> dict[str, _Value]:
    """Each label with the words that fit it best and stand nearest; no word serves two labels.

    What no label claims is known by its grammar alone, where nothing else on a card fits it, or by its place.
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
    found: dict[str, _Value] = {}
    for cost, name, i, text in offers:
        if name not in found and not _is_taken(runs[i], found):
            found[name] = _Value(runs[i], text)
            if _is_contested(offers, runs, cost, name, i, found):
                found[name] = _Value(runs[i], replace(text, contested=True))
    for label in document.labels:
        if label.name not in found:
            free = [run for run in runs if not _is_taken(run, found)]
            value = _told_by_grammar(label, free) or _told_by_place(label, free, found)
            found |= {label.name: value} if value else {}
    return _without_doubtful_section(found, {piece.label for piece in labels})


def _without_doubtful_section(found: dict[str, _Value], labels: set[str]) -> dict[str, _Value]:
    """Models C to F print other four-digit numbers beside the section: it is sure only where each of them was found."""
    section = found.get("section")
    if section is None or not labels & _BESIDE_SECTION or found.keys() >= {"locality", "emission"}:
        return found
    return found | {"section": _Value(section.piece, replace(section.text, contested=True))}


_BESIDE_SECTION = {"state", "municipality", "locality", "emission"}


def _is_taken(run: Piece, found: dict[str, _Value]) -> bool:
    return any(overlap(run, value.piece) for value in found.values())


def _is_contested(
    offers: Sequence[tuple[float, str, int, Text]],
    runs: Sequence[Piece],
    cost: float,
    name: str,
    chosen: int,
    found: dict[str, _Value],
) -> bool:
    """Whether other words, not taken so far, would serve the label nearly as well."""
    return any(
        other_name == name and other - cost < _NEARLY and i != chosen and not _is_taken(runs[i], found)
        for other, other_name, i, _ in offers
    )


_NEARLY = 1.2  # label heights
_MISFIT_COST = 5.0  # label heights: words that do not fit at all are as bad as some that stand this much further off
_PER_PLACE = 0.25  # label heights: 2021-2031 is preferred to the 2031 in it
_MOST_WORDS = 5  # CLAVE DE ELECTOR and CURP may be printed in groups; an address has more words than any value


def _told_by_grammar(label: Label, runs: Sequence[Piece]) -> _Value | None:
    """The value of a label that was not read, if one stretch of the card fits its grammar as no other does."""
    if not label.telling:
        return None
    fits: dict[str, _Value] = {}
    for run in runs:
        for text in _fitting_all(run, label.grammars):
            known = fits.get(text.text)
            if len(text.text) >= _TELLING_PLACES and (known is None or known.text.fit < text.fit):
                fits[text.text] = _Value(run, text)
    if not fits:
        return None
    best, *others = sorted(fits.values(), key=lambda value: -value.text.fit)
    clear = not others or best.text.fit - others[0].text.fit >= _CLEARLY
    return best if best.text.fit >= _TOLD_FIT and clear else None


def _told_by_place(label: Label, runs: Sequence[Piece], found: dict[str, _Value]) -> _Value | None:
    """The value of a label that was not read, if one stretch stands where it would. It cannot vouch for itself."""
    rows = [found[name].piece for name in label.row_of if name in found]
    fitting = [
        _Value(run, replace(text, contested=True))
        for run in runs
        if any(_same_row(run, row) for row in rows) or (label.lone and run.text == run.line.text)
        for text in _fitting_all(run, label.grammars)
        if text.fit >= _TOLD_FIT and len(text.text) == len(run.text.strip(_SPECKS))
    ]
    return fitting[0] if len(fitting) == 1 else None


_TELLING_PLACES = 6


_FAR = 6.0


def _distance(label: Piece, piece: Piece) -> float:
    """How far a piece is from where a label's value would stand, in label heights; beside is nearer than below."""
    if piece.label:
        return _FAR
    size = max(label.height, 1.0)
    down = (piece.middle - label.middle) / size
    gap = (piece.left - label.right) / size
    if abs(down) < 0.5 + 0.1 * piece.height / size and gap > -1.0:
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
    line = alone(piece)
    for grammar in grammars:
        whole, clean = (
            compact(line),
            compact(line, _SPECKS.translate({ord(c): None for place in grammar for c in place})),
        )
        yield from _spelled(whole, grammar)
        if len(clean.text) != len(whole.text):
            yield from _spelled(clean, grammar)


_SPECKS = " .,:;'#&()-/<"
"""What a reader makes of dust and of the background; no value but a date and a validity has any of it."""


def _spelled(line: Line, grammar: Sequence[str]) -> Iterator[Text]:
    """The whole line; of a long grammar, a count that is slightly off, or the best stretch of a line that is longer."""
    places, length = len(grammar), len(line.text)
    slack = places // 9
    if abs(length - places) <= slack:
        yield spell(line, grammar)
    elif slack > 1 and places < length <= places + 14:
        yield max((spell(line, grammar, i, i + places) for i in range(length - places + 1)), key=lambda text: text.fit)


# --- names and address -----------------------------------------------------------------------------------------------


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
    labels: Sequence[Piece], pieces: Sequence[Piece], found: dict[str, _Value], document: DocumentType
) -> tuple[tuple[Text, ...], tuple[Text, ...]]:
    """The rows of the names, then those of the address, whether or not their labels were read."""
    free = [piece for piece in pieces if not piece.label and not _is_taken(piece, found)]
    column = _column(labels, free, found, _header_bottom(pieces, document))
    if column is None:
        return (), ()
    rows = _rows(column, free)
    split = next((i for i, row in enumerate(rows) if row[0].middle > column.address), None)
    if split is None:
        split = next((i for i, row in enumerate(rows) if any(map(_is_numbered, row))), len(rows))
    names, address = _without_specks(rows[:split]), _without_specks(rows[split:])
    return tuple(map(_free, _until_gap(names))), tuple(map(_free, address))


def _column(labels: Sequence[Piece], free: Sequence[Piece], found: dict[str, _Value], header: float) -> _Column | None:
    first = {name: piece for piece in reversed(labels) if (name := piece.label) in _COLUMN_LABELS}
    keys = [piece for name, piece in first.items() if name in _KEYS] + [
        found[key].piece for key in _KEYS if key in found
    ]
    bottom = min((piece.middle - piece.height / 2 for piece in keys), default=float("inf"))
    top = first["name"].middle if "name" in first else header
    address = first["address"].middle if "address" in first else float("inf")
    if first:
        return _Column(median(piece.left for piece in first.values()), top, address, bottom)
    left = _common_left([piece for piece in free if top < piece.middle < bottom])
    return None if left is None else _Column(left, top, address, bottom)


_KEYS = ("elector_key", "curp")
"""What stands below the address on every model."""


def _common_left(pieces: Sequence[Piece]) -> float | None:
    """The left edge that most pieces share, at least `_FEWEST_ROWS` of them."""
    groups = [[other for other in pieces if abs(other.left - piece.left) < 0.6 * piece.height] for piece in pieces]
    largest = max(groups, key=len, default=[])
    return median(piece.left for piece in largest) if len(largest) >= _FEWEST_ROWS else None


_FEWEST_ROWS = 4  # of names and address together


def _header_bottom(pieces: Sequence[Piece], document: DocumentType) -> float:
    headers = [piece for piece in pieces if likeness(folded(piece.text), document.header_spellings) >= _HEADER_LIKENESS]
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


def _is_numbered(piece: Piece) -> bool:
    """No name has two digits side by side; an address has a number, S/N (none) or a postal code in most rows."""
    return re.search(r"\d{2}|\bS/?N\b", piece.text) is not None


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


Characters = list[tuple[str, float]]
"""Characters with their scores."""


def _free(row: Sequence[Piece]) -> Text:
    lines = [alone(piece) for piece in row]
    characters: Characters = []
    for line in lines:
        characters += [(" ", 1.0)] if characters else []
        characters += _as_letters(_spaced(line))
    return Text(
        "".join(character for character, _ in characters),
        tuple(score for _, score in characters),
        _hull(lines),
        lines[0].reader,
    )


def _spaced(line: Line) -> Characters:
    """The characters, single spaces put where print stands apart though the reader settled on no space."""
    inked = [i for i, character in enumerate(line.text) if character != " "]
    gaps = np.diff([along(line, i) for i in inked])
    usual = float(np.median(gaps)) if len(gaps) else 1.0
    spaced: Characters = []
    word = ""
    for order, i in enumerate(inked):
        if order and (line.text[i - 1] == " " or _is_apart(line, word, i, float(gaps[order - 1]) / max(usual, 1e-9))):
            spaced.append((" ", line.scores[i]))
            word = ""
        spaced.append((line.text[i], line.scores[i]))
        word += line.text[i]
    return spaced


def _is_apart(line: Line, word: str, place: int, gap: float) -> bool:
    """A lost space before `place`: the reader gave it some weight, or there is a gap."""
    before, after = line.text[place - 1], line.text[place]
    if before == ",":
        return True
    if _space_weight(line, place) > _SOME_WEIGHT:
        return True
    expected = word in _ABBREVIATIONS or (before.isalpha() and after.isdigit())
    return gap > (_GAP_AFTER_ABBREVIATION if expected else _GAP_ANYWHERE)


def _space_weight(line: Line, place: int) -> float:
    """The weight that the reader gave to a space before a character, at its highest."""
    if line.lattice is None:
        return 0.0
    return float(line.lattice[line.steps[place - 1] : line.steps[place], INDEX[" "]].max(initial=0.0))


_SOME_WEIGHT = 0.3
_GAP_AFTER_ABBREVIATION, _GAP_ANYWHERE = 1.35, 2.1  # of the line's usual distance from letter to letter
_ABBREVIATIONS = frozenset(
    "AV AVENIDA CALLE CALZ BLVD PRIV CDA CTO PROL RTNO AND CARR LT MZA INT EXT EDIF DEPTO KM COL FRACC HAB BARR LOC EJ "
    "RCHO AMPL PBLO CD SAN SANTA SANTO DE DEL LA LAS LOS EL MA MARIA JOSE".split()
)
"""Words that addresses and names begin or go on with (ine.md, "Address lines")."""


def _as_letters(characters: Characters) -> Characters:
    """A lone digit in a word of letters is the letter that it resembles: DEPT0, CHICAG0."""
    text = "".join(character for character, _ in characters)
    for word in re.finditer(r"[^ ,.]+", text):
        digits = [i for i in range(*word.span()) if text[i] in _RESEMBLES]
        letters = sum(text[i].isalpha() for i in range(*word.span()))
        if letters >= 3 and len(digits) == 1 and sum(text[i].isdigit() for i in range(*word.span())) == 1:
            characters[digits[0]] = (_RESEMBLES[text[digits[0]]], characters[digits[0]][1])
    return characters


_RESEMBLES = {"0": "O", "1": "I", "5": "S", "8": "B"}


def _hull(lines: Sequence[Line]) -> Quad | None:
    first, last = lines[0].quad, lines[-1].quad
    if first is None or last is None:
        return first or last
    return (first[0], last[1], last[2], first[3])


def _issuer(words: str, document: DocumentType) -> str:
    scores = {issuer: likeness(words, spellings) for issuer, spellings in document.headers.items()}
    best = max(scores, key=lambda issuer: scores[issuer])
    return best if scores[best] >= _HEADER_LIKENESS else ""
