"""Pictures as they come, documents as they are: each named condition of the drawing program, read by the real readers.

Seeds of the tuning palette: what the benchmark draws stays unseen. A picture must be read right in all key fields; that
it is never believed where it is read wrong is asked of all of them.
"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import pytest

from benchmarks.measuring.scoring import folded
from fixtures.drawing.document import Drawn, Wanted, draw_document
from fixtures.drawing.scene import photograph
from ocr.pipeline.engines import Readers, load_readers
from ocr.pipeline.run import read_document
from ocr.pipeline.types import Reading

TODAY = date(2026, 11, 22)

CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "upright": {},
    "turned_90": {"turn": 90},
    "turned_180": {"turn": 180},
    "turned_270": {"turn": 270},
    "turned_with_exif": {"turn": 90, "exif": True},
    "tilted": {"tilt": 24.0},
    "perspective_sideways": {"yaw": 25.0},
    "perspective_up_and_down": {"pitch": -25.0},
    "far_away": {"fill": 0.3, "width": 3000},
    "beyond_the_frame": {"fill": 1.2, "off": (0.0, 0.0)},
    "two_cards": {"neighbour": True, "fill": 0.58, "width": 2000},
    "on_wood": {"table": "wood"},
    "on_cloth": {"table": "cloth"},
    "on_paper_with_print": {"table": "paper"},
    "on_a_keyboard": {"table": "keyboard"},
    "held": {"fingers": True},
    "uneven_light": {"light": 0.7},
    "shadow": {"shadow": 0.45},
    "dim": {"brightness": 0.45, "contrast": 0.6},
    "glare": {"glare": 0.6, "glare_at": (0.45, 0.4)},
    "out_of_focus": {"focus": 1.9},
    "shaken": {"motion": 3.0},
    "noise": {"noise": 16.0},
    "jpeg_quality_40": {"quality": 40},
    "photocopied": {"copied": 0.8},
    "600_pixels": {"width": 600, "fill": 0.96},
    "12_megapixels": {"width": 4000},
    "worn": {"worn": 0.8},
}
STEADY: Mapping[str, Any] = {
    "width": 1600, "fill": 0.8, "turn": 0, "exif": False, "tilt": 2.0, "yaw": 3.0, "pitch": 3.0, "neighbour": False,
    "fingers": False, "light": 0.2, "shadow": 0.0, "glare": 0.0, "contrast": 1.0, "brightness": 1.0, "focus": 0.5,
    "motion": 0.0, "noise": 4.0, "worn": 0.0, "quality": 85, "table": "plain",
}  # fmt: skip
"""What a picture is like besides the one condition."""

DOCUMENTS: Mapping[str, tuple[str, Wanted]] = {
    "d": ("D", Wanted()),
    "e": ("E", Wanted()),
    "f_abroad": ("F", Wanted()),
    "g": ("G", Wanted()),
    "h_abroad": ("H", Wanted()),
    "i": ("I", Wanted()),
    "hidden_sex": ("G", Wanted(hide_sex=True)),
    "hidden_street": ("G", Wanted(address_rows=2)),
    "address_of_four_rows": ("G", Wanted(address_rows=4)),
    "nonbinary": ("I", Wanted(sex="X")),
    "long_name": ("G", Wanted(names="long")),
    "one_surname": ("G", Wanted(names="single")),
    "accents_and_enye": ("G", Wanted(names="accented")),
    "particles": ("G", Wanted(names="particle")),
    "forbidden_word": ("G", Wanted(names="forbidden")),
}


@cache
def _readers() -> Readers:
    return load_readers()


@cache
def _drawn() -> Drawn:
    return draw_document(40_002, model="G")


def _read(drawn: Drawn, seed: int, tier: str, named: Mapping[str, Any]) -> Reading:
    front, back = (
        photograph(picture, seed, tier, side, **named)
        for side, picture in (("front", drawn.front), ("back", drawn.back))
    )
    return read_document(front, back, today=TODAY, readers=_readers())


def _keys(reading: Reading) -> dict[str, str | None]:
    front, back = reading.front.fields, reading.back.fields
    born, expires = back["birth_date"].value, back["expiration_date"].value
    assert isinstance(born, date)
    assert isinstance(expires, date)
    texts = {
        "CURP": front["curp"].value,
        "elector_key": front["elector_key"].value,
        "section": front["section"].value,
        "document_number": back["document_number"].value,
        "cic": back["cic"].value,
        "birth_date": f"{born:%d-%m-%Y}",
        "expiration_date": f"{expires:%Y-%m-%d}",
    }
    return {name: None if value is None else str(value) for name, value in texts.items()}


def _expected(drawn: Drawn) -> dict[str, str | None]:
    front, back = drawn.expected["frontside"], drawn.expected["backside"]
    return {name: front[name] for name in ("CURP", "elector_key", "section")} | {
        name: back[name] for name in ("document_number", "cic", "birth_date", "expiration_date")
    }


@pytest.mark.parametrize("condition", CONDITIONS)
def test_a_picture_under_one_condition_is_read_and_believed(condition: str) -> None:
    reading = _read(_drawn(), 40_002, "photo", {**STEADY, **CONDITIONS[condition]})
    assert _keys(reading) == _expected(_drawn())
    assert (reading.trusted, reading.match) == (True, True)


@pytest.mark.parametrize("kind", DOCUMENTS)
def test_a_document_of_each_kind_is_read_and_believed(kind: str) -> None:
    model, wanted = DOCUMENTS[kind]
    drawn = draw_document(40_100, model=model, wanted=wanted)
    reading = _read(drawn, 40_100, "photo", STEADY)
    assert _keys(reading) == _expected(drawn)
    assert folded(str(reading.front.fields["address"].value)) == folded(str(drawn.expected["frontside"]["address"]))
    assert (reading.trusted, reading.match) == (True, True)
