"""Readers that read nothing: each says one thing, always, and keeps what it was asked.

Pictures are of one grey each and told by it: a close-up of a picture has the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Line, Photo, Quad

Shown = Mapping[int, Sequence[Line]]
"""Grey of a picture → the lines that it shows."""


def grey_of(photo: Photo) -> int:
    """To the next ten: JPEG moves it by one or two."""
    return 10 * round(float(photo.pixels.mean()) / 10)


class Fixed:
    """Reads, in every picture, the lines that it was given for its grey."""

    def __init__(self, shown: Shown, name: str = "fixed") -> None:
        self.name = name
        self.shown = shown
        self.asked: list[int] = []

    def cards(self, photo: Photo, known: Sequence[Line] = ()) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        lines = tuple(replace(line, reader=self.name) for line in self.shown[grey_of(photo)])
        yield Card(photo, lines, 0)


class Empty(Fixed):
    """Sees nothing."""

    def __init__(self) -> None:
        super().__init__({}, "empty")

    def cards(self, photo: Photo, known: Sequence[Line] = ()) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        return iter(())


class Garbage(Fixed):
    """Sees print everywhere, and none of it means anything."""

    def __init__(self) -> None:
        super().__init__({}, "garbage")

    def cards(self, photo: Photo, known: Sequence[Line] = ()) -> Iterator[Card]:
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

    def cards(self, photo: Photo, known: Sequence[Line] = ()) -> Iterator[Card]:
        self.asked.append(grey_of(photo))
        raise ReaderDown(self.why)

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked.append(grey_of(photo))
        raise ReaderDown(self.why)


class TimingOut(Crashing):
    """Runs past its time, as its door reports it: after one direction was read."""

    def cards(self, photo: Photo, known: Sequence[Line] = ()) -> Iterator[Card]:
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
