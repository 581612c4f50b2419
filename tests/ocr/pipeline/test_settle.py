"""What witnesses may do to a reading: prefer a choice that the reader saw, confirm it, and no more."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from ocr.pipeline.settle import Settled, Voucher, settle
from ocr.pipeline.spelling import fuse, joined, parted, spell
from ocr.pipeline.types import Text
from tests.ocr.pipeline.cards import doubting, line
from validators.positions import DIGITS

FOUR = (DIGITS,) * 4
NOBODY, DIGIT, PRINT = [Voucher.NOBODY] * 4, [Voucher.CHECK_DIGIT] * 4, [Voucher.OTHER_PRINT] * 4
TWICE = tuple({character: 2} for character in "0747")


def read(text: str, *, score: float = 0.99, **doubts: dict[str, float]) -> Text:
    """Four digits, each of this probability, 3 having the rest; `at2={"4": .6, "1": .4}` says it for place 2."""
    places = {i: {character: score, "3": 1 - score} for i, character in enumerate(text)}
    told = {int(place[2:]): weights for place, weights in doubts.items()}
    return spell(doubting(text, places | told), FOUR)


def settled(text: Text, *accepted: str, vouchers: Sequence[Voucher] = PRINT) -> Settled:
    """Witnesses that accept these texts; what was read, where none is named."""
    return settle(text, lambda spelled: spelled in (accepted or (text.text,)), lambda _: vouchers)


# --- which text ------------------------------------------------------------------------------------------------------


def test_what_was_read_and_is_accepted_stands() -> None:
    result = settled(read("0747"), "0747")
    assert (result.text, result.agreed, result.confirmed) == ("0747", True, True)


def test_a_second_choice_is_taken_when_the_witnesses_demand_it() -> None:
    result = settled(read("0747", at2={"4": 0.6, "1": 0.4}), "0717")
    assert (result.text, result.agreed) == ("0717", True)


def test_a_second_choice_is_not_taken_when_the_first_is_accepted() -> None:
    assert settled(read("0747", at2={"4": 0.6, "1": 0.4}), "0747", "0717").text == "0747"


def test_a_choice_that_the_reader_gave_no_weight_is_not_taken() -> None:
    result = settled(read("0747"), "0717")
    assert (result.text, result.agreed, result.confirmed) == ("0747", False, False)


def test_a_choice_of_next_to_no_weight_is_not_taken_either() -> None:
    result = settled(read("0747", at2={"4": 0.992, "1": 0.005}), "0717")
    assert (result.text, result.agreed) == ("0747", False)


def test_of_two_acceptable_choices_the_likelier_is_taken() -> None:
    assert settled(read("0747", at2={"4": 0.5, "1": 0.2, "9": 0.3}), "0717", "0797").text == "0797"


def test_what_the_witnesses_refuse_is_vouched_for_by_nobody() -> None:
    result = settled(read("0747", score=0.9), "9999", vouchers=PRINT)
    assert result.sure == (False,) * 4


def test_what_the_witnesses_refuse_is_not_confirmed_by_its_own_scores() -> None:
    result = settled(read("0747", score=0.995), "9999")
    assert (result.agreed, result.confirmed) == (False, False)


def test_the_scores_are_the_readers_own_of_what_was_settled_on() -> None:
    result = settled(read("0747", at2={"4": 0.6, "1": 0.4}), "0717")
    assert result.scores[2] == pytest.approx(0.4, abs=0.01)
    assert result.source.text == "0747"


# --- rivals ----------------------------------------------------------------------------------------------------------


def test_a_rival_that_the_witnesses_would_accept_too_leaves_the_place_unsure() -> None:
    result = settled(read("0747", at2={"4": 0.6, "1": 0.4}), "0747", "0717", vouchers=DIGIT)
    assert result.sure == (True, True, False, True)


def test_a_rival_that_they_refuse_does_no_harm() -> None:
    result = settled(read("0747", at2={"4": 0.85, "1": 0.15}), "0747", vouchers=DIGIT)
    assert result.confirmed


def test_a_rival_of_no_weight_does_no_harm() -> None:
    result = settled(read("0747", at2={"4": 0.96, "1": 0.03}), "0747", "0717", vouchers=DIGIT)
    assert result.confirmed


def test_rivals_leave_every_place_unsure_at_which_they_differ() -> None:
    doubts: dict[str, Any] = {"at0": {"0": 0.6, "8": 0.4}, "at3": {"7": 0.6, "1": 0.4}}
    assert settled(read("0747", **doubts), "0747", "8741", vouchers=DIGIT).sure == (False, True, True, False)


# --- who may confirm what --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vouchers", "score", "sure"),
    [
        (NOBODY, 0.99, True),
        (NOBODY, 0.95, False),
        (DIGIT, 0.85, True),
        (DIGIT, 0.75, False),
        (PRINT, 0.30, True),
    ],
)
def test_the_better_the_witness_the_less_sure_the_reader_must_be(
    vouchers: Sequence[Voucher], score: float, sure: bool
) -> None:
    assert settled(read("0747", score=score), vouchers=vouchers).sure == (sure,) * 4


def test_a_second_reading_that_agrees_makes_up_for_doubt() -> None:
    doubtful = read("0747", score=0.55)
    assert not settled(doubtful, vouchers=DIGIT).confirmed
    assert settled(replace(doubtful, said=TWICE), vouchers=DIGIT).confirmed


@pytest.mark.parametrize(("score", "sure"), [(0.982, False), (0.995, True)])
def test_two_readings_of_what_nobody_vouches_for_must_be_sure(score: float, *, sure: bool) -> None:
    """Of a worn key both saw 300 for 390."""
    assert settled(replace(read("0747", score=score), said=TWICE), vouchers=NOBODY).confirmed is sure


@pytest.mark.parametrize(("vouchers", "score"), [(NOBODY, 0.6), (DIGIT, 0.3)])
def test_a_reader_without_alternatives_is_taken_at_its_word(vouchers: Sequence[Voucher], score: float) -> None:
    """Tesseract's 60 per cent are 60 per cent, though it names nothing else."""
    assert not settled(spell(line("0747", score=score), FOUR), vouchers=vouchers).confirmed


def test_a_second_reading_that_disagrees_does_not() -> None:
    both = fuse(read("0747"), read("0717"))
    assert settled(both, vouchers=DIGIT).sure == (True, True, False, True)


@pytest.mark.parametrize(
    ("counts", "sure"), [({"4": 2, "1": 1}, True), ({"4": 2, "1": 1, "8": 1}, True), ({"4": 2, "1": 2}, False)]
)
def test_of_readings_that_differ_most_must_say_it(counts: dict[str, int], sure: bool) -> None:
    disputed = replace(read("0747", score=0.999), said=(*TWICE[:2], counts, *TWICE[3:]))
    assert settled(disputed, vouchers=NOBODY).sure == (True, True, sure, True)


def test_one_reading_against_one_is_not_sure_however_sure_the_first() -> None:
    disputed = replace(read("0747", score=0.999), said=(*TWICE[:2], {"4": 1, "1": 1}, *TWICE[3:]))
    assert settled(disputed, vouchers=NOBODY).sure == (True, True, False, True)
    assert settled(disputed, vouchers=PRINT).confirmed


def test_what_neither_reading_said_is_not_sure() -> None:
    """One says 4, the other 1, and both thought of an 8: that is no reading of an 8."""
    both = fuse(read("0747", at2={"4": 0.7, "8": 0.29}), read("0717", at2={"1": 0.7, "8": 0.29}))
    assert not settled(both, vouchers=NOBODY).sure[2]


def test_a_corrected_place_is_sure_by_other_print() -> None:
    assert settled(read("0747", at2={"4": 0.6, "1": 0.4}), "0717", vouchers=PRINT).confirmed


@pytest.mark.parametrize("vouchers", [NOBODY, DIGIT])
def test_a_corrected_place_is_not_sure_by_less(vouchers: Sequence[Voucher]) -> None:
    result = settled(read("0747", at2={"4": 0.55, "1": 0.45}), "0717", vouchers=vouchers)
    assert result.sure == (True, True, False, True)


def test_a_corrected_place_is_not_sure_by_a_check_digit_though_two_readings_agree() -> None:
    """They agree on what was refused."""
    twice = replace(read("0747", at2={"4": 0.55, "1": 0.45}), said=TWICE)
    assert not settled(twice, "0717", vouchers=DIGIT).sure[2]


def test_what_was_not_seen_is_not_sure_whoever_vouches() -> None:
    assert settled(read("07W7"), vouchers=PRINT).sure == (True, True, False, True)


def test_what_was_seen_badly_is_not_sure_by_its_own_scores() -> None:
    """A twin of what was read has the place for itself: its share is high, its fit is not."""
    seen = spell(doubting("07Y7", {}), FOUR)  # 0.3 of a 7
    assert seen.scores[2] > 0.97
    assert settled(seen, vouchers=NOBODY).sure == (True, True, False, True)
    assert settled(seen, vouchers=PRINT).confirmed


# --- contested text --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", [(), TWICE])
def test_contested_text_never_vouches_for_itself(said: tuple[dict[str, int], ...]) -> None:
    contested = replace(read("0747", score=0.999), contested=True, said=said)
    assert settled(contested, vouchers=NOBODY).sure == (False,) * 4


def test_contested_text_is_sure_by_other_print() -> None:
    assert settled(replace(read("0747"), contested=True), vouchers=PRINT).confirmed


# --- a reader that glances -------------------------------------------------------------------------------------------


def test_what_was_only_glanced_at_and_nobody_vouches_for_is_never_sure() -> None:
    glanced = replace(read("0747", score=0.999), reader="glance")
    assert settled(replace(glanced, reader="ppocr"), vouchers=NOBODY).confirmed
    assert not settled(glanced, vouchers=NOBODY).confirmed
    assert settled(glanced, vouchers=PRINT).confirmed
    assert settled(fuse(glanced, read("0747", score=0.8)), vouchers=NOBODY).confirmed


def test_where_only_the_end_was_read_again_the_rest_is_a_glance() -> None:
    glanced = replace(read("0747", score=0.999), reader="glance")
    head, end = parted(glanced, 2)
    again = joined(head, fuse(end, replace(end, reader="ppocr")))
    assert settled(replace(again, reader="glance+ppocr"), vouchers=NOBODY).sure == (False, False, True, True)
