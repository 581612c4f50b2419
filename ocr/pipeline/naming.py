"""The rows of a front and line 3 of the MRZ go in; surname, given names and address come out, each side's names held
against the other's.

The MRZ tells where surname and given names part, and which rows are names at all; the front tells which of the MRZ's
alternatives is meant. Rows are chosen and letters preferred, nothing is put in that neither side shows.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from rapidfuzz import fuzz

from ocr.pipeline.agreement import in_doubt, read_by_others
from ocr.pipeline.pattern import without_pattern_in_name
from ocr.pipeline.quads import around
from ocr.pipeline.settle import Voucher, settle
from ocr.pipeline.types import FrontText, Text
from validators import mrz as mrzs
from validators import name as names

# Likeness of surname and name together, of 2.
_EQUAL, _SAME_PERSON, _ANOTHER_PERSON, _CLEARLY_BETTER = 2.0, 1.6, 1.2, 0.08

Rows = Sequence[Text]
Split = tuple[int, int, int]
"""First row of the surname, first of the name, first after the name."""


def settle_names(third: Text, front: FrontText) -> str:
    """Line 3 of the MRZ: as read, or the reader's next choice that says just what rows of the front say."""
    if third.table is None or third.text in _lines_3(front):  # nothing is likelier than what was read
        return third.text
    printed = set(_lines_3(front))
    return settle(third, printed.__contains__, lambda spelled: [Voucher.OTHER_PRINT] * len(spelled)).text


def _lines_3(front: FrontText) -> Iterator[str]:
    """Every line 3 that rows of the front may stand for, those that begin with the first row first."""
    for reading in _readings(front):
        rows = (*reading.name, *reading.address)[:_MOST_ROWS]
        for begin, split, end in _splits(len(rows)):
            if begin <= 1:
                yield from _line_3(rows, begin, split, end)


def _line_3(rows: Rows, begin: int, split: int, end: int) -> Iterator[str]:
    """Every way in which an MRZ may print these rows (ICAO 9303 part 5, section 4.2.2)."""
    for surname in names.mrz_spellings(_words(rows[begin:split])):
        for name in names.mrz_spellings(_words(rows[split:end])):
            yield f"{surname}<<{name}"[: mrzs.LENGTH].ljust(mrzs.LENGTH, "<")


def find_names(front: FrontText, mrz: mrzs.Mrz, third: Text) -> tuple[Text | None, Text | None, Text | None]:
    """Surname, name and address of the front; of several readings, the names that are most like the MRZ's."""
    readings = _readings(_doubted(front) if mrz.name_cut else front)
    found = [_find_in(reading, mrz, third) for reading in readings]
    surname, name, _ = max(found, key=lambda parts: _alike(_said(parts[0]), _said(parts[1]), mrz))
    return surname, name, found[0][2]


def _doubted(front: FrontText) -> FrontText:
    """A front with its names in doubt where its readers differ and none agree: of what the MRZ had no room for, nobody
    else tells."""
    readings = [names for names, _ in front.other_rows]
    return replace(front, name=tuple(in_doubt(row, read_by_others(row, readings)) for row in front.name))


def _readings(front: FrontText) -> list[FrontText]:
    others = [replace(front, name=name, address=address) for name, address in front.other_rows]
    return [front, *others]


def _said(part: Text | None) -> str:
    return part.text if part else ""


def _alike(surname: str, name: str, mrz: mrzs.Mrz) -> float:
    """Likeness of both to the MRZ's, 0 to 2."""
    return name_similarity(surname, mrz.surname, mrz) + name_similarity(name, mrz.name, mrz)


def _find_in(front: FrontText, mrz: mrzs.Mrz, third: Text) -> tuple[Text | None, Text | None, Text | None]:
    """Surname, name and address of one reading.

    Where given names begin, and which rows are names at all when labels were not read, is told by how well the rows
    match the MRZ's names: rows are chosen, never rewritten.
    """
    rows, count = _without_label_rests(front, mrz)
    whole = [(0, split, count) for split in range(1, count)]
    likeness = _likeness(rows, mrz)
    best = max(whole, key=likeness, default=(0, min(count, 1), count))
    # Where the MRZ was cut, fewer rows may be like it as well.
    settled = not mrz.name_cut and likeness(best) == _EQUAL
    begin, split, end = best if settled else _likelier(len(rows), best, count, likeness, cut=mrz.name_cut)
    if mrz.name_cut and front.address and "address" in front.labels:  # what stands above that is a name
        end = max(end, count)
    # Where the MRZ had no room for the last names, it cannot tell that the rows below are names as well.
    last = max(count, _last_name(rows)) if mrz.name_cut else end
    while end < last and _follows(rows, end, told_apart=bool(front.address) and end < count):
        end += 1
    surname, name = (_named(part, mrz) for part in (rows[begin:split], rows[split:end]))
    surname, name = _with_spaces_of(surname, mrz.surname), _with_spaces_of(name, mrz.name)
    return _mended(surname, third, mrz.surname), _mended(name, third, mrz.name), _run_together(rows[end:])


def _named(rows: Rows, mrz: mrzs.Mrz) -> Text | None:
    text = _run_together(rows)
    said = names.fold(f"{mrz.surname} {mrz.name}").split()
    return without_pattern_in_name(text, said, cut=mrz.name_cut) if text else None


def _likelier(rows: int, best: Split, count: int, likeness: Callable[[Split], float], *, cut: bool) -> Split:
    """Of all ways to part the rows, the likeliest, where it is clearly better than the best that keeps the `count` rows
    of names together. `cut`: the MRZ had no room for all."""
    better = max(_splits(min(rows, _MOST_ROWS)), key=likeness, default=best)
    if likeness(better) >= max(_SAME_PERSON, likeness(best) + (0.0 if cut else _CLEARLY_BETTER)):
        return better
    if likeness(best) < _ANOTHER_PERSON:  # the MRZ is another's: it cannot tell
        return (0, min(2, max(count - 1, 1)), count)
    return best


def _with_spaces_of(text: Text | None, said: str) -> Text | None:
    """A printed name with the spaces of the MRZ's, where it has the same letters: readers lose them, JJESUS, DELAO."""
    if text is None or len(text.scores) != len(text.text) or said.count(" ") <= text.text.count(" "):
        return text
    letters = [pair for pair in zip(text.text, text.scores, strict=True) if pair[0] != " "]
    if names.fold("".join(letter for letter, _ in letters)) != said.replace(" ", ""):
        return text
    told = iter(letters)
    parted = [(" ", 1.0) if each == " " else next(told) for each in said]
    return replace(text, text="".join(letter for letter, _ in parted), scores=tuple(score for _, score in parted))


def _mended(text: Text | None, third: Text, said: str) -> Text | None:
    """The printed name with letters of which its reader was less sure than that of the MRZ was of another.

    Only where both have the same letters but for one or two: a name that is another's is left alone.
    """
    start = third.text.replace("<", " ").find(said)
    if text is None or not said or start < 0:
        return text
    told = [(third.text[i], third.scores[i]) for i in range(start, start + len(said)) if third.text[i] != "<"]
    places = [i for i, character in enumerate(text.text) if character.isalpha()]
    differing = [
        (place, letter, score)
        for place, (letter, score) in zip(places, told, strict=False)
        if letter not in (names.fold(text.text[place]), *_MRZ_LETTERS.get(text.text[place], ()))
    ]
    if len(told) > len(places) or not 0 < len(differing) <= _MOST_MENDED:
        return text
    letters, scores = list(text.text), list(text.scores)
    for place, letter, score in differing:
        if scores[place] < min(score, _DOUBTED):
            letters[place], scores[place] = letter, score
    return replace(text, text="".join(letters), scores=tuple(scores))


_MOST_MENDED, _DOUBTED = 2, 0.95
_MRZ_LETTERS = {"Ñ": ("N", "X"), "N": ("Ñ",)}


def _follows(rows: Rows, place: int, *, told_apart: bool) -> bool:
    """Whether a row stands as close to the one above as that to the one above it: there is no label between.

    Where it is not known where rows stand, whether names and address were told apart before.
    """
    quads = [row.quad for row in rows[place - 2 : place + 1] if row.quad is not None]
    if place < 2 or len(quads) < 3:
        return told_apart
    one, two, three = np.array(quads)[:, [0, 3]].mean(axis=1)  # of their left ends: rows differ in length
    return float(np.hypot(*(three - two))) < _NO_FURTHER * float(np.hypot(*(two - one)))


def _last_name(rows: Rows) -> int:
    """Behind which row no name stands, as many rows of an address follow as it has, and more have no digit."""
    first = len(rows) - _ADDRESS_ROWS
    return first if first > 0 and rows[first - 1].text.replace(" ", "").isalpha() else 0


_ADDRESS_ROWS = 3
_NO_FURTHER = 1.3  # of the distance between the rows above
_MOST_ROWS = 8


def _splits(count: int) -> Iterator[Split]:
    return ((i, j, k) for i in range(count) for j in range(i + 1, count) for k in range(j + 1, count + 1))


def _without_label_rests(front: FrontText, mrz: mrzs.Mrz) -> tuple[Rows, int]:
    """All rows, and how many of them are names, without one between names and address that is the rest of a label:
    neither a name nor a street is one word that is spelled like it. A row that the MRZ repeats is a name."""
    count = len(front.name)
    rows = (*front.name, *front.address)
    rest = [i for i in (count - 1, count) if 0 < i < len(rows) and _is_label_rest(rows[i], mrz)]
    return tuple(row for i, row in enumerate(rows) if i not in rest), count - sum(i < count for i in rest)


def _is_label_rest(row: Text, mrz: mrzs.Mrz) -> bool:
    """EMILIO is 67 per cent DOMICILIO: a row that was read surely is none, unless it is a part of the label."""
    word = names.fold(row.text)
    if " " in word or names.is_repeated(word, mrz.name):
        return False
    unsure = min(row.scores, default=0.0) < _SURELY_READ
    return fuzz.ratio(word, "DOMICILIO") > _LABEL_REST and (unsure or word in "DOMICILIO")


_LABEL_REST, _SURELY_READ = 40.0, 0.9  # per cent; score of the weakest letter


def _likeness(rows: Rows, mrz: mrzs.Mrz) -> Callable[[Split], float]:
    """How alike rows are to the MRZ's names, parted so, 0 to 2: many ways to part them share a surname or a name. Where
    the surnames took all the room, it contradicts no name."""

    def alike(said: str) -> Callable[[int, int], float]:
        if not said:
            return lambda begin, end: float(begin < end)
        return cache(lambda begin, end: name_similarity(_words(rows[begin:end]), said, mrz))

    surname, name = alike(mrz.surname), alike(mrz.name)
    return lambda split: surname(*split[:2]) + name(*split[1:])


def name_similarity(front: str, back: str, mrz: mrzs.Mrz) -> float:
    """As `validators.name.similarity`, the cut allowed for where line 3 is full."""
    room = mrzs.LENGTH if back == mrz.surname else mrzs.LENGTH - len(mrz.surname) - 2
    return names.similarity(front, back, cut_at=room if mrz.name_cut else None)


def _words(lines: Sequence[Text]) -> str:
    return " ".join(line.text for line in lines)


def _run_together(lines: Rows) -> Text | None:
    if not lines:
        return None
    scores = tuple(score for line in lines for score in (*line.scores, 1.0))[:-1]
    return Text(_words(lines), scores, around([line.quad for line in lines]), lines[0].reader)
