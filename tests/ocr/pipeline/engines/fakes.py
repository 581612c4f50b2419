"""Readers that read nothing: each says one thing, always, and keeps what it was asked.

Pictures are of one grey each and told by it: a close-up of a picture has the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Line, Photo, Quad

Shown = Mapping[int, Sequence[Line]]
"""Grey of a picture → the lines that it shows."""


def grey_of(photo: Photo) -> int:
    """To the next ten: JPEG moves it by one or two."""
    return 10 * round(float(photo.pixels.mean()) / 10)


class Fixed:
    """Reads, in every picture, the lines that it was given for its grey; of a close-up, where the known ones stand."""

    def __init__(self, shown: Shown, name: str = "fixed") -> None:
        self.name = name
        self.shown = shown
        self.asked: list[int] = []

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        lines = tuple(replace(line, reader=self.name) for line in self.shown[grey_of(photo)])
        yield Card(photo, _as_known(lines, known), 0)


def _as_known(lines: tuple[Line, ...], known: Sequence[Line]) -> tuple[Line, ...]:
    """The lines moved as those among them were that are known; as they are where none is."""
    moved = {line.text: line.quad for line in known if line.quad is not None}
    pairs = [(line.quad, moved[line.text]) for line in lines if line.quad is not None and line.text in moved]
    if not pairs:
        return lines
    here, there = (np.array([pair[side] for pair in pairs]).reshape(-1, 2) for side in (0, 1))
    matrix = np.linalg.lstsq(np.column_stack([here, np.ones(len(here))]), there, rcond=None)[0]

    def shifted(quad: Quad) -> Quad:
        a, b, c, d = ((float(x), float(y)) for x, y in np.column_stack([np.array(quad), np.ones(4)]) @ matrix)
        return a, b, c, d

    return tuple(replace(line, quad=shifted(line.quad)) if line.quad is not None else line for line in lines)


class Empty(Fixed):
    """Sees nothing."""

    def __init__(self) -> None:
        super().__init__({}, "empty")

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        return iter(())


class Garbage(Fixed):
    """Sees print everywhere, and none of it means anything."""

    def __init__(self) -> None:
        super().__init__({}, "garbage")

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        texts = ("", " ", "~~€~~", "I1I1L<KK«", "A" * 300, "////", "ÑÑÑÑ", "<" * 10, "lower case")
        lines = (
            Line(text, (0.5,) * len(text), ((0, 9.0 * i), (9, 9.0 * i), (9, 9.0 * i + 8), (0, 9.0 * i + 8)), self.name)
            for i, text in enumerate(texts)
        )
        yield Card(photo, tuple(lines), 0)


class Crashing(Fixed):
    """Dies when it is asked, as its door reports it."""

    def __init__(self, why: str = "it died") -> None:
        super().__init__({}, "crashing")
        self.why = why

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        raise ReaderDown(self.why)

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked.append(grey_of(photo))
        raise ReaderDown(self.why)


class TimingOut(Crashing):
    """Runs past its time, as its door reports it: after one direction was read."""

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        yield Card(photo, (), 0)
        raise ReaderDown("it ran past its time")


class FixedLines:
    """A reader of lines that says what it was given for each place that it is asked about, by the place's left top."""

    def __init__(self, lines: Sequence[Line], name: str = "lines") -> None:
        self.name = name
        self.lines = lines
        self.asked: list[int] = []

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked.append(grey_of(photo))
        return tuple(self._nearest(quad) for quad in quads)

    def _nearest(self, quad: Quad) -> Line:
        def distance(line: Line) -> float:
            assert line.quad is not None
            return sum(
                abs(a - b) for one, two in zip(line.quad, quad, strict=True) for a, b in zip(one, two, strict=True)
            )

        return replace(min(self.lines, key=distance), reader=self.name)


class EmptyLines(FixedLines):
    """Sees nothing in any place."""

    def __init__(self) -> None:
        super().__init__((), "empty")

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked.append(grey_of(photo))
        return tuple(Line("", (), quad, self.name) for quad in quads)
