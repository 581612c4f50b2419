"""Two JPEGs go in, a `Reading` or one `OcrError` comes out; of one, the card alone. The only file
that knows the order of the stages."""

import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from ocr.pipeline import fields, mrz
from ocr.pipeline.besides import Back, Besides, OfLife, Sent, begin_colours, begin_faults, begin_prints, begin_traces
from ocr.pipeline.both import Aside, Both, in_turn, of_both, side_by_side
from ocr.pipeline.codes import understand
from ocr.pipeline.decode import JPEG_ALONE, MOST_PIXELS, decode, decode_in_colour
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.engines.types import LineReader, PageReader, Readers
from ocr.pipeline.errors import ErrorCode, NotLive, OcrError, ReaderDown
from ocr.pipeline.life import judge_life, measure
from ocr.pipeline.match import compare, matches, percentage
from ocr.pipeline.narrowing import ROWS, known_lines, places_of
from ocr.pipeline.postal import take_apart
from ocr.pipeline.rectify import look_closer, rectify, well_read
from ocr.pipeline.rereading import Rereader
from ocr.pipeline.straighten import straighten
from ocr.pipeline.types import (
    Card,
    Code,
    Evidence,
    Field,
    Finding,
    FrontText,
    LifeTest,
    Line,
    MrzText,
    Photo,
    Print,
    Quad,
    Reading,
    SecondLook,
    Side,
    SideReading,
    Straight,
    Suspicion,
)
from ocr.pipeline.validate import Verdict, judge

_log = logging.getLogger(__name__)

MATCH_THRESHOLD = 80.0
"""Per cent (contract.md, `matches_percentage`); a setting of the service."""


def read_document(  # noqa: PLR0913 - all but the pictures by name
    front: bytes,
    back: bytes,
    *,
    today: date,
    readers: Readers,
    match_threshold: float = MATCH_THRESHOLD,
    most_pixels: int = MOST_PIXELS,
    formats: frozenset[str] = JPEG_ALONE,
    life_test: LifeTest | None = None,
    both: Both = side_by_side,
) -> Reading:
    """Read, settle and compare both sides of one card, given in either order; `both` does the sides' work. No life test
    is taken unless one is given.

    Raises the leaf of `OcrError` that the contract reports first.
    """
    clock = Clock()
    with both() as aside:
        with clock("decode"):
            sent = of_both(aside, partial(_sent, most_pixels=most_pixels, formats=formats), front, back)
        with clock("read"):
            seen, besides = _seen(*sent, readers, aside, life=bool(life_test))
            sides = _understood(seen, readers, aside)
        with clock("judge"):
            opinion = _judged(sides, today)
        with clock("second_looks"):
            sides, opinion, looks = _second_looks(sides, opinion, today, readers)
        with clock("quality"):
            findings = besides.findings()
        if isinstance(opinion, OcrError):
            opinion.findings = findings
            raise opinion
        with clock("compare"):
            comparisons = compare(opinion.front, opinion.mrz, opinion.born)
        with clock("codes"):
            codes = _codes(besides.prints(sides.found), sides, opinion)
        life: tuple[Suspicion, ...] = ()
        if life_test and besides.life:
            with clock("life"):
                life = judge_life(_evidence_of(sides, opinion, besides.life), life_test)
            _refuse_if_suspected(life, life_test, findings)
    return Reading(
        front=_side(sides, Side.FRONT, opinion.front, findings[Side.FRONT]),
        back=_side(sides, Side.BACK, opinion.back, findings[Side.BACK]),
        issuer=sides.front.issuer or "INE",
        model=opinion.model,
        swapped=sides.swapped,
        validations=opinion.validations,
        comparisons=comparisons,
        percentage=percentage(comparisons),
        match=matches(comparisons, match_threshold),
        trusted=opinion.trusted and not any(pair.contradicts for pair in comparisons),
        doubts=opinion.doubts,
        second_looks=looks,
        milliseconds=clock.milliseconds,
        codes=codes,
        address_parts=take_apart(_text(opinion.front["address"]), INE),
        life=life,
    )


def find_evidence(front: bytes, back: bytes, *, today: date, readers: Readers) -> tuple[Evidence, float]:
    """What a life test goes by, and the milliseconds of processor time that it took beyond reading: for whoever trains
    and measures one. All in turn, so that nothing of it is done before it is counted. Raises as `read_document` does.
    """
    with in_turn() as aside:
        sent = of_both(aside, _sent, front, back)
        seen, besides = _seen(*sent, readers, aside, life=True)
        sides = _understood(seen, readers, aside)
        sides, opinion, _ = _second_looks(sides, _judged(sides, today), today, readers)
        if isinstance(opinion, OcrError):
            raise opinion
        began = time.process_time()
        assert besides.life
        evidence = _evidence_of(sides, opinion, besides.life)
        return evidence, (time.process_time() - began) * 1000


def show_card(
    picture: bytes,
    boxes: Sequence[Quad],
    *,
    side: Side,
    model: str | None,
    most_pixels: int = MOST_PIXELS,
    formats: frozenset[str] = JPEG_ALONE,
) -> Straight:
    """One side alone, upright, for people to look at; `boxes`: where `read_document` found its values. Raises
    `UnreadableFile`."""
    photo = decode_in_colour(picture, most_pixels=most_pixels, formats=formats)
    return straighten(photo, boxes, side=side, document=INE, model=model)


class Clock:
    """Milliseconds per stage, in the order of the stages."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, stage: str) -> Iterator[None]:
        """Measure what happens inside."""
        start = time.perf_counter()
        try:
            yield
        finally:
            self.milliseconds[stage] = round((time.perf_counter() - start) * 1000, 1)


# --- the first look --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """The lines of both sides, and the back's MRZ, or the failure where none was found; `swapped`: they were sent the
    other way round."""

    cards: dict[Side, Card]
    mrz: MrzText | OcrError
    swapped: bool = False


@dataclass(frozen=True, slots=True)
class Sides:
    """Both sides as read so far; `mrz` is the failure where no MRZ was found."""

    cards: dict[Side, Card]
    mrz: MrzText | OcrError
    front: FrontText
    swapped: bool = False

    @property
    def found(self) -> MrzText:
        """The MRZ, where one was found; raises the failure otherwise."""
        if isinstance(self.mrz, OcrError):
            raise self.mrz
        return self.mrz


Opinion = Verdict | OcrError


def _sent(file: bytes, *, most_pixels: int = MOST_PIXELS, formats: frozenset[str] = JPEG_ALONE) -> Sent:
    return Sent(file, decode(file, most_pixels=most_pixels, formats=formats))


def _seen(
    front: Sent, back: Sent, readers: Readers, aside: Aside, *, life: bool, swapped: bool = False
) -> tuple[Seen, Besides]:
    """A back has fewer lines: what else is made of it is done while the front's are read. What is begun last is done
    first: that takes the interpreter least, which reading the front's values needs."""
    of_back = aside(partial(_back_seen, back.photo, readers))
    traces = begin_traces(back.file, of_back, aside) if life else None
    faults = begin_faults(lambda: of_back().card, aside)
    prints = begin_prints(of_back, readers.codes, aside)
    card = rectify(front.photo, readers.front[0], _evidence, aside=aside)
    if not swapped and _shows_mrz(card) and not _shows_mrz(of_back().card):
        return _seen(back, front, readers, aside, life=life, swapped=True)
    both_faults = {Side.FRONT: begin_faults(lambda: card, aside), Side.BACK: faults}
    of_life = OfLife(begin_colours(front.file, card, aside), traces) if traces else None
    back_card, found = of_back()
    return Seen({Side.FRONT: card, Side.BACK: back_card}, found, swapped), Besides(both_faults, prints, of_life)


def _back_seen(photo: Photo, readers: Readers) -> Back:
    card = rectify(photo, readers.back[0], _evidence)
    return Back(card, _mrz_of(card))


def _understood(seen: Seen, readers: Readers, aside: Aside) -> Sides:
    rereader = Rereader(readers.rows, _said_by(seen.mrz), aside) if readers.rows else None
    front = fields.read_fields(seen.cards[Side.FRONT], INE, rereader)
    return Sides(seen.cards, seen.mrz, front, seen.swapped)


def _said_by(mrz_text: MrzText | OcrError) -> frozenset[str]:
    """The words of the MRZ's names."""
    return frozenset() if isinstance(mrz_text, OcrError) else frozenset(mrz_text.lines[2].text.split("<")) - {""}


def _evidence(card: Card) -> float:
    found = mrz.evidence(card)
    return found if found >= 1 else max(found, fields.evidence(card, INE))


def _shows_mrz(card: Card) -> bool:
    return mrz.evidence(card) > 0


def _mrz_of(card: Card) -> MrzText | OcrError:
    try:
        return mrz.read_mrz(card)
    except OcrError as error:
        return error


def _judged(sides: Sides, today: date) -> Opinion:
    if isinstance(sides.mrz, OcrError):
        return sides.mrz
    try:
        return judge(sides.mrz, sides.front, today=today)
    except OcrError as error:
        return error


# --- second looks ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Look:
    """One way to read a side again; `again` gives the sides with what it found joined to what was known, the same ones
    where it found nothing more, None where it does not know where to look.

    `whole`: it looks at all of the side. `asks`: the lists of a `Verdict` that name what it may settle; `only`: those
    names of them, where not all; `but`: names that it was asked for before; `unless`: names that alone are not worth
    it.
    """

    side: Side
    reader: str
    again: Callable[[Sides, tuple[str, ...]], Sides | None]
    whole: bool = False
    asks: tuple[str, ...] = ("unconfirmed",)
    only: tuple[str, ...] = ()
    but: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    @property
    def kind(self) -> tuple[object, ...]:
        """What it has in common with those that would see the same."""
        return self.side, self.reader, self.whole, self.asks, self.only


def _second_looks(
    sides: Sides, opinion: Opinion, today: date, readers: Readers
) -> tuple[Sides, Opinion, tuple[SecondLook, ...]]:
    """Read again what is unconfirmed, by one reader after another, until nothing is."""
    taken: list[SecondLook] = []
    if opinion.shows_two_people if isinstance(opinion, Verdict) else _is_settled(sides, opinion):
        return sides, opinion, ()
    looked: dict[tuple[object, ...], Sides] = {}
    for look in _looks(readers):
        wanted = _wanted(opinion, look)
        if not wanted or looked.get(look.kind) is sides:  # nothing has changed since: it would see the same
            continue
        try:
            seen = look.again(sides, wanted)
        except ReaderDown:  # what the first reader saw stands, unconfirmed
            _log.warning("%s is down: a second look at the %s was not taken", look.reader, look.side, exc_info=True)
            continue
        if seen is None:
            continue
        opinion = opinion if seen is sides else _judged(seen, today)
        sides = looked[look.kind] = seen
        left = _unsettled(opinion, look)
        taken += [SecondLook(look.side, look.reader, name, name not in left) for name in wanted]
    return sides, opinion, tuple(taken)


def _looks(readers: Readers) -> Iterator[Look]:
    """Cheap ones first: single lines before whole pages, and what starts a process last."""
    lines = [reader for reader in readers.lines if reader.name not in _OUTSIDE]
    pages = [reader for reader in readers.front[1:] if reader.name not in _OUTSIDE]
    for line_reader in lines:
        yield from _rows_looks(line_reader, readers)
    for line_reader in lines:
        yield Look(Side.BACK, line_reader.name, _mrz_lines_again(line_reader), asks=_ASKS_ALL)
        known = tuple(INE.unvouched) if line_reader is readers.rows else ()
        yield Look(Side.FRONT, line_reader.name, _values_again(line_reader), but=known)
        yield _beside_look(line_reader)
    for look in _page_looks(pages):
        yield look
        for line_reader in lines:
            yield from _rows_looks(line_reader, readers)
    yield from map(_beside_look, lines)
    yield from _outside_looks(readers)
    for page_reader in readers.back[1:]:
        yield Look(Side.BACK, page_reader.name, _back_again(page_reader))


def _page_looks(pages: Sequence[PageReader]) -> Iterator[Look]:
    """Where what is wanted stands, by all of them, before the whole card by any."""
    for whole, again in enumerate((_part_again, _front_again)):
        for number, page in enumerate(pages):
            unless = _NOT_WORTH_A_PAGE if number else _MAY_BE_HIDDEN if whole else ()
            yield Look(Side.FRONT, page.name, again(page, _CLOSER), bool(whole), _ASKS_ALL, unless=unless)


def _rows_looks(reader: LineReader, readers: Readers) -> Iterator[Look]:
    if reader is not readers.rows:  # else it has read them already
        yield Look(Side.FRONT, reader.name, _rows_again(reader), asks=("missing",), only=ROWS)


def _beside_look(reader: LineReader) -> Look:
    return Look(Side.FRONT, reader.name, _beside_again(reader), asks=("missing",), only=("gender",))


def _outside_looks(readers: Readers) -> Iterator[Look]:
    for line_reader in readers.lines:
        if line_reader.name in _OUTSIDE:
            yield Look(Side.BACK, line_reader.name, _mrz_lines_again(line_reader))
            yield Look(Side.FRONT, line_reader.name, _values_again(line_reader))
    for page_reader in readers.front[1:]:
        if page_reader.name in _OUTSIDE:
            yield Look(Side.FRONT, page_reader.name, _front_again(page_reader, 1.0))


_OUTSIDE = {"tesseract"}
"""Readers of fronts that start a process for every look: asked for keys alone, when nobody else could tell."""
_CLOSER = 1.05  # trust in a reader that looks closer: it loses fewer letters, and is less sure of them
_ASKS_ALL = ("unconfirmed", "missing")
_MAY_BE_HIDDEN = ("gender",)
"""What the holder may have left out: where a glance saw no sex, nor a look beside its label or beside the names, a look
at the whole page saw none either, on 400 drawn cards."""

_NOT_WORTH_A_PAGE = ("gender", "address")
"""What alone is not worth a second look at the whole page, by a reader that takes a second for it: of 360 drawn cards
one address is not read right for want of it."""


def _wanted(opinion: Opinion, look: Look) -> tuple[str, ...]:
    """What a look might settle, where that is worth one."""
    unsettled = _unsettled(opinion, look)
    return unsettled if any(name not in look.unless for name in unsettled) else ()


def _unsettled(opinion: Opinion, look: Look) -> tuple[str, ...]:
    """What a look might settle; the whole side, where not enough was read to judge."""
    if isinstance(opinion, Verdict):
        names = [name for asked in look.asks for name in getattr(opinion, asked)]
        return tuple(
            name
            for name in names
            if name.startswith("mrz") == (look.side is Side.BACK)
            and (not look.only or name in look.only)
            and name not in look.but
        )
    if look.only:
        return ()
    return ("everything",) if look.side is _faulty(opinion) else ()


def _faulty(error: OcrError) -> Side:
    return Side.FRONT if error.code in (ErrorCode.NO_FRONT, ErrorCode.NO_CURP) else Side.BACK


def _is_settled(sides: Sides, error: OcrError) -> bool:
    """No other look helps: another document's MRZ was read well, or much else was and nothing that is that side's."""
    side = _faulty(error)
    lines = well_read(sides.cards[side])
    if error.code is ErrorCode.WRONG_DOCUMENT:
        return any("<<" in line.text for line in lines)
    if error.code is ErrorCode.NO_NAMES:
        return any(_is_empty_row(line) for line in lines)
    evidence = _front_evidence if side is Side.FRONT else mrz.evidence
    return evidence(sides.cards[side]) == 0 and len(lines) >= _MUCH


_MUCH = 10  # lines; the back of a card prints fewer besides its MRZ


def _is_empty_row(line: Line) -> bool:
    """A third line of an MRZ that was read well, and holds nothing but fillers."""
    return line.text.count("<") >= _FILLERS and not line.text.strip("< ") and min(line.scores) >= _CLEARLY


_FILLERS, _CLEARLY = 28, 0.9


def _with_front(sides: Sides, front: FrontText) -> Sides:
    """The same where nothing more was seen."""
    return sides if front is sides.front else replace(sides, front=front)


def _mrz_lines_again(reader: LineReader) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, wanted: tuple[str, ...]) -> Sides:
        if isinstance(sides.mrz, OcrError):
            return sides
        read = mrz.read_again if "mrz" in wanted else mrz.read_names_again
        return replace(sides, mrz=read(sides.cards[Side.BACK], sides.mrz, reader))

    return again


def _values_again(reader: LineReader) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, wanted: tuple[str, ...]) -> Sides:
        return _with_front(sides, fields.read_again(sides.cards[Side.FRONT], sides.front, wanted, reader, INE))

    return again


def _rows_again(reader: LineReader) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, wanted: tuple[str, ...]) -> Sides:
        return _with_front(sides, fields.read_rows_again(sides.cards[Side.FRONT], sides.front, wanted, reader, INE))

    return again


def _beside_again(reader: LineReader) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, _wanted: tuple[str, ...]) -> Sides:
        return _with_front(sides, fields.look_beside(sides.cards[Side.FRONT], sides.front, reader, INE))

    return again


def _back_again(reader: PageReader) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, _wanted: tuple[str, ...]) -> Sides:
        found = _mrz_of(look_closer(sides.cards[Side.BACK], reader, mrz.evidence))
        if isinstance(found, OcrError):
            return sides
        known = sides.mrz
        return replace(sides, mrz=found if isinstance(known, OcrError) else mrz.merge(known, found))

    return again


def _part_again(reader: PageReader, trust: float) -> Callable[[Sides, tuple[str, ...]], Sides | None]:
    """Where what is wanted stands: a third of what a look at the whole card takes."""

    def again(sides: Sides, wanted: tuple[str, ...]) -> Sides | None:
        seen = fields.without_background(sides.cards[Side.FRONT], INE)
        places = places_of(seen, sides.front, wanted, INE)
        if not places:
            return None
        known = known_lines(seen, sides.front, wanted, INE)
        found = fields.read_fields(look_closer(seen, reader, _front_evidence, known, places), INE)
        front = _joined(sides.front, found, wanted, trust)
        # That both found the same rows of an address says little: these are looked for where those stand.
        return replace(sides, front=replace(front, whole=sides.front.whole or found.whole))

    return again


def _front_again(reader: PageReader, trust: float) -> Callable[[Sides, tuple[str, ...]], Sides]:
    def again(sides: Sides, wanted: tuple[str, ...]) -> Sides:
        seen = fields.without_background(sides.cards[Side.FRONT], INE)
        known = known_lines(seen, sides.front, wanted, INE) if isinstance(sides.mrz, MrzText) else ()
        found = fields.read_fields(look_closer(seen, reader, _front_evidence, known), INE)
        return replace(sides, front=_joined(sides.front, found, wanted, trust))

    return again


def _joined(front: FrontText, found: FrontText, wanted: tuple[str, ...], trust: float) -> FrontText:
    """Both readings as one; names and address only where they were wanted: else they were read well, and `found` has
    them as they were glanced at."""
    if {"everything", *ROWS}.isdisjoint(wanted):
        found = fields.without_rows(found)
    return fields.merge(front, found, trust=trust)


def _front_evidence(card: Card) -> float:
    return fields.evidence(card, INE)


def _codes(prints: Sequence[Print], sides: Sides, verdict: Verdict) -> tuple[Code, ...]:
    scale = sides.cards[Side.BACK].photo.scale
    return tuple(replace(code, box=_as_sent(code.box, scale)) for code in understand(prints, INE, verdict.back))


# --- the life test ----------------------------------------------------------------------------------------------------


def _evidence_of(sides: Sides, verdict: Verdict, of_life: OfLife) -> Evidence:
    boxes = [field.box for field in verdict.front.values() if field.box]
    return Evidence(
        measure(of_life.front(), boxes, Side.FRONT, INE.layout(verdict.model)),
        of_life.back(sides.found),
        contradictions=_contradictions(sides.front, verdict),
    )


def _contradictions(front: FrontText, verdict: Verdict) -> tuple[str, ...]:
    """What the front's keys and the MRZ say against one another, and keys against themselves and their own print."""
    failed = [check.name for check in verdict.validations if check.passed is False and not check.name.startswith("mrz")]
    return (*verdict.doubts, *failed, *(f"{key}.print" for key in _KEYS if _is_overruled(front, verdict, key)))


_KEYS = ("curp", "elector_key")


def _is_overruled(front: FrontText, verdict: Verdict, key: str) -> bool:
    """Whether its print shows, clearly, a digit where all else that was read says another. Of 500 drawn photos and
    scans none does, of 200 hard photos one, of 160 with a digit pasted over another 15 that contradict nothing else."""
    if key not in front.values:
        return False
    read, settled = front.values[key], str(verdict.front[key].value)
    if len(read.text) != len(settled):
        return False
    return any(
        score >= _CLEARLY_SHOWN and one != other and one.isdigit() and other.isdigit()
        for one, other, score in zip(read.text, settled, read.scores, strict=False)
    )


_CLEARLY_SHOWN = 0.3


def _refuse_if_suspected(
    life: Sequence[Suspicion], test: LifeTest, findings: Mapping[Side, tuple[Finding, ...]]
) -> None:
    attacks = [suspicion.attack for suspicion in life if suspicion.suspected]
    if test.enforced and attacks:
        error = NotLive(f"the life test suspects: {', '.join(attacks)}")
        error.findings, error.life = findings, tuple(life)
        raise error


# --- the reading ------------------------------------------------------------------------------------------------------


def _text(field: Field) -> str | None:
    return field.value if isinstance(field.value, str) else None


def _side(sides: Sides, side: Side, values: Mapping[str, Field], findings: tuple[Finding, ...]) -> SideReading:
    """Boxes turned from the decoded picture's pixels into those of the picture as sent."""
    card = sides.cards[side]
    scale = card.photo.scale
    sent = {name: replace(value, box=value.box and _as_sent(value.box, scale)) for name, value in values.items()}
    return SideReading(sent, card.turn, findings)


def _as_sent(box: Quad, scale: float) -> Quad:
    a, b, c, d = ((round(x * scale, 1), round(y * scale, 1)) for x, y in box)
    return (a, b, c, d)
