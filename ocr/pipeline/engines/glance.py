"""The reader that reads at a glance: two small networks of our own (`training/`), one finds print and one reads it.

They know nothing but cards. What is read so is believed where the card's own witnesses confirm it, and where PP-OCRv6
says the same; it is read again where not.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.engines.finder import Finder
from ocr.pipeline.engines.kept import kept_file
from ocr.pipeline.engines.pages import MrzPages, Pages
from ocr.pipeline.engines.recogniser import Eye, Recogniser
from ocr.pipeline.engines.sessions import levels, session
from ocr.pipeline.engines.strips import Seek
from ocr.pipeline.types import Card, Line, Photo

MODEL = Path(__file__).with_name("glance.onnx")
"""Made by `./run train reader`."""
_FRONT = Seek(608, small=7.0, tilted=90.0)
_MRZ = (Seek(384, small=0.0, tilted=90.0), Seek(736, small=11.0, tilted=7.0))
"""An MRZ's letters are the largest of a back: of 60 photos all three lines were found at 384, of 60 hard ones 52."""


class Glance:
    """The first reader of both sides."""

    name = "glance"

    def __init__(self, model: Path = MODEL, models: Path | None = None) -> None:
        """`models`: a folder in which both models are kept as they are loaded soonest (`kept`)."""
        self._finder = Finder(models=models)
        made = session(kept_file(models, model))
        eye = Eye(height=32, step=4, shown=levels(made).blocks, shortest=0.5)
        self.recogniser = Recogniser(self.name, made, eye)
        self._pages = Pages(self.name, self._finder, self.recogniser, _FRONT)

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        """The photo read the likelier way up, then the other."""
        return self._pages.cards(photo, known, aside)

    def for_mrz(self) -> MrzPages:
        """The same reader for a side that should show an MRZ."""
        return MrzPages(self.name, self._finder, self.recogniser, *_MRZ)
