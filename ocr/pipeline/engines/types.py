"""What every reader offers: the lines of a whole photo, or of places that are known."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.types import Card, Line, Photo, Print, Quad


class PageReader(Protocol):
    """Reads everything that a photo shows. Raises `ReaderDown` when it cannot work."""

    @property
    def name(self) -> str:
        """As the settings call it."""

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        """The photo read in one direction after another, the most plausible first. Each offer costs a reading.

        `known`: lines that stand upright in the photo and need not be read again, if that saves anything. `aside`:
        takes on a share of the work, if there is any.
        """


class LineReader(Protocol):
    """Reads lines whose place is known. Raises `ReaderDown` when it cannot work."""

    @property
    def name(self) -> str:
        """As the settings call it."""

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        """One `Line` per quad, in the order given; a quad that shows nothing gives an empty text.

        `letters`: how many each is thought to hold, where somebody read them before: how wide it is best shown.
        """


class CodeReader(Protocol):
    """Reads machine codes."""

    def read(self, photo: Photo, *, sideways: bool = False) -> tuple[Print, ...]:
        """Every code that is found; `sideways`: of those that stand, too."""


@dataclass(frozen=True, slots=True)
class Readers:
    """All readers of one process. Of each side the first is asked first; the others, and `lines`, only where the first
    leaves something unconfirmed. `rows` reads names and address of a front whose first reader only glances: no witness
    speaks for an address, and none for an accent. None where the first reader looks well itself. `codes` reads the
    machine codes of a back. `later`: each loads what is else loaded when it is first needed."""

    front: tuple[PageReader, ...]
    back: tuple[PageReader, ...]
    lines: tuple[LineReader, ...]
    rows: LineReader | None = None
    codes: CodeReader | None = None
    later: tuple[Callable[[], None], ...] = ()
