"""The reader that glances: what it reads of a drawn card, by itself and beside PP-OCR."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from ocr.pipeline import mrz
from ocr.pipeline.engines import load_readers
from ocr.pipeline.engines.glance import MODEL, Glance
from ocr.pipeline.spelling import ALPHABET
from ocr.pipeline.types import Photo
from tests.ocr.pipeline.cards import grey, quad
from validators import mrz as grammar


@pytest.fixture(scope="session")
def glance() -> Glance:
    return Glance()


def test_it_reads_the_keys_of_a_scan(glance: Glance, scan_front: Photo) -> None:
    card = next(glance.cards(scan_front))
    text = " ".join(line.text.replace(" ", "") for line in card.lines)
    assert all(key in text for key in ("QUPV860720MDFXXR07", "20/07/1986", "2652", "QXPXVR86072009M400"))
    assert {line.reader for line in card.lines} == {"glance"}


def test_every_alternative_is_kept(glance: Glance, scan_front: Photo) -> None:
    for line in next(glance.cards(scan_front)).lines:
        assert line.lattice is not None
        assert line.lattice.shape[1] == len(ALPHABET)
        assert line.lattice.sum(axis=1) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("rotation", "turn"), [(None, 0), (cv2.ROTATE_180, 180), (cv2.ROTATE_90_CLOCKWISE, 270)])
def test_of_a_back_it_offers_the_mrz_alone_whichever_way_up(
    glance: Glance, scan_back: Photo, rotation: int | None, turn: int
) -> None:
    photo = scan_back if rotation is None else replace(scan_back, pixels=cv2.rotate(scan_back.pixels, rotation))
    card = next(glance.for_mrz().cards(photo))
    assert (card.turn, len(card.lines) <= 4) == (turn, True)
    read = grammar.parse([line.text for line in mrz.read_mrz(card).lines])
    assert all(grammar.checks(read).values())


def test_a_back_without_an_mrz_is_read_whole(glance: Glance, scan_front: Photo) -> None:
    assert len(next(glance.for_mrz().cards(scan_front)).lines) > 10


def test_upside_down_a_line_is_less_plausible(glance: Glance, scan_front: Photo) -> None:
    a, b, c, d = quad(525, 683, 895, 725)
    upright, turned = glance.recogniser.read(scan_front, [(a, b, c, d), (c, d, a, b)])
    assert upright.text == "QUPV860720MDFXXR07"
    assert np.mean(turned.scores) < np.mean(upright.scores) - 0.1


def test_nothing_is_offered_of_a_picture_without_print(glance: Glance) -> None:
    assert list(glance.cards(Photo(grey(), 1.0, 1000, 640))) == []


def test_its_model_is_small() -> None:
    assert Path(MODEL).stat().st_size < 2_000_000


def test_names_and_address_are_read_by_pp_ocr_where_it_comes_first() -> None:
    readers = load_readers()
    assert [reader.name for reader in readers.front] == ["glance", "ppocr", "ppocr-closer", "tesseract"]
    assert [reader.name for reader in readers.back] == [
        "glance", "ppocr", "ppocr-closer", "passporteye", "passporteye-closer",
    ]  # fmt: skip
    assert readers.rows is readers.lines[0]
    assert load_readers(["glance"], ["glance"]).rows is None
    assert load_readers(["ppocr"], ["ppocr"]).rows is None
