"""Shares over many cards: of all of them, of the right ones, of the confident ones."""

import pytest

from benchmarks.measuring.scoring import score
from benchmarks.measuring.tally import BINS, Reader, tally
from tests.benchmarks.answers import answer, card, refused


def test_shares_are_of_all_cards_failed_ones_too() -> None:
    figures = tally([score(card(), a) for a in (answer(), answer(frontside__name="X"), refused(), refused(806))])

    assert (figures.cards, figures.keys_right, figures.every_right) == (4, 0.5, 0.25)
    assert figures.fields["frontside.name"] == 0.25
    assert figures.fields["frontside.CURP"] == 0.5
    assert figures.errors == {"806": 1, "814": 1}


def test_silent_errors_are_counted() -> None:
    answers = (answer(backside__cic="000000000"), answer(valid=False, backside__cic="000000000"))

    assert tally([score(card(), a) for a in answers]).silent == 1


def test_assured_is_of_the_fully_right_ones() -> None:
    answers = (answer(), answer(match=False), answer(valid=False, frontside__name="X"))

    assert tally([score(card(), a) for a in answers]).assured == 0.5


def test_nothing_to_judge_is_none_and_no_success() -> None:
    figures = tally([score(card(), refused())])

    assert (figures.assured, figures.sure_right, figures.right_sure, figures.looked_again) == (None,) * 4


def test_calibration_looks_at_values_only() -> None:
    """17 of the 18 fields have a value; one of them is wrong."""
    sure, unsure = answer(0.95, frontside__name="X"), answer(0.9499)
    figures = tally([score(card(), sure), score(card(), unsure)])

    assert figures.sure_right == pytest.approx(16 / 17)
    assert figures.right_sure == pytest.approx(16 / 33)
    assert (figures.sure["frontside.name"], figures.sure["frontside.CURP"]) == (0.0, 0.5)
    assert "frontside.gender" not in figures.sure


def test_every_confidence_falls_into_one_bin() -> None:
    levels = (0.0, 0.3, 0.5, 0.949, 0.95, 0.989, 0.99, 1.0)
    bins = tally([score(card(), answer(level)) for level in levels]).bins

    assert [found.fields for found in bins] == [17 * count for count in (2, 1, 0, 1, 2, 2)]
    assert [found.right for found in bins] == [found.fields for found in bins]
    assert (bins[0].low, bins[-1].high, len(bins)) == (0.0, 1.0, len(BINS) - 1)


def test_second_looks_are_per_100_documents_that_were_read() -> None:
    looked = answer(looks=(("tesseract", True), ("tesseract", False), ("passporteye", True)))
    figures = tally([score(card(), a) for a in (looked, answer(), refused())])

    assert figures.readers == {"passporteye": Reader(50, 1.0), "tesseract": Reader(100, 0.5)}
    assert figures.looked_again == 0.5


def test_latency_needs_no_second_card() -> None:
    assert tally([score(card(), answer())]).p95 == 100
    assert tally([score(card(), answer()), score(card(), refused())]).p50 == 75
