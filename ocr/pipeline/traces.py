"""What the pixels and the file of one side tell of how the picture came to be: numbers by name, and no opinion.

Four kinds: tone and colour of the whole card; the spectrum of small pieces of it, in which the dots of a print and the
pixels of a display ring; noise and sharpness of the same pieces, on the card and beside it; and what an earlier JPEG
has left in the coefficients of this one, which a pasted patch has lost (`recompression`).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.types import Original, Pixels, Quad

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]
Places = NDArray[np.intp]
Named = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on a file as it is stored: the card's corners (top left, top right, bottom right, bottom left
    of what is printed), its lines of print, and its portrait, where it has one."""

    card: Quad
    lines: Sequence[Quad]
    portrait: Quad | None = None


def find_traces(original: Original, place: Place) -> dict[str, float]:
    """Everything that can be measured here. What cannot (a picture too small, a file that is no JPEG) is left out."""
    to_pixels = _to_pixels(place.card)
    on_card = _pieces(original.grey, to_pixels, _ON_CARD, _SIDE)
    found = dict(_tones(original.colour, to_pixels))
    if len(on_card) >= _FEWEST:
        found |= _spectrum(on_card)
        found |= _noise("card", on_card[::2])
        found |= _edges(on_card)
        found |= _beside(original.grey, to_pixels, found, on_card)
        found |= _blackest(original.grey, on_card)
        found |= _false_colours(
            _pieces(original.colour, np.diag([0.5, 0.5, 1.0]) @ to_pixels, _ON_CARD[::2], _SIDE // 2)
        )
    if original.steps is not None:
        found |= recompression(original.grey, original.steps, place)
    return found


_FEWEST = 6  # pieces: fewer are no sample of a card


def _to_pixels(card: Quad) -> Matrix:
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(unit, np.array(card, np.float32)), np.float64)


# --- pieces -----------------------------------------------------------------------------------------------------------

_SIDE = 64
"""Pixels of a piece as the camera stored them: patterns are measured in those, not in millimetres."""
_ON_CARD = tuple(product((0.08, 0.24, 0.4, 0.56, 0.72, 0.9), (0.1, 0.36, 0.62, 0.88)))
_BESIDE = (*product((0.1, 0.3, 0.5, 0.7, 0.9), (-0.1, 1.1)), *product((-0.07, 1.07), (0.2, 0.5, 0.8)))
"""Shares of the card's width and height, of the middles of pieces."""


def _pieces(pixels: Pixels, to_pixels: Matrix, places: Sequence[tuple[float, float]], side: int) -> Floats:
    """Those that lie in the picture, moved inwards by half their size at most: n×side×side, and colours."""
    height, width = pixels.shape[:2]
    middles = cv2.perspectiveTransform(np.array([places], np.float64), to_pixels)[0]
    corners = np.rint(middles).astype(int) - side // 2
    found = []
    for x, y in corners:
        left, top = min(max(x, 0), width - side), min(max(y, 0), height - side)
        if abs(left - x) <= side // 2 and abs(top - y) <= side // 2 and left >= 0 and top >= 0:
            found.append(pixels[top : top + side, left : left + side])
    shape = (0, side, side, *pixels.shape[2:])
    return np.array(found, np.float32) if found else np.zeros(shape, np.float32)


# --- tone and colour --------------------------------------------------------------------------------------------------

_ACROSS, _DOWN = 112, 70  # pixels of the card for its tones: a millimetre is more than one
_TONES = (2, 10, 50, 90, 98)
_SHARES = (25, 50, 75, 90, 97)


def _tones(colour: Pixels, to_pixels: Matrix) -> Named:
    blue, green, red = _small(colour, to_pixels)
    light = 0.114 * blue + 0.587 * green + 0.299 * red
    tones = dict(zip(_TONES, np.percentile(light, _TONES), strict=True))
    yield from ((f"tone_{share}", float(tone)) for share, tone in tones.items())
    yield "tone_range", float(tones[98] - tones[2])
    yield "tone_black", float(tones[2] / (tones[98] + 1))
    spread = (light - tones[2]) / (tones[98] - tones[2] + 1)
    yield "tone_ends", float(((spread < 0.15) | (spread > 0.85)).mean())
    yield "tone_middle", float(((spread > 0.3) & (spread < 0.7)).mean())
    yield "tone_burnt", float((light > 250).mean())
    yield from _hues(light, blue - light, red - light)


def _small(colour: Pixels, to_pixels: Matrix) -> tuple[Floats, Floats, Floats]:
    """The card, flat, each pixel the mean of many: neither noise nor dots are left."""
    reduced = colour
    while max(reduced.shape[:2]) >= 4 * _ACROSS:
        reduced = cv2.resize(reduced, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)
    scale = np.array(reduced.shape[1::-1]) / colour.shape[1::-1] / 2
    matrix = np.diag([*scale, 1.0]) @ to_pixels @ np.diag([1 / _ACROSS, 1 / _DOWN, 1.0])
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    flat = cv2.warpPerspective(reduced, matrix, (_ACROSS, _DOWN), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    blue, green, red = cv2.split(cv2.GaussianBlur(flat.astype(np.float32), (0, 0), 0.8))
    return np.asarray(blue), np.asarray(green), np.asarray(red)


def _hues(light: Floats, blue: Floats, red: Floats) -> Named:
    """How much colour there is, whatever the light's own: of toner and grey ink nothing but that."""
    darkest, dark, bright = np.percentile(light, (8, 30, 85))
    pale = light > dark if dark < light.max() else light >= dark
    tint = float(np.median(blue[pale])), float(np.median(red[pale]))
    yield "tint_blue", tint[0] + _ABOVE_ZERO
    yield "tint_red", tint[1] + _ABOVE_ZERO
    apart = np.hypot(blue - tint[0], red - tint[1])
    share = apart / (light + 10)
    yield from ((f"colour_{n}", float(value)) for n, value in zip(_SHARES, np.percentile(share, _SHARES), strict=True))
    yield "colour_blue", float(blue.std())
    yield "colour_red", float(red.std())
    yield "colour_dark", float(share[light <= darkest].mean())
    yield "colour_light", float(share[light >= bright].mean())
    blue_smooth, red_smooth = (cv2.GaussianBlur(each, (0, 0), 3) for each in (blue, red))
    fine = float(np.hypot(blue - blue_smooth, red - red_smooth).mean())
    coarse = float(np.hypot(blue_smooth - tint[0], red_smooth - tint[1]).mean())
    yield "colour_fine", fine
    yield "colour_coarse", coarse
    yield "colour_ratio", fine / (coarse + 0.5)


_ABOVE_ZERO = 128.0  # what is below 0 was not measured (`forest.MISSING`)


# --- the spectrum -----------------------------------------------------------------------------------------------------

_BANDS = ((0.06, 0.12), (0.12, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 0.5), (0.5, 0.71))
"""Waves per pixel. Print and pictures fill the lowest, dots of a print and pixels of a display ring in the others."""


@dataclass(frozen=True, slots=True)
class _Rings:
    """Of a spectrum's places (in one row): which rings they lie in, in what `order` they lie ring by ring, where each
    ring `begins` in that and how many it holds (`sizes`); and which belong to a band, without what the edges of a
    JPEG's own blocks leave there."""

    ring: Places
    order: Places
    begins: Places
    sizes: Places
    bands: tuple[Places, ...]
    window: Floats


@lru_cache(maxsize=1)
def _rings(side: int) -> _Rings:
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    radius = np.hypot(down, across).ravel()
    ring = np.minimum((radius * side).astype(np.intp), side // 2)
    sizes = np.bincount(ring)
    free = ~_block_edges(down, across, side).ravel()
    bands = tuple(np.flatnonzero((radius >= low) & (radius < high) & free) for low, high in _BANDS)
    hann = np.hanning(side + 2)[1:-1].astype(np.float32)
    begins = np.cumsum(sizes) - sizes
    return _Rings(ring, np.argsort(ring, kind="stable"), begins, sizes, bands, np.outer(hann, hann))


def _block_edges(down: NDArray[Any], across: NDArray[Any], side: int) -> NDArray[np.bool_]:
    """Level and upright waves, of 8 pixels or a whole share of them, and their neighbours."""
    near = 1.5 / side
    whole = [np.abs(wave * 8 - np.rint(wave * 8)) / 8 < near for wave in (down, across)]
    flat = [np.abs(wave) < near for wave in (down, across)]
    return np.asarray((whole[0] & flat[1]) | (whole[1] & flat[0]))


def _spectrum(pieces: Floats) -> dict[str, float]:
    """Per band: how loud it is, and by how much its loudest wave stands out of waves as long in other directions, in
    the pieces where it does most and in the mean of all."""
    rings = _rings(pieces.shape[1])
    mean = pieces.reshape(len(pieces), -1).mean(axis=1)
    waves = np.fft.rfft2((pieces - mean[:, None, None]) * rings.window)
    loud = np.log(waves.real**2 + waves.imag**2 + 0.02 * pieces.shape[1] ** 2).reshape(len(pieces), -1)
    around = np.add.reduceat(loud[:, rings.order], rings.begins, axis=1) / rings.sizes.astype(np.float32)
    apart = loud - around[:, rings.ring]
    together = apart.mean(axis=0)
    found: dict[str, float] = {}
    levels = []
    for i, band in enumerate(rings.bands):
        peaks = apart[:, band].max(axis=1)
        level = loud[:, band].mean(axis=1)
        levels.append(level)
        found[f"peaks_{i}"] = float(np.percentile(peaks, 85))
        found[f"common_{i}"] = float(together[band].max())
        found[f"uneven_{i}"] = float(together[band].std())
        found[f"loud_{i}"] = float(level.mean()) + _ABOVE_ZERO
    for i, (lower, higher) in enumerate(pairwise(levels)):
        found[f"falls_{i}"] = float((higher - lower).mean()) + _ABOVE_ZERO
    return found


def _false_colours(pieces: Floats) -> dict[str, float]:
    """A sensor sees dots and sub-pixels in colours that are not there, and print and dyes in those that are."""
    blue, green, red = pieces[..., 0], pieces[..., 1], pieces[..., 2]
    light = 0.114 * blue + 0.587 * green + 0.299 * red
    steps = np.abs(np.diff(light, axis=2)).mean() + 0.3
    return {
        "steps_red": float(np.abs(np.diff(red - green, axis=2)).mean() / steps),
        "steps_blue": float(np.abs(np.diff(blue - green, axis=2)).mean() / steps),
    }


# --- noise and sharpness ----------------------------------------------------------------------------------------------

_FLAT = (10, 25, 50)


def _noise(name: str, pieces: Floats) -> dict[str, float]:
    """Of the flattest blocks: how much they deviate, and how alike neighbouring pixels do."""
    count, side = len(pieces), pieces.shape[1] // 8
    rows = pieces.reshape(count, side, 8, side, 8).transpose(0, 1, 3, 2, 4).reshape(-1, 64)
    mean = rows.mean(axis=1)
    exposed = (mean < 248) & (mean > 8)
    if exposed.sum() >= 20:
        rows, mean = rows[exposed], mean[exposed]
    centred = rows - mean[:, None]
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred) / 64)
    flat = np.percentile(spread, _FLAT)
    found = {f"{name}_flat_{share}": float(value) for share, value in zip(_FLAT, flat, strict=True)}
    apart, blocks = centred[spread <= flat[1]].reshape(-1, 8, 8), rows.reshape(-1, 8, 8)
    power = float((apart**2).mean()) + 1e-3
    for kind, (one, other) in {
        "across": (apart[:, :, 1:], apart[:, :, :-1]),
        "down": (apart[:, 1:], apart[:, :-1]),
        "aslant": (apart[:, 1:, 1:], apart[:, :-1, :-1]),
        "second": (apart[:, :, 2:], apart[:, :, :-2]),
    }.items():
        found[f"{name}_alike_{kind}"] = float((one * other).mean()) / power + 1
    fine = np.abs(np.diff(np.diff(blocks, 2, axis=1), 2, axis=2)).reshape(-1, 36).mean(axis=1) / 6
    quiet = np.percentile(fine, (*_FLAT, 90))
    found |= {f"{name}_fine_{share}": float(value) for share, value in zip((*_FLAT, 90), quiet, strict=True)}
    found[f"{name}_still"] = float((np.diff(blocks, axis=2) == 0).mean())
    return found


def _edges(pieces: Floats) -> dict[str, float]:
    """How steep the steepest edges are for the contrast that there is."""
    steps = np.maximum(np.abs(np.diff(pieces, axis=2))[:, :-1], np.abs(np.diff(pieces, axis=1))[:, :, :-1])
    flat, most = pieces.reshape(len(pieces), -1), steps[0].size // 100
    steepest = np.partition(steps.reshape(len(pieces), -1), -most, axis=1)[:, -most]
    usual, high = np.percentile(steepest / (np.ptp(flat, axis=1) + 4), (50, 85))
    middle = 4 * pieces[:, 1:-1, 1:-1]
    curved = middle - pieces[:, :-2, 1:-1] - pieces[:, 2:, 1:-1] - pieces[:, 1:-1, :-2] - pieces[:, 1:-1, 2:]
    return {
        "edge": float(usual),
        "edge_most": float(high),
        "curved": float(np.median(np.abs(curved).reshape(len(pieces), -1).var(axis=1))),
    }


def _beside(grey: Pixels, to_pixels: Matrix, card: dict[str, float], on_card: Floats) -> dict[str, float]:
    """What lies around the card: as noisy as the card, as the same sensor saw it; paper or the dark of a display."""
    pieces = _pieces(grey, to_pixels, _BESIDE, _SIDE)
    if len(pieces) < _FEWEST // 2:
        return {}
    found = _noise("beside", pieces)
    light = pieces.reshape(len(pieces), -1).mean(axis=1)
    found |= {"beside_light": float(light.mean()), "beside_uneven": float(light.std())}
    found["beside_dark"] = float(np.percentile(pieces[:, ::2, ::2], 2))
    found["black_beside"] = float(np.percentile(on_card[:, ::4, ::4], 2)) - found["beside_dark"] + _ABOVE_ZERO * 2
    found["beside_bright"] = float(light.mean() / (np.percentile(on_card[:, ::4, ::4], 90) + 1))
    return found | {
        f"noisier_{name}": card[f"card_{name}"] / (found[f"beside_{name}"] + 0.3)
        for name in ("flat_10", "flat_25", "fine_10", "fine_25", "fine_50")
    }


def _blackest(grey: Pixels, on_card: Floats) -> dict[str, float]:
    """A display is never as black as what lies around it: room light comes off its glass. Nor is paper, or toner."""
    black = float(np.percentile(grey[::16, ::16], 0.5))
    return {"black": black, "black_card": float(np.percentile(on_card[:, ::4, ::4], 0.5)) - black + _ABOVE_ZERO * 2}


# --- an earlier JPEG --------------------------------------------------------------------------------------------------

_LOW = tuple(8 * down + across for down, across in product(range(6), range(6)) if 0 < down + across <= 5)
"""Of a block's 64 coefficients those that print and edges fill."""
_MOST_STEP, _MOST = 80, 48  # steps and multiples of them that are looked at
_ROUNDED = 0.7  # of a coefficient, by pixels that are whole numbers and colours that were turned to and fro
_OUTLIERS = 0.05
_TELLING = 0.04  # evidence per coefficient from which on a frequency is believed to have had another step
_ENOUGH = 60  # coefficients of a frequency


def recompression(grey: Pixels, steps: Sequence[int], place: Place) -> dict[str, float]:
    """Whether the picture was a JPEG before, on the same grid of blocks, and where it was not.

    Who opens a photo, changes a part and saves it leaves the rest twice compressed: its coefficients still lie near
    multiples of the first step. Those of what was pasted do not. `before`: evidence of the first JPEG per coefficient.
    `lost`: against it, in the 2×3 blocks of print that speak most against it, (`lost_next`) in the next such place, and
    (`lost_alone`) by how much more in the first.
    """
    print_ = _Blocks.under(place.lines, grey, steps)
    if len(print_.rows) < _FEWEST_BLOCKS:
        return {}
    earlier, evidence = _earlier_steps(print_)
    spoken = print_.speak_for(earlier)
    deepest, following = _deepest(print_, spoken)
    found = {"before": evidence, "before_steps": float(np.count_nonzero(earlier))}
    found |= {"lost": deepest, "lost_next": following, "lost_alone": max(deepest - following, 0.0)}
    if place.portrait and evidence:
        found |= _portrait(_Blocks.under([place.portrait], grey, steps), earlier, float(spoken.mean()))
    return found


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Blocks of 8×8 pixels: where they stand on the map of all, and, N×frequencies, how many steps high their
    coefficients are, without sign; 0 where too many to tell. `burnt`: pixels as light or as dark as can be."""

    shape: tuple[int, int]
    rows: Places
    columns: Places
    multiples: Places
    burnt: NDArray[np.bool_]
    steps: Places

    @classmethod
    def under(cls, quads: Sequence[Quad], grey: Pixels, steps: Sequence[int]) -> "_Blocks":
        """Those that quads touch."""
        shape = grey.shape[0] // 8, grey.shape[1] // 8
        marked = np.zeros(shape, np.uint8)
        for quad in quads:
            cv2.fillConvexPoly(marked, np.rint(np.array(quad) / 8 - 0.5).astype(np.int32), 1)
        rows, columns = np.nonzero(marked)
        whole = grey[: shape[0] * 8, : shape[1] * 8].reshape(shape[0], 8, shape[1], 8)
        pixels = whole[rows, :, columns].reshape(-1, 64)
        told = np.array([steps[place] for place in _LOW])
        in_steps = np.asarray(_cosines() / told, np.float32)
        multiples = np.rint(np.abs(_times(pixels.astype(np.float32) - 128, in_steps)))
        multiples[multiples >= _MOST] = 0
        burnt = (pixels.min(axis=1) <= 1) | (pixels.max(axis=1) >= 254) if len(pixels) else np.zeros(0, bool)
        return cls(shape, rows, columns, multiples.astype(np.intp), burnt, told)

    def speak_for(self, earlier: Places) -> Floats:
        """Each, for its having had the earlier steps."""
        found = np.zeros(len(self.rows), np.float32)
        for i in np.flatnonzero(earlier):
            found += _likely(int(self.steps[i]))[earlier[i]][self.multiples[:, i]]
        found[self.burnt] = 0
        return found


_FEWEST_BLOCKS = 100


def _times(rows: Floats, matrix: Floats) -> Floats:
    """Their product, in pieces so small that OpenBLAS starts no threads for it: while other documents are read on all
    cores its threads wait for one another, and it takes ten times as long."""
    parts = [rows[i : i + _FEW_ROWS] @ matrix for i in range(0, len(rows), _FEW_ROWS)]
    return np.concatenate(parts) if parts else np.zeros((0, matrix.shape[1]), np.float32)


_FEW_ROWS = 200  # by 64 by 20: below the 262144 multiplications from which on it does


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    """64×n: from a block's pixels to its low coefficients (ITU-T T.81, A.3.3)."""
    place = np.arange(8)
    waves = np.sqrt(np.where(place == 0, 1, 2) / 8)[:, None] * np.cos((2 * place + 1) * place[:, None] * np.pi / 16)
    return np.ascontiguousarray(np.kron(waves, waves)[list(_LOW)].T.astype(np.float32))


def _earlier_steps(blocks: _Blocks) -> tuple[Places, float]:
    """Per frequency, the step that it had before, 0 where none is seen; and the mean evidence for them."""
    steps, frequencies = blocks.steps, np.arange(len(blocks.steps))
    told = blocks.multiples[:: len(blocks.rows) // _SAMPLE + 1] + frequencies * _MOST
    counts = np.bincount(told.ravel(), minlength=len(steps) * _MOST).reshape(-1, _MOST)
    counted = counts[:, 1:].sum(axis=1)
    evidence = np.array([_likely(int(step)) @ count for step, count in zip(steps, counts, strict=True)])
    best = evidence.argmax(axis=1)
    most = evidence[frequencies, best]
    seen = (most > _TELLING * np.maximum(counted, 1)) & (counted > _ENOUGH)
    return np.where(seen, best, 0), float(most[seen].sum() / max(counted.sum(), 1))


_SAMPLE = 4000  # blocks


@lru_cache(maxsize=_MOST_STEP + 1)
def _likely(step: int) -> Floats:
    """_MOST_STEP+1 × _MOST: for every step that there may have been before, and every multiple of this one, the
    logarithm of how much likelier the multiple is than after no other step."""
    found = np.zeros((_MOST_STEP + 1, _MOST), np.float32)
    before = np.arange(max(2, step // 2), _MOST_STEP + 1)
    if step <= _MOST_STEP:
        found[before] = np.log((1 - _OUTLIERS) * _falls_on(before / step, _ROUNDED / step) + _OUTLIERS)
        found[step] = 0
    found[:, 0] = 0  # most are, after whatever step
    return found


def _falls_on(ratio: NDArray[np.float64], blur: float) -> NDArray[np.float64]:
    """How many multiples of each earlier step fall on each of the later one, against an even spread."""
    bounds = np.arange(_MOST + 1) - 0.5
    nearest = np.maximum(np.rint(bounds / ratio[:, None]), 0)
    beyond = np.clip((bounds - nearest * ratio[:, None]) / blur, -20, 20)
    below = nearest + 1 / (1 + np.exp(-1.702 * beyond))
    return np.asarray(ratio[:, None] * np.diff(below, axis=1))


def _deepest(blocks: _Blocks, spoken: Floats) -> tuple[float, float]:
    map_ = np.zeros(blocks.shape, np.float32)
    map_[blocks.rows, blocks.columns] = spoken
    sums = cv2.boxFilter(map_, -1, (2, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    row, column = divmod(int(sums.argmin()), blocks.shape[1])
    least = max(0.0, -float(sums[row, column]))
    sums[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 0
    return least, max(0.0, -float(sums.min()))


def _portrait(blocks: _Blocks, earlier: Places, usual: float) -> dict[str, float]:
    """The same in the portrait: mean of its blocks, by how much that is less than print has (`usual`), and the share of
    blocks that speak against it."""
    if len(blocks.rows) < _FEWEST_BLOCKS // 4:
        return {}
    spoken = blocks.speak_for(earlier)
    return {
        "portrait": float(spoken.mean()) + _ABOVE_ZERO,
        "portrait_less": max(usual - float(spoken.mean()), 0.0),
        "portrait_lost": float((spoken < -0.5).mean()),
    }
