"""What a finder is taught with: pieces of photos, and heat where their lines have their cores."""

from random import Random

import cv2
import numpy as np
import pytest

from ocr.pipeline.engines.finder import CORE
from training.marks import SIDE, example, heat_of
from training.photos import Scene, draw_scenes


@pytest.fixture(scope="module")
def scenes() -> tuple[Scene, Scene]:
    return draw_scenes(3)


def test_the_same_seed_draws_the_same_scene(scenes: tuple[Scene, Scene]) -> None:
    for one, other in zip(scenes, draw_scenes(3), strict=True):
        assert one.png == other.png
        assert one.quads.tolist() == other.quads.tolist()


def test_the_lines_of_a_scene_lie_in_its_picture(scenes: tuple[Scene, Scene]) -> None:
    for scene in scenes:
        height, width = scene.pixels().shape
        assert max(height, width) <= 1024
        middles = scene.quads.mean(axis=1)
        assert len(middles) >= 5
        assert ((middles > 0) & (middles < (width, height))).all()


def test_an_example_is_a_standardised_piece_with_its_heat(scenes: tuple[Scene, Scene]) -> None:
    rng = Random(5)
    heats = []
    for scene in scenes * 3:
        piece, heat = example(scene, rng)
        assert piece.shape == (SIDE, SIDE)
        assert heat.shape == (SIDE // 2, SIDE // 2)
        assert {piece.dtype, heat.dtype} == {np.dtype(np.float32)}
        assert abs(float(piece.mean())) < 0.01
        assert 0 <= heat.min() <= heat.max() <= 1
        heats.append(float(heat.mean()))
    assert max(heats) > 0.02


def test_the_core_of_a_line_is_marked() -> None:
    line = cv2.boxPoints(((224, 224), (200, 20), 0.0)).astype(np.float32)
    heat = heat_of(np.roll(line, -1, axis=0)[None], SIDE)
    rows, columns = np.nonzero(heat > 0.5)
    assert (np.ptp(rows) + 1) * 2 == pytest.approx(20 * CORE, abs=2)
    assert (np.ptp(columns) + 1) * 2 == pytest.approx(200 - 20 * (1 - CORE), abs=3)
    assert float(heat.sum()) * 4 == pytest.approx(20 * CORE * (200 - 20 * (1 - CORE)), rel=0.1)


def test_a_letter_by_itself_has_a_core_too() -> None:
    letter = np.array([[[100, 100], [112, 100], [112, 120], [100, 120]]], np.float32)
    assert heat_of(letter, SIDE).max() > 0.9
