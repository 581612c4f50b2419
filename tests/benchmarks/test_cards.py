"""Cards to measure on: always the same, never one that was developed on; and pictures with no card on them."""

import io

import pytest
from PIL import Image

from benchmarks.measuring.cards import draw_card, seeds
from fixtures.drawing import SEEDS
from fixtures.drawing.negatives import KINDS, Negative, draw_negative
from fixtures.drawing.scene import MAX_BYTES


def test_seeds_are_of_the_palette_and_always_the_same() -> None:
    assert list(seeds("testing", 2)) == [1_000_000, 1_000_001]
    assert list(seeds("testing", 2, skipped=100)) == [1_000_100, 1_000_101]
    assert not set(seeds("testing", 500)) & set(SEEDS["tuning"])


def test_a_card_is_drawn_again_the_same() -> None:
    one, again = (draw_card("testing", SEEDS["testing"][0], "mono") for _ in range(2))

    assert one == again
    assert one.expected["backside"]["document_type"] == "INE"


@pytest.fixture(scope="module")
def negatives() -> list[Negative]:
    return [draw_negative(seed) for seed in range(len(KINDS))]


def test_negatives_are_drawn_again_the_same(negatives: list[Negative]) -> None:
    assert [draw_negative(seed) for seed in range(len(KINDS))] == negatives


def test_negatives_are_of_all_kinds_and_fit_the_contract(negatives: list[Negative]) -> None:
    assert [negative.kind for negative in negatives] == list(KINDS)
    for negative in negatives:
        assert len(negative.jpeg) <= MAX_BYTES
        assert Image.open(io.BytesIO(negative.jpeg)).format == "JPEG"


def test_negatives_of_one_kind_differ(negatives: list[Negative]) -> None:
    other = draw_negative(len(KINDS))

    assert other.kind == negatives[0].kind
    assert other.jpeg != negatives[0].jpeg
