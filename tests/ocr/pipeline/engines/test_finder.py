"""The network that finds print: heat becomes strips as high as the lines; and what it finds on drawn cards."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.pipeline.decode import decode
from ocr.pipeline.engines.finder import MODEL, Finder, strips_in
from ocr.pipeline.engines.strips import Detector, Strip
from tests.ocr.pipeline.cards import grey
from training.marks import heat_of

FIXTURES = Path(__file__).parents[4] / "fixtures"


@pytest.fixture(scope="session")
def finder() -> Finder:
    return Finder()


def _line(x: float, y: float, length: float, height: float, degrees: float = 0.0) -> np.ndarray:
    corners = cv2.boxPoints(((x, y), (length, height), degrees))
    return np.roll(corners, -1, axis=0).astype(np.float32)


def _found(*lines: np.ndarray) -> list[Strip]:
    """Strips of lines in a picture of 448 × 448 that a perfect finder has looked at."""
    return list(strips_in(heat_of(np.stack(lines), 448), (2.0, 2.0)))


@pytest.mark.parametrize("degrees", [0, 4, -8, 30, 90])
@pytest.mark.parametrize(("length", "height"), [(200, 9), (150, 14), (60, 20), (300, 30)])
def test_a_line_is_found_as_it_lies(length: float, height: float, degrees: float) -> None:
    (strip,) = _found(_line(224, 220, length, height, degrees))
    assert strip.height == pytest.approx(height, rel=0.15, abs=1)
    assert strip.length == pytest.approx(length, abs=0.35 * height + 2)
    assert np.mean(strip.quad, axis=0) == pytest.approx((224, 220), abs=1)
    along = np.subtract(strip.quad[1], strip.quad[0])
    turned = (np.degrees(np.arctan2(along[1], along[0])) - degrees + 90) % 180 - 90
    assert abs(turned) < 1.5


def test_neighbouring_rows_stay_apart() -> None:
    rows = [_line(220, 100 + 12 * i, 180, 12) for i in range(4)]
    assert len(_found(*rows)) == 4


def test_a_letter_by_itself_lies_as_the_others_do() -> None:
    lines = [_line(200, 100, 240, 16, 5), _line(200, 160, 240, 16, 5), _line(80, 220, 14, 16, 5)]
    letter = min(_found(*lines), key=lambda strip: strip.length)
    along = np.subtract(letter.quad[1], letter.quad[0])
    assert np.degrees(np.arctan2(along[1], along[0])) == pytest.approx(5, abs=2)


def test_nothing_is_found_where_nothing_is_marked(finder: Finder) -> None:
    assert strips_in(np.zeros((64, 96), np.float32), (2.0, 2.0)) == ()
    assert finder.find(grey(), 608) == ()


@pytest.mark.parametrize("name", ["g_scan", "e_photo", "f_photo_abroad"])
def test_it_finds_what_pp_ocr_finds(finder: Finder, name: str) -> None:
    photo = decode((FIXTURES / name / "front.jpg").read_bytes())
    theirs = [strip for strip in Detector().find(photo.pixels, 736) if strip.length > 4 * strip.height]
    ours = [np.mean(strip.quad, axis=0) for strip in finder.find(photo.pixels, 608)]
    lost = [
        strip
        for strip in theirs
        if not any(
            cv2.pointPolygonTest(np.array(strip.quad, np.float32), (float(x), float(y)), False) >= 0 for x, y in ours
        )
    ]
    assert len(lost) <= 0.1 * len(theirs)


def test_its_model_is_small() -> None:
    assert MODEL.stat().st_size < 2_000_000
