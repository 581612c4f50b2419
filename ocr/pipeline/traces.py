"""What the pixels and the file of one side tell of how the picture came to be: numbers by name, and no opinion.

Tone and colour of the card; the spectrum of small pieces of it, in which the dots of a print and the pixels of a
display ring; noise and sharpness of the same pieces, and of others beside it; what an earlier JPEG has left in the
coefficients of this one, which a pasted patch has lost (`recompression`); and how alike the portrait and the small,
pale one are.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import cv2
import numpy as np
import numpy.fft  # else the first picture loads it
from numpy.typing import NDArray

from ocr.pipeline.types import Original, Pixels, Quad

Floats = NDArray[np.float32]
Matrix = NDArray[np.float64]
Places = NDArray[np.intp]
Named = Iterator[tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on a file as it is stored: the card's corners (top left, top right, bottom right, bottom left
    of what is printed), the values that were read, its portrait, where it has one, and `ghost`, about where that is
    printed again, small and pale."""

    card: Quad
    values: Sequence[Quad]
    portrait: Quad | None = None
    ghost: Quad | None = None


def find_traces(original: Original, place: Place) -> dict[str, float]:
    """Everything that can be measured here. What cannot (a picture too small, a file that is no JPEG) is left out."""
    grey, to_pixels = original.grey, _to_pixels(place.card)
    halved = _halved(grey)
    light = _flat(_level(halved, place.card, _ACROSS), grey, to_pixels)
    tones = dict(zip(_TONES, _percentiles(light, _TONES), strict=True))
    found = dict(_tones(light, tones))
    found |= _hues(original, place.card, to_pixels)
    found["black"] = _percentiles(halved[-1][::2, ::2], (_BLACK,))[0]
    found["black_card"] = tones[_BLACK] - found["black"] + _ABOVE_ZERO * 2
    on_card = _pieces(grey, to_pixels, _ON_CARD)
    if len(on_card) >= _FEWEST:
        found |= _spectrum(on_card)
        found |= _noise("card", on_card)
        found |= _edges(on_card)
        found |= _beside(grey, to_pixels, found, on_card)
    if original.steps is not None:
        found |= recompression(grey, original.steps, place)
    if place.portrait and place.ghost and _is_seen_well(light, tones[90], place):
        found |= _ghost(_level(halved, place.card, _GHOST_ACROSS), grey, place)
    return found


_FEWEST = 4  # pieces: fewer are no sample of a card


def _halved(grey: Pixels) -> list[Pixels]:
    """The picture, half of it, a quarter, an eighth: each pixel the mean of four."""
    found = [grey]
    while len(found) < 4 and min(found[-1].shape) >= 32:
        last = found[-1]
        even = last[: last.shape[0] // 2 * 2, : last.shape[1] // 2 * 2]  # else it takes ten times as long
        found.append(cv2.resize(even, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA))
    return found


def _level(halved: Sequence[Pixels], card: Quad, across: int) -> Pixels:
    """The smallest in which the card is so wide."""
    times = math.dist(card[0], card[1]) / across
    return halved[min(len(halved) - 1, int(math.log2(max(times, 1))))]


def _to_pixels(card: Quad) -> Matrix:
    unit = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32)
    return np.asarray(cv2.getPerspectiveTransform(unit, np.array(card, np.float32)), np.float64)


# --- pieces -----------------------------------------------------------------------------------------------------------

_SIDE = 64
"""Pixels of a piece as the camera stored them: patterns are measured in those, not in millimetres."""
_ON_CARD = ((0.1, 0.12), (0.63, 0.2), (0.37, 0.4), (0.9, 0.55), (0.15, 0.8), (0.63, 0.85))
_BESIDE = ((0.1, -0.1), (0.9, -0.1), (1.07, 0.5), (0.9, 1.1), (0.1, 1.1), (-0.07, 0.5))
"""Shares of the card's width and height, of the middles of pieces."""


def _pieces(pixels: Pixels, to_pixels: Matrix, places: Sequence[tuple[float, float]]) -> Pixels:
    """Those that lie in the picture, moved inwards by half their size at most: n×side×side."""
    height, width = pixels.shape
    middles = cv2.perspectiveTransform(np.array([places], np.float64), to_pixels)[0]
    found = []
    for x, y in (np.rint(middles).astype(int) - _SIDE // 2).tolist():
        left, top = min(max(x, 0), width - _SIDE), min(max(y, 0), height - _SIDE)
        if abs(left - x) <= _SIDE // 2 and abs(top - y) <= _SIDE // 2 and left >= 0 and top >= 0:
            found.append(pixels[top : top + _SIDE, left : left + _SIDE])
    return np.array(found, np.uint8).reshape(-1, _SIDE, _SIDE)


def _percentiles(values: NDArray[Any], shares: Sequence[float]) -> list[float]:
    """Each a value that occurs. NumPy's own, which looks between two, takes three times as long; and bytes take as much
    longer to sort than floats."""
    ordered = np.sort(values.astype(np.float32, copy=False), axis=None)
    return [float(ordered[round(share / 100 * (len(ordered) - 1))]) for share in shares]


def _means(pieces: Pixels) -> Floats:
    return np.array([cv2.mean(piece)[0] for piece in pieces], np.float32)


def _share(claims: NDArray[np.bool_]) -> float:
    """Of those that are true."""
    return np.count_nonzero(claims) / claims.size


# --- tone and colour --------------------------------------------------------------------------------------------------

_ACROSS, _DOWN = 112, 70  # pixels of the card: a millimetre is more than one
_BLACK = 0.5
_TONES = (_BLACK, 2, 10, 50, 90, 98)
_SHARES = (25, 50, 75, 90, 97)


def _flat(pixels: Pixels, grey: Pixels, to_pixels: Matrix) -> Floats:
    """The card, each pixel the mean of many: neither noise nor dots are left."""
    scale, flags = pixels.shape[1] / grey.shape[1], cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    matrix = to_pixels * ((scale,), (scale,), (1.0,)) * (1 / _ACROSS, 1 / _DOWN, 1.0)
    flat = cv2.warpPerspective(pixels, matrix, (_ACROSS, _DOWN), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cv2.GaussianBlur(flat.astype(np.float32), (5, 5), 0.8))


def _tones(light: Floats, tones: Mapping[float, float]) -> Named:
    yield from ((f"tone_{share}", tones[share]) for share in _TONES if share != _BLACK)
    yield "tone_range", tones[98] - tones[2]
    yield "tone_black", tones[2] / (tones[98] + 1)
    spread = (light - tones[2]) / (tones[98] - tones[2] + 1)
    yield "tone_ends", _share((spread < 0.15) | (spread > 0.85))
    yield "tone_middle", _share((spread > 0.3) & (spread < 0.7))
    yield "tone_burnt", _share(light > 250)


_SEEN = 0.5  # of the card: colours take long to decode, row by row


def _hues(original: Original, card: Quad, to_pixels: Matrix) -> Named:
    """How much colour there is, whatever the light's own: of toner and grey ink nothing but that."""
    down = [y for _, y in card]
    height, top, bottom = original.grey.shape[0], min(down), max(down)
    share = min(max((top + _SEEN * (bottom - top)) / height, _SEEN / 2), 1.0)
    colours = original.colours(share)
    flat = _flat(colours, original.grey, to_pixels)[::2]
    seen = flat[_rows(to_pixels) < colours.shape[0] / colours.shape[1] * original.grey.shape[1]]
    mixed = cv2.transform((seen if len(seen) else flat).reshape(-1, 1, 3), _MIXED)
    red, light, blue = cv2.split(mixed)
    spread_red, _, spread_blue = cv2.meanStdDev(mixed)[1].ravel().tolist()
    darkest, dark, bright = _percentiles(light, (8, 30, 85))
    pale = light > dark if dark < light.max() else light >= dark
    tint = _percentiles(blue[pale], (50,))[0], _percentiles(red[pale], (50,))[0]
    yield "tint_blue", tint[0] + _ABOVE_ZERO
    yield "tint_red", tint[1] + _ABOVE_ZERO
    apart = np.sqrt((blue - tint[0]) ** 2 + (red - tint[1]) ** 2) / (light + 10)
    yield from ((f"colour_{n}", value) for n, value in zip(_SHARES, _percentiles(apart, _SHARES), strict=True))
    yield "colour_blue", spread_blue
    yield "colour_red", spread_red
    yield "colour_dark", float(apart[light <= darkest].mean())
    yield "colour_light", float(apart[light >= bright].mean())


_LIGHT = np.array((0.299, 0.587, 0.114))
_MIXED = np.array([(1, 0, 0) - _LIGHT, _LIGHT, (0, 0, 1) - _LIGHT])
"""Of red, green and blue."""


def _rows(to_pixels: Matrix) -> Floats:
    """In which row of the picture each pixel of every other row of the flat card lies."""
    down, depth = (row[0] * _X + row[1] * _Y + row[2] for row in to_pixels[1:])
    return np.asarray(down / np.where(depth == 0, 1e-9, depth), np.float32)


_X, _Y = np.arange(_ACROSS)[None] / _ACROSS, np.arange(0, _DOWN, 2)[:, None] / _DOWN


_ABOVE_ZERO = 128.0  # what is below 0 was not measured (`forest.MISSING`)


# --- the spectrum -----------------------------------------------------------------------------------------------------

_BANDS = (0.06, 0.12, 0.2, 0.3, 0.4, 0.5, 0.71)
"""Waves per pixel, from bound to bound. Print and pictures fill the lowest, dots of a print and pixels of a display
ring in the others."""


@dataclass(frozen=True, slots=True)
class _Rings:
    """Of a spectrum's places those in a band, without what the edges of a JPEG's own blocks leave there: band by band
    and in each ring by ring, where OpenCV packs the waves' real and imaginary parts (in one row), the ring of each
    (`ring`), where rings and bands begin in that, and how many places they hold."""

    real: Places
    imaginary: Places
    ring: Places
    ring_begins: Places
    ring_sizes: Floats
    band_begins: Places
    band_sizes: Floats
    window: Floats


@lru_cache(maxsize=1)
def _rings(side: int) -> _Rings:
    down, across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    radius = np.hypot(down, across).ravel()
    band = np.digitize(radius, _BANDS) - 1
    places = np.flatnonzero((band >= 0) & (band < len(_BANDS) - 1) & ~_block_edges(down, across, side).ravel())
    group = band[places] * side + np.minimum((radius[places] * side).astype(np.intp), side // 2)
    order = places[np.argsort(group, kind="stable")]
    _, ring, sizes = np.unique(np.sort(group), return_inverse=True, return_counts=True)
    _, begins, band_sizes = np.unique(band[order], return_index=True, return_counts=True)
    hann = np.hanning(side + 2)[1:-1].astype(np.float32)
    ring_begins = np.cumsum(sizes) - sizes
    as_floats = sizes.astype(np.float32), band_sizes.astype(np.float32)
    return _Rings(*_packed(order, side), ring, ring_begins, as_floats[0], begins, as_floats[1], np.outer(hann, hann))


def _packed(places: Places, side: int) -> tuple[Places, Places]:
    """From places of half a spectrum to those of their parts in OpenCV's (`cv2.dft`, CCS): column by column, but the
    first and the last stand upright. What has no imaginary part is told the first place, which no band holds."""
    down, across = np.divmod(places, side // 2 + 1)
    upright = across % (side // 2) == 0
    same = np.minimum(down, side - down)  # waves that stand for each other in an upright column
    column = np.where(across == 0, 0, side - 1)
    real = np.where(upright, np.maximum(2 * same - 1, 0) * side + column, down * side + 2 * across - 1)
    imaginary = np.where(upright, 2 * same * side + column, real + 1)
    return real, np.where(upright & (same % (side // 2) == 0), 0, imaginary)


def _block_edges(down: NDArray[Any], across: NDArray[Any], side: int) -> NDArray[np.bool_]:
    """Level and upright waves, of 8 pixels or a whole share of them, and their neighbours."""
    near = 1.5 / side
    whole = [np.abs(wave * 8 - np.rint(wave * 8)) / 8 < near for wave in (down, across)]
    flat = [np.abs(wave) < near for wave in (down, across)]
    return np.asarray((whole[0] & flat[1]) | (whole[1] & flat[0]))


def _spectrum(pieces: Pixels) -> dict[str, float]:
    """Per band: by how much its loudest wave stands out of waves as long in other directions, in the pieces where it
    does most and in the mean of all; and how much louder it is than the next."""
    rings, count = _rings(pieces.shape[1]), len(pieces)
    level = (pieces - _means(pieces)[:, None, None]) * rings.window
    power = np.array([cv2.dft(piece) for piece in level]).reshape(count, -1) ** 2
    power[:, 0] = 0
    told = np.take(power, rings.real, axis=1) + np.take(power, rings.imaginary, axis=1)
    loud = np.log(told + np.float32(0.02 * pieces.shape[1] ** 2))
    around = np.add.reduceat(loud, rings.ring_begins, axis=1) / rings.ring_sizes
    apart = loud - np.take(around, rings.ring, axis=1)
    peaks = np.sort(np.maximum.reduceat(apart, rings.band_begins, axis=1), axis=0)[(count - 1) * 4 // 5]
    common = np.maximum.reduceat(apart.mean(axis=0), rings.band_begins)
    falls = np.diff((np.add.reduceat(loud, rings.band_begins, axis=1) / rings.band_sizes).mean(axis=0)) + _ABOVE_ZERO
    told = {"peaks": peaks, "common": common, "falls": falls}
    return {f"{name}_{band}": float(value) for name, values in told.items() for band, value in enumerate(values)}


# --- noise and sharpness ----------------------------------------------------------------------------------------------

_FLAT = (10, 25, 50)


def _noise(name: str, pieces: Pixels) -> dict[str, float]:
    """Of the flattest blocks, every other row of them: how much they deviate, and how alike neighbouring pixels do."""
    blocks = _every_other(pieces)
    rows = blocks.astype(np.float32)
    bent = _times(rows, _bends())
    exposed = (bent[:, -1] < 248) & (bent[:, -1] > 8)
    if 20 <= np.count_nonzero(exposed) < len(rows):
        blocks, rows, bent = blocks[exposed], rows[exposed], bent[exposed]
    centred = rows - bent[:, -1:]
    spread = np.sqrt(np.einsum("ij,ij->i", centred, centred) / 64)
    flat = _percentiles(spread, _FLAT)
    found = {f"{name}_flat_{share}": value for share, value in zip(_FLAT, flat, strict=True)}
    found |= {f"{name}_alike_{kind}": alike for kind, alike in _alike(centred[spread <= flat[1]]).items()}
    fine = np.abs(bent[:, :-1]).mean(axis=1) / 6
    quiet = _percentiles(fine, (*_FLAT, 90))
    found |= {f"{name}_fine_{share}": value for share, value in zip((*_FLAT, 90), quiet, strict=True)}
    still = blocks[:, 1:] == blocks[:, :-1]
    still[:, 7::8] = False  # from row to row
    found[f"{name}_still"] = np.count_nonzero(still) / (len(blocks) * 56)
    return found


def _every_other(pieces: Pixels) -> Pixels:
    """Row of blocks of 8×8: N×64."""
    eights = pieces.view(np.uint64).reshape(len(pieces), -1, 8, pieces.shape[2] // 8)[:, ::2]
    return np.ascontiguousarray(eights.transpose(0, 1, 3, 2)).view(np.uint8).reshape(-1, 64)


def _alike(apart: Floats) -> dict[str, float]:
    """How alike neighbouring pixels of blocks differ from their mean."""
    flat, shares = apart.ravel(), _neighbours()
    products = np.zeros((len(shares), flat.size), np.float32)
    for ahead, (down, across) in zip(products, _AHEAD.values(), strict=True):
        kept = flat.size - 8 * down - across
        np.multiply(flat[:kept], flat[-kept:], out=ahead[:kept])
    means = (products.reshape(len(shares), -1, 64).sum(axis=1) * shares).sum(axis=1) / len(apart)
    power, *together = means.tolist()
    return {kind: each / (power + 1e-3) + 1 for kind, each in zip(list(_AHEAD)[1:], together, strict=True)}


_AHEAD = {"itself": (0, 0), "across": (0, 1), "down": (1, 0), "aslant": (1, 1), "second": (0, 2)}
"""Rows and columns."""


@lru_cache(maxsize=1)
def _neighbours() -> Floats:
    """Of a block's pixels, what each counts for in the mean of those that have one so far ahead in the block."""
    kept = [np.outer(np.arange(8) < 8 - down, np.arange(8) < 8 - across) for down, across in _AHEAD.values()]
    return np.array([inside.ravel() / inside.sum() for inside in kept], np.float32)


@lru_cache(maxsize=1)
def _bends() -> Floats:
    """64×37: from a block's pixels to their second differences, of columns and of rows, and to their mean."""
    second = np.eye(6, 8) - 2 * np.eye(6, 8, k=1) + np.eye(6, 8, k=2)
    return np.vstack([np.kron(second, second), np.full(64, 1 / 64)]).T.astype(np.float32, order="C")


def _edges(pieces: Pixels) -> dict[str, float]:
    """How steep the steepest edges are for the contrast that there is."""
    whole = pieces.astype(np.int16)
    steps = np.maximum(np.abs(np.diff(whole, axis=2))[:, :-1], np.abs(np.diff(whole, axis=1))[:, :, :-1])
    flat, most = pieces.reshape(len(pieces), -1), steps[0].size // 100
    steepest = np.partition(steps.reshape(len(pieces), -1), -most, axis=1)[:, -most]
    contrast = flat.max(axis=1).astype(np.float32) - flat.min(axis=1)
    usual, high = _percentiles(steepest / (contrast + 4), (50, 85))
    curved = np.abs(cv2.Laplacian(pieces.reshape(-1, _SIDE), cv2.CV_16S)).reshape(pieces.shape)
    spread = [cv2.meanStdDev(each[1:-1, 1:-1])[1][0, 0] for each in curved]
    (median,) = _percentiles(np.square(spread), (50,))
    return {"edge": usual, "edge_most": high, "curved": median}


def _beside(grey: Pixels, to_pixels: Matrix, card: dict[str, float], on_card: Pixels) -> dict[str, float]:
    """What lies around the card: as noisy as the card, as the same sensor saw it; paper or the dark of a display."""
    pieces = _pieces(grey, to_pixels, _BESIDE)
    if len(pieces) < _FEWEST // 2:
        return {}
    found = _noise("beside", pieces)
    light = _means(pieces)
    found |= {"beside_light": float(light.mean()), "beside_uneven": float(light.std())}
    (found["beside_dark"],) = _percentiles(pieces[:, ::2, ::4], (2,))
    black, white = _percentiles(on_card[:, ::2, ::4], (2, 90))
    found["black_beside"] = black - found["beside_dark"] + _ABOVE_ZERO * 2
    found["beside_bright"] = float(light.mean() / (white + 1))
    return found | {
        f"noisier_{name}": card[f"card_{name}"] / (found[f"beside_{name}"] + 0.3)
        for name in ("flat_10", "flat_25", "fine_10", "fine_25", "fine_50")
    }


# --- the small portrait -----------------------------------------------------------------------------------------------

_LARGE, _SMALL, _FACE = (29, 38), (64, 54), (slice(10, 27), slice(7, 23))
"""Width and height of the place of the portrait and of the small one, so that both come out equally large; and of the
portrait its middle, which is to be found again."""
_SCALES = (1.0, 0.93, 1.07)  # of the small one: cards differ, and are not seen quite from above
_GHOST_ACROSS = 190  # pixels of a card: a few less than those have
_HIGHLIGHT = (9, 9)  # what is smoother, as a highlight is, counts for nothing
_SHINES, _BURNT, _ASLANT = 1.1, 250, math.radians(2)
"""How much lighter a highlight is than the card's light parts, and how far apart the directions of its lines are, from
which on a portrait is hardly like itself: in six of ten drawn photos neither, in a third of hard ones."""


def _is_seen_well(light: Floats, usual: float, place: Place) -> bool:
    """Without a highlight on the card, and from above."""
    return float(cv2.blur(light, (7, 7)).max()) < _SHINES * (usual + 1) and _slants(place) < _ASLANT


def _slants(place: Place) -> float:
    """Between the directions of the lines of values that are long enough to have one."""
    ends = np.array([quad[:2] for quad in (place.card, *place.values)])
    along = ends[:, 1] - ends[:, 0]
    whole, lines = along[0], along[1:]
    lines = lines[np.hypot(*lines.T) > np.hypot(*whole) / 16]
    turned = np.arctan2(whole[0] * lines[:, 1] - whole[1] * lines[:, 0], lines @ whole)
    return float(np.ptp(turned)) if len(turned) else 0.0


def _ghost(pixels: Pixels, grey: Pixels, place: Place) -> dict[str, float]:
    """How little the best place for it is like the portrait. `pixels`: of the picture, reduced."""
    if place.portrait is None or place.ghost is None:
        return {}
    quads = [np.array(quad, np.float32) for quad in (place.portrait, place.ghost)]
    if any(min(middle) < 0 or (middle >= grey.shape[::-1]).any() for middle in (quad.mean(axis=0) for quad in quads)):
        return {}
    scale = pixels.shape[1] / grey.shape[1]
    large, small = (_under_quad(pixels, quad * scale, size) for quad, size in zip(quads, (_LARGE, _SMALL), strict=True))
    face = np.ascontiguousarray(_fine(large)[_FACE])
    if (large[_FACE] >= _BURNT).mean() > 0.02 or min(float(face.std()), float(small.std())) < 0.5:
        return {}
    alike = max(float(cv2.matchTemplate(_fine(_scaled(small, by)), face, cv2.TM_CCOEFF_NORMED).max()) for by in _SCALES)
    return {"ghost_apart": min(max(1 - alike, 0.0), 2.0)}


def _under_quad(pixels: Pixels, quad: Any, size: tuple[int, int]) -> Pixels:  # noqa: ANN401 - OpenCV's stubs
    target = np.array([(0, 0), (size[0], 0), (size[0], size[1]), (0, size[1])], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, target)
    return cv2.warpPerspective(pixels, matrix, size, borderMode=cv2.BORDER_REPLICATE)


def _scaled(pixels: Pixels, by: float) -> Pixels:
    return pixels if by == 1 else cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_LINEAR)


def _fine(pixels: Pixels) -> Floats:
    """Without what is smooth."""
    soft = cv2.GaussianBlur(pixels.astype(np.float32), (5, 5), 0.8)
    return np.asarray(soft - cv2.blur(soft, _HIGHLIGHT), np.float32)


# --- an earlier JPEG --------------------------------------------------------------------------------------------------

_LOW = np.array([8 * down + across for down, across in product(range(6), range(6)) if 0 < down + across <= 5])
"""Of a block's 64 coefficients those that print and edges fill."""
_MOST_STEP, _MOST = 80, 48  # steps and multiples of them that are looked at
_ALL = np.arange(len(_LOW))
_ROUNDED = 0.7  # of a coefficient, by pixels that are whole numbers and colours that were turned to and fro
_OUTLIERS = 0.05
_TELLING = 0.1  # evidence per coefficient from which on a frequency is believed to have had another step
_ENOUGH = 60  # coefficients of a frequency


def recompression(grey: Pixels, steps: Sequence[int], place: Place) -> dict[str, float]:
    """Whether the picture was a JPEG before, on the same grid of blocks, and where it was not.

    Who opens a photo, changes a part and saves it leaves the rest twice compressed: its coefficients still lie near
    multiples of the first step. Those of what was pasted do not. `before`: evidence of the first JPEG per coefficient,
    by a sample; where there is little, nothing can be lost. `lost`: against it, in the 2×3 blocks of the values that
    speak most against it, (`lost_next`) in the next such place, and (`lost_alone`) by how much more in the first.
    """
    shape = grey.shape[0] // 8, grey.shape[1] // 8
    rows, columns = _under(place.values, shape)
    if len(rows) < _FEWEST_BLOCKS:
        return {}
    every = len(rows) // _SAMPLE + 1
    earlier, evidence = _earlier_steps(_Blocks.at(rows[::every], columns[::every], grey, steps, _ALL))
    found = {"before": evidence, "before_steps": float(np.count_nonzero(earlier)), "lost_alone": 0.0}
    if evidence < _SAVED_TWICE:
        return found
    told = np.flatnonzero(earlier)
    spoken = _Blocks.at(rows, columns, grey, steps, told).speak_for(earlier[told])
    deepest, following = _deepest(shape, rows, columns, spoken)
    found |= {"lost": deepest, "lost_next": following, "lost_alone": max(deepest - following, 0.0)}
    if place.portrait:
        blocks = _Blocks.at(*_under([place.portrait], shape), grey, steps, told)
        found |= _portrait(blocks, earlier[told], float(spoken.mean()))
    return found


def _under(quads: Sequence[Quad], shape: tuple[int, int]) -> tuple[Places, Places]:
    """Rows and columns of the blocks that quads touch."""
    marked = np.zeros(shape, np.uint8)
    for corners in np.rint(np.array(quads) / 8 - 0.5).astype(np.int32):
        cv2.fillConvexPoly(marked, corners, 1)
    return np.divmod(np.flatnonzero(marked.view(np.bool_)), shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class _Blocks:
    """Blocks of 8×8 pixels: N×64; N×frequencies, how many steps high their coefficients are, without sign, at most
    `_MOST`, from where on nothing is told. `steps`: of the frequencies."""

    pixels: Pixels
    multiples: Places
    steps: Places

    @classmethod
    def at(cls, rows: Places, columns: Places, grey: Pixels, steps: Sequence[int], frequencies: Places) -> "_Blocks":
        """Of some frequencies: places in `_LOW`."""
        whole = grey[: grey.shape[0] // 8 * 8, : grey.shape[1] // 8 * 8]
        eights = whole.view(np.uint64).reshape(-1, 8, grey.shape[1] // 8)
        pixels = eights[rows, :, columns].view(np.uint8).reshape(-1, 64)
        told = np.array(steps)[_LOW[frequencies]]
        in_steps = np.ascontiguousarray(_cosines()[:, frequencies] / told, np.float32)
        high = _times(np.subtract(pixels, 128, dtype=np.float32), in_steps)
        multiples = np.minimum(np.rint(np.abs(high, out=high), out=high), _MOST, out=high)
        return cls(pixels, multiples.astype(np.intp), told)

    def speak_for(self, earlier: Places) -> Floats:
        """Each, for its having had the earlier steps: one a frequency. Those with a pixel as light or as dark as can be
        say nothing."""
        found = np.zeros(len(self.multiples), np.float32)
        for i, step in enumerate(earlier):
            found += _likely(int(self.steps[i]))[step][self.multiples[:, i]]
        found[((self.pixels <= 1) | (self.pixels >= 254)).any(axis=1)] = 0
        return found


_FEWEST_BLOCKS = 100
_SAVED_TWICE = 0.04  # evidence: as much as one genuine photo in twelve has, and all changed ones whose patch is seen


def _times(rows: Floats, matrix: Floats) -> Floats:
    """Their product, in pieces so small that OpenBLAS starts no threads for it: while other documents are read on all
    cores its threads wait for one another, and it takes ten times as long."""
    found, few = np.empty((len(rows), matrix.shape[1]), np.float32), _FEW // matrix.size
    for i in range(0, len(rows), few):
        np.matmul(rows[i : i + few], matrix, out=found[i : i + few])
    return found


_FEW = 260_000  # multiplications: below the 262144 from which on it does


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    """64×n: from a block's pixels to its low coefficients (ITU-T T.81, A.3.3)."""
    place = np.arange(8)
    waves = np.sqrt(np.where(place == 0, 1, 2) / 8)[:, None] * np.cos((2 * place + 1) * place[:, None] * np.pi / 16)
    return np.ascontiguousarray(np.kron(waves, waves)[_LOW].T.astype(np.float32))


def _earlier_steps(blocks: _Blocks) -> tuple[Places, float]:
    """Per frequency, the step that it had before, 0 where none is seen; and the mean evidence for them."""
    steps, frequencies = blocks.steps, np.arange(len(blocks.steps))
    told = blocks.multiples + frequencies * (_MOST + 1)
    counts = np.bincount(told.ravel(), minlength=len(steps) * (_MOST + 1)).reshape(-1, _MOST + 1).astype(np.float32)
    counted = counts[:, 1:-1].sum(axis=1)
    evidence = np.array([_likely(int(step)) @ count for step, count in zip(steps, counts, strict=True)])
    best = evidence.argmax(axis=1)
    most = evidence[frequencies, best]
    seen = (most > _TELLING * np.maximum(counted, 1)) & (counted > _ENOUGH)
    return np.where(seen, best, 0), float(most[seen].sum() / max(counted.sum(), 1))


_SAMPLE = 1000  # blocks


@lru_cache(maxsize=_MOST_STEP + 1)
def _likely(step: int) -> Floats:
    """_MOST_STEP+1 × _MOST+1: for every step that there may have been before, and every multiple of this one, the
    logarithm of how much likelier the multiple is than after no other step."""
    found = np.zeros((_MOST_STEP + 1, _MOST + 1), np.float32)
    before = np.arange(max(2, step // 2), _MOST_STEP + 1)
    if step <= _MOST_STEP:
        found[before, :-1] = np.log((1 - _OUTLIERS) * _falls_on(before / step, _ROUNDED / step) + _OUTLIERS)
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


def _deepest(shape: tuple[int, int], rows: Places, columns: Places, spoken: Floats) -> tuple[float, float]:
    map_ = np.zeros(shape, np.float32)
    map_[rows, columns] = spoken
    sums = cv2.boxFilter(map_, -1, (2, 3), normalize=False, borderType=cv2.BORDER_CONSTANT)
    row, column = divmod(int(sums.argmin()), shape[1])
    least = max(0.0, -float(sums[row, column]))
    sums[max(row - 4, 0) : row + 5, max(column - 4, 0) : column + 5] = 0
    return least, max(0.0, -float(sums.min()))


def _portrait(blocks: _Blocks, earlier: Places, usual: float) -> dict[str, float]:
    """The same in the portrait: mean of its blocks, by how much that is less than print has (`usual`), and the share of
    blocks that speak against it."""
    if len(blocks.multiples) < _FEWEST_BLOCKS // 4:
        return {}
    spoken = blocks.speak_for(earlier)
    return {
        "portrait": float(spoken.mean()) + _ABOVE_ZERO,
        "portrait_less": max(usual - float(spoken.mean()), 0.0),
        "portrait_lost": float((spoken < -0.5).mean()),
    }
