"""What a line says: a quad in a photo goes in, the text with every alternative that the network saw comes out (CTC).

Which network, and how it wants to be shown a line, is an `Eye`: one for each kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.crop import crop
from ocr.pipeline.engines.sessions import Session
from ocr.pipeline.spelling import ALPHABET
from ocr.pipeline.types import Lattice, Line, Photo, Pixels, Quad


@dataclass(frozen=True, slots=True)
class Eye:
    """How a network wants to be shown a line: `height` rows, a time step for every `step` columns; a letter by itself
    is stretched to `shortest` times the height. `letter`: the columns that a letter of a line is shown in, where it is
    known how many there are.

    `shown` turns a crop (height×W) into what the network takes.
    """

    height: int
    step: int
    shown: Callable[[Pixels], NDArray[Any]]
    shortest: float = 1.0
    letter: float = 0.0


class Recogniser:
    """Reads lines with one network; every alternative is kept."""

    def __init__(self, name: str, session: Session, eye: Eye) -> None:
        self.name = name
        self._session = session
        self._eye = eye

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        """As `LineReader.read`."""
        counts = letters or repeat(0, len(quads))
        return tuple(self._line(photo, quad, count) for quad, count in zip(quads, counts, strict=True))

    def _line(self, photo: Photo, quad: Quad, letters: int) -> Line:
        eye = self._eye
        pixels = crop(photo.pixels, quad, eye.height, eye.step, eye.shortest, letters * eye.letter)
        return greedy(self._lattice(pixels), quad, self.name)

    def _lattice(self, pixels: Pixels) -> Lattice:
        """Of one line by itself: of several at once the shorter ones are filled up, and that takes as long as print. On
        one thread (`sessions`) it gains nothing (a card's lines 20.7 ms in batches of like width, 19.7 one by one)."""
        (scores,) = self._session.run(None, {"x": self._eye.shown(pixels)})
        lattice: Lattice = scores[0]
        return lattice


def greedy(lattice: Lattice, quad: Quad, reader: str) -> Line:
    """The best class of every time step, repeats and blanks dropped (CTC)."""
    best = lattice.argmax(axis=1)
    top = lattice[np.arange(len(best)), best]
    text: list[str] = []
    scores: list[float] = []
    steps: list[int] = []
    previous = 0
    for step, (index, score) in enumerate(zip(best.tolist(), top.tolist(), strict=True)):
        if index and index == previous:
            if score > scores[-1]:
                scores[-1], steps[-1] = score, step
        elif index:
            text.append(ALPHABET[index])
            scores.append(score)
            steps.append(step)
        previous = index
    return Line("".join(text), tuple(scores), quad, reader, lattice, tuple(steps))
