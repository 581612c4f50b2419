"""`Card` → `FrontText`: finds the values of a front by their labels, their grammar and their place to one another.

No coordinate is fixed: labels are searched in every line that was read, a value stands right of its label or below it,
names and address are the lines between their label and the next.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from rapidfuzz import fuzz

from ocr.pipeline.documents.types import DocumentType, Label
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.spelling import along, compact, fuse, part, spell
from ocr.pipeline.types import Card, FrontText, Line, Quad, Text

_LABEL_LIKENESS = 74.0  # per cent: two wrong letters in eight
_SHORT, _SHORT_LIKENESS = 6, 85.0  # letters; a short label may lose one letter, but none of them may be another
_ONE_WORD = 9  # letters of the longest label that is one word
_WORTHLESS = 60.0  # likeness that counts for nothing when labels compete for the same letters
_VALUE_FIT = 0.45
_KEY_FIT = 0.7  # of a value that no label introduces


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """A stretch of one line in the card's upright frame: left, right, middle and height in pixels, rotated level."""

    line: Line
    start: int
    stop: int
    left: float
    right: float
    middle: float
    height: float
    label: str = ""

    @property
    def text(self) -> str:
        return self.line.text[self.start : self.stop]


def read_fields(card: Card, document: DocumentType) -> FrontText:
    """The values, names and address of a front; an empty `FrontText` where there is nothing of one."""
    pieces = _pieces(card, document)
    labels = [piece for piece in pieces if piece.label]
    values = _values(labels, pieces, document)
    words = _folded("".join(line.text for line in card.lines))
    issuer = _issuer(words, document)
    blocks = _blocks(labels, pieces, values)
    return FrontText(
        values=values,
        name=blocks.get("name", ()),
        address=blocks.get("address", ()),
        labels=frozenset(piece.label for piece in labels),
        issuer=issuer,
        abroad=_mentions(words, document.abroad),
    )


def evidence(card: Card, document: DocumentType) -> float:
    """How surely `card` is a front read the right way up: 1 from three labels on."""
    labels = {piece.label for line in card.lines for piece in _labels_in(_level(line, 0.0), document)}
    return len(labels) / 3


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


# --- pieces ----------------------------------------------------------------------------------------------------------


def _pieces(card: Card, document: DocumentType) -> list[Piece]:
    """Labels and the stretches between them, in the upright frame, top to bottom."""
    angle = _angle(card.lines)
    found: list[Piece] = []
    for line in card.lines:
        if line.quad is None or not line.text:
            continue
        whole = _level(line, angle)
        labels = list(_labels_in(whole, document))
        found += labels
        found += [bit for gap in _gaps(whole, labels) for bit in _split_at_wide_spaces(gap)]
    return sorted(found, key=lambda piece: piece.middle)


def _angle(lines: Sequence[Line]) -> float:
    """Radians, clockwise as seen: the length-weighted direction of the text."""
    along = [np.subtract(line.quad[1], line.quad[0]) for line in lines if line.quad is not None]
    total = np.sum(along, axis=0) if along else np.array([1.0, 0.0])
    return float(np.arctan2(total[1], total[0]))


def _level(line: Line, angle: float) -> Piece:
    return _piece(line, 0, len(line.text), angle)


def _piece(line: Line, start: int, stop: int, angle: float, label: str = "") -> Piece:
    quad = part(line, start, stop)
    if quad is None:
        return Piece(line, start, stop, 0, 0, 0, 0, label)
    cosine, sine = np.cos(angle), np.sin(angle)
    points = np.array(quad) @ np.array([[cosine, -sine], [sine, cosine]])
    left, right = points[[0, 3], 0].mean(), points[[1, 2], 0].mean()
    height = points[[2, 3], 1].mean() - points[[0, 1], 1].mean()
    return Piece(line, start, stop, float(left), float(right), float(points[:, 1].mean()), float(height), label)


def _cut(piece: Piece, start: int, stop: int, label: str = "") -> Piece:
    """Part of a piece: characters `start` to `stop` of its line, placed by their share of the piece's width."""
    line = piece.line
    width = piece.right - piece.left
    low = _edge(line, start)
    high = _edge(line, stop)
    first, last = _edge(line, piece.start), _edge(line, piece.stop)
    span = max(last - first, 1e-6)
    return replace(
        piece,
        start=start,
        stop=stop,
        left=piece.left + width * (low - first) / span,
        right=piece.left + width * (high - first) / span,
        label=label,
    )


def _edge(line: Line, place: int) -> float:
    """The boundary before character `place`, 0 at the left end of the line and 1 at its right."""
    if place <= 0:
        return 0.0
    if place >= len(line.text):
        return 1.0
    return (along(line, place - 1) + along(line, place)) / 2


def _labels_in(piece: Piece, document: DocumentType) -> Iterator[Piece]:
    """The labels that a line holds, the longest and surest first where they overlap."""
    letters, places = _letters(piece.line.text)
    hits = []
    for label in document.labels:
        for spelling in label.spellings:
            hit = _find(spelling, letters)
            if hit is not None and (
                len(spelling) > _ONE_WORD or _is_word(piece.line.text, places[hit[1]], places[hit[2] - 1])
            ):
                score, start, stop = hit
                hits.append((len(spelling) * (score - _WORTHLESS), start, stop, label.name))
    taken: set[int] = set()
    for _, start, stop, name in sorted(hits, reverse=True):
        if taken.isdisjoint(range(start, stop)):
            taken |= set(range(start, stop))
            yield _cut(piece, places[start], places[stop - 1] + 1, name)


def _is_word(text: str, first: int, last: int) -> bool:
    """EDAD stands in CASTAÑEDA, too, and ESTADO in ESTADOS UNIDOS: a short label counts only as a word of its own."""
    return not (first and text[first - 1].isalpha()) and not text[last + 1 : last + 2].isalpha()


def _letters(text: str) -> tuple[str, list[int]]:
    """Capitals without spaces and accents, digits as the letters they resemble, and where each stood."""
    places = [i for i, character in enumerate(text) if character != " "]
    return "".join(_folded(text[i]) for i in places).translate(_AS_LETTERS), places


_AS_LETTERS = str.maketrans("01589", "OISBG")


def _folded(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) and c != " ")


def _find(spelling: str, letters: str) -> tuple[float, int, int] | None:
    """Likeness in per cent, first and last place of the stretch that is most like a label's spelling."""
    if len(letters) < len(spelling) - 1:
        return None
    least = _LABEL_LIKENESS if len(spelling) > _SHORT else _SHORT_LIKENESS
    if len(letters) <= len(spelling):
        score = fuzz.ratio(spelling, letters)
        return (score, 0, len(letters)) if score >= least else None
    hit = fuzz.partial_ratio_alignment(spelling, letters, score_cutoff=least)
    return None if hit is None else (hit.score, hit.dest_start, hit.dest_end)


def _gaps(whole: Piece, labels: Sequence[Piece]) -> Iterator[Piece]:
    """What stands between the labels of a line."""
    start = 0
    for label in sorted(labels, key=lambda piece: piece.start):
        if whole.line.text[start : label.start].strip(" :./"):
            yield _cut(whole, start, label.start)
        start = label.stop
    if whole.line.text[start:].strip(" :./"):
        yield _cut(whole, start, len(whole.line.text)) if start else whole


def _split_at_wide_spaces(piece: Piece) -> Iterator[Piece]:
    """Two columns that the detector took for one line: split where the space is wider than a word's."""
    line = piece.line
    inked = [i for i in range(piece.start, piece.stop) if line.text[i] != " "]
    if len(inked) < 3:
        yield _cut(piece, inked[0], inked[-1] + 1) if inked else piece
        return
    middles = np.array([along(line, i) for i in inked])
    steps = np.diff(middles)
    wide = np.flatnonzero(steps > max(2.7 * float(np.median(steps)), 1e-9))
    bounds = [0, *(wide + 1).tolist(), len(inked)]
    for first, last in zip(bounds, bounds[1:], strict=False):
        yield _cut(piece, inked[first], inked[last - 1] + 1)


# --- values ----------------------------------------------------------------------------------------------------------


def _values(labels: Sequence[Piece], pieces: Sequence[Piece], document: DocumentType) -> dict[str, Text]:
    """Each label with the words that fit it best and stand nearest; no word serves two labels.

    What no label claims is known by its grammar alone, where it has one that nothing else on a card fits.
    """
    by_name = {label.name: label for label in document.labels}
    runs = [run for piece in pieces if not piece.label for run in _word_runs(piece)]
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
        if name not in values and not any(_overlap(runs[i], other) for other in used):
            values[name] = text
            used.append(runs[i])
            if _is_contested(offers, runs, cost, name, i, used):
                values[name] = replace(text, fits=tuple(fit * _CONTESTED for fit in text.fits))
    for label in document.labels:
        if label.telling and label.name not in values:
            free = [run for run in runs if not any(_overlap(run, other) for other in used)]
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
        other_name == name and other - cost < _NEARLY and not any(_overlap(runs[i], piece) for piece in used)
        for other, other_name, i, _ in offers
        if i != chosen
    )


_CONTESTED = 0.4  # what the fit of a contested value is multiplied with: its own scores cannot vouch for it then
_NEARLY = 1.2  # label heights
_MISFIT_COST = 5.0  # label heights: words that do not fit at all are as bad as some that stand this much further off
_PER_PLACE = 0.1  # label heights: 2021-2031 is preferred to the 2031 in it
_MOST_WORDS = 5  # CLAVE DE ELECTOR and CURP may be printed in groups; an address has more words than any value


def _word_runs(piece: Piece) -> Iterator[Piece]:
    """The piece, and every run of neighbouring words in it: a line may hold two values, or rests of a label."""
    line = piece.line
    words = [(match.start() + piece.start, match.end() + piece.start) for match in re.finditer(r"[^ ]+", piece.text)]
    for first in range(len(words)):
        for last in range(first, min(first + _MOST_WORDS, len(words))):
            start, stop = words[first][0], words[last][1]
            yield piece if (start, stop) == (0, len(line.text)) else _cut(piece, start, stop)


def _overlap(one: Piece, other: Piece) -> bool:
    return one.line is other.line and one.start < other.stop and other.start < one.stop


def _told_by_grammar(label: Label, runs: Sequence[Piece]) -> dict[str, Text]:
    """The value of a label that was not read, if just one stretch of the card fits its grammar."""
    texts = [
        text
        for run in runs
        for grammar in label.grammars
        if len(grammar) >= _TELLING_PLACES
        for text in _spelled(compact(alone(run)), grammar)
        if text.fit >= _KEY_FIT
    ]
    best = max(texts, key=lambda text: text.fit, default=None)
    return {label.name: best} if best is not None and len({text.text for text in texts}) == 1 else {}


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
    line = compact(alone(piece))
    tried = [text for grammar in grammars for text in _spelled(line, grammar)]
    return max(tried, key=lambda text: (text.fit, len(text.text)), default=None)


def alone(piece: Piece) -> Line:
    """The piece as a line of its own."""
    line = piece.line
    if piece.start == 0 and piece.stop == len(line.text):
        return line
    first, last = piece.start, piece.stop
    scores, text = line.scores[first:last], line.text[first:last]
    if line.lattice is None:
        return Line(text, scores, part(line, first, last), line.reader)
    low = (line.steps[first - 1] + line.steps[first]) // 2 + 1 if first else 0
    high = (line.steps[last - 1] + line.steps[last] + 1) // 2 if last < len(line.steps) else len(line.lattice)
    low = min(low, line.steps[first])
    high = max(high, line.steps[last - 1] + 1)
    return Line(
        text,
        scores,
        part(line, first, last),
        line.reader,
        line.lattice[low:high],
        tuple(step - low for step in line.steps[first:last]),
    )


def _spelled(line: Line, grammar: Sequence[str]) -> Iterator[Text]:
    """The whole line; of a long grammar, a count that is slightly off, or the best stretch of a line that is longer."""
    places, length = len(grammar), len(line.text)
    slack = places // 8
    if abs(length - places) <= slack:
        yield spell(line, grammar)
    elif slack and places < length <= places + 14:
        yield max((spell(line, grammar, i, i + places) for i in range(length - places + 1)), key=lambda text: text.fit)


# --- blocks ----------------------------------------------------------------------------------------------------------


def _blocks(labels: Sequence[Piece], pieces: Sequence[Piece], values: dict[str, Text]) -> dict[str, tuple[Text, ...]]:
    """Names and address. An address whose label was not read begins where the names' column first has numbers."""
    found: dict[str, list[list[Piece]]] = {}
    for label in labels:
        if label.label in ("name", "address") and label.label not in found:
            found[label.label] = _block(label, labels, pieces)
    rows = found.get("name", [])
    numbered = next((i for i, row in enumerate(rows) if any(map(_is_numbered, row))), len(rows))
    found["name"], rest = rows[:numbered], rows[numbered:]
    if not found.get("address"):
        found["address"] = rest
    keys = {text.quad for text in values.values()}
    return {
        name: tuple(_free(row) for row in _without_specks(rows) if alone(row[0]).quad not in keys)
        for name, rows in found.items()
    }


def _is_numbered(piece: Piece) -> bool:
    """No name has two digits side by side; every address has a number or a postal code."""
    return re.search(r"\d{2}", piece.text) is not None


def _without_specks(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    """The rows whose print is as high as that of the others: not a rest of a label, nor a mark of the background."""
    typical = float(np.median([row[0].height for row in rows])) if rows else 0.0
    return [row for row in rows if row[0].height > 0.45 * typical]


def _block(label: Piece, labels: Sequence[Piece], pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The rows below a label that begin where it begins, as far as the next label of the column or a gap."""
    below = [
        piece.middle
        for piece in labels
        if _in_column(label, piece) and piece.middle > label.middle + 0.8 * label.height
    ]
    end = min(below, default=float("inf"))
    rows: list[list[Piece]] = []
    last = label
    for piece in pieces:
        if piece.label or not label.middle < piece.middle < end - 0.3 * label.height:
            continue
        if rows and _same_row(rows[-1][-1], piece):
            if _adjoins(rows[-1], piece):
                rows[-1].append(piece)
                rows[-1].sort(key=lambda bit: bit.left)
        elif abs(piece.left - label.left) <= _INDENT * max(label.height, piece.height * 0.7):
            if piece.middle - last.middle > _GAP * max(piece.height, last.height):
                break
            rows.append([piece])
            last = piece
    return rows


_INDENT = 2.2  # heights by which a row may begin beside its label: drawn cards, seen in perspective, stay below 1.5
_GAP = 3.2  # heights from row to row


def _in_column(label: Piece, other: Piece) -> bool:
    return other is not label and abs(other.left - label.left) < 4 * label.height


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
    scores = {
        issuer: max(
            fuzz.partial_ratio(spelling, words) if len(words) >= len(spelling) else 0.0 for spelling in spellings
        )
        for issuer, spellings in document.headers.items()
    }
    best = max(scores, key=lambda issuer: scores[issuer])
    return best if scores[best] >= 80 else ""


def _mentions(words: str, spellings: Sequence[str]) -> bool:
    return any(len(words) >= len(s) and fuzz.partial_ratio(s, words) >= 85 for s in spellings)
