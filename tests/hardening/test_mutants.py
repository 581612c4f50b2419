"""Broken pictures, shown to the only door for untrusted bytes and to the first reader: an answer, or a failure."""

import io
from contextlib import suppress
from datetime import date
from pathlib import Path
from random import Random

import pytest
from PIL import Image

from hardening.mutants import MUTATIONS, Mutate, body, mutant
from ocr.pipeline.errors import OcrError
from ocr.processes import Desk, Here, Wanted

SAMPLE = Path(__file__).parents[2] / "fixtures" / "g_scan"
FRONT, BACK = ((SAMPLE / f"{side}.jpg").read_bytes() for side in ("front", "back"))
TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def desk() -> Desk:
    return Here(Wanted(("glance",), ("glance",), None))


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_what_is_broken_is_read_or_refused(desk: Desk, mutate: Mutate) -> None:
    dice = Random(mutate.__name__)
    for number in range(12):
        picture = mutate(dice, FRONT, BACK)
        front, back = (picture, BACK) if number % 2 else (FRONT, picture)
        with suppress(OcrError):
            desk.begin(front, back, today=TODAY, most_pixels=50_000_000)()


def test_the_same_dice_break_the_same_way() -> None:
    one, other = ([mutant(Random(seed), (FRONT, BACK)) for seed in range(8)] for _ in range(2))
    assert one == other
    assert len({kind for kind, _ in one}) > 3


def test_some_mutants_are_good_pictures_and_most_are_none() -> None:
    """Else they would test nothing but the first few bytes."""
    good = 0
    for seed in range(60):
        _, picture = mutant(Random(seed), (FRONT, BACK))
        with suppress(Exception):  # Pillow has many ways to say no
            Image.open(io.BytesIO(picture)).load()
            good += 1
    assert 5 < good < 50


def test_bodies_differ_and_are_multipart_at_times() -> None:
    bodies = [body(Random(seed), FRONT, BACK) for seed in range(400)]
    assert len({content for _, _, content in bodies}) > 300
    assert sum("multipart" in headers["Content-Type"] for _, headers, _ in bodies) > 10
