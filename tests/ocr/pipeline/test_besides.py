"""What is made of both pictures besides reading them: the same whenever it is done, and only what somebody asks for."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from ocr.pipeline import decode
from ocr.pipeline.besides import Back, begin_prints, begin_traces
from ocr.pipeline.both import Both, in_turn, side_by_side
from ocr.pipeline.engines import BACK, FRONT, Readers, load_readers
from ocr.pipeline.errors import MrzNotFound
from ocr.pipeline.run import read_document
from ocr.pipeline.types import Card, LifeTest, MrzText, Photo, Print, Quad, Reading, Text

FIXTURES = Path(__file__).parents[3] / "fixtures"
BOTH = pytest.mark.parametrize("both", [side_by_side, in_turn])


@pytest.fixture(scope="module")
def readers() -> Readers:
    return load_readers(FRONT[:2], BACK[:2])


def read(card: str, readers: Readers, both: Both, *, swapped: bool = False) -> Reading:
    files = [(FIXTURES / card / f"{side}.jpg").read_bytes() for side in ("front", "back")]
    front, back = files[::-1] if swapped else files
    today = date(2026, 11, 27)
    read = read_document(front, back, today=today, readers=readers, life_test=LifeTest(), both=both)
    return replace(read, milliseconds={})


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("card", ["g_scan", "e_photo", "g_exif_rotated", "g_rotated_180"])
def test_a_document_that_has_two_cores_is_read_as_one_that_has_one(card: str, swapped: bool, readers: Readers) -> None:
    at_once, in_order = (repr(read(card, readers, both, swapped=swapped)) for both in (side_by_side, in_turn))
    assert at_once == in_order


@BOTH
def test_the_fronts_colours_are_decoded_once(both: Both, readers: Readers) -> None:
    with patch.object(decode, "_colours", wraps=decode._colours) as decoded:
        read("g_scan", readers, both)
    assert decoded.call_count == 2  # the back's are the other


# --- with no MRZ at first sight ---------------------------------------------------------------------------------------


class Codes:
    """Finds one code wherever it looks, and keeps what it was shown."""

    name = "codes"

    def __init__(self) -> None:
        self.shown: list[tuple[int, ...]] = []

    def read(self, photo: Photo, *, sideways: bool = False) -> tuple[Print, ...]:
        self.shown.append(photo.pixels.shape)
        return (Print("qr", "", ((0, 0), (1, 0), (1, 1), (0, 1))),)


@pytest.fixture
def photo() -> Photo:
    return Photo(np.full((600, 900), 200, np.uint8), 1.0, 900, 600)


def mrz() -> MrzText:
    """Three lines of fillers."""
    first, second, third = (((100, y), (800, y), (800, y + 30), (100, y + 30)) for y in (400, 450, 500))
    return MrzText((_fillers(first), _fillers(second), _fillers(third)))


def _fillers(quad: Quad) -> Text:
    return Text("<" * 30, (1.0,) * 30, quad, "")


@BOTH
@pytest.mark.parametrize("seen_at_once", [True, False])
def test_codes_are_sought_above_the_mrz_that_was_found_in_the_end(both: Both, seen_at_once: bool, photo: Photo) -> None:
    codes, at_first = Codes(), mrz() if seen_at_once else MrzNotFound("none")
    with both() as aside:
        prints = begin_prints(lambda: Back(Card(photo, (), 0), at_first), codes, aside)
        assert prints(mrz()) == prints(mrz())
    assert all(height < 500 for height, _ in codes.shown)
    assert len(codes.shown) == (1 if seen_at_once else 2)


@BOTH
def test_traces_of_a_back_wait_for_its_mrz(both: Both, photo: Photo) -> None:
    stream = BytesIO()
    Image.fromarray(photo.pixels).save(stream, "JPEG")
    back = Back(Card(photo, (), 0), MrzNotFound("none"))
    with both() as aside:
        traces = begin_traces(stream.getvalue(), lambda: back, aside)
        assert traces(mrz())["tone_50"] == pytest.approx(200, abs=2)
