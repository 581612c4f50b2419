"""What a line says: a quad in a photo goes in, the text with every alternative that the network saw comes out (CTC).

Which network, and how it wants to be shown a line, is an `Eye`: one for each kind.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.crop import crop
from ocr.pipeline.engines.sessions import Session
from ocr.pipeline.spelling import ALPHABET
from ocr.pipeline.types import Lattice, Line, Photo, Pixels, Quad

_BATCH_PIXELS = 2400 * 48  # of one batch together: larger ones gain nothing on a CPU and cost memory


@dataclass(frozen=True, slots=True)
class Eye:
    """How a network wants to be shown a line: `height` rows of `channels`, a time step for every `step` columns; a
    letter by itself is stretched to `shortest` times the height.

    `shown` turns a crop (height×W) into what the network takes, in each of its channels; 0 is no print.
    """

    height: int
    step: int
    channels: int
    shown: Callable[[Pixels], NDArray[Any]]
    shortest: float = 1.0


class Recogniser:
    """Reads lines with one network; every alternative is kept."""

    def __init__(self, name: str, session: Session, eye: Eye) -> None:
        self.name = name
        self._session = session
        self._eye = eye

    def read(self, photo: Photo, quads: Sequence[Quad]) -> tuple[Line, ...]:
        """One `Line` per quad, in the order given; a quad that shows nothing gives an empty text."""
        crops = [crop(photo.pixels, quad, self._eye.height, self._eye.step, self._eye.shortest) for quad in quads]
        lattices = self._lattices(crops)
        return tuple(greedy(lattice, quad, self.name) for lattice, quad in zip(lattices, quads, strict=True))

    def _lattices(self, crops: Sequence[Pixels]) -> list[Lattice]:
        order = sorted(range(len(crops)), key=lambda i: crops[i].shape[1])
        found: dict[int, Lattice] = {}
        while order:
            batch = _batch(order, crops)
            order = order[len(batch) :]
            (scores,) = self._session.run(None, {"x": self._block([crops[i] for i in batch])})
            for row, i in enumerate(batch):
                found[i] = scores[row, : max(1, round(crops[i].shape[1] / self._eye.step))]
        return [found[i] for i in range(len(crops))]

    def _block(self, crops: Sequence[Pixels]) -> NDArray[np.float32]:
        width = max(crop.shape[1] for crop in crops)
        block = np.zeros((len(crops), self._eye.channels, self._eye.height, width), np.float32)
        for row, pixels in enumerate(crops):
            block[row, :, :, : pixels.shape[1]] = self._eye.shown(pixels)
        return block


def _batch(order: Sequence[int], crops: Sequence[Pixels]) -> list[int]:
    """The next few crops of like width: padding is computed like text, so a short line never rides with a long one."""
    height, first = crops[order[0]].shape[:2]
    batch: list[int] = []
    for i in order:
        width = crops[i].shape[1]
        if batch and (width > 1.3 * first + 32 or (len(batch) + 1) * width * height > _BATCH_PIXELS):
            break
        batch.append(i)
    return batch


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
