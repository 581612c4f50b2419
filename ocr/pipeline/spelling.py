"""Puts a reader's alternatives where a grammar has letters or digits: a lattice and a grammar go in, and for each place
of the grammar the probability of every character comes out.

A grammar is one string of allowed characters per place (`validators.curp.POSITIONS` and its like). Characters that
readers are known to confuse lend their weight to the one that the place allows (ine.md, "Misreadings met in practice").
"""

import heapq
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.types import Lattice, Line, Point, Quad, Table, Text

ALPHABET = "\0 0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜ<-/.,:#()&'"
"""Class i of a lattice is ALPHABET[i]; class 0 is the CTC blank. What a card prints: lower case stands only in web
addresses and microprint, which nobody asks for."""
INDEX: Mapping[str, int] = {character: index for index, character in enumerate(ALPHABET)}

# What a reader says → what it may have stood before, and how much of its weight that deserves. Wrong characters of the
# same shape are what a recogniser is sure of, so the right one need not stand second. Weights
# are chosen, not measured.
_TWINS: tuple[tuple[str, float], ...] = (
    ("O0", 0.8), ("Q0", 0.7), ("D0", 0.6), ("U0", 0.3), ("I1", 0.8), ("L1", 0.6), ("T1", 0.4), ("S5", 0.8),
    ("B8", 0.8), ("Z2", 0.8), ("G6", 0.7), ("A4", 0.5), ("T7", 0.5), ("Y7", 0.3), ("Z7", 0.4), ("B3", 0.3),
    ("G9", 0.3), ("J1", 0.3), ("/1", 0.4), ("E6", 0.2), ("O6", 0.2), ("C6", 0.2), ("(1", 0.3),
    ("OQ", 0.3), ("OD", 0.4), ("QO", 0.5), ("CG", 0.3), ("VY", 0.2), ("UV", 0.2), ("MN", 0.2), ("HN", 0.2), ("HM", 0.2),
    ("NM", 0.2), ("WM", 0.3), ("KX", 0.2), ("EF", 0.2), ("PR", 0.2), ("NÑ", 0.2), ("FE", 0.2), ("FP", 0.2),
    ("K<", 0.6), ("C<", 0.5), ("(<", 0.7), ("-<", 0.6), ("X<", 0.2), ("E<", 0.3), ("L<", 0.3), ("S<", 0.2), ("Z<", 0.2),
    (" <", 0.5), ("/<", 0.5), (".<", 0.3), ("4<", 0.3), ("6<", 0.2), ("T<", 0.2), ("Y<", 0.2),
    ("ÁA", 0.9), ("ÉE", 0.9), ("ÍI", 0.9), ("ÓO", 0.9), ("ÚU", 0.9), ("ÜU", 0.9), ("Ó0", 0.6), ("Í1", 0.6), ("ÑN", 0.9),
    (".-", 0.8), (":-", 0.6), ("<-", 0.6),
)  # fmt: skip
_HINT = 0.02  # of a twin's weight that an allowed character lends: a choice for the witnesses, no more
_FLOOR = 2e-4  # what any allowed character keeps: no reader is certain


def _confusions() -> NDArray[np.float64]:
    matrix = np.eye(len(ALPHABET))
    for twins, weight in _TWINS:
        said, meant = twins[0], twins[1]
        matrix[INDEX[said], INDEX[meant]] = max(matrix[INDEX[said], INDEX[meant]], weight)
        matrix[INDEX[meant], INDEX[said]] = max(matrix[INDEX[meant], INDEX[said]], weight * 0.8)
    return matrix


_CONFUSIONS = _confusions()
_NO_BLANK = np.arange(len(ALPHABET)) > 0


def masks(grammar: Sequence[str]) -> NDArray[np.bool_]:
    """n×C, read-only: which character each place allows."""
    return _masks(tuple(grammar))


@cache
def _masks(grammar: tuple[str, ...]) -> NDArray[np.bool_]:
    allowed = np.zeros((len(grammar), len(ALPHABET)), bool)
    for place, characters in enumerate(grammar):
        allowed[place, [INDEX[character] for character in characters]] = True
    allowed.setflags(write=False)
    return allowed


def spell(line: Line, grammar: Sequence[str], start: int = 0, stop: int | None = None) -> Text:
    """Characters `start` to `stop` (exclusive) of `line`, put into `grammar`, all of it.

    Where the reader saw as many characters as the grammar has places, each stands in its place; else the likeliest way
    to place them is searched in the lattice. Without a lattice the characters' own scores stand in for it.
    """
    stop = len(line.text) if stop is None else stop
    allowed = masks(grammar)
    if stop - start == len(grammar):
        text = spell_in_place(line, grammar, start, stop)
        if text.fit > 0.5 or len(grammar) < _WORTH_ALIGNING:
            return text
    if line.lattice is None:
        lattice, first = _as_lattice(line, start, stop), 0
    else:
        first, last = _window(line, start, stop)
        lattice = line.lattice[first:last]
    steps = _aligned(lattice, allowed)
    total = len(lattice) if line.lattice is None else len(line.lattice)
    middles = [(first + step + 0.5) / total for step in steps]
    return _located(_placed(_peaks(lattice, steps), allowed, line.reader), line, middles, part(line, start, stop))


def spell_in_place(line: Line, grammar: Sequence[str], start: int, stop: int) -> Text:
    """As many characters as the grammar has places, each in its place."""
    text = _placed(_emissions(line, range(start, stop)), masks(grammar), line.reader)
    return _located(text, line, [along(line, i) for i in range(start, stop)], part(line, start, stop))


_WORTH_ALIGNING = 9  # places: in fewer, a count that is right by chance cannot be told from one that is wrong


def _located(text: Text, line: Line, middles: Sequence[float], quad: Quad | None) -> Text:
    if line.quad is None:
        return text
    return replace(text, quad=quad, centres=_middles(line.quad, middles))


def _middles(quad: Quad, shares: Sequence[float]) -> tuple[Point, ...]:
    first, last = _between(quad[0], quad[3], 0.5), _between(quad[1], quad[2], 0.5)
    return tuple(_between(first, last, share) for share in shares)


def centre(line: Line, place: int) -> Point:
    """The middle of character `place`, in pixels of `Photo.pixels`; the line must have a quad."""
    assert line.quad is not None
    (middle,) = _middles(line.quad, [along(line, place)])
    return middle


def part(line: Line, start: int, stop: int) -> Quad | None:
    """Where characters `start` to `stop` (exclusive) stand, in pixels of `Photo.pixels`."""
    if line.quad is None or not line.text or (start == 0 and stop >= len(line.text)):
        return line.quad
    left = 0.0 if start == 0 else (along(line, start - 1) + along(line, start)) / 2
    right = 1.0 if stop >= len(line.text) else (along(line, stop - 1) + along(line, stop)) / 2
    a, b, c, d = line.quad
    return (_between(a, b, left), _between(a, b, right), _between(d, c, right), _between(d, c, left))


def along(line: Line, place: int) -> float:
    """Where the middle of character `place` stands on its line: 0 at the left end of the quad, 1 at the right."""
    if line.lattice is None or not line.steps:
        return (place + 0.5) / len(line.text)
    return (line.steps[place] + 0.5) / len(line.lattice)


def weight_near(line: Line, place: int, character: str) -> float:
    """The weight that the reader gave to another character where it saw the one at `place`, at its highest."""
    if line.lattice is None or not line.steps:
        return 0.0
    step = line.steps[place]
    return float(line.lattice[max(step - 1, 0) : step + 2, INDEX[character]].max())


def _between(a: Point, b: Point, share: float) -> Point:
    return (a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share)


def compact(line: Line, drop: str = " ") -> Line:
    """The line without its spaces, or without whatever characters are to be dropped."""
    return picked(line, [i for i, character in enumerate(line.text) if character not in drop])


def picked(line: Line, keep: Sequence[int]) -> Line:
    """The line with only the characters at these places."""
    if len(keep) == len(line.text):
        return line
    return replace(
        line,
        text="".join(line.text[i] for i in keep),
        scores=tuple(line.scores[i] for i in keep),
        steps=tuple(line.steps[i] for i in keep) if line.steps else (),
    )


def _emissions(line: Line, places: range) -> Table:
    if line.lattice is not None:
        return np.asarray(line.lattice, np.float64)[[line.steps[i] for i in places]]
    rows = np.zeros((len(places), len(ALPHABET)))
    for row, i in enumerate(places):
        rows[row, 1:] = (1 - line.scores[i]) / _OTHERS
        rows[row, INDEX.get(line.text[i], 0)] = line.scores[i]
    return rows


def _as_lattice(line: Line, start: int, stop: int) -> Lattice:
    """A reader that keeps no alternatives: each character in a step of its own, blanks between."""
    rows = _emissions(line, range(start, stop))
    lattice = np.full(((_BETWEEN + 1) * len(rows) + _BETWEEN, len(ALPHABET)), 1e-4, np.float32)
    lattice[:, 0] = 1.0
    lattice[_BETWEEN :: _BETWEEN + 1, 0] = 1e-4
    lattice[_BETWEEN :: _BETWEEN + 1] += rows.astype(np.float32)
    return lattice


_BETWEEN = 3  # blank steps between characters: room for one that the reader lost
_OTHERS = 12  # characters that a reader which tells only a score may have meant instead: few look alike


def _window(line: Line, start: int, stop: int) -> tuple[int, int]:
    """The time steps that belong to the characters, halfway to their neighbours."""
    assert line.lattice is not None
    first = (line.steps[start - 1] + line.steps[start]) // 2 + 1 if start else 0
    last = (line.steps[stop - 1] + line.steps[stop] + 1) // 2 if stop < len(line.steps) else len(line.lattice)
    return first, max(last, first + 1)


def _placed(evidence: Table, allowed: NDArray[np.bool_], reader: str) -> Text:
    weights = evidence * _NO_BLANK
    # What the place allows stands for itself; what it does not allow was something else of the same shape.
    native = weights * allowed
    lent = (native + (weights - (1 - _HINT) * native) @ _CONFUSIONS) * allowed
    fits = tuple(min(fit, 1.0) for fit in lent.max(axis=1).tolist())
    lent += _FLOOR * allowed
    lent /= lent.sum(axis=1, keepdims=True)
    return from_table(lent, reader, fits)


def from_table(table: Table, reader: str, fits: tuple[float, ...]) -> Text:
    """The likeliest character of each place."""
    text = "".join(map(ALPHABET.__getitem__, table.argmax(axis=1).tolist()))
    return Text(text, tuple(table.max(axis=1).tolist()), None, reader, table, fits)


def _aligned(lattice: Lattice, allowed: NDArray[np.bool_]) -> list[int]:
    """The time step of each place: CTC Viterbi over a chain of places, each lit for one or more time steps."""
    places = len(allowed)
    soft = np.asarray(lattice, np.float64) @ _CONFUSIONS
    log = np.log(np.maximum(soft, 1e-9))
    log[:, 0] = np.log(np.maximum(lattice[:, 0], 1e-9))
    forbidden = np.where(allowed, 0.0, -np.inf)
    blank = np.full(places + 1, -np.inf)
    blank[0] = 0.0
    character = np.full((places, allowed.shape[1]), -np.inf)
    came_from = np.zeros((len(log), places), np.int8)  # per place's best: 0 stayed, 1 from the blank, 2 from the last
    after_blank = np.zeros((len(log), places + 1), bool)
    for step, emission in enumerate(log):
        best = character.max(axis=1)
        stay = character
        from_blank = blank[:-1, None]
        from_last = np.full((places, 1), -np.inf)
        from_last[1:, 0] = best[:-1]
        # A doubled letter needs a blank between: the last place's own character is no way in.
        twice = np.zeros_like(character, bool)
        twice[1:] = character[:-1] == best[:-1, None]
        entered = np.where(twice, from_blank, np.maximum(from_blank, from_last))
        moved = np.maximum(stay, entered) + emission[None, :] + forbidden
        winner = moved.argmax(axis=1)
        rows = np.arange(places)
        came_from[step] = np.where(
            stay[rows, winner] >= entered[rows, winner],
            0,
            np.where(from_blank[:, 0] >= np.where(twice[rows, winner], -np.inf, from_last[:, 0]), 1, 2),
        )
        arrived = np.concatenate(([-np.inf], best))
        after_blank[step] = arrived > blank
        blank = np.maximum(blank, arrived) + emission[0]
        character = moved
    return _trace(came_from, after_blank, character.max(axis=1)[-1] > blank[-1])


def _trace(came_from: NDArray[np.int8], after_blank: NDArray[np.bool_], ends_in_character: bool) -> list[int]:
    """The time step at which each place was last lit, walking the Viterbi back pointers."""
    steps, places = came_from.shape
    lit = [0] * places
    place, in_character, fresh = places - 1, ends_in_character, True
    if not ends_in_character:
        place = places
    for step in range(steps - 1, -1, -1):
        if in_character:
            if fresh:
                lit[place] = step
                fresh = False
            origin = came_from[step, place]
            if origin == 1:
                in_character = False  # blank number `place` lies before character `place`
            elif origin == 2:
                place, fresh = place - 1, True
        elif after_blank[step, place]:
            in_character, place, fresh = True, place - 1, True
        if place < 0:
            break
    return lit


def _peaks(lattice: Lattice, steps: Sequence[int]) -> Table:
    """A character is surest in the middle of its run, not at the end of it: take the best of the steps around."""
    evidence = np.zeros((len(steps), lattice.shape[1]))
    for place, step in enumerate(steps):
        low = (steps[place - 1] + step) // 2 + 1 if place else 0
        evidence[place] = lattice[max(low, step - 3) : step + 1].max(axis=0, initial=0.0)
    return evidence


def narrowed(text: Text, place: int, characters: str) -> Text:
    """`text` with fewer characters allowed at one place: those that are not lend their weight to their twins."""
    assert text.table is not None
    allowed = masks([characters])[0]
    row = text.table[place]
    lent = np.where(allowed, row + np.where(allowed, 0.0, row) @ _CONFUSIONS, 0.0)
    table = text.table.copy()
    table[place] = lent / lent.sum() if lent.sum() > 0 else allowed / allowed.sum()
    fits = tuple(fit * min(float(lent.sum()), 1.0) if i == place else fit for i, fit in enumerate(text.fits))
    told = from_table(table, text.reader, fits)
    return replace(told, quad=text.quad, centres=text.centres, said=text.said, contested=text.contested)


def fuse(one: Text, other: Text) -> Text:
    """Two readings of the same print in the same grammar, as one: their probabilities multiplied, place by place.

    The readings share pixels, so they are no independent witnesses of one another: each counts for `_SHARE` of one.
    """
    assert one.table is not None
    assert other.table is not None
    table = (one.table * other.table) ** _SHARE
    table /= table.sum(axis=1, keepdims=True)
    fused = from_table(table, _joined(one.reader, other.reader), tuple(map(max, one.fits, other.fits)))
    return replace(
        fused,
        quad=one.quad or other.quad,
        centres=one.centres or other.centres,
        said=_counted(one, other),
        contested=one.contested,
    )


def outvoting(text: Text, other: Text) -> Text:
    """`text`, where `other` was read in the same place and slipped: what it said of each character is not known."""
    return replace(text, said=_counted(text, replace(other, text=_SLIPPED * len(text.text), said=())))


_SLIPPED = "?"  # stands for a character that nobody asks for


def agreeing(text: Text, other: Text) -> Text:
    """`text`, and per place how many readings say it when `other` is heard, too."""
    said = _counted(text, other)
    return replace(text, said=tuple({c: places[c]} for c, places in zip(text.text, said, strict=True)))


def _counted(*texts: Text) -> tuple[Mapping[str, int], ...]:
    """Per place, how many readings said which character."""
    return tuple(dict(sum(map(Counter, places), Counter())) for places in zip(*map(_said, texts), strict=True))


def _said(text: Text) -> tuple[Mapping[str, int], ...]:
    return text.said or tuple({character: 1} for character in text.text)


_SHARE = 0.75


def _joined(one: str, other: str) -> str:
    return "+".join(dict.fromkeys((*one.split("+"), *other.split("+"))))


def probabilities(text: Text, spelled: str) -> tuple[float, ...]:
    """The reader's own probability of each character of another spelling of `text`."""
    assert text.table is not None
    return tuple(float(text.table[place, INDEX[character]]) for place, character in enumerate(spelled))


def joined(*texts: Text) -> Text:
    """Several texts as one, the first's place standing for all."""
    tables = [text.table for text in texts if text.table is not None]
    assert len(tables) == len(texts)
    return Text(
        "".join(text.text for text in texts),
        tuple(score for text in texts for score in text.scores),
        texts[0].quad,
        texts[0].reader,
        np.concatenate(tables),
        tuple(fit for text in texts for fit in text.fits),
        said=tuple(places for text in texts for places in _said(text)) if any(text.said for text in texts) else (),
    )


def parted(text: Text, place: int) -> tuple[Text, Text]:
    """What stands before a place of a text in a grammar, and the rest."""
    assert text.table is not None
    first, last = slice(None, place), slice(place, None)
    head, tail = (
        replace(
            text,
            text=text.text[which],
            scores=text.scores[which],
            table=text.table[which],
            fits=text.fits[which],
            centres=text.centres[which],
            said=text.said[which],
        )
        for which in (first, last)
    )
    return head, tail


def candidates(table: Table, *, limit: int = 400, least: float = 1e-4) -> Iterator[tuple[str, float]]:
    """The texts that a table allows, likeliest first, each with its probability over that of the likeliest.

    Stops after `limit` texts, or below `least`.
    """
    order = np.argsort(-table, axis=1)
    ratios = np.take_along_axis(table, order, axis=1)
    ratios = ratios / ratios[:, :1]
    heap: list[tuple[float, tuple[tuple[int, int], ...]]] = [(-1.0, ())]
    for _ in range(limit):
        if not heap:
            return
        cost, changes = heapq.heappop(heap)
        if -cost < least:
            return
        best = order[:, 0].copy()
        for place, rank in changes:
            best[place] = order[place, rank]
        yield "".join(ALPHABET[i] for i in best), -cost
        _push_successors(heap, ratios, cost, changes, least)


def _push_successors(
    heap: list[tuple[float, tuple[tuple[int, int], ...]]],
    ratios: Table,
    cost: float,
    changes: tuple[tuple[int, int], ...],
    least: float,
) -> None:
    """Each text once: change the last changed place further, or change one more place to its right."""
    if changes:
        place, rank = changes[-1]
        further = -cost / ratios[place, rank] * ratios[place, rank + 1] if rank + 1 < ratios.shape[1] else 0.0
        if further >= least:
            heapq.heappush(heap, (-further, (*changes[:-1], (place, rank + 1))))
    first = changes[-1][0] + 1 if changes else 0
    for place in range(first, len(ratios)):
        worth = -cost * ratios[place, 1]
        if worth >= least:
            heapq.heappush(heap, (-worth, (*changes, (place, 1))))
