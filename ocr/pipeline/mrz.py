"""`Card` → `MrzText`: finds the three lines of a TD1 MRZ among what was read and puts them into their grammar.

Lines 1 and 2 have a fixed grammar. Line 3 has none, and recognisers lose count of its fillers: its characters are put
into the columns that lines 1 and 2 mark, since all three are printed at one pitch (ICAO 9303 part 3, section 4.4).
"""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.errors import MrzNotFound, WrongDocument
from ocr.pipeline.quads import quad_of
from ocr.pipeline.spelling import INDEX, agreeing, centre, compact, from_table, fuse, picked, spell
from ocr.pipeline.types import Card, Line, MrzText, Quad, Table, Text
from validators import mrz as grammar

_FEWEST = 18  # characters of a line that may be line 1 or 2
_GOOD_FIT = 0.65  # mean weight of the grammar's characters below which it is not that line; chosen, not measured
_WELL = 0.8  # fit from which a line is surely an MRZ's, read upright
_FILLER_SCORE = 0.97
_HALF_HEIGHT = 0.36  # of the distance from line to line: half a character and some air
_MARGIN = 1.0  # columns left free at both ends
Columns = NDArray[np.float64]
"""30×2: where each column of a line stands, in pixels of `Photo.pixels`."""


def read_mrz(card: Card) -> MrzText:
    """The three lines, 30 characters each, line 3 all fillers where nothing was found of it.

    Raises `MrzNotFound` (no line of it), `WrongDocument` (an MRZ, but another document's).
    """
    lines = [compact(line) for line in card.lines]
    texts = [line.text for line in lines if line.text.count("<") >= 2 and len(line.text) >= _FEWEST]
    if grammar.kind(texts) in (grammar.Kind.TD2, grammar.Kind.TD3):
        raise WrongDocument(f"an MRZ of kind {grammar.kind(texts)}")
    first = _best(lines, grammar.LINE_1)
    second = _best(lines, grammar.LINE_2)
    if first is None and second is None:
        _refuse(texts)
    first, second = first or _missing(grammar.LINE_1), second or _missing(grammar.LINE_2)
    if not _is_mexican(first, second):
        raise WrongDocument("the MRZ is not that of a Mexican voter card")
    return MrzText((first, second, _third(lines, first, second)))


def _best(lines: Sequence[Line], places: Sequence[str]) -> Text | None:
    likely = [line for line in lines if len(line.text) >= _FEWEST and _looks_like(line)]
    best = None
    for line in sorted(likely, key=lambda line: -_in_place(line.text, places)):
        text = spell(line, places)
        if best is None or text.fit > best.fit:
            best = text
        if best.fit >= _SURELY:  # no other line fits as well: the grammars have hardly a place in common
            break
    return best if best is not None and best.fit >= _GOOD_FIT else None


_SURELY = 0.95


def _in_place(text: str, places: Sequence[str]) -> int:
    return sum(character in place for character, place in zip(text, places, strict=False))


def _looks_like(line: Line) -> bool:
    """Nearly all of lines 1 and 2 is digits and fillers; print that merely resembles them (ISO, DOS) is not."""
    marked = "<" in line.text or "MEX" in line.text
    return marked and sum(character in "0123456789<" for character in line.text) >= 0.4 * len(line.text)


def _refuse(texts: Sequence[str]) -> None:
    if texts and grammar.kind(texts) not in (grammar.Kind.UNKNOWN, grammar.Kind.MEXICAN_VOTER):
        raise WrongDocument(f"an MRZ of kind {grammar.kind(texts)}")
    raise MrzNotFound("no line of an MRZ was found")


def _missing(places: Sequence[str]) -> Text:
    """A line that was not found: every allowed character is as likely as any."""
    table = np.zeros((len(places), len(INDEX)))
    for place, characters in enumerate(places):
        table[place, [INDEX[character] for character in characters]] = 1 / len(characters)
    return from_table(table, "none", (0.0,) * len(places))


def _is_mexican(first: Text, second: Text) -> bool:
    country = [*first.fits[2:5], *second.fits[15:18]]
    return sum(fit > 0.1 for fit in country) >= 3


def evidence(card: Card) -> float:
    """How surely `card` shows an MRZ read the right way up: 1 when line 1 or 2 fits its grammar well."""
    lines = [compact(line) for line in card.lines]
    found = [_best(lines, places) for places in (grammar.LINE_1, grammar.LINE_2)]
    return max((text.fit / _WELL for text in found if text is not None), default=0.0)


def read_again(card: Card, text: MrzText, reader: LineReader) -> MrzText:
    """The three lines cut out anew where lines 1 and 2 say that they stand, read by `reader`, and both readings joined.

    Unchanged when it is not known where they stand. Raises `ReaderDown`.
    """
    quads = line_quads(text)
    if not quads:
        return text
    lines = [compact(line) for line in reader.read(card.photo, quads)]
    first, second = (
        spell(line, places) if len(line.text) >= _FEWEST else _missing(places)
        for line, places in zip(lines[:2], (grammar.LINE_1, grammar.LINE_2), strict=True)
    )
    return merge(text, MrzText((first, second, _third(lines[2:], text.lines[0], text.lines[1]))))


def read_names_again(card: Card, text: MrzText, reader: LineReader) -> MrzText:
    """As `read_again`, line 3 alone: of a stronger reader a line takes as long as a card of the first."""
    first, second, third = text.lines
    lines = [compact(line) for line in reader.read(card.photo, line_quads(text)[2:])]
    return MrzText((first, second, _merged_names(third, _third(lines, first, second)))) if lines else text


def merge(one: MrzText, other: MrzText) -> MrzText:
    """Two readings of the same MRZ as one; where the check digits hold in one of them alone, that one is believed."""
    first, second = (_joined_lines if _holds(one) == _holds(other) else _believed)(one, other)
    return MrzText((first, second, _merged_names(one.lines[2], other.lines[2])))


def _joined_lines(one: MrzText, other: MrzText) -> tuple[Text, Text]:
    first, second = (_merged(a, b) for a, b in zip(one.lines[:2], other.lines[:2], strict=True))
    return first, second


def _believed(one: MrzText, other: MrzText) -> tuple[Text, Text]:
    right, wrong = (one, other) if _holds(one) else (other, one)
    first, second = (agreeing(a, b) for a, b in zip(right.lines[:2], wrong.lines[:2], strict=True))
    return first, second


def _holds(text: MrzText) -> bool:
    return all(grammar.checks(grammar.parse([line.text for line in text.lines])).values())


def _merged(one: Text, other: Text) -> Text:
    if min(one.fit, other.fit) < _GOOD_FIT:
        return one if one.fit >= other.fit else other
    return fuse(one, other)


def _merged_names(one: Text, other: Text) -> Text:
    """Both readings of line 3 as choices for the witnesses, the first preferred: an empty column is no evidence."""
    if one.table is None or other.table is None or not other.text.strip("<"):
        return one
    if not one.text.strip("<"):
        return other
    table = _FIRST * one.table + (1 - _FIRST) * other.table
    return replace(from_table(table, one.reader, one.fits), quad=one.quad or other.quad)


_FIRST = 0.6  # weight of the first reading of the names


def columns(text: MrzText) -> tuple[Columns, Columns, Columns] | None:
    """Where the 30 characters of each line stand, by lines 1 and 2, or by one of them; None if neither was found."""
    one, two = (_smooth(line) if len(line.centres) == grammar.LENGTH else None for line in text.lines[:2])
    if one is None and two is None:
        return None
    if one is None:
        assert two is not None
        one = two - _down(two)
    if two is None:
        two = one + _down(one)
    return one, two, 2 * two - one


def _down(line: Columns) -> NDArray[np.float64]:
    """From one line to the next: ten characters and six lines to the inch (ICAO 9303 part 3, section 4.4)."""
    right, down = (line[-1] - line[0]) / (grammar.LENGTH - 1)
    return np.array([-down, right]) * 10 / 6


def _smooth(text: Text) -> Columns:
    """A parabola through the characters' middles, doubtful ones counting less: even pitch, seen in perspective."""
    places = np.arange(grammar.LENGTH)
    weights = np.maximum(text.fits, 0.05)
    points = np.array(text.centres)
    return np.stack([np.polyval(np.polyfit(places, points[:, axis], 2, w=weights), places) for axis in (0, 1)], axis=1)


def line_quads(text: MrzText) -> tuple[Quad, ...]:
    """Where the three lines should stand, whole, as far as lines 1 and 2 tell; empty if neither was found."""
    marked = columns(text)
    if marked is None:
        return ()
    down = (marked[1] - marked[0]).mean(axis=0) * _HALF_HEIGHT
    return tuple(_around(line, down) for line in marked)


def _around(line: Columns, down: NDArray[np.float64]) -> Quad:
    left = line[0] - (line[1] - line[0]) * _MARGIN
    right = line[-1] + (line[-1] - line[-2]) * _MARGIN
    return quad_of((left - down, right - down, right + down, left + down))


def _third(lines: Sequence[Line], first: Text, second: Text) -> Text:
    """The characters that stand in the columns of line 3, whichever pieces they were found in."""
    marked = columns(MrzText((first, second, first)))
    table = np.zeros((grammar.LENGTH, len(INDEX)))
    fits = np.full(grammar.LENGTH, _FILLER_SCORE)
    if marked is None:
        return _from_likeliest(lines)
    found = sorted(_near(lines, marked), key=lambda piece: piece[0])
    taken = -1
    for column, line, place in found:
        if not line.text[place].isalnum():  # a filler, or a speck, which stands in no column
            continue
        taken = max(taken + 1, round(column))
        if taken >= grammar.LENGTH:
            break
        letter = spell(line, (grammar.LINE_3[0],), place, place + 1)
        assert letter.table is not None
        table[taken], fits[taken] = letter.table[0], letter.fits[0]
    table[table.sum(axis=1) == 0, INDEX["<"]] = 1.0
    _clear_fillers(table)
    text = from_table(table, found[0][1].reader if found else "none", tuple(fits.tolist()))
    return replace(text, quad=_around(marked[2], (marked[1] - marked[0]).mean(axis=0) * _HALF_HEIGHT))


def _clear_fillers(table: Table) -> None:
    """Fillers that were read as letters, put right: a run of one letter, and whatever follows the end of the names."""
    text = from_table(table, "", ()).text
    for run in re.finditer(r"([A-Z])\1{3,}", text):
        text = text[: run.start()] + "<" * len(run.group()) + text[run.end() :]
    named = re.match(r"<*[A-Z<]*?[A-Z]<<(?:[A-Z]+<?)*", text)
    text = text if named is None else text[: named.end()].ljust(len(text), "<")
    for place, character in enumerate(text):
        if character == "<":
            table[place] = 0.0
            table[place, INDEX["<"]] = 1.0


def _near(lines: Sequence[Line], marked: tuple[Columns, Columns, Columns]) -> list[tuple[float, Line, int]]:
    """Each character close to line 3: its column, as a fraction, and where it was read."""
    third = marked[2]
    along = (third[-1] - third[0]) / (grammar.LENGTH - 1)
    pitch = float(np.hypot(*along))
    across = float(np.hypot(*(marked[1] - marked[0]).mean(axis=0)))
    found = []
    for line in lines:
        if line.quad is None or not line.text:
            continue
        places = np.arange(len(line.text))
        offsets = np.array([centre(line, place) for place in range(len(line.text))])[:, None] - third
        columns = np.abs(offsets @ along).argmin(axis=1)
        nearest = offsets[places, columns]
        beside, distance = nearest @ along / pitch**2, np.abs(nearest @ (-along[1], along[0])) / pitch
        near = (distance < across * 0.4) & (np.abs(beside) < 1.0)
        if near.sum() > 0.7 * len(line.text):  # else it is other print that reaches into the line
            found += [(float(columns[i] + beside[i]), line, i) for i in np.flatnonzero(near).tolist()]
    return found


def _from_likeliest(lines: Sequence[Line]) -> Text:
    """Without columns to go by: the line that looks most like names and fillers."""
    likely = [
        line for line in lines if line.text.count("<") >= 2 and not any(c in "0123456789" for c in line.text[:20])
    ]
    best = max(likely, key=lambda line: len(line.text), default=None)
    return spell(_filled(_shortened(best)), grammar.LINE_3) if best is not None else _missing(("<",) * grammar.LENGTH)


def _filled(line: Line) -> Line:
    """A shorter line of a reader without alternatives has lost fillers at its end: there they change nothing."""
    lost = grammar.LENGTH - len(line.text)
    if lost <= 0 or line.lattice is not None:
        return line
    return replace(line, text=line.text + "<" * lost, scores=(*line.scores, *(_FILLER_SCORE,) * lost))


# Fillers that were read as a letter besides (ine.md, "K or « for <"), the surest first.
_DOUBLED = (r"<([KXCSEL]<)", r"([KXCSEL])<<", r"<([KXCSEL])(?=[A-Z]{3})")


def _shortened(line: Line) -> Line:
    """A line of more than 30 characters without letters that a reader made of a filler, until it has 30."""
    for pattern in _DOUBLED:
        while len(line.text) > grammar.LENGTH and (match := re.search(pattern, line.text)):
            keep = [i for i in range(len(line.text)) if not match.start(1) <= i < match.end(1)]
            line = picked(line, keep)
    return line
