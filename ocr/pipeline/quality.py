"""What is wrong with a picture, and what the person holding the phone can do about it: `Card` → findings."""

from collections.abc import Callable
from typing import NamedTuple

import cv2
import numpy as np

from ocr.pipeline.types import Card, Finding, Photo, Pixels


class _Advice(NamedTuple):
    measure: Callable[[Card, Pixels], float]
    spanish: str
    english: str


def find_faults(card: Card) -> tuple[Finding, ...]:
    """Findings, worst first; none for a good picture. Severity 0 to 1, from 0.5 on reading is likely to suffer."""
    sparse = _sparse(card.photo)
    found = [
        Finding(name, round(min(severity, 1.0), 2), advice.spanish, advice.english)
        for name, advice in _ADVICE.items()
        if (severity := advice.measure(card, sparse)) >= _WORTH_SAYING
    ]
    return tuple(sorted(found, key=lambda finding: -finding.severity))


_WORTH_SAYING = 0.5
_FEW_PIXELS = 14.0  # height of a line below which the sender is asked to come nearer; chosen, not measured
_SHARP = 60.0  # variance of the Laplacian; on 8 drawn fronts a tier: scan 1493-3128, photo 158-1969, hard 31-1559
_SMALL = 600  # pixels of the longer side
_BLOWN = 250  # grey value of a pixel that glare has wiped out


def _sparse(photo: Photo) -> Pixels:
    """Every so manieth pixel: enough to judge light by."""
    step = max(1, round(max(photo.pixels.shape) / _SMALL))
    return np.ascontiguousarray(photo.pixels[::step, ::step])


def _line_height(card: Card) -> float:
    """Median height of the lines that were read, in pixels of the decoded photo; 0 without any."""
    heights = [np.hypot(*np.subtract(line.quad[3], line.quad[0])) for line in card.lines if line.quad is not None]
    return float(np.median(heights)) if heights else 0.0


def _too_small(card: Card, _: Pixels) -> float:
    height = _line_height(card)
    return 0.5 * _FEW_PIXELS / height if height else float(not card.lines)


def _blurred(card: Card, _: Pixels) -> float:
    """How flat the text is: the Laplacian's variance over the lines, at the height that the readers use."""
    height = _line_height(card)
    if not height:
        return 0.0
    corners = np.array([line.quad for line in card.lines if line.quad is not None]).reshape(-1, 2)
    left, top = np.maximum(corners.min(axis=0), 0).astype(int)
    right, bottom = corners.max(axis=0).astype(int) + 1
    part = card.photo.pixels[top:bottom, left:right]
    if part.size == 0:
        return 0.0
    scale = min(1.0, 24 / height)
    smooth = cv2.INTER_LINEAR if scale > 0.5 else cv2.INTER_AREA  # which takes a millisecond longer
    small = cv2.resize(part, None, fx=scale, fy=scale, interpolation=smooth)
    _, deviation = cv2.meanStdDev(cv2.Laplacian(small, cv2.CV_16S))
    return 0.5 * _SHARP / max(float(deviation[0, 0]) ** 2, 1.0)


def _glaring(_: Card, sparse: Pixels) -> float:
    """Share of the picture that is blown out in patches larger than a letter, ten per cent being the worst."""
    blown = cv2.erode((sparse >= _BLOWN).astype(np.uint8), np.ones((5, 5), np.uint8))
    return 10 * float(blown.mean()) if float(sparse.mean()) < 200 else 0.0


def _dark(_: Card, sparse: Pixels) -> float:
    return 1.0 - float(np.percentile(sparse[::2, ::2], 95)) / 160


def _cut_off(card: Card, _: Pixels) -> float:
    """A line that runs into the picture's edge: 1 for three of them."""
    height, width = card.photo.pixels.shape
    quads = [np.array(line.quad) for line in card.lines if line.quad is not None and len(line.text) > 3]
    touching = sum(bool((q < 2).any() or (q[:, 0] > width - 2).any() or (q[:, 1] > height - 2).any()) for q in quads)
    return touching / 3


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
