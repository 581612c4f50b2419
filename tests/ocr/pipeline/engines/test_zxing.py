"""zxing-cpp on drawn backs: both codes, where they stand, and nothing where there is none."""

from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from ocr.pipeline.decode import decode
from ocr.pipeline.engines.zxing import _WANTED, Zxing
from ocr.pipeline.types import Photo
from tests.ocr.pipeline.cards import grey

FIXTURES = Path(__file__).parents[4] / "fixtures"


def back(name: str) -> Photo:
    return decode((FIXTURES / name / "back.jpg").read_bytes())


def test_the_qr_and_the_bars_of_a_scan() -> None:
    found = {code.kind: code for code in Zxing().read(back("g_scan"))}
    assert found["code128"].text == "226179228"
    assert found["qr"].text.startswith(("http://qr.ine.mx/2652728198295", "https://qr.ine.mx/2652728198295"))


def test_a_box_goes_round_the_text_the_way_it_stands() -> None:
    bars = next(code for code in Zxing().read(back("g_scan")) if code.kind == "code128")
    (left, top), (right, _), (_, bottom), _ = bars.box
    assert left < right
    assert top < bottom


@pytest.mark.parametrize(("sideways", "kinds"), [(True, {"qr", "code128"}), (False, {"qr"})])
def test_bars_that_stand_are_found_when_asked_for(sideways: bool, kinds: set[str]) -> None:
    upright = back("g_scan")
    turned = Photo(np.ascontiguousarray(np.rot90(upright.pixels)), 1.0, upright.height, upright.width)
    assert {code.kind for code in Zxing().read(turned, sideways=sideways)} == kinds


def test_kin_of_a_qr_are_none() -> None:
    """The library tells of them, too: a back whose pattern it took for one was answered 500."""
    kin = zxingcpp.create_barcode("12345", zxingcpp.BarcodeFormat.MicroQRCode)
    pixels = np.pad(np.array(kin.to_image(scale=8)), 40, constant_values=255)
    assert [code.format for code in zxingcpp.read_barcodes(pixels, formats=_WANTED)] == [kin.format]
    assert Zxing().read(Photo(pixels, 1.0, *pixels.shape[::-1])) == ()


def test_nothing() -> None:
    assert Zxing().read(Photo(grey(), 1.0, 1000, 640)) == ()
