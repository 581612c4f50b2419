"""Every kind of trace on drawn pictures, with the attack and without: it is the attack that moves it."""

import io
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from fixtures.drawing import Conditions, Drawn, Shot, conditions_for, draw_document, take
from fixtures.drawing.attacks import SURFACES, WAYS, digit, face, recapture, screenshot, spliced
from fixtures.drawing.cameras import seen_by
from fixtures.drawing.scene import Surface
from ocr.pipeline.decode import decode, open_original
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.documents.types import Extent
from ocr.pipeline.quads import part_of
from ocr.pipeline.traces import Place, find_traces, recompression
from ocr.pipeline.types import Original, Quad
from tests.ocr.pipeline.cards import quad

SEEDS = range(4)
SHARP = Conditions(width=1400, fill=0.9, noise=3.0, focus=0.4, quality=92, table="wood")
LAYOUT = INE.layout("G")


@cache
def drawn(seed: int) -> Drawn:
    return draw_document(seed, model="G")


def photo(seed: int) -> Shot:
    return take(drawn(seed).front, seen_by("ANDROID", conditions_for(seed, "photo", "front"), seed), seed)


def attacked(kind: str, seed: int) -> Shot:
    return recapture(kind, drawn(seed).front, seed, "front", "ANDROID", "tuning")


def opened(jpeg: bytes) -> Original:
    return open_original(jpeg, decode(jpeg))


def corners_of(shot: Shot) -> Quad:
    a, b, c, d = shot.corners
    return (a[0], a[1]), (b[0], b[1]), (c[0], c[1]), (d[0], d[1])


def place(shot: Shot, seed: int) -> Place:
    card = corners_of(shot)
    lines = [part_of(card, Extent(*line.box)) for line in drawn(seed).front_printed]
    assert LAYOUT.ghost is not None
    return Place(card, lines, part_of(card, LAYOUT.pictures["portrait"]), part_of(card, LAYOUT.ghost))


def traces(shot: Shot, seed: int) -> dict[str, float]:
    return find_traces(opened(shot.jpeg), place(shot, seed))


def usual(name: str, shots: list[Shot]) -> float:
    return float(np.median([traces(shot, seed)[name] for seed, shot in zip(SEEDS, shots, strict=True)]))


# --- tone, colour, noise ----------------------------------------------------------------------------------------------


def test_a_photocopy_has_no_colour_but_the_lights() -> None:
    cards, copies = [photo(seed) for seed in SEEDS], [attacked("copy", seed) for seed in SEEDS]
    assert usual("colour_50", copies) < 0.6 * usual("colour_50", cards)


def test_a_displays_black_is_lighter_than_what_lies_around_it() -> None:
    cards, screens = [photo(seed) for seed in SEEDS], [attacked("screen", seed) for seed in SEEDS]
    assert usual("black_card", screens) > usual("black_card", cards) + 20
    assert usual("beside_bright", screens) < 0.5 * usual("beside_bright", cards)


def test_dots_are_noisier_than_the_table_beside_them() -> None:
    cards, prints = [photo(seed) for seed in SEEDS], [attacked("print", seed) for seed in SEEDS]
    assert usual("card_flat_25", prints) > usual("card_flat_25", cards)


def test_a_screenshot_is_still() -> None:
    card, width, height = drawn(1), 1012, 638
    saved = screenshot(card.front, 1, "front", "tuning")
    size = Image.open(io.BytesIO(saved)).size
    box = quad(0.05 * size[0], 0.4 * size[1], 0.95 * size[0], 0.4 * size[1] + 0.9 * size[0] * height / width)
    found = find_traces(opened(saved), Place(box, []))
    assert found["card_fine_10"] < 0.5 * traces(photo(1), 1)["card_fine_10"]


# --- patterns ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["print", "screen"])
def test_dots_and_sub_pixels_ring(kind: str) -> None:
    """On plain grey through a sharp lens, where a card shows nothing."""
    light, _ = SURFACES[kind](np.full((631, 1000, 3), 190, np.uint8), Random(4), WAYS["tuning"])
    with_dots = take(Surface(light), SHARP, 1)
    without = take(Image.new("RGB", (1000, 631), (190, 190, 190)), SHARP, 1)
    loudest = [
        max(find_traces(opened(shot.jpeg), Place(corners_of(shot), []))[f"common_{band}"] for band in range(1, 5))
        for shot in (with_dots, without)
    ]
    assert loudest[0] > loudest[1] + 1


# --- an earlier JPEG --------------------------------------------------------------------------------------------------


def saved_again(shot: Shot, quality: int) -> Shot:
    pixels = cv2.imdecode(np.frombuffer(shot.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert pixels is not None
    return replace(shot, jpeg=cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, quality])[1].tobytes())


def known_photo(seed: int, **named: Any) -> Shot:
    return take(drawn(seed).front, replace(SHARP, quality=75, **named), seed)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_photo_that_was_saved_again_shows_it_everywhere(seed: int) -> None:
    once = known_photo(seed)
    again = traces(saved_again(once, 93), seed)
    assert again["before"] > 4 * traces(once, seed)["before"]
    assert again["before"] > 0.3
    assert again["lost_alone"] < 8


@pytest.mark.parametrize("seed", SEEDS)
def test_a_pasted_digit_has_lost_what_its_surroundings_keep(seed: int) -> None:
    shot, donor = (
        known_photo(seed),
        take(drawn(seed).front, replace(SHARP, width=1300, noise=5.0, quality=84), seed + 9),
    )
    changed = replace(shot, jpeg=spliced(shot, donor, digit(drawn(seed).front_printed, seed), seed))
    assert traces(changed, seed)["lost_alone"] > 15


def test_a_pasted_portrait_has_lost_it_too() -> None:
    shot, donor = known_photo(2), take(drawn(3).front, replace(SHARP, width=1300, quality=84), 9)
    changed = replace(shot, jpeg=spliced(shot, donor, face("G"), 5))
    kept, lost = traces(saved_again(shot, 93), 2), traces(changed, 2)
    assert lost["portrait_less"] > kept["portrait_less"] + 1
    assert lost["portrait_lost"] > 2 * kept["portrait_lost"]


def test_where_the_step_is_coarser_than_before_little_is_seen() -> None:
    """The limit of it: saved with a lower quality than it had, a picture keeps no such trace."""
    once = known_photo(1)
    assert traces(saved_again(once, 50), 1)["before"] < 0.1


# --- the small portrait -----------------------------------------------------------------------------------------------


def test_a_pasted_portrait_is_unlike_the_small_one() -> None:
    """Faces are more alike or less: one of two, here."""
    cards, changed = [known_photo(seed) for seed in SEEDS], []
    for seed, shot in zip(SEEDS, cards, strict=True):
        donor = take(drawn(seed + 4).front, replace(SHARP, width=1300, quality=84), 9)
        changed.append(replace(shot, jpeg=spliced(shot, donor, face("G"), 5)))
    assert usual("ghost_apart", changed) > 1.5 * usual("ghost_apart", cards)


@pytest.mark.parametrize("named", [{"glare": 0.8, "glare_at": (0.16, 0.5)}, {"yaw": 20.0, "pitch": 15.0}])
def test_where_a_portrait_is_not_seen_well_the_small_one_is_not_asked(named: dict[str, Any]) -> None:
    assert "ghost_apart" in traces(known_photo(1), 1)
    assert "ghost_apart" not in traces(known_photo(1, **named), 1)


def test_of_a_card_without_a_small_portrait_nothing_is_said_of_it() -> None:
    shot = photo(1)
    assert "ghost_apart" not in find_traces(opened(shot.jpeg), replace(place(shot, 1), ghost=None))


# --- what cannot be measured ------------------------------------------------------------------------------------------


def test_a_picture_too_small_says_little_and_breaks_nothing() -> None:
    tiny = np.full((40, 60), 128, np.uint8)
    original = Original(tiny, lambda _: np.full((20, 30, 3), 128, np.uint8), (16,) * 64, np.eye(2, 3))
    found = find_traces(original, Place(quad(0, 0, 60, 40), []))
    assert "colour_50" in found
    assert not {"card_flat_25", "common_1", "lost"} & found.keys()


def test_of_no_jpeg_nothing_is_said_of_an_earlier_one() -> None:
    shot = photo(1)
    original = replace(opened(shot.jpeg), steps=None)
    assert "before" not in find_traces(original, place(shot, 1))


def test_a_card_out_of_the_picture_breaks_nothing() -> None:
    shot = photo(1)
    far = quad(5000, 5000, 6000, 5600)
    assert "card_flat_25" not in find_traces(opened(shot.jpeg), Place(far, [far], far, far))


@pytest.mark.parametrize(
    "card",
    [
        quad(300, 300, 300, 300),
        quad(300, 300, 301, 301),
        quad(100, 200, 900, 200),
        quad(-9e6, -9e6, 9e6, 9e6),
        ((0, 0), (900, 600), (900, 0), (0, 600)),
    ],
)
def test_whatever_is_taken_for_the_card_breaks_nothing(card: Quad) -> None:
    """Where a reader was wrong, so is what follows from it."""
    found = find_traces(opened(photo(1).jpeg), Place(card, [card], card, card))
    assert all(np.isfinite(value) for value in found.values())


@pytest.mark.parametrize("step", [1, 80, 81, 255])
def test_every_step_that_a_file_may_have_is_borne(step: int) -> None:
    grey = np.random.default_rng(1).integers(0, 256, (160, 160), np.uint8)
    found = recompression(grey, (step,) * 64, Place(quad(0, 0, 160, 160), [quad(0, 0, 159, 159)]))
    assert all(np.isfinite(value) for value in found.values())
