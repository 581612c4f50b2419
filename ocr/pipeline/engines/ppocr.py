"""PP-OCRv6 through onnxruntime: finds lines of text in a photo and reads them, keeping every alternative it saw.

Sources: PaddleOCR's DB post-processing (detection) and CTC decoding (recognition).
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.crop import LINE_HEIGHT, STEP, crop
from ocr.pipeline.engines.cut import cut_recogniser, model_file
from ocr.pipeline.engines.types import LineReader
from ocr.pipeline.spelling import ALPHABET
from ocr.pipeline.types import Card, Lattice, Line, Photo, Pixels, Quad

# Since 1.29 onnxruntime reports its use to its maker unless told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime

_BATCH_PIXELS = 6400  # widths of one batch together: larger ones gain nothing on a CPU and cost memory

_IMAGENET_MEAN = np.array([0.485, 0.456, 0.406], np.float32) * 255
_IMAGENET_STD = np.array([0.229, 0.224, 0.225], np.float32) * 255
_TEXT_PIXEL, _TEXT_BOX, _UNCLIP = 0.2, 0.4, 1.5


def _session(model: str | bytes, threads: int) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Spinning threads of two sessions that take turns fight for the cores: photo median 90 → 57 ms without.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


@dataclass(frozen=True, slots=True)
class Strip:
    """A stretch of text found in a photo: its quad in `Photo.pixels`, reading direction not yet known."""

    quad: Quad
    score: float

    @property
    def length(self) -> float:
        """Pixels along the text."""
        return float(np.hypot(self.quad[1][0] - self.quad[0][0], self.quad[1][1] - self.quad[0][1]))

    @property
    def height(self) -> float:
        """Pixels across the text."""
        return float(np.hypot(self.quad[3][0] - self.quad[0][0], self.quad[3][1] - self.quad[0][1]))


class Detector:
    """Where there is text (PP-OCRv6 detection, DB head)."""

    def __init__(self, size: str = "tiny", threads: int = 1) -> None:
        self._session = _session(str(model_file(f"{size}/det/det.onnx")), threads)

    def find(self, pixels: Pixels, longest: int) -> tuple[Strip, ...]:
        """Strips of text in `pixels`, looked at with its longer side `longest` pixels long (enlarged twice at most)."""
        height, width = pixels.shape[:2]
        ratio = min(longest / max(height, width), 2.0)
        size = max(32, round(width * ratio / 32) * 32), max(32, round(height * ratio / 32) * 32)
        small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR)
        normal = (small.astype(np.float32) - _IMAGENET_MEAN) / _IMAGENET_STD
        (heat,) = self._session.run(None, {"x": normal.transpose(2, 0, 1)[None]})
        return tuple(_strips(heat[0, 0], (width / size[0], height / size[1])))


def _strips(heat: NDArray[np.float32], scale: tuple[float, float]) -> list[Strip]:
    contours, _ = cv2.findContours((heat > _TEXT_PIXEL).astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    strips = []
    for contour in contours:
        rect = cv2.minAreaRect(contour)
        if min(rect[1]) < 2:
            continue
        score = _mean_inside(heat, contour)
        if score >= _TEXT_BOX:
            strips.append(Strip(_grown(rect, scale), score))
    return strips


def _mean_inside(heat: NDArray[np.float32], contour: NDArray[Any]) -> float:
    x, y, width, height = cv2.boundingRect(contour)
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [contour - (x, y)], 1)
    return float(cv2.mean(heat[y : y + height, x : x + width], mask)[0])


def _grown(rect: tuple[Sequence[float], Sequence[float], float], scale: tuple[float, float]) -> Quad:
    """The detector marks the core of a line: grow it to the whole letters (DB's unclip), the long side lying first."""
    (cx, cy), (width, height), angle = rect
    if width < height:
        width, height, angle = height, width, angle + 90
    grow = width * height * _UNCLIP / (width + height)  # area · ratio / perimeter on each side, twice
    corners = cv2.boxPoints(((cx, cy), (width + grow, height + grow), angle)) * scale
    # boxPoints starts at the lower left of the unrotated box: begin at its top left.
    a, b, c, d = ((float(x), float(y)) for x, y in np.roll(corners, -1, axis=0))
    return (a, b, c, d)


class Recogniser:
    """What a line says (PP-OCRv6 recognition, CTC head), every alternative kept."""

    def __init__(self, size: str = "tiny", threads: int = 1, models: Path | None = None) -> None:
        self.name = f"ppocr-{size}"
        self._session = _session(cut_recogniser(size, models), threads)

    def read(self, photo: Photo, quads: Sequence[Quad]) -> tuple[Line, ...]:
        """One `Line` per quad, in the order given; a quad that shows nothing gives an empty text."""
        crops = [crop(photo.pixels, quad) for quad in quads]
        lattices = self._lattices(crops)
        return tuple(greedy(lattice, quad, self.name) for lattice, quad in zip(lattices, quads, strict=True))

    def _lattices(self, crops: Sequence[Pixels]) -> list[Lattice]:
        order = sorted(range(len(crops)), key=lambda i: crops[i].shape[1])
        found: dict[int, Lattice] = {}
        while order:
            batch = _batch(order, crops)
            order = order[len(batch) :]
            width = max(crops[i].shape[1] for i in batch)
            block = np.zeros((len(batch), 3, LINE_HEIGHT, width), np.float32)
            for row, i in enumerate(batch):
                block[row, :, :, : crops[i].shape[1]] = crops[i].transpose(2, 0, 1) / np.float32(127.5) - np.float32(1)
            (scores,) = self._session.run(None, {"x": block})
            for row, i in enumerate(batch):
                found[i] = scores[row, : max(1, round(crops[i].shape[1] / STEP))]
        return [found[i] for i in range(len(crops))]


def _batch(order: Sequence[int], crops: Sequence[Pixels]) -> list[int]:
    """The next few crops of like width: padding is computed like text, so a short line never rides with a long one."""
    first = crops[order[0]].shape[1]
    batch: list[int] = []
    for i in order:
        width = crops[i].shape[1]
        if batch and (width > 1.3 * first + 32 or (len(batch) + 1) * width > _BATCH_PIXELS):
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


class PpOcr:
    """The first reader of both sides: detection, recognition; the direction is tried on a few lines, then all are read.

    A card that is small, tilted or printed narrowly is looked at once more, set level and enlarged until its smaller
    lines are `line_height` pixels high.
    """

    name = "ppocr"

    def __init__(self, threads: int = 1, models: Path | None = None) -> None:
        """`models`: a folder in which the cut recognisers are kept (`cut`)."""
        self.detector = Detector("tiny", threads)
        self.recogniser = Recogniser("tiny", threads, models)
        self.small = SmallRecogniser(models)

    def cards(self, photo: Photo) -> Iterator[Card]:
        """The photo read the likelier way up, then the other."""
        yield from _cards(photo, _strips_of(self.detector, photo, _FIRST_LOOK), self.recogniser)

    def closer(self) -> tuple["CloserPpOcr"]:
        """The same reader for a second look."""
        return (CloserPpOcr(self),)

    def for_mrz(self) -> "MrzPpOcr":
        """The same reader for a side that should show an MRZ."""
        return MrzPpOcr(self)


class MrzPpOcr:
    """`PpOcr` for a side that should show an MRZ: lines as long are read first, and offered alone if three are its.

    What else a back and the table below it show costs three times as much to read, and tells nothing.
    """

    name = PpOcr.name

    def __init__(self, reader: PpOcr) -> None:
        self._reader = reader

    def cards(self, photo: Photo) -> Iterator[Card]:
        """The MRZ alone, either way up, where it is whole; then as `PpOcr.cards`."""
        strips = _strips_of(self._reader.detector, photo, _FIRST_LOOK)
        angle = _text_angle(strips)
        alike = [strip for strip in strips if _SHORTEST < strip.length / max(strip.height, 1.0) < _LONGEST]
        highest = sorted(alike, key=lambda strip: -strip.height)[:_MOST]
        quads = [_along(strip.quad, angle) for strip in highest]
        for turned in (False, True):
            lines = self._reader.recogniser.read(photo, [_flipped(quad, turned) for quad in quads])
            if sum(_is_of_mrz(line.text) for line in lines) >= _MRZ_LINES:
                yield Card(photo, lines, _quarter(angle + 180 * turned))
                break
        yield from _cards(photo, strips, self._reader.recogniser)

    def closer(self) -> tuple["CloserPpOcr"]:
        """As `PpOcr.closer`."""
        return self._reader.closer()


_SHORTEST, _LONGEST = 12.0, 28.0  # heights; those of eight drawn backs were 17 to 23 long
_MOST = 4  # lines: no print of a back that is as long is as high as its MRZ
_MRZ_LINES = 3
_MRZ_PLACES = 30  # ICAO 9303 part 5, section 4.2.2


def _is_of_mrz(text: str) -> bool:
    """Whether a line may be one of a TD1 MRZ, whole."""
    plain = text.replace(" ", "")
    return abs(len(plain) - _MRZ_PLACES) <= 1 and "<" in plain


class CloserPpOcr:
    """The second look of `PpOcr`: at more pixels, and by the stronger recogniser."""

    name = "ppocr-closer"

    def __init__(self, reader: PpOcr) -> None:
        self._reader = reader

    def cards(self, photo: Photo) -> Iterator[Card]:
        """As `PpOcr.cards`."""
        yield from _cards(photo, _strips_of(self._reader.detector, photo, _CLOSER_LOOK), self._reader.small)


def _cards(photo: Photo, strips: Sequence[Strip], recogniser: LineReader) -> Iterator[Card]:
    if not strips:
        return
    angle = _text_angle(strips)
    quads = [_along(strip.quad, angle) for strip in strips]
    samples = sorted(range(len(strips)), key=lambda i: abs(strips[i].length / strips[i].height - 7))[:_SAMPLES]

    def read(which: Sequence[int], turned: bool) -> dict[int, Line]:
        lines = recogniser.read(photo, [_flipped(quads[i], turned) for i in which])
        return dict(zip(which, lines, strict=True))

    known = {turned: read(samples, turned) for turned in (False, True)}
    for turned in sorted(known, key=lambda turned: -_plausibility(known[turned].values())):
        lines = known[turned] | read([i for i in range(len(quads)) if i not in known[turned]], turned)
        yield Card(photo, tuple(lines[i] for i in sorted(lines)), _quarter(angle + 180 * turned))


_FIRST_LOOK = 736  # pixels of the longer side: a card that fills the frame has letters of 10 pixels then
_CLOSER_LOOK = 896  # of a close-up: its lines are some 18 pixels high then; from 900 on, faint holograms join them
_CLOSEST_LOOK = 1280
_SMALL_TEXT, _ROOMY_TEXT = 11.0, 12.0  # height of a line in the detector's pixels: below the first it misses some
_TILTED = 7.0  # degrees from which neighbouring lines run into one another's boxes
_SAMPLES = 4


def _strips_of(detector: Detector, photo: Photo, longest: int) -> tuple[Strip, ...]:
    """Strips as seen with the photo's longer side so many pixels long; small or tilted text is looked at once more."""
    strips = detector.find(photo.pixels, longest)
    if not strips:
        return ()
    ratio = min(longest / max(photo.pixels.shape[:2]), 2.0)
    small = float(np.percentile([strip.height for strip in strips], 30))
    angle = _text_angle(strips)
    tilt = abs(angle - 90 * round(angle / 90))
    if small * ratio >= _SMALL_TEXT and tilt < _TILTED:
        return strips
    return _levelled(detector, photo, strips, angle, _ROOMY_TEXT / small) or strips


def _levelled(
    detector: Detector, photo: Photo, strips: Sequence[Strip], angle: float, scale: float
) -> tuple[Strip, ...]:
    """Look again at the part that holds the strips, turned level and scaled."""
    corners = np.array([strip.quad for strip in strips], np.float64).reshape(-1, 2)
    turn = np.radians(angle)
    rotation = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    level = corners @ rotation.T
    margin = 2.0 * np.median([strip.height for strip in strips])
    low, high = level.min(axis=0) - margin, level.max(axis=0) + margin
    scale = min(scale, _CLOSEST_LOOK / float((high - low).max()), 2.0)
    width, height = (int(side) for side in np.ceil((high - low) * scale))
    matrix = np.hstack([rotation * scale, -low[:, None] * scale])
    source, reduced = _smooth_enough(photo.pixels, scale)
    part: Pixels = cv2.warpAffine(
        source, _on_reduced(matrix, reduced), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    inverse = cv2.invertAffineTransform(matrix)
    found = detector.find(part, max(width, height))
    return tuple(Strip(_mapped(strip.quad, inverse), strip.score) for strip in found)


def _smooth_enough(pixels: Pixels, scale: float) -> tuple[Pixels, float]:
    """Averaged down first where the scale would skip pixels; and by how much."""
    if scale > 0.6:
        return pixels, 1.0
    small: Pixels = cv2.resize(pixels, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    return small, 0.5


def _on_reduced(matrix: NDArray[np.float64], reduced: float) -> NDArray[np.float64]:
    return np.hstack([matrix[:, :2] / reduced, matrix[:, 2:]])


def _mapped(quad: Quad, matrix: NDArray[Any]) -> Quad:
    points = np.array(quad) @ matrix[:, :2].T + matrix[:, 2]
    a, b, c, d = ((float(x), float(y)) for x, y in points)
    return (a, b, c, d)


def _text_angle(strips: Sequence[Strip]) -> float:
    """Degrees, clockwise as seen, -90 to 90: the direction of most of the text, whichever end it begins at."""
    total = 0j
    for strip in strips:
        if strip.length > 2 * strip.height:
            along = complex(*np.subtract(strip.quad[1], strip.quad[0]))
            total += along * along / abs(along)  # doubled angle: a line has no beginning yet
    return float(np.degrees(np.angle(total)) / 2) if total else 0.0


def _along(quad: Quad, angle: float) -> Quad:
    """The corners renumbered so that the first side runs along `angle`, as nearly as one of the four does."""
    wanted = np.exp(1j * np.radians(angle))
    sides = [complex(*np.subtract(quad[(i + 1) % 4], quad[i])) for i in range(4)]
    first = max(range(4), key=lambda i: (sides[i] * np.conj(wanted)).real / (abs(sides[i]) or 1.0))
    a, b, c, d = (quad[(first + i) % 4] for i in range(4))
    return (a, b, c, d)


def _flipped(quad: Quad, turned: bool) -> Quad:
    return (quad[2], quad[3], quad[0], quad[1]) if turned else quad


def _plausibility(lines: Iterable[Line]) -> float:
    """Mean score of the characters: text read upside down gives few and doubtful ones."""
    scores = [score for line in lines for score in line.scores]
    return float(np.mean(scores)) if scores else 0.0


def _quarter(angle: float) -> int:
    """The nearest of 0, 90, 180, 270, counter-clockwise, for an angle given clockwise as seen."""
    return round(-angle / 90) % 4 * 90


class SmallRecogniser:
    """The stronger recogniser, five times slower: loaded when a second look first needs it."""

    name = "ppocr-small"

    def __init__(self, models: Path | None = None) -> None:
        self._models = models

    def read(self, photo: Photo, quads: Sequence[Quad]) -> tuple[Line, ...]:
        """As `Recogniser.read`."""
        return self._recogniser.read(photo, quads)

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser("small", models=self._models)
