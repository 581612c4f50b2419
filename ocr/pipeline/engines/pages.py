"""Reads whole photos: strips of print and a recogniser go in, the lines of a side, upright, come out."""

from collections.abc import Iterable, Iterator, Sequence
from functools import partial

import numpy as np

from ocr.pipeline.both import Aside, shared, when_asked
from ocr.pipeline.engines.strips import Seek, Strip, StripFinder, along, askew, flipped, strips_of, text_angle
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.quads import holds, length, middle
from ocr.pipeline.types import Card, Line, Photo, Quad


def cards_of(
    photo: Photo,
    strips: Sequence[Strip],
    recogniser: LineReader,
    known: Sequence[Line] = (),
    aside: Aside = when_asked,
) -> Iterator[Card]:
    """The lines read the likelier way up, then the other, then those alone that lie askew to most; nothing where there
    are no strips.

    Lines that are `known` say which way up that is, and are not read again where a strip shows nothing else.
    """
    strips = [strip for strip in strips if strip.length <= _LONGEST * strip.height]
    if not strips:
        return
    angle = text_angle(strips)
    quads = [along(strip.quad, angle) for strip in strips]
    read = partial(recogniser.read, photo)
    if known:
        kept, left = _without_known(quads, known)
        yield Card(photo, (*kept, *shared(aside, read, left, _AT_A_TIME)), _quarter(angle))
    samples = sorted(range(len(strips)), key=lambda i: abs(strips[i].length / strips[i].height - 7))[:_SAMPLES]

    def read_those(which: Sequence[int], turned: bool) -> dict[int, Line]:
        lines = shared(aside, read, [flipped(quads[i], turned) for i in which], _AT_A_TIME)
        return dict(zip(which, lines, strict=True))

    tried = {False: read_those(samples, False), True: {}}
    if _plausibility(tried[False].values()) < _UPRIGHT:
        tried[True] = read_those(samples, True)
    for turned in sorted(tried, key=lambda turned: -_plausibility(tried[turned].values())):
        lines = tried[turned] | read_those([i for i in range(len(quads)) if i not in tried[turned]], turned)
        yield Card(photo, tuple(lines[i] for i in sorted(lines)), _quarter(angle + 180 * turned))
    yield from cards_of(photo, askew(strips), recogniser, aside=aside)


_SAMPLES = 4
_AT_A_TIME = 4  # lines
_UPRIGHT = 0.97
"""Mean score from which the samples need not be read upside down as well: of 309 drawn fronts 79 per cent had as much
the right way up, and none more than 0.94 the other."""


def _without_known(quads: Sequence[Quad], known: Sequence[Line]) -> tuple[list[Line], list[Quad]]:
    """The known lines that stand, and the quads that none of them fills."""
    kept, left = list(known), []
    for quad in quads:
        inside = [line for line in known if line.quad is not None and holds(quad, middle(line.quad))]
        if not any(_fills(line.quad, quad) for line in inside if line.quad is not None):
            left.append(quad)
            kept = [line for line in kept if line not in inside]
    return kept, left


def _fills(one: Quad, other: Quad) -> bool:
    ratio = length(one) / max(length(other), 1.0)
    return _AS_LONG < ratio < 1 / _AS_LONG


_AS_LONG = 0.75


class Pages:
    """Reads sides: strips as `seek` finds them, their lines by `recogniser`."""

    def __init__(self, name: str, finder: StripFinder, recogniser: LineReader, seek: Seek) -> None:
        self.name = name
        self._finder = finder
        self._recogniser = recogniser
        self._seek = seek

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        """The photo read the likelier way up, then the other."""
        yield from cards_of(photo, strips_of(self._finder, photo, self._seek), self._recogniser, known, aside)


class MrzPages:
    """Reads sides that should show an MRZ: lines as long are read first, and offered alone if three are its.

    What else a back and the table below it show costs three times as much to read, and tells nothing. `seeks` are tried
    in their order until one finds the three lines; all that the last one found is read then, too.
    """

    def __init__(self, name: str, finder: StripFinder, recogniser: LineReader, *seeks: Seek) -> None:
        self.name = name
        self._finder = finder
        self._recogniser = recogniser
        self._seeks = seeks

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:  # noqa: ARG002
        """The MRZ alone, either way up, where it is whole; then as `Pages.cards`."""
        for seek in self._seeks:
            strips = strips_of(self._finder, photo, seek)
            card = self._mrz_alone(photo, strips) or self._mrz_alone(photo, askew(strips))
            if card is not None:
                yield card
                break
        yield from cards_of(photo, strips, self._recogniser, aside=aside)

    def _mrz_alone(self, photo: Photo, strips: Sequence[Strip]) -> Card | None:
        angle = text_angle(strips)
        alike = [strip for strip in strips if _SHORTEST < strip.length / max(strip.height, 1.0) < _LONGEST]
        highest = sorted(alike, key=lambda strip: -strip.height)[:_MOST]
        quads = [along(strip.quad, angle) for strip in highest]
        for turned in (False, True):
            lines = self._recogniser.read(photo, [flipped(quad, turned) for quad in quads])
            if sum(_is_of_mrz(line.text) for line in lines) >= _MRZ_LINES:
                return Card(photo, lines, _quarter(angle + 180 * turned))
        return None


_SHORTEST, _LONGEST = 12.0, 28.0  # heights; those of eight drawn backs were 17 to 23 long, and nothing is longer
_MOST = 4  # lines: no print of a back that is as long is as high as its MRZ
_MRZ_LINES = 3
_MRZ_PLACES = 30  # ICAO 9303 part 5, section 4.2.2


def _is_of_mrz(text: str) -> bool:
    """Whether a line may be one of a TD1 MRZ, whole."""
    plain = text.replace(" ", "")
    return abs(len(plain) - _MRZ_PLACES) <= 1 and "<" in plain


def _plausibility(lines: Iterable[Line]) -> float:
    """Mean score of the characters: text read upside down gives few and doubtful ones."""
    scores = [score for line in lines for score in line.scores]
    return float(np.mean(scores)) if scores else 0.0


def _quarter(angle: float) -> int:
    """The nearest of 0, 90, 180, 270, counter-clockwise, for an angle given clockwise as seen."""
    return round(-angle / 90) % 4 * 90
