"""The real Tesseract on a drawn front, by the page and by the line, and what becomes of its failures."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import cv2
import pytesseract
import pytest

from ocr.pipeline.engines import tesseract
from ocr.pipeline.engines.tesseract import Tesseract
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.types import Card, Photo, Quad
from tests.ocr.pipeline.cards import grey, quad

NOTHING = Photo(grey(300, 200), 1.0, 300, 200)
CURP: Quad = quad(525, 683, 895, 725)
"""Where fixtures/g_scan prints it."""


def offered(photo: Photo, turn: int) -> Card:
    cards: Iterator[Card] = Tesseract().cards(photo)
    return next(card for card in cards if card.turn == turn)


def test_it_reads_a_page(scan_front: Photo) -> None:
    card = offered(scan_front, 0)
    texts = {line.text.replace(" ", "") for line in card.lines}
    assert {"QUIÑONES", "20/07/1986", "2652"} <= texts
    assert any("QXPXVR86072009M400" in text for text in texts)
    assert all(line.reader == "tesseract" and len(line.scores) == len(line.text) for line in card.lines)
    assert all(0 <= score <= 1 for line in card.lines for score in line.scores)


def test_it_says_where_it_read(scan_front: Photo) -> None:
    born = next(line for line in offered(scan_front, 0).lines if line.text == "20/07/1986")
    assert born.quad is not None
    assert born.quad[0] == pytest.approx((526, 763), abs=12)
    assert born.quad[2] == pytest.approx((726, 793), abs=12)


def test_a_page_on_its_head_is_read_in_its_own_pixels(scan_front: Photo) -> None:
    height, width = scan_front.pixels.shape[:2]
    turned = replace(scan_front, pixels=cv2.rotate(scan_front.pixels, cv2.ROTATE_180))
    born = next(line for line in offered(turned, 180).lines if line.text == "20/07/1986")
    assert born.quad is not None
    assert born.quad[0] == pytest.approx((width - 526, height - 763), abs=12)


def test_it_reads_lines_whose_place_is_known(scan_front: Photo) -> None:
    lines = Tesseract().read(scan_front, [CURP, quad(520, 345, 760, 388)])
    assert lines[0].text[:16] == "QUPV860720MDFXXR"  # the O for the 0 behind it is for the grammar to settle
    assert lines[1].text == "QUIÑONES"
    assert [line.quad for line in lines] == [CURP, quad(520, 345, 760, 388)]
    assert all(len(line.scores) == len(line.text) for line in lines)


@pytest.mark.xfail(strict=True, reason="words of which Tesseract itself is sure by 0 per cent are kept")
def test_a_place_that_shows_nothing_gives_an_empty_text() -> None:
    (line,) = Tesseract().read(NOTHING, [quad(10, 10, 200, 40)])
    assert (line.text, line.scores) == ("", ())


def test_no_place_gives_no_line() -> None:
    assert Tesseract().read(NOTHING, []) == ()


def test_running_past_its_time_is_down(monkeypatch: pytest.MonkeyPatch, scan_front: Photo) -> None:
    monkeypatch.setattr(tesseract, "_SECONDS", 0.01)
    with pytest.raises(ReaderDown):
        next(Tesseract().cards(scan_front))


@pytest.mark.parametrize(
    "failure",
    [
        RuntimeError("Tesseract process timeout"),
        OSError("cannot fork"),
        pytesseract.TesseractNotFoundError(),
        pytesseract.TesseractError(1, "no such language"),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_its_failures_are_one(monkeypatch: pytest.MonkeyPatch, failure: Exception) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(pytesseract, "image_to_data", fail)
    with pytest.raises(ReaderDown):
        Tesseract().read(NOTHING, [quad(10, 10, 200, 40)])
    with pytest.raises(ReaderDown):
        next(Tesseract().cards(NOTHING))
