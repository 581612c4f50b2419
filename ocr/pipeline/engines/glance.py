"""The reader that reads at a glance: a detector that looks from further off, and a small network of our own.

The network (`training/`) takes a sixth of PP-OCRv6 tiny's time for a line and knows nothing but what a card prints. It
errs more often: what it reads is believed where the card's own witnesses confirm it, and is read again where not.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.pages import MrzPages, Pages
from ocr.pipeline.engines.recogniser import Eye, Recogniser
from ocr.pipeline.engines.sessions import session
from ocr.pipeline.engines.strips import Detector, Seek
from ocr.pipeline.types import Card, Photo, Pixels

MODEL = Path(__file__).with_name("glance.onnx")
"""Made by `./run train`."""
_FRONT = Seek(608, small=7.0, tilted=90.0)
_MRZ = (Seek(384, small=0.0, tilted=90.0), Seek(736, small=11.0, tilted=7.0))
"""An MRZ's letters are the largest of a back: of 60 photos all three lines were found at 384, of 60 hard ones 52."""


def standardised(crop: Pixels) -> NDArray[Any]:
    """Grey, mean 0, deviation 1: neither the light nor how dark the ink is tells one letter from another."""
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY).astype(np.float32)
    mean, deviation = cv2.meanStdDev(grey)
    shown: NDArray[Any] = (grey - np.float32(mean[0, 0])) / np.float32(deviation[0, 0] + _LEAST)
    return shown


_LEAST = 4.0  # levels: nothing but noise deviates less
_EYE = Eye(height=32, step=4, channels=1, shown=standardised, shortest=0.5)


class Glance:
    """The first reader of both sides."""

    name = "glance"

    def __init__(self, detector: Detector | None = None, model: Path = MODEL) -> None:
        """`detector`: shared with another reader of the process."""
        self._detector = detector or Detector()
        self.recogniser = Recogniser(self.name, session(model), _EYE)
        self._pages = Pages(self.name, self._detector, self.recogniser, _FRONT)

    def cards(self, photo: Photo) -> Iterator[Card]:
        """The photo read the likelier way up, then the other."""
        return self._pages.cards(photo)

    def for_mrz(self) -> MrzPages:
        """The same reader for a side that should show an MRZ."""
        return MrzPages(self.name, self._detector, self.recogniser, *_MRZ)
