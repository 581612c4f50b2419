"""PP-OCRv6 on onnxruntime: finds lines of text in a photo and reads them, keeping every alternative it saw."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.engines.crop import LINE_HEIGHT, STEP
from ocr.pipeline.engines.cut import cut_recogniser
from ocr.pipeline.engines.pages import MrzPages, Pages
from ocr.pipeline.engines.recogniser import Eye, Recogniser
from ocr.pipeline.engines.sessions import TWO, session
from ocr.pipeline.engines.strips import Detector, Seek
from ocr.pipeline.types import Card, Line, Photo, Pixels, Quad

_FIRST_LOOK = Seek(736, small=11.0, tilted=7.0)
"""A card that fills the frame has letters of 10 pixels then; smaller ones are missed at times, and from 7 degrees on
neighbouring lines run into one another's boxes."""
_CLOSER_LOOK = Seek(896, small=11.0, tilted=7.0)
"""Of a close-up: its lines are some 18 pixels high then; from 900 on, faint holograms join them."""


def _centred(crop: Pixels) -> NDArray[Any]:
    """H×W → 1×3×H×W, grey in every colour, -1 to 1."""
    return np.repeat((crop / np.float32(127.5) - np.float32(1))[None, None], 3, axis=1)


_EYE = Eye(LINE_HEIGHT, STEP, _centred, letter=17.0)
"""Two steps to a letter. Of 722 rows of names and addresses in drawn photos the tiny one then reads 99.4 % exactly, as
wide as they are 99.0, of 729 in hard photos 89.2 and 87.8, in three quarters of the time; the small one as many."""


def recogniser(size: str, models: Path | None = None, threads: int = 1) -> Recogniser:
    """PP-OCRv6's recogniser of this size (tiny, small), cut down to what a card prints; `models` keeps it (`cut`)."""
    return Recogniser(f"ppocr-{size}", session(cut_recogniser(size, models), threads), _EYE)


class PpOcr:
    """The reader that looks well: every line of a side is found at the size at which none is missed.

    A card that is small, tilted or printed narrowly is looked at once more, set level and enlarged.
    """

    name = "ppocr"

    def __init__(self, models: Path | None = None) -> None:
        """`models`: a folder in which the cut recognisers are kept (`cut`, `kept`)."""
        self.detector = Detector()
        self.recogniser = recogniser("tiny", models)
        self.small = SmallRecogniser(models)
        self._pages = Pages(self.name, self.detector, self.recogniser, _FIRST_LOOK)

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        """The photo read the likelier way up, then the other."""
        return self._pages.cards(photo, known, aside)

    def for_mrz(self) -> MrzPages:
        """The same reader for a side that should show an MRZ."""
        return MrzPages(self.name, self.detector, self.recogniser, _FIRST_LOOK)

    def closer(self) -> Pages:
        """The same reader for a second look: at more pixels, and by the stronger recogniser."""
        return Pages(f"{self.name}-closer", self.detector, self.small, _CLOSER_LOOK)


class SmallRecogniser:
    """The stronger recogniser, five times slower: loaded when a second look first needs it."""

    name = "ppocr-small"

    def __init__(self, models: Path | None = None) -> None:
        self._models = models

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        """As `Recogniser.read`."""
        return self._recogniser.read(photo, quads, letters)

    def load(self) -> None:
        """Now, and not when a second look first needs it."""
        _ = self._recogniser

    @cached_property
    def _recogniser(self) -> Recogniser:
        return recogniser("small", self._models, TWO)
