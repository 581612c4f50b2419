"""What is wrong with a picture, and what the person holding the phone can do about it: `Card` → findings."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.types import Card, Finding, Pixels


class _Sight(NamedTuple):
    """What faults are looked for in: the photo, every so manieth pixel of it, which is enough to judge light by,
    whether any line was read, and of those whose place is known the corners (n×4×2) and how many letters they hold."""

    photo: Pixels
    sparse: Pixels
    has_lines: bool
    corners: NDArray[np.float64]
    letters: NDArray[np.intp]

    @property
    def line_height(self) -> float:
        """Median, in pixels of the decoded photo; 0 without any."""
        down = self.corners[:, 3] - self.corners[:, 0]
        return float(np.median(np.hypot(*down.T))) if len(down) else 0.0


class _Advice(NamedTuple):
    measure: Callable[[_Sight], float]
    spanish: str
    english: str


def find_faults(card: Card) -> tuple[Finding, ...]:
    """Findings, worst first; none for a good picture. Severity 0 to 1, from 0.5 on reading is likely to suffer."""
    sight = _seen(card)
    found = [
        Finding(name, round(min(severity, 1.0), 2), advice.spanish, advice.english)
        for name, advice in _ADVICE.items()
        if (severity := advice.measure(sight)) >= _WORTH_SAYING
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity))


_WORTH_SAYING = 0.5
_FEW_PIXELS = 14.0  # height of a line below which the sender is asked to come nearer; chosen, not measured
_SHARP = 60.0  # variance of the Laplacian; on 8 drawn fronts a tier: scan 1493-3128, photo 158-1969, hard 31-1559
_SMALL = 600  # pixels of the longer side
_BLOWN = 250  # grey value of a pixel that glare has wiped out
_PATCH = np.ones((5, 5), np.uint8)
_BRIGHT = 200  # mean of a picture that is white all over: a scan on white paper
_LIT = 160  # grey value that the brightest twentieth of a picture in good light reaches


def _seen(card: Card) -> _Sight:
    pixels = card.photo.pixels
    step = max(1, round(max(pixels.shape) / _SMALL))
    placed = [line for line in card.lines if line.quad is not None]
    corners = np.array([line.quad for line in placed], np.float64).reshape(-1, 4, 2)
    letters = np.array([len(line.text) for line in placed], np.intp)
    return _Sight(pixels, np.ascontiguousarray(pixels[::step, ::step]), bool(card.lines), corners, letters)


def _too_small(sight: _Sight) -> float:
    return 0.5 * _FEW_PIXELS / height if (height := sight.line_height) else float(not sight.has_lines)


def _blurred(sight: _Sight) -> float:
    """How flat the text is: the Laplacian's variance over the lines, at the height that the readers use."""
    height = sight.line_height
    if not height:
        return 0.0
    corners = sight.corners.reshape(-1, 2)
    left, top = np.maximum(corners.min(axis=0), 0).astype(int)
    right, bottom = corners.max(axis=0).astype(int) + 1
    part = sight.photo[top:bottom, left:right]
    if part.size == 0:
        return 0.0
    scale = min(1.0, 24 / height)
    smooth = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA  # which takes a millisecond longer
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=smooth)
    curved = cv2.Laplacian(small, cv2.CV_16S)
    variance = cv2.norm(curved, cv2.NORM_L2) ** 2 / curved.size  # a Laplacian's mean is 0
    return 0.5 * _SHARP / max(variance, 1.0)


def _glaring(sight: _Sight) -> float:
    """Share of the picture that is blown out in patches larger than a letter, ten per cent being the worst."""
    sparse = sight.sparse
    _, blown = cv2.threshold(sparse, _BLOWN - 1, 1, cv2.THRESH_BINARY)
    patches = cv2.countNonZero(cv2.erode(blown, _PATCH)) if blown.any() else 0
    return 10 * patches / sparse.size if patches and cv2.mean(sparse)[0] < _BRIGHT else 0.0


def _dark(sight: _Sight) -> float:
    counted = cv2.calcHist([sight.sparse], [0], None, [256], [0, 256]).ravel().cumsum()
    return 1.0 - float(np.searchsorted(counted, 0.95 * counted[-1])) / _LIT


def _cut_off(sight: _Sight) -> float:
    """A line that runs into the picture's edge: 1 for three of them."""
    corners, (height, width) = sight.corners[sight.letters > _WORD], sight.photo.shape
    touching = ((corners < _EDGE) | (corners > (width - _EDGE, height - _EDGE))).any(axis=(1, 2))
    return int(touching.sum()) / 3


_WORD, _EDGE = 3, 2  # letters that a speck may be taken for; pixels


_ADVICE: dict[str, _Advice] = {
    "resolution": _Advice(
        _too_small,
        "La credencial se ve muy pequeña: acerque la cámara hasta que llene la imagen.",
        "The card is too small in the picture: move closer until it fills the frame.",
    ),
    "blur": _Advice(
        _blurred,
        "La imagen está borrosa: sostenga firme el teléfono y espere a que enfoque.",
        "The picture is blurred: hold the phone still and wait for it to focus.",
    ),
    "glare": _Advice(
        _glaring,
        "Hay reflejos: incline la credencial o aléjela de la luz directa.",
        "There is glare: tilt the card or move it away from direct light.",
    ),
    "dark": _Advice(
        _dark,
        "La imagen está oscura: busque más luz.",
        "The picture is dark: find more light.",
    ),
    "cut_off": _Advice(
        _cut_off,
        "La credencial está cortada: deje ver sus cuatro esquinas.",
        "The card is cut off: keep all four corners in the picture.",
    ),
}
