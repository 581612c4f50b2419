"""The lay of a card's lines: what was read goes in, labels and the stretches between them come out, set upright.

A `Piece` is a stretch of one line. Labels are searched in every line, letter by letter alike rather than equal: readers
lose spaces, accents and letters, and join a label to its neighbour.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from statistics import median

import numpy as np
from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocr.pipeline.documents.types import DocumentType
from ocr.pipeline.pattern import is_part
from ocr.pipeline.spelling import along, compact, part
from ocr.pipeline.types import Card, Line

_LABEL_LIKENESS = 74.0  # per cent: two wrong letters in eight
_SHORT, _SHORT_LIKENESS = 7, 85.0  # letters; a short label may lose one letter: EMILIO is 77 like EMISION
_ONE_WORD = 9  # letters of the longest label that is one word
_WHOLE_LIKENESS, _WHOLE_LETTERS = (
    70.0,
    9,
)  # a label of so many letters that is a line of its own; EMILIO is 67 like DOMICILIO
_MOST_WORDS = 5  # CLAVE DE ELECTOR may be printed in groups; an address has more words than any value
_HEADER_LETTERS = 12  # REGISTRO FEDERAL DE ELECTORES holds parts of two labels
HEADER_LIKENESS = 80.0
"""Per cent from which words are a card's header."""
_SLASHED_LIKENESS = 85.0  # of bilingual labels: they are long enough to swallow the value behind them
_WORTHLESS = 60.0  # likeness that counts for nothing when labels compete for the same letters


@dataclass(slots=True, eq=False)
class Piece:
    """A stretch of one line in the card's upright frame: left, right, middle and height in pixels, rotated level.

    Nobody changes one; were it frozen, the hundreds that a card makes would take four times as long to make.
    """

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
        """The characters of the stretch."""
        return self.line.text[self.start : self.stop]


def pieces_of(card: Card, document: DocumentType) -> list[Piece]:
    """Labels and the stretches between them, in the upright frame, top to bottom."""
    lines = [(whole, list(labels_in(whole, document))) for whole in lines_of(card)]
    told = to_the_letter([label for _, labels in lines for label in labels], document)
    found: list[Piece] = []
    for whole, spelled in lines:
        labels = [label for label in spelled if not is_lookalike(label, told, document)]
        found += labels
        found += [bit for gap in gaps(whole, labels) for bit in _split_at_wide_spaces(gap)]
    return sorted(found, key=lambda piece: piece.middle)


def to_the_letter(labels: Iterable[Piece], document: DocumentType) -> frozenset[str]:
    """The names of those that are spelled as their label is."""
    return frozenset(label.label for label in labels if _is_to_the_letter(label, document))


def is_lookalike(label: Piece, told: frozenset[str], document: DocumentType) -> bool:
    """Whether it is only like a label that stands elsewhere to the letter, and was read surely or is little like it: a
    card whose DOMICILIO was found may be DOMITILO's, and one with its AÑO DE REGISTRO a VAN DER BERG's."""
    if label.label not in told or _is_to_the_letter(label, document):
        return False
    sure = min(label.line.scores[label.start : label.stop]) > _SURELY
    return sure or _alike(label, document) < _MISREAD


def _alike(label: Piece, document: DocumentType) -> float:
    """How much, in per cent, it is like what it is taken for, or like the Spanish half of that."""
    spellings = {part for known in document.labels if known.name == label.label for part in _parts(known.spellings)}
    return max(fuzz.ratio(folded(label.text), spelling) for spelling in spellings)


def _parts(spellings: Iterable[str]) -> Iterator[str]:
    return (part for spelling in spellings for part in (spelling, *spelling.split("/")))


def _is_to_the_letter(label: Piece, document: DocumentType) -> bool:
    return any(label.label == known.name and folded(label.text) in known.spellings for known in document.labels)


def lines_of(card: Card) -> list[Piece]:
    """Every line that has a place, whole, in the upright frame; not what is far higher than any print of a card."""
    angle = _angle(card.lines)
    lines = [
        level(line, angle) for line in _joined_at_hyphens(card.lines, angle) if line.quad is not None and line.text
    ]
    highest = _HIGHEST * median(line.height for line in lines) if lines else 0.0
    return [line for line in lines if line.height <= highest]


_HIGHEST = 3.0  # of the usual height: the header is printed twice as large as the labels


def _joined_at_hyphens(lines: Sequence[Line], angle: float) -> list[Line]:
    """Two numbers of four digits that a hyphen at the end of the one, or before the other, makes one: 2019- 2029."""
    halves = {
        number: level(compact(line), angle)
        for number, line in enumerate(lines)
        if line.quad is not None and _HALF.fullmatch(line.text.replace(" ", ""))
    }
    joined = {
        first: (second, _beside(one.line, other.line))
        for first, one in halves.items()
        for second, other in halves.items()
        if _WHOLE.fullmatch(one.text + other.text) and _adjoins(one, other)
    }
    gone = {second for second, _ in joined.values()}
    return [joined[i][1] if i in joined else line for i, line in enumerate(lines) if i not in gone]


_HALF, _WHOLE = re.compile(r"-?\d{4}-?"), re.compile(r"\d{4}-\d{4}")


def _adjoins(one: Piece, other: Piece) -> bool:
    return same_row(one, other) and -0.5 * one.height < other.left - one.right < 1.5 * one.height


def _beside(one: Line, other: Line) -> Line:
    """Both as one line, with the lattices of both where both have one."""
    assert one.quad is not None
    assert other.quad is not None
    whole = Line(
        one.text + other.text,
        (*one.scores, *other.scores),
        (one.quad[0], other.quad[1], other.quad[2], one.quad[3]),
        one.reader,
    )
    if one.lattice is None or other.lattice is None:
        return whole
    steps = (*one.steps, *(step + len(one.lattice) for step in other.steps))
    return replace(whole, lattice=np.concatenate([one.lattice, other.lattice]), steps=steps)


def _angle(lines: Sequence[Line]) -> float:
    """Radians, clockwise as seen: the direction of the text, in which a line counts by its length squared.

    Many single letters around a card, a keyboard's, weigh nothing then: they lie as the picture does, not as the card.
    Nor do lines of a newspaper below it, of which no reader that knows capitals alone is sure to the letter.
    """
    sure = [line for line in lines if min(line.scores, default=0.0) > _SURELY]
    told = sure if len(sure) >= _FEWEST_SURE else lines
    along = [np.subtract(line.quad[1], line.quad[0]) for line in told if line.quad is not None]
    total = np.sum([np.hypot(*one) * one for one in along], axis=0) if along else np.array([1.0, 0.0])
    return float(np.arctan2(total[1], total[0]))


_FEWEST_SURE = 3  # lines


def level(line: Line, angle: float) -> Piece:
    return _piece(line, 0, len(line.text), angle)


def _piece(line: Line, start: int, stop: int, angle: float, label: str = "") -> Piece:
    quad = part(line, start, stop)
    if quad is None:
        return Piece(line, start, stop, 0, 0, 0, 0, label)
    # Plain arithmetic: for four points numpy takes ten times as long, and a card has hundreds of pieces.
    cosine, sine = math.cos(angle), math.sin(angle)
    (left_top, right_top, right_bottom, left_bottom) = (x * cosine + y * sine for x, y in quad)
    (top_left, top_right, bottom_right, bottom_left) = (y * cosine - x * sine for x, y in quad)
    top, bottom = (top_left + top_right) / 2, (bottom_right + bottom_left) / 2
    left, right = (left_top + left_bottom) / 2, (right_top + right_bottom) / 2
    return Piece(line, start, stop, left, right, (top + bottom) / 2, bottom - top, label)


def _cut(piece: Piece, start: int, stop: int, label: str = "") -> Piece:
    """Part of a piece: characters `start` to `stop` of its line, placed by their share of the piece's width."""
    line = piece.line
    width = piece.right - piece.left
    low = _edge(line, start)
    high = _edge(line, stop)
    first, last = _edge(line, piece.start), _edge(line, piece.stop)
    span = max(last - first, 1e-6)
    left, right = piece.left + width * (low - first) / span, piece.left + width * (high - first) / span
    return Piece(line, start, stop, left, right, piece.middle, piece.height, label)


def _edge(line: Line, place: int) -> float:
    """The boundary before character `place`, 0 at the left end of the line and 1 at its right."""
    if place <= 0:
        return 0.0
    if place >= len(line.text):
        return 1.0
    return (along(line, place - 1) + along(line, place)) / 2


def labels_in(piece: Piece, document: DocumentType) -> Iterator[Piece]:
    """The labels that a line holds, the longest and surest first where they overlap."""
    spelled = list(_spelled_as_labels(piece, document))
    return (
        label
        for label in spelled
        if not (_is_among_words(label, spelled, document) or _is_part_in_address(label, document))
    )


def _spelled_as_labels(piece: Piece, document: DocumentType) -> Iterator[Piece]:
    letters, places = _letters(piece.line.text)
    hits = [
        ((stop - start) * (score - _WORTHLESS), start, stop, name)
        for name, spelling, score, start, stop in _likenesses(letters, document)
        if (len(spelling) > _ONE_WORD or _is_word(piece.line.text, places[start], places[stop - 1]))
        and not _is_another_word(spelling, letters[start:stop], score, _scores(piece.line, places[start:stop]))
    ]
    taken: set[int] = set()
    for _, start, stop, name in sorted(hits, reverse=True):
        if taken.isdisjoint(range(start, stop)):
            taken |= set(range(start, stop))
            yield _cut(piece, places[start], places[stop - 1] + 1, name)


def _is_among_words(label: Piece, labels: Sequence[Piece], document: DocumentType) -> bool:
    """Whether it is a word of a row, DOMICILIO CONOCIDO, AV MUNICIPIO LIBRE: another stands beside it, as near as words
    of a row do, and was read surely. Beside a label stand values, other labels, their English, or parts of the pattern.
    """
    line = label.line
    if _ends_with_value(label, document):
        return False
    words = [word.span() for word in _ROW_WORD.finditer(line.text)]
    before = [span for span in words if span[1] <= label.start and not line.text[span[1] : label.start].strip()]
    behind = [span for span in words if span[0] >= label.stop and not line.text[label.stop : span[0]].strip()]
    return any(
        all(one.stop <= first or last <= one.start for one in labels)
        and _is_of_a_row(line.text[first:last], document)
        and min(line.scores[first:last]) >= _SURE_WORD
        and _is_word_space(line, *((last - 1, label.start) if last <= label.start else (label.stop - 1, first)))
        for first, last in (*before, *behind)
    )


def _is_part_in_address(label: Piece, document: DocumentType) -> bool:
    """Whether it is but a part of a label, or misread, in a row of an address: PRIV MOCTEZUMA 191 LOCAL1."""
    first = label.line.text[: label.start].lstrip().partition(" ")[0].rstrip(".,")
    return (
        not _is_to_the_letter(label, document)
        and len(first) >= _SHORT_WORD
        and first in document.street_words | document.settlement_words
    )


def _ends_with_value(label: Piece, document: DocumentType) -> bool:
    """Whether it is a label of single letters, and one of them ends the line: a long name may be found as one with
    SEXO M."""
    is_lone = any(each.lone and each.name == label.label for each in document.labels)
    return is_lone and _LETTER_BEHIND.fullmatch(label.line.text[label.stop :]) is not None


_LETTER_BEHIND = re.compile(r" *[A-Z] *")


def _is_of_a_row(word: str, document: DocumentType) -> bool:
    word = word.replace(".", "").rstrip(",").partition(" ")[0]  # BO. U.H. and the like; POLANCO V
    if _ORDINAL.fullmatch(word):
        return True
    if len(word) < _SHORT_WORD or not word.isalpha():
        return word in document.street_words
    is_english = len(word) > _SHORT_WORD and any(english.startswith(word) for english in _in_english(document))
    return not (is_english or word in _GLUED or is_part(word))


@cache
def _in_english(document: DocumentType) -> frozenset[str]:
    """Labels as they stand behind the slash on cards for citizens abroad."""
    spellings = (spelling.partition("/")[2] for label in document.labels for spelling in label.spellings)
    return frozenset(filter(None, spellings))


def _is_word_space(line: Line, last: int, first: int) -> bool:
    """Whether characters `last` and `first` stand no further apart than the ends of two words."""
    middles = [along(line, i) for i, character in enumerate(line.text) if character != " "]
    return along(line, first) - along(line, last) < _WORD_SPACE * median(b - a for a, b in pairwise(middles))


_ROW_WORD = re.compile(r"[^ ]{3,} [IVX]+(?= )|[^ ]+")  # POLANCO V SECCION
_ORDINAL = re.compile(r"\d{1,2}(?:RA|DA|TA|ER|RO|DO|TO|NA|MA|VA|A|O)")
_SHORT_WORD = 2  # letters: a mark of the background is one
_SURE_WORD = 0.8
_WORD_SPACE = 2.2  # of the usual distance from letter to letter; the next column is further away


@lru_cache(maxsize=256)  # lines: those of one card before a newspaper, of which each is asked for five times
def _likenesses(letters: str, document: DocumentType) -> tuple[tuple[str, str, float, int, int], ...]:
    """What in a line is like a label: its name and spelling, likeness in per cent, first and last place."""
    if len(letters) >= _HEADER_LETTERS and likeness(letters, document.header_spellings) >= HEADER_LIKENESS:
        return ()
    if any(len(country) >= _HEADER_LETTERS and country in letters for country in document.countries):
        return ()  # ESTAD05 UNID05
    return tuple(
        (label.name, spelling, *hit)
        for label in document.labels
        for spelling in label.spellings
        if (hit := _find(spelling, letters)) is not None
    )


def _is_another_word(spelling: str, letters: str, score: float, scores: Sequence[float]) -> bool:
    """VALENCIA is 75 per cent VIGENCIA, but the reader is sure of every letter, and it is no part of it; no more is
    MISSION, which has one less than EMISION and another besides."""
    differs = score < _MISREAD or (len(spelling) <= _SHORT and Levenshtein.distance(spelling, letters) > 1)
    return differs and letters not in spelling and min(scores, default=0.0) > _SURELY


_MISREAD, _SURELY = 80.0, 0.9
"""Of 271 labels on drawn cards that were not read to the letter, none that the reader was so sure of was less alike,
parts of labels apart; surnames were."""


def _scores(line: Line, places: Sequence[int]) -> list[float]:
    return [line.scores[i] for i in places]


def _is_word(text: str, first: int, last: int) -> bool:
    """EDAD stands in CASTAÑEDA, too, and ESTADO in ESTADOS UNIDOS: a short label counts only as a word of its own."""
    if first and text[first - 1].isalpha():
        return False
    return not text[last + 1 : last + 2].isalpha() or text[last + 1 :] in _GLUED


_GLUED = ("H", "M", "X", "NB")  # SEXOH: the one value that is a letter


def _letters(text: str) -> tuple[str, list[int]]:
    """Capitals without spaces and accents, and where each stood; in words that are no numbers, digits as the letters
    they resemble."""
    places: list[int] = []
    letters = ""
    for word in re.finditer(r"[^ ]+", text):
        places += range(*word.span())
        plain = folded(word.group())
        letters += plain if sum(map(str.isdigit, plain)) > len(plain) / 2 else as_letters(plain)
    return letters, places


def as_letters(text: str) -> str:
    """Capitals without spaces and accents, digits as the letters they resemble."""
    return folded(text).translate(_AS_LETTERS)


_AS_LETTERS = str.maketrans("01589", "OISBG")


def likeness(words: str, spellings: Sequence[str]) -> float:
    """How surely one of the spellings stands somewhere in `words` (folded), in per cent."""
    return max((fuzz.partial_ratio(s, words) for s in spellings if len(words) >= len(s)), default=0.0)


def is_header(text: str, document: DocumentType) -> bool:
    """Whether it is what a card opens with."""
    return likeness(folded(text), document.header_spellings) >= HEADER_LIKENESS


def folded(text: str) -> str:
    if text.isascii():
        return text.replace(" ", "")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c) and c != " ")


def _find(spelling: str, letters: str) -> tuple[float, int, int] | None:
    """Likeness in per cent, first and last place of the stretch that is most like a label's spelling."""
    if len(letters) < len(spelling) / 2:
        return None
    least = _LABEL_LIKENESS if len(spelling) > _SHORT else _SHORT_LIKENESS
    least = _SLASHED_LIKENESS if "/" in spelling else least
    if len(letters) <= len(spelling):
        score = fuzz.ratio(spelling, letters)
        least = min(least, _WHOLE_LIKENESS) if len(spelling) >= _WHOLE_LETTERS and "/" not in spelling else least
        return (score, 0, len(letters)) if score >= least else None
    hit = fuzz.partial_ratio_alignment(spelling, letters, score_cutoff=least)
    return None if hit is None else _without_numbers(spelling, letters, hit.score, hit.dest_start, hit.dest_end)


def _without_numbers(spelling: str, letters: str, score: float, start: int, stop: int) -> tuple[float, int, int]:
    """The hit without digits of the values beside it: ECCION6|874."""
    first, last = start, stop
    while first < last and letters[first].isdigit():
        first += 1
    while last > first and letters[last - 1].isdigit():
        last -= 1
    if (first, last) == (start, stop):
        return score, start, stop
    return fuzz.ratio(spelling, letters[first:last]), first, last


def gaps(whole: Piece, taken: Sequence[Piece]) -> Iterator[Piece]:
    """What stands between the pieces of a piece that are taken: its labels, or its values."""
    start = whole.start
    for piece in sorted(taken, key=lambda piece: piece.start):
        if whole.line.text[start : piece.start].strip(" :./"):
            yield _cut(whole, start, piece.start)
        start = max(start, piece.stop)
    if whole.line.text[start : whole.stop].strip(" :./"):
        yield _cut(whole, start, whole.stop) if start > whole.start else whole


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
    for first, last in pairwise(bounds):
        yield _cut(piece, inked[first], inked[last - 1] + 1)


def word_runs(piece: Piece) -> Iterator[Piece]:
    """The piece, and every run of neighbouring words in it: a line may hold two values, or rests of a label."""
    line = piece.line
    words = [(match.start() + piece.start, match.end() + piece.start) for match in _WORD.finditer(piece.text)]
    for first in range(len(words)):
        for last in range(first, min(first + _MOST_WORDS, len(words))):
            start, stop = words[first][0], words[last][1]
            yield piece if (start, stop) == (0, len(line.text)) else _cut(piece, start, stop)


_WORD = re.compile(r"(?<![^ ])\d{2,4}(?=[A-Z]{2,}(?: |$))|[^ ]+")
"""What spaces part, and letters of the pattern from the number that they are joined to: 2018 01XICO."""


def stretches(piece: Piece, length: int, likely: Callable[[str], Sequence[int]]) -> Iterator[Piece]:
    """Runs of so many characters, spaces apart, of a piece that has more; `likely` tells, of its characters without the
    spaces, where one may begin."""
    inked = [i for i in range(piece.start, piece.stop) if piece.line.text[i] != " "]
    if len(inked) > length:
        for first in likely("".join(piece.line.text[i] for i in inked)):
            yield _cut(piece, inked[first], inked[first + length - 1] + 1)


def overlap(one: Piece, other: Piece) -> bool:
    """Whether two pieces share a character."""
    return one.line is other.line and one.start < other.stop and other.start < one.stop


def same_row(one: Piece, other: Piece) -> bool:
    """Whether two pieces stand at one height."""
    return abs(one.middle - other.middle) < 0.5 * min(one.height, other.height)


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
