"""What no label and no key claimed goes in, the rows of the names and those of the address come out.

They are the lines between their label and the next; where labels were not read, the lines that share a left edge.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from statistics import mean, median

from ocr.pipeline.addresses import (
    REPAIRED,
    begins_with_settlement,
    end_of,
    is_known_municipality,
    parted_as,
    spelled,
    with_known_state,
    with_letters,
    with_stops,
    without_pattern_behind,
)
from ocr.pipeline.agreement import (
    ACCENTED,
    SURE_ACCENT,
    TILDE_SCORES,
    mended,
    settled,
    with_last_stop,
    with_marks,
    with_marks_of_name,
)
from ocr.pipeline.documents.types import DocumentType
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.layout import (
    Piece,
    alone,
    gaps,
    is_header,
    is_lookalike,
    labels_in,
    level,
    overlap,
    same_row,
    to_the_letter,
)
from ocr.pipeline.pattern import resembles
from ocr.pipeline.quads import length, set_level
from ocr.pipeline.rereading import Rereader, letters_of
from ocr.pipeline.spacing import Characters, spaced
from ocr.pipeline.spelling import INDEX, weight_near
from ocr.pipeline.stops import has_stop, may_have_stop, with_room
from ocr.pipeline.types import Line, Photo, Quad, Text
from ocr.pipeline.values import Value


@dataclass(frozen=True, slots=True, eq=False)
class Blocks:
    """The rows of the names and those of the address; `filled`: no other row fits between the address and its label.

    `glanced`: names and address as they were read before they were read again, where they were.
    """

    name: tuple[Text, ...] = ()
    address: tuple[Text, ...] = ()
    filled: bool = False
    glanced: tuple[tuple[tuple[Text, ...], tuple[Text, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """Where names and address stand: the left edge that they share, and from where to where, in pixels."""

    left: float
    top: float
    address: float
    bottom: float


_COLUMN_LABELS = ("name", "address", "elector_key", "curp")
"""Labels that begin where names and address do, on every model, from top to bottom."""


def find_blocks(
    labels: Sequence[Piece],
    pieces: Sequence[Piece],
    found: dict[str, Value],
    document: DocumentType,
    photo: Photo,
    rereader: Rereader | None = None,
) -> Blocks:
    """The rows of the names and those of the address, whether or not their labels were read.

    `rereader` reads the rows again where they stand, and is believed, the more where it says what was read before; None
    takes them as they were read.
    """
    free = [rest for piece in pieces if not piece.label for rest in _without_values(piece, found)]
    column = _column(labels, free, found, _header_bottom(pieces, document))
    if column is None:
        return Blocks()
    names, address = _names_and_address(_rows(column, free), column, rereader.said if rereader else frozenset())
    glanced = [[alone(piece) for piece in row] for row in (*names, *address)]
    places = [_hull([alone(_to_its_ends(piece)) for piece in row]) for row in (*names, *address)]
    parted = column.address == float("inf") and _is_parted_from_label(places, len(names))
    last = len(places) - 1
    least = _least_of_stop(glanced[last], places[last], photo, document) if address else _LAST_STOP
    lost = least < _LAST_STOP
    also = _may_lack_accents(glanced[: len(names)], places)
    if lost and (place := places[last]):
        also[last] = with_room(place)
    read = _read_again(glanced, places, photo, rereader, document, also)
    told = to_the_letter(labels, document)
    kept = [i for i, lines in enumerate(read) if not _is_label(lines, told, document)]
    glances = [_free(glanced[i], photo) for i in kept]
    texts = [text if read[i] is glanced[i] else _free(read[i], photo) for i, text in zip(kept, glances, strict=True)]
    stopped = lost or (bool(address) and glanced[last][-1].text.rstrip().endswith("."))
    if address and kept and kept[-1] == last:
        texts[-1] = _with_weighed_stop(texts[-1], read[-1][-1], document, least)
    # Words that every address is made of are spelled first: what both readers meant is no dispute between them.
    count = sum(i < len(names) for i in kept)
    before, now = _spelled(glances, count, document), _spelled(texts, count, document)
    twice = [read[i] is not glanced[i] and not (parted and i == len(names)) for i in kept]
    pairs = zip(now, before, strict=True)
    lines = [_settled(*pair, document) if is_so else pair[0] for is_so, pair in zip(twice, pairs, strict=True)]
    lines = [_unseen_in_doubt(*row) for row in zip(lines, texts, glances, strict=True)]
    lines = [
        *_with_marks_of_names(lines[:count], before, now),
        *_with_marks_of_address(lines[count:], before[count:], now[count:], stopped=stopped),
    ]
    others = ((tuple(before[:count]), tuple(before[count:])),) if rereader else ()
    # It may have been found as one with a street above it, and not with the label.
    first = [begins_with_settlement(rows[count].text, document) for rows in (before, lines) if len(rows) > count]
    with_label = parted and first != [False, True]
    filled = with_label or _is_filled(column, address)
    return Blocks(tuple(map(_as_name, lines[:count])), tuple(lines[count:]), filled, others)


def _names_and_address(
    rows: list[list[Piece]], column: _Column, said: AbstractSet[str]
) -> tuple[list[list[Piece]], list[list[Piece]]]:
    """Parted by the address's label or, where that was not read, before the first row with a number. `said`: words of
    names, of which one may be a letter: O, of Oaxaca."""
    split = next((i for i, row in enumerate(rows) if row[0].middle > column.address), None)
    if split is None:
        split = next((i for i, row in enumerate(rows) if any(map(_is_numbered, row))), len(rows))
    return _until_gap(_without_rests(rows[:split], said)), _without_rests(rows[split:])


def _with_marks_of_names(names: Sequence[Text], *readings: Sequence[Text]) -> list[Text]:
    return [mended(row, said, with_marks_of_name) for row, *said in zip(names, *readings, strict=False)]


def _with_marks_of_address(address: Sequence[Text], *readings: Sequence[Text], stopped: bool) -> list[Text]:
    """`stopped`: a full stop may stand at its end."""
    rows = [mended(row, said, with_marks) for row, *said in zip(address, *readings, strict=True)]
    if rows and stopped:
        rows[-1] = mended(rows[-1], [said[-1] for said in readings], with_last_stop)
    return rows


def _settled(row: Text, other: Text, document: DocumentType) -> Text:
    """As `settled`; but a municipality that is known is the one that is printed, whoever read it: TUUANA is none."""
    return other if loses_municipality(other, row, document) else settled(row, other)


def _unseen_in_doubt(row: Text, *read: Text) -> Text:
    """A tilde that no reader saw, but the spelling of a word put in, is no surer for being put in twice: where no label
    parts names from the address, ZUNIGA is spelled like a street's name."""
    if any(len(each.text) != len(row.text) for each in read):
        return row
    places = {i for i, letter in enumerate(row.text) if letter == "Ñ" and all(each.text[i] != letter for each in read)}
    scores = tuple(min(score, REPAIRED) if i in places else score for i, score in enumerate(row.scores))
    return replace(row, scores=scores)


def loses_municipality(row: Text, again: Text, document: DocumentType) -> bool:
    """Whether the first ends an address with a municipality that is known, and the second with none."""
    return is_known_municipality(row.text, document) and not is_known_municipality(again.text, document)


def _without_values(piece: Piece, found: Mapping[str, Value]) -> Iterable[Piece]:
    """What of a piece no value was read from: behind a long name the sex or the date may be found on the same line."""
    taken = {name: value.piece for name, value in found.items() if overlap(value.piece, piece)}
    return gaps(piece, list(taken.values())) if taken.keys() <= _BESIDE_NAMES else ()


_BESIDE_NAMES = {"sex", "date_of_birth"}
"""What stands right of names, on one model or another."""


def _as_name(row: Text) -> Text:
    """A row of names with the marks that names have: no comma, and full stops behind abbreviations alone."""
    row = replace(row, text=row.text.replace(", ", ". "))
    for read, meant in _MARKS_OF_NAMES.items():
        if found := read.search(row.text):
            row = parted_as(row, found.span(), found.expand(meant))
    return row


_MARKS_OF_NAMES = {
    re.compile(r"\b(MA|J|M)\.([^\W\d_])"): r"\1. \2",  # J.SOCORRO
    re.compile(r"([^\W\d_]{5})\. ?([^\W\d_])"): r"\1 \2",  # GRACIELA. SUGEY
    re.compile(r"([^\W\d_])(?: -|- )([^\W\d_])"): r"\1-\2",  # PEREZ- GIL
}


def _spelled(rows: Sequence[Text], names: int, document: DocumentType) -> list[Text]:
    """Rows of which the first so many are names, those of the address as printed."""
    return [*rows[:names], *as_printed(rows[names:], document)]


def read_rows(rows: Sequence[Text], photo: Photo, reader: LineReader) -> list[Text]:
    """Rows read anew where they stand; one whose place is not known stays as it is. Raises `ReaderDown`."""
    read = list(rows)
    places = {i: row.quad for i, row in enumerate(rows) if row.quad is not None}
    letters = [len(rows[i].text) for i in places]
    for i, line in zip(places, reader.read(photo, list(places.values()), letters), strict=True):
        read[i] = _free([line], photo)
    return read


def as_printed(rows: Sequence[Text], document: DocumentType) -> tuple[Text, ...]:
    """The rows of an address with their comma, and with what every address is made of spelled as it surely is."""
    ended = [
        *rows[:-1],
        *(with_known_state(without_pattern_behind(last, document), document) for last in rows[-1:]),
    ]
    return spelled(_with_comma(tuple(ended), document), document)


def _with_weighed_stop(row: Text, line: Line, document: DocumentType, least: float) -> Text:
    """`row`, which ends with `line`, with the full stop behind its state that a reader gave so much weight and lost."""
    if not _ends_with_state(row.text, document) or _weight_of_stop(line) < least:
        return row
    return replace(row, text=f"{row.text}.", scores=(*row.scores, row.scores[-1]))


def _ends_with_state(text: str, document: DocumentType) -> bool:
    """And with no full stop behind it."""
    return text[-1:].isalpha() and end_of(text, document.states) is not None


def _weight_of_stop(line: Line) -> float:
    """At its end."""
    if line.lattice is None or not line.steps:
        return 0.0
    return float(line.lattice[line.steps[-1] :, [INDEX["."], INDEX[","]]].max(initial=0.0))


def _least_of_stop(row: Sequence[Line], place: Quad | None, photo: Photo, document: DocumentType) -> float:
    """The weight that a full stop needs behind an address that ends with its state, and was read without: less, where
    something stands there, and none, where that can be nothing else."""
    text = " ".join(line.text for line in row).rstrip()
    if place is None or not _ends_with_state(text, document):
        return _LAST_STOP
    return 0.0 if has_stop(photo, place) else _SPECK_BEHIND if may_have_stop(photo, place) else _LAST_STOP


_LAST_STOP, _SPECK_BEHIND = 0.4, 0.1
"""Of 490 addresses by two drawing programs that ended with a state, seven had lost it: three weighed more, and of 117
that are printed without one none more than 0.06."""


def _is_filled(column: _Column, address: Sequence[Sequence[Piece]]) -> bool:
    """Whether the address begins right below its label: as near as its own rows are to one another."""
    if len(address) < 2 or column.address == float("inf"):
        return False
    first, second = (row[0].middle for row in address[:2])
    return first - column.address < _NO_ROOM * (second - first)


_NO_ROOM = 1.4  # of the distance from row to row: labels stand a little nearer than rows, or as far


def _is_parted_from_label(places: list[Quad | None], first: int) -> bool:
    """An address's first row whose label was not found may have been found as one with it: it tilts against the others
    then, and its place is put right. What was glanced there, of both, says nothing of it."""
    row = places[first] if first < len(places) else None
    others = [quad for i, quad in enumerate(places) if quad is not None and i != first]
    if row is None or len(others) < TELLING_ROWS:
        return False
    level, tilt, _ = set_level(row, others)
    if tilt > _TILTED:
        places[first] = level
    return tilt > _TILTED


TELLING_ROWS = 2
"""Rows besides, from which on it can be told that one does not lie as they do."""
_TILTED = 1.0  # degrees: of 291 first rows of addresses whose label was found, half are within 0.25, 99 % within 0.8


def _read_again(
    glanced: Sequence[list[Line]],
    places: Sequence[Quad | None],
    photo: Photo,
    rereader: Rereader | None,
    document: DocumentType,
    also: Mapping[int, Quad],
) -> list[list[Line]]:
    """The lines of every row; one that is read again as one line, from end to end: a glance may have lost a word.
    `also`: rows that are, whatever speaks for them, and where."""
    read = list(glanced)
    if rereader is None:
        return read
    needed = {
        i: place
        for i, place in enumerate(places)
        if place is not None and i not in also and rereader.is_needed(glanced[i], document)
    }
    again = dict(sorted({**needed, **also}.items()))
    letters = [_letters(glanced[i]) for i in again]
    for i, line in zip(again, rereader.read(photo, list(again.values()), letters), strict=True):
        read[i] = [line] if line.text.strip() else read[i]
    return read


def _may_lack_accents(names: Sequence[list[Line]], places: Sequence[Quad | None]) -> dict[int, Quad]:
    """Where names stand that have no accent, while another surely has one: not every printer prints them."""
    surest = [max((s for letter, s in letters_of(row) if letter in ACCENTED.values()), default=0.0) for row in names]
    if max(surest, default=0.0) < SURE_ACCENT:
        return {}
    rows = zip(surest, places, strict=False)
    return {i: place for i, (score, place) in enumerate(rows) if place is not None and not score}


def _letters(row: Sequence[Line]) -> int:
    """How many it holds, the spaces between its lines included."""
    return sum(len(line.text) for line in row) + len(row) - 1


def _is_label(row: Sequence[Line], told: frozenset[str], document: DocumentType) -> bool:
    """Whether a row turns out to be a label, now that it was read better; those that the glance knew are none. `told`:
    labels that were found to the letter."""
    (line, *others) = row
    found = () if others else labels_in(level(line, 0.0), document)
    labels = [label for label in found if not is_lookalike(label, told, document)]
    return any(len(label.text) >= _MOSTLY * len(line.text) or _is_pattern_behind(label, line) for label in labels)


def _is_pattern_behind(label: Piece, line: Line) -> bool:
    """Whether a row begins with a label, and what follows is the printed pattern, misread or not: DOMICIL 16EXIC."""
    rest = line.text[label.stop :].replace(" ", "")
    return label.start == 0 and resembles(rest)


_MOSTLY = 0.8


def _to_its_ends(piece: Piece) -> Piece:
    """The piece with what was not read before and behind it on its line."""
    text = piece.line.text
    start = 0 if not text[: piece.start].strip() else piece.start
    stop = len(text) if not text[piece.stop :].strip() else piece.stop
    return replace(piece, start=start, stop=stop)


def _column(labels: Sequence[Piece], free: Sequence[Piece], found: dict[str, Value], header: float) -> _Column | None:
    uppermost = next((piece.middle for piece in labels if piece.label == _COLUMN_LABELS[0]), header)
    # Above it, the end of REGISTRO FEDERAL DE ELECTORES may be like CLAVE DE ELECTOR.
    below = [piece for piece in labels if piece.middle >= uppermost]
    first = {name: piece for piece in reversed(below) if (name := piece.label) in _COLUMN_LABELS}
    # Under perspective a key may stand as high as the address's last row, which begins left of it: labels tell better.
    keys = [first.get(key) or found[key].piece for key in _KEYS if key in first or key in found]
    bottom = min((piece.middle - _ABOVE * piece.height for piece in keys), default=float("inf"))
    top = first["name"].middle if "name" in first else header
    address = first["address"].middle if "address" in first else float("inf")
    if first:
        return _Column(median(piece.left for piece in first.values()), top, address, bottom)
    left = _common_left([piece for piece in free if top < piece.middle < bottom])
    return None if left is None else _Column(left, top, address, bottom)


_ABOVE = 0.25  # heights by which an address's last row stands above them at least
_KEYS = ("elector_key", "curp")
"""What stands below the address on every model."""


def _common_left(pieces: Sequence[Piece]) -> float | None:
    """The left edge that most pieces share, at least `_FEWEST_ROWS` of them."""
    groups = [[other for other in pieces if abs(other.left - piece.left) < 0.6 * piece.height] for piece in pieces]
    largest = max(groups, key=len, default=[])
    return median(piece.left for piece in largest) if len(largest) >= _FEWEST_ROWS else None


_FEWEST_ROWS = 4  # of names and address together


def _header_bottom(pieces: Sequence[Piece], document: DocumentType) -> float:
    headers = [piece for piece in pieces if is_header(piece.text, document)]
    return max((piece.middle + piece.height / 2 for piece in headers), default=float("-inf"))


def _rows(column: _Column, pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Rows that begin at the column's left edge, each with the words that follow on it, top to bottom."""
    inside = [piece for piece in pieces if not piece.label and column.top < piece.middle < column.bottom]
    rows: list[list[Piece]] = []
    others: list[Piece] = []
    for piece in inside:
        begins = abs(piece.left - column.left) <= _INDENT * piece.height and not _is_mark(piece)
        if begins and not (rows and _follows_on(rows[-1][0], piece)):
            rows.append([piece])
        else:
            others.append(piece)
    for piece in sorted(others, key=lambda other: other.left):
        row = next((row for row in rows if same_row(row[-1], piece) and _adjoins(row, piece)), None)
        if row is not None:
            row.append(piece)
    return rows


def _follows_on(first: Piece, piece: Piece) -> bool:
    """Whether a piece stands on the row that another begins. A short row below a long one that is tilted may stand as
    high, but then it stands below it."""
    common = min(first.right, piece.right) - max(first.left, piece.left)
    is_below = common > _COMMON * min(first.right - first.left, piece.right - piece.left)
    return same_row(first, piece) and not (is_below and abs(first.middle - piece.middle) > _BELOW * piece.height)


_COMMON, _BELOW = 0.5, 0.25  # of the shorter one's width; heights: what is found twice is found at one height
_INDENT = 1.6  # heights by which a row may begin beside the column: perspective and a clipped first letter
_GAP = 2.6  # heights from row to row, beyond which what follows is no name


def _is_numbered(piece: Piece) -> bool:
    """No name has two digits side by side; an address has a number, S/N (none) or a postal code in most rows."""
    return re.search(r"\d{2}|\bS/?N\b", piece.text) is not None


def _without_rests(rows: Sequence[list[Piece]], said: AbstractSet[str] = frozenset()) -> list[list[Piece]]:
    """The rows whose print is as high as that of the others: not a rest of a label, nor a mark of the background, which
    may be a letter, too, unless it is one of the words that are `said`."""
    texts = ["".join(piece.text.strip() for piece in row) for row in rows]
    rows = [row for row, text in zip(rows, texts, strict=True) if len(text) > 1 or text in said]
    typical = median(row[0].height for row in rows) if rows else 0.0
    return [row for row in rows if not _is_rest(row, row[0].height / typical)]


def _is_mark(piece: Piece) -> bool:
    """Whether it may be a mark of the background, beside the row that it would keep from being one."""
    return len(piece.text.strip()) == 1 and min(_scores(piece)) < _BADLY


def _scores(piece: Piece) -> tuple[float, ...]:
    return piece.line.scores[piece.start : piece.stop]


def _is_rest(row: Sequence[Piece], height: float) -> bool:
    """Whether a row of this share of the usual height is a label's rest: that is smaller, and read badly."""
    scores = [score for piece in row for score in _scores(piece)]
    return height < _SPECK or (height < _LOW and min(scores) < _BADLY and (height < _LOWER or mean(scores) < _POORLY))


_SPECK, _LOWER, _LOW = 0.5, 0.72, 0.85  # of the usual height: rests of labels of 13 hard cards had 0.58 to 0.82 of it
_BADLY, _POORLY = 0.6, 0.85  # scores of a row's weakest character, and of all: those rests' were below 0.5 and 0.8


def _until_gap(rows: Sequence[list[Piece]]) -> list[list[Piece]]:
    near: list[list[Piece]] = []
    for row in rows:
        if near and row[0].middle - near[-1][0].middle > _GAP * row[0].height:
            break
        near.append(row)
    return near


def _adjoins(row: Sequence[Piece], piece: Piece) -> bool:
    """A word space away from the right end of the row, and in line with it: behind names stand words of the pattern,
    beside a card those of a page."""
    last = row[-1]
    lower, higher = sorted((piece.height, last.height))
    in_line = abs(piece.middle - last.middle) < _IN_LINE * lower and lower > _AS_HIGH * higher
    return (
        in_line
        and not _is_askew(row[0], piece)
        and -_OVERLAP * piece.height <= piece.left - last.right < 2.5 * piece.height
    )


def _is_askew(first: Piece, piece: Piece) -> bool:
    """Whether a line lies otherwise than the row's first, where both are long enough to tell."""
    one, other = first.line.quad, piece.line.quad
    if one is None or other is None or min(length(one), length(other)) < _TELLING * piece.height:
        return False
    angles = (math.atan2(quad[1][1] - quad[0][1], quad[1][0] - quad[0][0]) for quad in (one, other))
    return abs(math.remainder(next(angles) - next(angles), math.tau)) > _ASKEW


_TELLING = 3.0  # heights
_ASKEW = math.radians(8.0)  # perspective tilts what stands on one row by less
_IN_LINE, _AS_HIGH = 0.3, 0.65
_OVERLAP = 0.75  # heights: both halves of a line may be found with the same letter


def _free(lines: Sequence[Line], photo: Photo) -> Text:
    characters: Characters = []
    for line in lines:
        characters += [(" ", 1.0)] if characters else []
        characters += _as_meant(spaced(_with_tildes(line), photo))
    return Text(
        "".join(character for character, _ in characters),
        tuple(score for _, score in characters),
        _hull(lines),
        lines[0].reader,
    )


def _with_tildes(line: Line) -> Line:
    """Readers lose the tilde: an N to which the reader gave some weight as Ñ is one, and with less is a doubtful N."""
    if line.lattice is None:
        return line
    text, scores = list(line.text), list(line.scores)
    for i in range(len(line.steps)):
        weight = weight_near(line, i, "Ñ") if text[i] == "N" else 0.0
        if weight > _TILDE:
            text[i], scores[i] = "Ñ", TILDE_SCORES["Ñ"]
        elif weight > _PERHAPS_TILDE:
            scores[i] = min(scores[i], TILDE_SCORES["N"])
    return replace(line, text="".join(text), scores=tuple(scores))


# Of 289 Ñ on 520 drawn cards, 15 were read as N: 10 of them weighed more than the first, 4 more than the second; of
# 3260 N none and 7; on other cards one N weighed 0.33: so neither is sure, and is looked at again.
_TILDE, _PERHAPS_TILDE = 0.2, 0.05


def _as_meant(characters: Characters) -> Characters:
    """Lone digits in a word of letters are the letters that they resemble, and so the other way: D0RAD0, 3O341, S0N."""
    text = "".join(character for character, _ in characters)
    for word in re.finditer(r"[^ ,.]+", text):
        meant = _meant(word.group())
        for i, character in enumerate(meant, word.start()):
            characters[i] = (character, characters[i][1])
    return characters


def _meant(word: str) -> str:
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdigit, word))
    lettered = word.translate(_TO_LETTERS)
    if letters >= _SOME and digits == word.count("0") and not _NUMBERED.search(word):  # RI0, PIS0, P00T
        return word.replace("0", "O")
    if _NUMERAL.fullmatch(word):  # PIO XI1
        return word.replace("1", "I")
    if letters >= max(_MANY, 2 * digits) and not (_TWO_DIGITS.search(word) or any(map(str.isdigit, lettered))):
        return lettered
    # 175B is a number, 1B75 and 175O are none; 175-I is one, and 175-1.
    if digits >= _MANY and letters == 1 and word[-1] not in _SUFFIXES and not _APART.search(word):
        return word.translate(_TO_DIGITS)
    return word


_TWO_DIGITS = re.compile(r"(?!(?<=[^\W\d])00[^\W\d])\d\d")  # but BR00KLYN
_MANY, _SOME = 3, 2  # characters of one kind, beside which a lone one of the other is misread; or naught
_NUMBERED = re.compile(r"^(?:LTE?|MZA?|KM|NO|NUM|ED|EDIF|SM|INT|EXT)0|0[^\W\d]0")
_NUMERAL = re.compile(r"[VX]*(?:[VX]I|II)1+")
_TO_LETTERS = str.maketrans("0158", "OISB")
_TO_DIGITS = str.maketrans("OQISBZ", "001582")
_SUFFIXES = "ABCDEFGHJKLMN"  # of house numbers
_APART = re.compile(r"-I$")


def _with_comma(rows: tuple[Text, ...], document: DocumentType) -> tuple[Text, ...]:
    """MUNICIPIO, STATE: comma and stops are small, and readers take them for one another or lose them."""
    last = rows[-1] if rows else None
    end = end_of(last.text, document.states) if last else None
    if last is None or end is None:
        return rows
    last = with_stops(with_letters(last, end, document.states), end)
    if not end:  # the state on a row of its own
        return (*rows[:-2], _until_comma(rows[-2], len(rows[-2].text)), last) if len(rows) > 1 else rows
    head = _until_comma(last, end)
    whole = replace(last, text=f"{head.text} {last.text[end:]}", scores=(*head.scores, 1.0, *last.scores[end:]))
    return (*rows[:-1], whole)


def _until_comma(row: Text, end: int) -> Text:
    before = row.text[:end].rstrip(" .,")
    return replace(row, text=f"{before},", scores=(*row.scores[: len(before)], min(row.scores)))


def _hull(lines: Sequence[Line]) -> Quad | None:
    first, last = lines[0].quad, lines[-1].quad
    if first is None or last is None:
        return first or last
    return (first[0], last[1], last[2], first[3])
