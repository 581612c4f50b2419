"""`Card` → `FrontText`: finds the values of a front by their labels, their grammar and their place to one another.

No coordinate is fixed: labels are searched in every line that was read, a value stands right of its label or below it,
names and address are the lines between their label and the next.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.addresses import is_regular
from ocr.pipeline.agreement import (
    agree,
    disputed,
    fullest,
    in_doubt,
    lacks_tilde,
    mended,
    read_by_others,
    seconded,
    with_last_stop,
    with_marks,
    with_marks_of_name,
    with_slash,
)
from ocr.pipeline.blocks import TELLING_ROWS, as_printed, find_blocks, loses_municipality, read_rows
from ocr.pipeline.documents.types import DocumentType
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.layout import (
    HEADER_LIKENESS,
    Piece,
    alone,
    folded,
    is_header,
    labels_in,
    level,
    likeness,
    lines_of,
    pieces_of,
)
from ocr.pipeline.quads import middle, quad_of, set_level
from ocr.pipeline.rereading import Rereader
from ocr.pipeline.rows import find_by_rows
from ocr.pipeline.spelling import compact, fuse, joined, outvoting, parted
from ocr.pipeline.types import Card, FrontText, Quad, Text
from ocr.pipeline.values import VALUE_FIT, best_stretch, find_values, spellings

Corner = NDArray[np.float64]
"""x and y, or how far to go along both, in pixels."""


def read_fields(card: Card, document: DocumentType, rereader: Rereader | None = None) -> FrontText:
    """The values, names and address of a front; an empty `FrontText` where there is nothing of one.

    `rereader` reads again what no witness speaks for, names and address before all, where the card was only glanced at.
    """
    card = without_background(card, document)
    pieces = pieces_of(card, document)
    labels = [piece for piece in pieces if piece.label]
    found = find_by_rows(find_values(labels, pieces, document), lines_of(card), document)
    words = folded("".join(line.text for line in card.lines))
    blocks = find_blocks(labels, pieces, found, document, card.photo, rereader)
    front = FrontText(
        values={name: value.text for name, value in found.items()},
        name=blocks.name,
        address=blocks.address,
        labels=frozenset(piece.label for piece in labels),
        issuer=_issuer(words, document),
        abroad=any(likeness(folded(line.text), document.abroad) >= HEADER_LIKENESS for line in card.lines),
        whole=is_regular(blocks.address, document, _HIDDEN_STREET if blocks.filled else _STREET_AND_TOWN),
        lone=_lone_labels(labels, document),
        other_rows=blocks.glanced,
    )
    return _read_unvouched(card, front, rereader.reader, document) if rereader else front


def without_background(card: Card, document: DocumentType) -> Card:
    """`card` without the lines that stand too far from its labels and header to be on it: a newspaper below it, another
    card.

    As it is where too few labels were read to tell.
    """
    lines = [line for line in card.lines if line.quad is not None]
    labels = [line.quad for line in lines for _ in labels_in(level(line, 0.0), document)]
    if len(labels) < _TELLING_LABELS:
        return card
    reached = np.array(labels).reshape(-1, 2)
    room = _REACH * (reached.max(axis=0) - reached.min(axis=0)).max()
    headers = [line.quad for line in lines if is_header(line.text, document)]
    corners = np.array([*labels, *headers]).reshape(-1, 2)
    low, high = corners.min(axis=0) - room, corners.max(axis=0) + room
    lines = [
        line
        for line in card.lines
        if line.quad is None or bool(((low <= (point := middle(line.quad))) & (point <= high)).all())
    ]
    return replace(card, lines=tuple(lines))


_TELLING_LABELS = 5


_REACH = 0.3  # of the labels' extent: a card reaches less far beyond them; chosen, not measured

_STREET_AND_TOWN, _HIDDEN_STREET = 3, 2  # rows of an address


def evidence(card: Card, document: DocumentType) -> float:
    """How surely `card` is a front read the right way up: 1 from three labels or two keys on."""
    words = folded("".join(line.text for line in card.lines))
    found = int(_issuer(words, document) != "")
    labels: set[str] = set()
    for line in card.lines:
        labels |= {piece.label for piece in labels_in(level(line, 0.0), document)}
        if found + len(labels) >= _SURE_FRONT:  # more would say no more
            break
    return (found + len(labels)) / _SURE_FRONT


_SURE_FRONT = 3


def read_again(
    card: Card, front: FrontText, wanted: Sequence[str], reader: LineReader, document: DocumentType
) -> FrontText:
    """The wanted values cut out anew where they were found, read by `reader`, and both readings joined.

    Values that were not found stay so. Raises `ReaderDown`.
    """
    places = {name: front.values[name] for name in wanted if name in front.values}
    places = {name: text for name, text in places.items() if text.quad is not None}
    if not places:
        return front
    found = _seen_in(card, places, _roomier, _AS_LETTERS, reader, document)
    apart = _read_apart(card, front, places, found, reader, document)
    places = {name: text for name, text in places.items() if name not in apart}
    # With the air a letter of the label may come in, or what stands behind: what is misplaced so is read without.
    slipped = {
        name: text for name, text in places.items() if name not in found or not _is_same_print(text, found[name])
    }
    if slipped:
        closer = _seen_in(card, slipped, lambda quad: quad, 0, reader, document)
        found |= {name: again for name, again in closer.items() if _is_same_print(slipped[name], again)}
    values = {**front.values, **apart}
    for name in places.keys() & found.keys():
        text = places[name]
        # Read anew at the same place: what made that place doubtful makes it so still.
        again = replace(found[name], contested=text.contested)
        values[name] = fuse(text, again) if _is_same_print(text, again) else _less_slipped(text, again)
    return replace(front, values=values)


def _read_apart(
    card: Card,
    front: FrontText,
    places: Mapping[str, Text],
    found: Mapping[str, Text],
    reader: LineReader,
    document: DocumentType,
) -> dict[str, Text]:
    """The values that were found as one with a label, if the two readings differ, as read where they stand alone; what
    was glanced of both counts only where it says the same."""
    parted = {
        name: text
        for name in _BELOW.keys() & places.keys()
        if (name not in found or found[name].text != places[name].text)
        and (text := _parted_from_label(name, front)) is not None
    }
    again = _seen_in(card, parted, lambda quad: quad, 0, reader, document) if parted else {}
    return {
        name: fuse(parted[name], text) if parted[name].text == text.text else outvoting(text, parted[name])
        for name, text in again.items()
    }


def _parted_from_label(name: str, front: FrontText) -> Text | None:
    """A value that was found as one with the label below its right end, which was not found then, put in its own place;
    None where it lies there already, or was put there before."""
    text, rows = front.values[name], [row.quad for row in (*front.name, *front.address) if row.quad is not None]
    if text.quad is None or _BELOW[name] in front.labels or len(rows) < TELLING_ROWS:
        return None
    level, _, higher = set_level(text.quad, rows, _HIGHER_UP)
    return replace(text, quad=level) if higher > _AS_TWO else None


_BELOW = {"elector_key": "registration"}
"""Values below whose right end a label stands so near, on models G to J, that both may be found as one."""
_AS_TWO = 1.12  # heights of a row; of 851 keys whose neighbour's label was found, 98 % are lower
_HIGHER_UP = -0.2  # heights: of 18 such keys all are read right so, 17 a tenth higher or lower with some air about them


def _seen_in(
    card: Card,
    places: Mapping[str, Text],
    cut: Callable[[Quad], Quad],
    more: int,
    reader: LineReader,
    document: DocumentType,
) -> dict[str, Text]:
    """What `reader` sees where these values were found that is spelled as they are; `cut`: how much of a place it is
    shown, as wide as so many letters `more`."""
    grammars = {label.name: label.grammars for label in document.labels}
    quads = [cut(text.quad) for text in places.values() if text.quad is not None]
    lines = reader.read(card.photo, quads, [len(text.text) + more for text in places.values()])
    found: dict[str, Text] = {}
    for name, line in zip(places, lines, strict=True):
        said = (text for grammar in grammars[name] for text in spellings(compact(line), grammar))
        best = max(said, key=lambda text: text.fit, default=None)
        if best is not None and best.fit >= VALUE_FIT:
            found[name] = best
    return found


def _read_unvouched(card: Card, front: FrontText, reader: LineReader, document: DocumentType) -> FrontText:
    """The ends of values that nobody vouches for (`DocumentType.unvouched`) read again by `reader`, and all of those
    whose end it reads otherwise. Raises `ReaderDown`.

    A whole elector key takes a reader two and a half times as long.
    """
    wanted = {name: places for name, places in document.unvouched.items() if name in front.values}
    ends = _ends_again(card, front, wanted, reader, document)
    alike = {name: end for name, end in ends.items() if front.values[name].text.endswith(end.text)}
    values = {**front.values, **{name: _with_end(front.values[name], end) for name, end in alike.items()}}
    others = [name for name in wanted if name not in alike]
    return read_again(card, replace(front, values=values), others, reader, document)


def _ends_again(
    card: Card, front: FrontText, wanted: Mapping[str, int], reader: LineReader, document: DocumentType
) -> dict[str, Text]:
    """So many of the last characters of each value, cut out anew where they were found, as `reader` reads them."""
    places = {name: end for name, count in wanted.items() if (end := _end_of(front.values[name], count)) is not None}
    lines = reader.read(card.photo, list(places.values()), [wanted[name] + _AS_LETTERS // 2 for name in places])
    grammars = {label.name: label.grammars[0] for label in document.labels if label.name in wanted}
    ends = {
        name: best_stretch(compact(line), grammars[name][-wanted[name] :])
        for name, line in zip(places, lines, strict=True)
    }
    return {name: end for name, end in ends.items() if end is not None and end.fit >= VALUE_FIT}


def _with_end(text: Text, again: Text) -> Text:
    head, end = parted(text, len(text.text) - len(again.text))
    both = fuse(end, again)
    whole = joined(head, both)
    return replace(whole, reader=both.reader, quad=text.quad, centres=text.centres, contested=text.contested)


def _end_of(text: Text, places: int) -> Quad | None:
    """Where the last characters of a text stand, with air behind them; None where nobody knows."""
    if text.quad is None or len(text.centres) <= places:
        return None
    a, b, _, d = np.array(_roomier(text.quad))
    before, first = np.array(text.centres[-places - 1]), np.array(text.centres[-places])
    share = float(((before + first) / 2 - a) @ (b - a) / max(float((b - a) @ (b - a)), 1.0))
    return _quad(a + share * (b - a), (1 - share) * (b - a), d - a)


def read_rows_again(
    card: Card, front: FrontText, wanted: Sequence[str], reader: LineReader, document: DocumentType
) -> FrontText:
    """The doubtful rows of names or address, whichever are wanted, read anew where they stand by a stronger reader; all
    rows where none is, unless some seem lost.

    Those are taken that another reading agrees with or that it is surer of, and all where nothing is lacking then.
    Raises `ReaderDown`.
    """
    before = (*front.name, *front.address)
    names = len(front.name)
    which = _rows_worth_a_look(front, wanted)
    if not which:
        return front
    read = read_rows([before[i] for i in which], card.photo, reader)
    again = {
        i: _with_known(front, i, row)
        for i, row in zip(which, read, strict=True)
        if not loses_municipality(before[i], row, document)
    }
    better = {i: row for i, row in again.items() if _STRONGER * _worth([row]) > _worth([before[i]])}
    for taken in (better,) if front.whole else (again, better):
        rows = [_anew(front, i, taken[i]) if i in taken else row for i, row in enumerate(before)]
        address = as_printed(rows[names:], document)
        whole = front.whole or is_regular(address, document)
        if taken and (whole or taken is better):
            others = (*front.other_rows, (front.name, front.address))
            return replace(front, name=tuple(rows[:names]), address=address, whole=whole, other_rows=others)
    return front


def _rows_worth_a_look(front: FrontText, wanted: Sequence[str]) -> list[int]:
    """Their numbers, names counted before the address; none of one of which a row is lost: no other tells of it."""
    names = len(front.name)
    parts = []
    if "surname" in wanted or "name" in wanted:
        parts.append(range(names))
    if "address" in wanted:
        parts.append(range(names, names + len(front.address)))
    rows = (*front.name, *front.address)
    found: list[int] = []
    for part in parts:
        doubtful = [i for i in part if min(rows[i].scores, default=0.0) < _DOUBTFUL]
        is_short = part.start > 0 and len(part) < _STREET_AND_TOWN
        if front.whole or not is_short:
            found += doubtful if doubtful or is_short else part
    return found


def _known_readings(front: FrontText, row: int) -> list[Text]:
    """What was read of this row so far, names counted before the address."""
    count = len(front.name), len(front.address)
    readings = ((front.name, front.address), *front.other_rows)
    return [(*name, *address)[row] for name, address in readings if (len(name), len(address)) == count]


def _with_known(front: FrontText, place: int, row: Text) -> Text:
    """A row as it was read anew, with what is known of it; one of an address with the marks that it has so far, or had
    at first."""
    known = _known_readings(front, place)
    if place < len(front.name):
        return _supported(row, known)
    supported = _supported(fullest(row, known), known)
    return mended(mended(supported, known[:2], with_marks), known, with_slash)


def _anew(front: FrontText, place: int, row: Text) -> Text:
    """A row that was read anew; one of an address, for which nobody vouches, in doubt where no other reader agrees."""
    return row if place < len(front.name) else in_doubt(row, _known_readings(front, place))


def _supported(row: Text, known: Sequence[Text]) -> Text:
    """The row, surer by every reading of another reader that says the same: who reads it twice misreads it twice. A
    tilde that another saw and it does not casts doubt on it, however many say the same."""
    others = [other for other in known if other.reader != row.reader]
    for second in (agree, lacks_tilde):
        for other in (other for other in others if second(row, other)):
            row = seconded(row, other)
    return row


_DOUBTFUL = 0.78  # of a row's weakest letter: an address is then given less than 0.95 (`validate`)
_STRONGER = 1.05  # trust in the reader of a second look: it loses fewer letters, and is less sure of them


def look_beside(card: Card, front: FrontText, reader: LineReader, document: DocumentType) -> FrontText:
    """Values of one letter that were not found though their label was, read where they stand: behind it or below it.

    A detector overlooks single letters. What is read so cannot vouch for itself. Raises `ReaderDown`.
    """
    values, blank = dict(front.values), set(front.blank)
    for label in document.labels:
        if label.name in {*values, *blank} or label.name not in front.lone:
            continue
        lines = [compact(line) for line in reader.read(card.photo, _where_it_stands(front.lone[label.name]))]
        seen = [(text, min(line.scores)) for line in lines for grammar in label.grammars
                if len(line.text) == len(grammar) for text in spellings(line, grammar)]  # fmt: skip
        is_print = any(max(line.scores, default=0.0) >= _SURE_LETTER for line in lines)
        if not is_print and all(text.fit < _PERHAPS_LETTER for text, _ in seen):
            blank.add(label.name)
        texts = [text for text, score in seen if score >= _SURE_LETTER and text.fit >= _SEEN_WELL]
        if len({text.text for text in texts}) == 1:
            values[label.name] = replace(texts[0], contested=True)
    if len(values) == len(front.values) and blank == front.blank:
        return front
    return replace(front, values=values, blank=frozenset(blank))


_SURE_LETTER = 0.9  # score
_PERHAPS_LETTER = 0.3  # fit below which what was seen beside a label is no value of it, badly printed or not


def _lone_labels(labels: Sequence[Piece], document: DocumentType) -> dict[str, Quad]:
    names = {label.name for label in document.labels if label.lone}
    places = {piece.label: alone(piece).quad for piece in labels if piece.label in names}
    return {name: quad for name, quad in places.items() if quad is not None}


def _where_it_stands(label: Quad) -> tuple[Quad, Quad]:
    """Behind a label and below it, in the label's own direction: shares of its length and height."""
    top_left, top_right, _, bottom_left = np.array(label)
    along, down = top_right - top_left, bottom_left - top_left
    letter = along * np.hypot(*down) / max(float(np.hypot(*along)), 1.0)  # as long as the label is high
    behind = top_right + 0.1 * letter - 0.15 * down, 2.2 * letter, 1.3 * down
    below = top_left - 0.3 * letter + 1.05 * down, along + 0.6 * letter, 1.5 * down
    return _quad(*behind), _quad(*below)


def _quad(corner: Corner, along: Corner, down: Corner) -> Quad:
    return quad_of((corner, corner + along, corner + along + down, corner + down))


def merge(one: FrontText, other: FrontText, *, trust: float = 1.0) -> FrontText:
    """Two readings of the same front as one; names and address of the better one, the other's kept beside them.

    `trust`: by how much more the other's scores weigh; readers are not sure to the same degree.
    """
    values = dict(other.values)
    for name, text in one.values.items():
        values[name] = _joined(text, other.values[name]) if name in other.values else text
    # Rows of one reading: where names end and the address begins is told within it.
    theirs = (other.whole, trust * _worth((*other.name, *other.address)))
    blocks = other if theirs > (one.whole, _worth((*one.name, *one.address))) else one
    left = other if blocks is one else one
    others = (*_rows_of(left), *one.other_rows, *other.other_rows)
    return FrontText(
        values=values,
        name=_seconded_names(blocks.name, [names for names, _ in others]),
        address=_seconded_address(blocks.address, [address for _, address in others]),
        labels=one.labels | other.labels,
        issuer=one.issuer or other.issuer,
        abroad=one.abroad or other.abroad,
        whole=blocks.whole or _same_rows(one.address, other.address),
        lone={**one.lone, **other.lone},
        blank=one.blank | other.blank,
        other_rows=others,
    )


def _seconded_names(rows: tuple[Text, ...], others: Sequence[tuple[Text, ...]]) -> tuple[Text, ...]:
    """The names of the better reading, surer by what others have as well: an accent that one of them saw well is none
    that it is unsure of."""
    readings = [read_by_others(row, others) for row in rows]
    return tuple(
        mended(_supported(row, known), known, with_marks_of_name) for row, known in zip(rows, readings, strict=True)
    )


def _seconded_address(rows: tuple[Text, ...], others: Sequence[tuple[Text, ...]]) -> tuple[Text, ...]:
    """Likewise an address, with the marks that others saw and it did not; nobody vouches for it."""
    known = [other for other in others if len(other) == len(rows)]
    readings = [[other[i] for other in known] for i in range(len(rows))]
    whole = [fullest(row, others) for row, others in zip(rows, readings, strict=True)]
    told = [disputed(mended(row, others, with_slash), others) for row, others in zip(whole, readings, strict=True)]
    last = [mended(row, [other[-1] for other in known], with_last_stop) for row in told[-1:]]
    return (*told[:-1], *last)


def _rows_of(front: FrontText) -> tuple[tuple[tuple[Text, ...], tuple[Text, ...]], ...]:
    return ((front.name, front.address),) if front.name or front.address else ()


def without_rows(front: FrontText) -> FrontText:
    """A reading without its names and address, that another's may stand: those were read again, these glanced at."""
    return replace(front, name=(), address=(), whole=False, other_rows=())


def _same_rows(one: Sequence[Text], other: Sequence[Text]) -> bool:
    """Two looks at the whole card found the same: whatever an address should have, this one has no more; but that none
    ends with a number, and one abroad with its country."""
    same = len(one) == len(other) > 0 and all(map(agree, one, other))
    return same and not one[-1].text.rstrip(" .,")[-1:].isdigit()


def _worth(rows: Sequence[Text]) -> float:
    """How much was read, and how surely: a character below even odds counts against its reading."""
    return sum(score - _EVEN for row in rows for score in row.scores)


_EVEN = 0.6


def _joined(one: Text, other: Text) -> Text:
    if one.text != other.text and (one.text in other.text or other.text in one.text):
        return max(one, other, key=lambda text: len(text.text))  # 2019 of 2019-2029: the rest was not seen
    if not _is_same_print(one, other):
        better = max(one, other, key=_well_read)
        return replace(better, contested=True) if min(one.fit, other.fit) > _SEEN_WELL else better
    # What is told by its place alone in one reading may stand by its label in the other.
    alike = one.text == other.text
    contested = one.contested and other.contested if alike else one.contested or other.contested
    return replace(fuse(one, other), contested=contested)


def _is_same_print(one: Text, other: Text) -> bool:
    differing = sum(a != b for a, b in zip(one.text, other.text, strict=False))
    return len(one.text) == len(other.text) and differing <= _SAME_PRINT * len(one.text)


def _less_slipped(one: Text, other: Text) -> Text:
    """Of two readings of one place, of which one slipped, the better."""
    better, worse = sorted((one, other), key=_well_read, reverse=True)
    return outvoting(better, worse)


def _well_read(text: Text) -> tuple[float, float]:
    return round(text.fit, 1), round(min(text.scores), 1)


_SEEN_WELL = 0.9  # fit of both from which they are different print of the card, and either may be the value
_SAME_PRINT = 0.25  # of the places may differ in two readings of one value: with more, one of them slipped by a place


def _roomier(quad: Quad) -> Quad:
    """A little air around a quad: what the first reader's box clipped is whole here."""
    points = np.array(quad)
    along = (points[1] - points[0] + points[2] - points[3]) / 2
    down = (points[3] - points[0] + points[2] - points[1]) / 2
    along *= _AIR * np.hypot(*down) / max(np.hypot(*along), 1.0)
    down *= _AIR / 3
    return quad_of(points + np.array([-along - down, along - down, along + down, -along + down]))


_AIR = 0.6  # of the line's height, at either end; a third of it above and below
_AS_LETTERS = 2  # that the air at both ends is as wide as: a key is read best so, too (of 320, 91 instead of 88 %)


def _issuer(words: str, document: DocumentType) -> str:
    scores = {issuer: likeness(words, spellings) for issuer, spellings in document.headers.items()}
    best = max(scores, key=lambda issuer: scores[issuer])
    return best if scores[best] >= HEADER_LIKENESS else ""
