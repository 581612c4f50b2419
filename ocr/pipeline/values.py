"""Labels and the stretches between them go in, each value with the words that it was read from comes out.

A value stands right of its label or below it, spelled as the label's grammar says; what no label claims is known by its
grammar alone, where nothing else on a card fits it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import accumulate
from operator import attrgetter

from ocr.pipeline.documents.types import DocumentType, Label
from ocr.pipeline.layout import Piece, alone, gaps, overlap, stretches, word_runs
from ocr.pipeline.spelling import compact, spell, spell_in_place
from ocr.pipeline.types import Line, Text

VALUE_FIT = 0.6
"""Mean fit of a value that stands by its label."""
TOLD_FIT = 0.75
"""The same of a value that no label introduces."""
_CLEARLY, _SHIFTED = 0.12, 0.05  # by so much it must fit better than other words, and than some of its own


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A value and the words that it was read from."""

    piece: Piece
    text: Text


def find_values(labels: Sequence[Piece], pieces: Sequence[Piece], document: DocumentType) -> dict[str, Value]:
    """Each label with the words that fit it best and stand nearest; no word serves two labels.

    What no label claims is known by its grammar alone, where nothing else on a card fits it.
    """
    by_name = {label.name: label for label in document.labels}
    free = [piece for piece in pieces if not piece.label]
    found = _unmistakable(free, document)
    runs = [run for piece in free for rest in _outside(piece, found) for run in word_runs(rest)]
    runs.sort(key=_middle)
    offers = [
        (distance + _MISFIT_COST * (1 - text.fit) - _PER_PLACE * len(text.text), label.label, i, text)
        for label in labels
        for i in _about(label, runs)
        if (distance := _distance(label, runs[i])) < _FAR
        and (text := _best_fitting(runs[i], by_name[label.label].grammars)) is not None
        and text.fit >= VALUE_FIT
    ]
    # Values that nothing else is spelled like come first: a section is any four digits, part of a date's too.
    offers.sort(key=lambda offer: (not by_name[offer[1]].telling, offer[0]))
    for cost, name, i, text in offers:
        if name not in found and not is_taken(runs[i], found):
            found[name] = Value(runs[i], text)
            if _is_contested(offers, runs, cost, name, i, found):
                found[name] = Value(runs[i], replace(text, contested=True))
    for label in document.labels:
        if label.name not in found:
            free = [run for run in runs if not is_taken(run, found)]
            value = _told_by_grammar(label, free)
            found |= {label.name: value} if value else {}
    return _without_doubtful_section(found, {piece.label for piece in labels})


def _without_doubtful_section(found: dict[str, Value], labels: set[str]) -> dict[str, Value]:
    """Models C to F print other four-digit numbers beside the section: it is sure only where each of them was found."""
    section = found.get("section")
    if section is None or not labels & _BESIDE_SECTION or found.keys() >= {"locality", "emission"}:
        return found
    return found | {"section": Value(section.piece, replace(section.text, contested=True))}


_BESIDE_SECTION = {"state", "municipality", "locality", "emission"}


def is_taken(run: Piece, found: Mapping[str, Value]) -> bool:
    """Whether a value was read from some of these characters."""
    line, start, stop = run.line, run.start, run.stop
    for value in found.values():  # `layout.overlap`, without a call for each of tens of thousands of pairs
        piece = value.piece
        if piece.line is line and piece.start < stop and start < piece.stop:
            return True
    return False


def _is_contested(
    offers: Sequence[tuple[float, str, int, Text]],
    runs: Sequence[Piece],
    cost: float,
    name: str,
    chosen: int,
    found: dict[str, Value],
) -> bool:
    """Whether other words, not taken so far, would serve the label nearly as well."""
    return any(
        other_name == name and other - cost < _NEARLY and i != chosen and not is_taken(runs[i], found)
        for other, other_name, i, _ in offers
    )


_NEARLY = 1.2  # label heights
_MISFIT_COST = 8.0  # label heights: words that do not fit at all are as bad as some that stand this much further off
_PER_PLACE = 0.25  # label heights: 2021-2031 is preferred to the 2031 in it


def _unmistakable(pieces: Sequence[Piece], document: DocumentType) -> dict[str, Value]:
    """CURP, elector key and birth date: by their grammar they are known even where the label is another's, or they are
    joined to what stands beside them."""
    words = [run for piece in pieces for run in word_runs(piece)]
    return {
        label.name: value
        for label in document.labels
        if label.telling and min(map(len, label.grammars)) >= _DATE
        if (value := _told_by_grammar(label, _spelled_so(label, words, pieces))) and value.text.fit >= _SURELY
    }


_DATE, _SURELY = 10, 0.9  # places, fit


def _spelled_so(label: Label, words: Sequence[Piece], pieces: Sequence[Piece]) -> list[Piece]:
    """Words, and stretches of longer pieces, that may be the label's value; a date's, only those read to the letter."""
    (grammar,) = label.grammars
    places, least = len(grammar), _ENOUGH if len(grammar) > _DATE else 1.0

    def likely(text: str) -> list[int]:
        return [start for start, share in enumerate(_shares(text, grammar)) if share >= least]

    inside = [run for piece in pieces for run in stretches(piece, places, likely)]
    if places > _DATE:
        return [*words, *inside]
    return [run for run in (*words, *inside) if len(run.text) == places and _share(run.text, grammar) == 1.0]


def _outside(piece: Piece, found: Mapping[str, Value]) -> Iterator[Piece]:
    """What is left of a piece beside the values that were found in it."""
    taken = [value.piece for value in found.values() if overlap(piece, value.piece)]
    yield from gaps(piece, taken) if taken else (piece,)


def _told_by_grammar(label: Label, runs: Sequence[Piece]) -> Value | None:
    """The value of a label that was not read, if one stretch of the card fits its grammar as no other does."""
    if not label.telling:
        return None
    fits: dict[str, Value] = {}
    for counted in (True, False):
        for run in runs:
            for text in fitting(run, label.grammars, counted=counted):
                known = fits.get(text.text)
                if len(text.text) >= _TELLING_PLACES and (known is None or _is_closer(run, text, known)):
                    fits[text.text] = Value(run, text)
        if any(value.text.fit >= _SURELY for value in fits.values()):
            break  # streets and towns, pressed into the grammar letter by letter, would not come near it
    if not fits:
        return None
    best, *others = sorted(fits.values(), key=lambda value: (-value.text.fit, value.piece.stop - value.piece.start))
    clear = all(best.text.fit - other.text.fit >= _margin(best, other) for other in others)
    return best if best.text.fit >= TOLD_FIT and clear else None


_TELLING_PLACES = 6


def _margin(best: Value, other: Value) -> float:
    """By how much a value must fit better than other words; than the same characters in another order, by less."""
    return _SHIFTED if overlap(best.piece, other.piece) and best.text.fit > _SURELY else _CLEARLY


def _is_closer(run: Piece, text: Text, known: Value) -> bool:
    """Whether this run fits better, or as well and holds nothing else."""
    return (text.fit, known.piece.stop - known.piece.start) > (known.text.fit, run.stop - run.start)


_middle = attrgetter("middle")


def _about(label: Piece, runs: Sequence[Piece]) -> range:
    """The numbers of those runs (top to bottom) that are at a height where a label's value may stand: a third of a
    card's, and few of a newspaper's that it lies on."""
    size = max(label.height, 1.0)
    above = _BESIDE * size + _TALLER * max((run.height for run in runs), default=0.0)
    first = bisect_left(runs, label.middle - above, key=_middle)
    return range(first, bisect_right(runs, label.middle + _BELOW * size, first, key=_middle))


_FAR = 6.0
_BESIDE, _TALLER, _BELOW = 0.5, 0.1, 3.2  # label heights, of a run's own height, label heights


def _distance(label: Piece, piece: Piece) -> float:
    """How far a piece is from where a label's value would stand, in label heights; beside is nearer than below."""
    if piece.label:
        return _FAR
    size = max(label.height, 1.0)
    down = (piece.middle - label.middle) / size
    gap = (piece.left - label.right) / size
    if abs(down) < _BESIDE + _TALLER * piece.height / size and gap > -1.0:
        return max(gap, 0.0) / 3 + abs(down)
    overlap = min(label.right, piece.right) - max(label.left, piece.left)
    begins_near = abs(piece.left - label.left) / size
    if 0.3 < down < _BELOW and (overlap > 0 or begins_near < 2.0):
        return 1.0 + down + min(begins_near, abs(piece.left + piece.right - label.left - label.right) / 2 / size) / 3
    return _FAR


def _best_fitting(piece: Piece, grammars: Sequence[Sequence[str]]) -> Text | None:
    """The piece, or the best stretch of it, put into whichever grammar fits it best."""
    return max(fitting(piece, grammars), key=lambda text: (text.fit, len(text.text)), default=None)


def fitting(piece: Piece, grammars: Sequence[Sequence[str]], *, counted: bool | None = None) -> Iterator[Text]:
    """The piece, with and without specks, put into each of the grammars that it is long enough for.

    `counted`: only where it has as many characters as the grammar has places (True), or where it has not (False).
    """
    inked = len(piece.text) - piece.text.count(" ")
    possible = [
        grammar
        for grammar in grammars
        if (counted is None or counted == (inked == len(grammar))) and _may_be(piece.text, grammar)
    ]
    if not possible:
        return
    line = alone(piece)
    whole = compact(line)
    for grammar in possible:
        clean = compact(line, _specks(tuple(grammar)))
        yield from spellings(whole, grammar)
        if len(clean.text) != len(whole.text):
            yield from spellings(clean, grammar)


@cache
def _specks(grammar: tuple[str, ...]) -> str:
    """Those of `SPECKS` that no place of a grammar allows."""
    return "".join(speck for speck in SPECKS if not any(speck in place for place in grammar))


SPECKS = " .,:;'#&()-/<"
"""What a reader makes of dust and of the background; no value but a date and a validity has any of it."""


def spellings(line: Line, grammar: Sequence[str]) -> Iterator[Text]:
    """The whole line; of a long grammar, a count that is slightly off, or the best stretch of a line that is longer.

    A stretch without a gap is preferred to one that leaves out what stands in its middle.
    """
    places, length = len(grammar), len(line.text)
    slack = _slack(places)
    if slack > 1 and places < length <= places + _REST_OF_LABEL:
        starts = [i for i in _likely_starts(line.text, grammar) if _stands_shifted(line.text[i : i + places], grammar)]
        stretches = [spell(line, grammar, i, i + places) for i in starts]
        best = max(stretches, key=lambda text: text.fit, default=None)
        if best is not None:
            yield best
        worse = best is None or best.fit < _WHOLLY
        if length <= places + slack and worse and _stands_shifted(line.text, grammar):
            yield spell(line, grammar)
    elif abs(length - places) <= slack and (slack == 0 or _stands_shifted(line.text, grammar)):
        yield spell(line, grammar)
    elif length == places and slack == 1:  # a date of which most digits were read as letters
        yield spell_in_place(line, grammar, 0, places)


def best_stretch(line: Line, grammar: Sequence[str]) -> Text | None:
    """Of a line's stretches of as many characters as the grammar has places the one that fits it best."""
    if len(line.text) < len(grammar):
        return None
    stretches = (spell_in_place(line, grammar, i, i + len(grammar)) for i in _likely_starts(line.text, grammar))
    return max(stretches, key=lambda text: text.fit, default=None)


def _stands_shifted(text: str, grammar: Sequence[str]) -> bool:
    """Whether most of it stands where the grammar has it, counted from the left up to some place and from the right
    beyond: one or two characters were lost there, or are too many. Placing them by the lattice costs a millisecond."""
    shorter = min(len(text), len(grammar))
    left = [*accumulate((c in place for c, place in zip(text, grammar, strict=False)), initial=0)]
    right = [*accumulate((c in place for c, place in zip(text[::-1], grammar[::-1], strict=False)), initial=0)]
    return max(left[i] + right[shorter - i] for i in range(shorter + 1)) >= _HALF * len(grammar)


_HALF = 0.5  # of the places; what merely looks like digits does not count here


def _likely_starts(text: str, grammar: Sequence[str]) -> list[int]:
    """Where a stretch may begin that is spelled so: where most characters stand where the grammar has them."""
    shares = _shares(text, grammar)
    best = max(shares)
    return [i for i, share in enumerate(shares) if share >= max(best - _NEARLY_AS_MANY, _ENOUGH)]


def _shares(text: str, grammar: Sequence[str]) -> list[float]:
    """`_share` of every stretch of `text` as long as the grammar, counted in the bits of whole numbers."""
    places = len(grammar)
    bits = [
        (sum(1 << i for i, character in enumerate(text) if character in allowed), where)
        for allowed, where in _alphabets(tuple(grammar))
    ]
    return [
        sum((standing >> start & where).bit_count() for standing, where in bits) / places
        for start in range(len(text) - places + 1)
    ]


@cache
def _alphabets(grammar: tuple[str, ...]) -> tuple[tuple[frozenset[str], int], ...]:
    """Each alphabet of a grammar, with what looks like it, and its places as bits."""
    found: dict[str, int] = {}
    for place, allowed in enumerate(grammar):
        found[allowed] = found.get(allowed, 0) | 1 << place
    return tuple(
        (frozenset(allowed) | (_LIKE_DIGITS if allowed[0].isdigit() else frozenset()), where)
        for allowed, where in found.items()
    )


def _share(text: str, grammar: Sequence[str]) -> float:
    """How many of the places have a character that they allow, or one that looks like it."""
    return sum(_may_stand(c, place) for c, place in zip(text, grammar, strict=False)) / len(grammar)


def _may_stand(character: str, place: str) -> bool:
    return character in place or (character in _LIKE_DIGITS and place[0].isdigit())


_NEARLY_AS_MANY = 0.12


def _slack(places: int) -> int:
    """By how many characters a reading of so many places may be too long or too short."""
    return places // 9


def _may_be(text: str, grammar: Sequence[str]) -> bool:
    """Whether it is long enough, and enough of it looks like digits: a glance, so that nothing is spelled in vain."""
    places, inked = len(grammar), len(text) - text.count(" ")
    if inked < places - _slack(places):
        return False
    specks = len(text) - len(text.translate(_WITHOUT_SPECKS))
    if inked > places + (_REST_OF_LABEL if _slack(places) > 1 else _slack(places)) + specks:
        return False
    digits = _digits(tuple(grammar))
    plain = len(text) - len(text.translate(_WITHOUT_DIGITS))
    if plain < _PLAIN_DIGITS * digits or len(text) - len(text.translate(_WITHOUT_LIKE_DIGITS)) < _ENOUGH * digits:
        return False
    return inked != places or specks > 0 or _share(text.replace(" ", ""), grammar) >= _ENOUGH


@cache
def _digits(grammar: tuple[str, ...]) -> int:
    """How many places of a grammar hold digits alone."""
    return sum(place.isdigit() for place in grammar)


_ENOUGH = 0.6  # of the places
_PLAIN_DIGITS = 0.25  # of the places of digits: NACIONALELECTORAL looks like a key, were it all misread
_LIKE_DIGITS = frozenset("0123456789OQDILSBZGTUAJY/(")
# Counting what a translation takes away is several times faster than looking at every character.
_WITHOUT_SPECKS = str.maketrans("", "", SPECKS)
_WITHOUT_DIGITS = str.maketrans("", "", "0123456789")
_WITHOUT_LIKE_DIGITS = str.maketrans("", "", "".join(sorted(_LIKE_DIGITS)))
_REST_OF_LABEL = 14  # characters of a label that may stand joined to its value
_WHOLLY = 0.9  # fit of a stretch that leaves nothing to be wished
