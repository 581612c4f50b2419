"""Lines that the network is taught with: always the same, of its height, in no font that the benchmark draws with."""

import numpy as np

from fixtures.drawing.fonts import font_path
from fixtures.drawing.styles import PALETTES
from ocr.pipeline.spelling import ALPHABET
from training import lines
from training.lines import HEIGHT, LONGEST, draw_line

SEEDS = range(200)


def test_the_same_seed_draws_the_same_line() -> None:
    one, other = draw_line(7), draw_line(7)
    assert (one.text, one.pixels.tolist()) == (other.text, other.pixels.tolist())


def test_a_line_has_the_networks_height_and_says_only_what_it_can_answer() -> None:
    for drawn in map(draw_line, SEEDS):
        assert drawn.pixels.dtype == np.uint8
        assert drawn.pixels.shape[0] == HEIGHT
        assert 16 <= drawn.pixels.shape[1] <= LONGEST
        assert set(drawn.text) <= set(ALPHABET) - {"\0"}


def test_no_font_is_one_that_the_benchmark_draws_with() -> None:
    testing = PALETTES["testing"]
    unseen = {*testing.value_fonts, *testing.label_fonts, *(font for font, _ in testing.mrz_fonts)}
    assert unseen.isdisjoint((*lines._MORE_FONTS, *lines._MORE_MRZ_FONTS))
    for palette in lines._TUNED:
        assert unseen.isdisjoint((*palette.value_fonts, *palette.label_fonts, *(font for font, _ in palette.mrz_fonts)))


def test_every_font_is_installed() -> None:
    for font in (*lines._MORE_FONTS, *lines._MORE_MRZ_FONTS):
        assert font_path(font)
