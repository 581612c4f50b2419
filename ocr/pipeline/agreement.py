"""Two readings of the same row go in, one comes out: surer where both say the same, doubtful where they differ.

No check digit speaks for a street; a reader of another kind does.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import reduce

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ocr.pipeline.types import Text

DISPUTED = 0.68
"""The most that is given to a letter for which another reader saw another: its row is worth one more look, and is not
confirmed without."""
TILDE_SCORES = {"Ñ": 0.6, "N": 0.5}
"""Of an Ñ and of an N that may be the other: what prints no tilde cannot vouch for them."""
SURE_ACCENT = 0.85
"""Score from which an accent is one. Of 84 on 1100 drawn cards a glance gave 79 as much and 2 less, and of all vowels
without one a single one more than 0.05."""
ACCENTED = dict(zip("AEIOU", "ÁÉÍÓÚ", strict=True))
"""Vowels without and with the accent; Ü is none of them, but a sound of its own."""
_SEEN = 0.5  # score from which what another reader saw counts


def agree(one: Text, other: Text) -> bool:
    """Whether both say the same, spaces, accents and small marks apart; N and Ñ are not the same."""
    return _letters(one)[0] == _letters(other)[0]


def lacks_tilde(row: Text, other: Text) -> bool:
    """Whether both say the same but for a tilde that `other` alone has: more are lost by readers than made up."""
    mine, theirs = _letters(row)[0], _letters(other)[0]
    return mine.replace("Ñ", "N") == theirs.replace("Ñ", "N") and mine.count("Ñ") < theirs.count("Ñ")


def settled(row: Text, other: Text) -> Text:
    """`row`, by the reader that looks better, seconded. Where both say the same, spaces and marks may differ: they are
    its own where it read the row surely, else those of whoever did. An apostrophe is not made up; a number and a word
    that the other parts are two. Of thin letters that they repeat, more are printed."""
    if not agree(row, other):
        return seconded(other, row) if _repeats_more(other, row) else seconded(row, other)
    return seconded(other, row) if _yields(row, other) else seconded(row, other)


def fullest(row: Text, readings: Iterable[Text]) -> Text:
    """`row`, or the reading that says the same but has a thin letter or digit once more beside its like: CARLOS III and
    not II. Of 18 rows that two readers saw so on 400 strangers' cards, the longer was printed each time."""
    return reduce(lambda most, other: other if _repeats_more(other, most) else most, readings, row)


def _repeats_more(row: Text, other: Text) -> bool:
    """Whether it says the same as the other but for thin letters and digits beside their like, in one word."""
    (mine, places), (theirs, _) = _letters(row), _letters(other)
    differing = [part for part in Levenshtein.opcodes(theirs, mine) if part.tag != "equal"]
    return bool(differing) and all(
        part.tag == "insert" and _is_repeat(row.text, places[part.dest_start], places[part.dest_end - 1])
        for part in differing
    )


def _is_repeat(text: str, first: int, last: int) -> bool:
    beside = text[max(first - 1, 0) : first] + text[last + 1 : last + 2]
    return text[first] in _THIN and set(text[first : last + 1]) == {text[first]} and text[first] in beside


_THIN = {"I", "1"}


def _yields(row: Text, other: Text) -> bool:
    """Whether of two that agree the other's spaces and marks are to be taken."""
    if "'" in row.text:
        return False
    surely, others = (min(read.scores, default=0.0) for read in (row, other))
    return _glued(row) > _glued(other) or (others > surely and surely < _WELL)


def with_marks_of_name(row: Text, other: Text) -> Text:
    """`row` of names with the accents, the apostrophes and the full stops behind abbreviations that another reading of
    it has."""
    return _with_apostrophes(with_abbreviations(with_accents(row, other), other), other)


def with_accents(row: Text, other: Text) -> Text:
    """`row` with the accents that another reading of the same has, as sure as that was of them."""
    if not agree(row, other):
        return row
    text, scores = list(row.text), list(row.scores)
    for place, there in zip(_letters(row)[1], _letters(other)[1], strict=True):
        if text[place] in ACCENTED and other.text[there] != text[place]:
            text[place], scores[place] = other.text[there], other.scores[there]
    return replace(row, text="".join(text), scores=tuple(scores))


def with_abbreviations(row: Text, other: Text) -> Text:
    """`row` of names with the full stop of MA. and J. that another reading of it has, be it as a comma: of eight on
    strangers' cards that one of two readers saw, all were printed."""
    return _with_marks_behind(row, other, ".,", _ABBREVIATED)


def _with_apostrophes(row: Text, other: Text) -> Text:
    """None is made up: D'ANGELO."""
    return _with_marks_behind(row, other, "'", _ELIDED)


def _with_marks_behind(row: Text, other: Text, marks: str, follow: re.Pattern[str]) -> Text:
    """`row` with the first of these marks where the other has any and it none, behind what they follow."""
    if not agree(row, other):
        return row
    (_, places), (_, there) = _letters(row), _letters(other)
    for place, seen in reversed(list(zip(places, there, strict=True))):
        is_marked = other.text[seen + 1 : seen + 2] in {*marks} and row.text[place + 1 : place + 2] not in {*marks}
        if is_marked and follow.search(row.text[: place + 1]):
            row = _put_in(row, place + 1, marks[0], other.scores[seen + 1])
    return row


_ABBREVIATED, _ELIDED = re.compile(r"(?<![^ ])(?:MA|J)$"), re.compile(r"(?<![^ ])[DO]$")


def with_marks(row: Text, other: Text) -> Text:
    """`row` of an address with what the other of the first two readings has between its words and in S/N: more is lost
    than is made up. Of what a third saw besides, as much was made up."""
    return _with_gaps(with_slash(row, other), other)


def with_slash(row: Text, other: Text) -> Text:
    """The slash of S/N alone."""
    none = _NO_NUMBER.search(row.text)
    if none is None or "S/N" not in other.text or not agree(row, other):
        return row
    return _put_in(row, none.start() + 1, "/", other.scores[other.text.index("S/N") + 1])


def _with_gaps(row: Text, other: Text) -> Text:
    """Spaces and full stops. Of 38 spaces that one of the two saw on strangers' cards 33 were printed, none inside a
    number."""
    if not agree(row, other):
        return row
    (letters, places), (_, there) = _letters(row), _letters(other)
    for i in range(len(letters) - 1, 0, -1):  # from the end: what is put in moves what stands behind it
        gap, seen = _between(row, places, i), _between(other, there, i)
        is_lost = (gap, seen) in _LOST and other.scores[there[i - 1] + 1] >= _SEEN
        if is_lost and not _ONE_NUMBER.fullmatch(letters[i - 1 : i + 1]):
            row = _put_in(row, places[i - 1] + 1, seen.removesuffix(gap), other.scores[there[i - 1] + 1])
    return row


def _between(row: Text, places: list[int], i: int) -> str:
    """What stands before a letter, and behind the one before it."""
    return row.text[places[i - 1] + 1 : places[i]]


_LOST = {("", " "), ("", ". "), (" ", ". ")}
_ONE_NUMBER = re.compile(r"\d\d|II")  # TECAMAC II


def with_last_stop(row: Text, other: Text) -> Text:
    """Likewise an address's last row, with the full stop at its end."""
    if row.text.endswith(".") or not other.text.endswith(".") or not agree(row, other):
        return row
    return _put_in(row, len(row.text), ".", other.scores[-1])


def mended(row: Text, readings: Iterable[Text], how: Callable[[Text, Text], Text]) -> Text:
    """`row` with the marks that any of its readings has; `how` is one of those above."""
    return reduce(how, readings, row)


_NO_NUMBER = re.compile(r"\bSN\b")


def _put_in(row: Text, place: int, marks: str, score: float) -> Text:
    scores = (*row.scores[:place], *[score] * len(marks), *row.scores[place:])
    return replace(row, text=row.text[:place] + marks + row.text[place:], scores=scores)


def _glued(row: Text) -> int:
    """How often a number and a word stand without a space between: MZ 19LT 2, STR.8170."""
    return len(_GLUED.findall(row.text))


_GLUED = re.compile(r"[^\W\d_]\.?(?=\d)|\d(?=[^\W\d_]{2})")
_WELL = 0.8
"""Of 66 rows whose marks or spaces differed and that were read so surely, 65 were right."""


def seconded(row: Text, other: Text) -> Text:
    """`row` with the scores that it has, now that `other` was read in the same place."""
    (mine, places), (theirs, their_places) = _letters(row), _letters(other)
    scores = list(row.scores)
    most: dict[int, float] = {}
    for part in Levenshtein.opcodes(mine, theirs):
        seen = [other.scores[place] for place in their_places[part.dest_start : part.dest_end]]
        if part.tag == "equal":
            for place, there in zip(
                places[part.src_start : part.src_end], their_places[part.dest_start :], strict=False
            ):
                if row.text[place] == other.text[there]:
                    scores[place] = 1 - (1 - scores[place]) * (1 - other.scores[there])
                elif row.text[place] in ACCENTED.values() and other.scores[there] >= _SEEN:
                    most[place] = SURE_ACCENT
        elif not seen or max(seen) >= _SEEN:
            # Where the other has a letter more, the doubt is about those on either side of it.
            first = part.src_start - (part.tag == "insert")
            doubtful = places[max(first, 0) : max(part.src_end, part.src_start + 1)]
            is_tilde = {mine[part.src_start : part.src_end], theirs[part.dest_start : part.dest_end]} == {"N", "Ñ"}
            most |= {place: TILDE_SCORES[row.text[place]] if is_tilde else DISPUTED for place in doubtful}
    return replace(row, scores=tuple(min(score, most.get(i, 1.0)) for i, score in enumerate(scores)))


def read_by_others(row: Text, readings: Iterable[Sequence[Text]]) -> list[Text]:
    """What other readings have of a row, wherever it stands among theirs."""
    alike = (max(rows, key=lambda other: fuzz.ratio(row.text, other.text)) for rows in readings if rows)
    return [other for other in alike if fuzz.ratio(row.text, other.text) > _SAME_ROW]


_SAME_ROW = 50.0  # per cent


def disputed(row: Text, known: Sequence[Text]) -> Text:
    """The row, surer where another reader saw the same, in doubt where none did and one saw it otherwise."""
    others = [other for other in known if other.reader != row.reader]
    return reduce(seconded, [other for other in others if agree(row, other)] or others, row)


def in_doubt(row: Text, known: Sequence[Text]) -> Text:
    """Likewise a row that is as sure already as the others make it: no surer for their saying so twice."""
    is_alone = not any(agree(row, other) for other in known if other.reader != row.reader)
    return disputed(row, known) if is_alone else row


def _letters(row: Text) -> tuple[str, list[int]]:
    """Letters and digits, accents dropped, and where each stands."""
    kept = [(bare, i) for i, letter in enumerate(row.text) if (bare := plain(letter)).isalnum()]
    return "".join(letter for letter, _ in kept), [i for _, i in kept]


def plain(letter: str) -> str:
    """Without its accent or dots; Ñ is a letter of its own."""
    return letter if letter == "Ñ" else unicodedata.normalize("NFD", letter)[0]
