"""What is made of both pictures besides reading them, whatever their values turn out to be: the faults of either, the
codes of a back, what a life test goes by. Each is begun as soon as the lines are read that it needs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, TypeVar

from ocr.pipeline.both import Aside
from ocr.pipeline.codes import find_prints
from ocr.pipeline.decode import open_original
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.engines.types import CodeReader
from ocr.pipeline.errors import OcrError
from ocr.pipeline.life import foresee, measure
from ocr.pipeline.quality import find_faults
from ocr.pipeline.rectify import well_read
from ocr.pipeline.types import Card, Finding, Measures, MrzText, Original, Photo, Print, Quad, Side

_Out = TypeVar("_Out")


class Sent(NamedTuple):
    """One picture."""

    file: bytes
    photo: Photo


class Back(NamedTuple):
    """A back at first sight, with its MRZ, or the failure where none was found."""

    card: Card
    mrz: MrzText | OcrError


Faults = Callable[[], tuple[Finding, ...]]


class OfLife(NamedTuple):
    """What a life test goes by: of the front, whose values say where the card lies, the file; of the back all."""

    front: Callable[[], Original]
    back: Callable[[MrzText], Measures]


@dataclass(frozen=True, slots=True)
class Besides:
    """Each a call that waits for it; where an MRZ tells the place, it is told the one that was read in the end. `life`
    is there where a life test is taken."""

    faults: Mapping[Side, Faults]
    prints: Callable[[MrzText], tuple[Print, ...]]
    life: OfLife | None

    def findings(self) -> Mapping[Side, tuple[Finding, ...]]:
        """What is wrong with either picture."""
        return {side: faults() for side, faults in self.faults.items()}


def begin_faults(card: Callable[[], Card], aside: Aside) -> Faults:
    """Of one side."""
    return aside(lambda: find_faults(card()))


def begin_prints(
    back: Callable[[], Back], reader: CodeReader | None, aside: Aside
) -> Callable[[MrzText], tuple[Print, ...]]:
    """The codes of a back; none without a reader of them."""

    def prints(mrz: MrzText) -> tuple[Print, ...]:
        return find_prints(back().card, reader, _places(mrz), INE) if reader else ()

    return _foreseen(prints, back, aside)


def begin_traces(file: bytes, back: Callable[[], Back], aside: Aside) -> Callable[[MrzText], Measures]:
    """What a life test goes by of a back: the MRZ says where the card lies, on every model alike."""

    def traces(mrz: MrzText) -> Measures:
        return measure(open_original(file, back().card.photo), _places(mrz), Side.BACK, INE.layout(None))

    return _foreseen(traces, back, aside)


def begin_colours(file: bytes, front: Card, aside: Aside) -> Callable[[], Original]:
    """What a life test goes by of a front: its file, and in it the colours where the card seems to lie."""
    original = aside(partial(open_original, file, front.photo))
    aside(lambda: foresee(original(), [line.quad for line in well_read(front) if line.quad]))
    return original


def _foreseen(work: Callable[[MrzText], _Out], back: Callable[[], Back], aside: Aside) -> Callable[[MrzText], _Out]:
    """Begun with the MRZ that the first look found; without one, done when it is asked for."""

    def begin() -> tuple[_Out] | None:
        return None if isinstance(found := back().mrz, OcrError) else (work(found),)

    begun = aside(begin)

    def asked(mrz: MrzText) -> _Out:
        done = begun()
        return work(mrz) if done is None else done[0]

    return asked


def _places(mrz: MrzText) -> list[Quad]:
    """Where its lines stand."""
    return [line.quad for line in mrz.lines if line.quad]
