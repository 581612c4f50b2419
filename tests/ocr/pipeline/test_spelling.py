"""A reader's alternatives put into a grammar: the right character in the right place, or a low fit."""

from collections.abc import Callable
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from ocr.pipeline.spelling import (
    ALPHABET,
    INDEX,
    along,
    candidates,
    centre,
    compact,
    fuse,
    joined,
    masks,
    part,
    probabilities,
    spell,
)
from ocr.pipeline.types import Line, Table, Text
from tests.ocr.pipeline.cards import BLANK, CURP, KEY, MRZ, Place, doubting, line, lit, quad
from validators import curp, elector_key, mrz
from validators.positions import DIGITS, LETTERS

FOUR = (DIGITS,) * 4


def table_of(text: Text) -> Table:
    assert text.table is not None
    return text.table


# --- the alphabet ----------------------------------------------------------------------------------------------------


def test_the_alphabet_begins_with_the_blank_and_repeats_nothing() -> None:
    assert ALPHABET[0] == BLANK
    assert len(set(ALPHABET)) == len(ALPHABET) == len(INDEX)


@pytest.mark.parametrize("grammar", [mrz.LINE_1, mrz.LINE_2, mrz.LINE_3, curp.POSITIONS, elector_key.POSITIONS])
def test_a_mask_allows_what_the_grammar_says_and_no_more(grammar: tuple[str, ...]) -> None:
    allowed = masks(grammar)
    assert ["".join(sorted(ALPHABET[i] for i in np.flatnonzero(row))) for row in allowed] == [
        "".join(sorted(set(characters))) for characters in grammar
    ]


# --- spell: as many characters as places -----------------------------------------------------------------------------

CLEAN = [
    (MRZ[0], mrz.LINE_1),
    (MRZ[1], mrz.LINE_2),
    (MRZ[2], mrz.LINE_3),
    (CURP, curp.POSITIONS),
    (KEY, elector_key.POSITIONS),
]


@pytest.mark.parametrize(("text", "grammar"), CLEAN)
@pytest.mark.parametrize("made", [line, lit], ids=["scores", "lattice"])
def test_clean_print_stays_as_it_is(text: str, grammar: tuple[str, ...], made: Callable[[str], Line]) -> None:
    spelled = spell(made(text), grammar)
    assert spelled.text == text
    assert min(spelled.scores) > 0.8
    assert spelled.fit == pytest.approx(0.99, abs=0.03)
    assert spelled.reader == "hand"


@pytest.mark.parametrize(("said", "meant"), ["O0", "Q0", "D0", "I1", "L1", "S5", "B8", "Z2", "G6", "A4", "T7"])
def test_a_letter_in_a_digits_place_is_the_digit_that_it_resembles(said: str, meant: str) -> None:
    assert spell(line(f"3{said}47"), FOUR).text == f"3{meant}47"


@pytest.mark.parametrize(("said", "meant"), ["0O", "1I", "5S", "8B", "2Z", "6G"])
def test_a_digit_in_a_letters_place_is_the_letter_that_it_resembles(said: str, meant: str) -> None:
    assert spell(line(f"A{said}CD"), (LETTERS,) * 4).text == f"A{meant}CD"


@pytest.mark.parametrize("said", "K(-")
def test_what_fillers_are_read_as_becomes_a_filler_where_only_that_may_stand(said: str) -> None:
    assert spell(line(MRZ[0].replace("<", said)), mrz.LINE_1).text == MRZ[0]


def test_a_character_that_had_to_be_forced_fits_badly_and_its_neighbours_do_not_suffer() -> None:
    spelled = spell(line("07W7"), FOUR)
    assert spelled.fits[2] < 0.1
    assert min(spelled.fits[0], spelled.fits[1], spelled.fits[3]) > 0.9


def test_a_twin_fits_less_well_than_the_character_itself() -> None:
    assert spell(line("O747"), FOUR).fits[0] < spell(line("0747"), FOUR).fits[0]


def test_what_a_place_allows_stands_for_itself() -> None:
    """Neither of two letters that resemble one another gains from the other by more than a hint."""
    (grammar,) = ((LETTERS,) * 3,)
    assert [spell(line(text), grammar).text for text in ("OQD", "MNH", "VYU")] == ["OQD", "MNH", "VYU"]
    assert min(spell(line("OQD"), grammar).scores) > 0.9


def test_rows_of_a_table_sum_to_one_and_hold_nothing_that_is_not_allowed() -> None:
    table = table_of(spell(line("O7W7"), FOUR))
    assert table.sum(axis=1) == pytest.approx(1)
    assert (table[~masks(FOUR)] == 0).all()
    assert (table[masks(FOUR)] > 0).all()


def test_a_second_choice_of_the_reader_keeps_its_weight() -> None:
    spelled = spell(doubting("0747", {1: {"7": 0.6, "1": 0.4}}), FOUR)
    assert spelled.text == "0747"
    assert probabilities(spelled, "0147")[1] == pytest.approx(0.4, abs=0.01)
    assert probabilities(spelled, "0747")[1] == spelled.scores[1]


def test_an_unknown_character_is_nothing_seen() -> None:
    assert spell(line("07€7"), FOUR).fits[2] < 0.01


# --- spell: a lost, a doubled, a foreign character -------------------------------------------------------------------


@pytest.mark.parametrize("lost", range(18))
def test_a_character_that_the_reader_dropped_is_found_in_the_lattice(lost: int) -> None:
    """Its step is lit, but the blank is likelier: read greedily the text is one short."""
    seen = doubting(CURP, {lost: {CURP[lost]: 0.3}})
    assert len(seen.text) == 17
    assert spell(seen, curp.POSITIONS).text == CURP


@pytest.mark.parametrize("place", range(1, 18))
def test_a_character_too_many_is_dropped(place: int) -> None:
    """A speck read as a dot: the text is one long, and nothing of the grammar allows it."""
    places: list[Place] = [*CURP[:place], {".": 0.6}, *CURP[place:]]
    seen = lit(places)
    assert len(seen.text) == 19
    assert spell(seen, curp.POSITIONS).text == CURP


def test_a_doubled_filler_is_dropped() -> None:
    seen = lit("<".join((MRZ[0][:16], MRZ[0][16:])))
    assert len(seen.text) == 31
    assert spell(seen, mrz.LINE_1).text == MRZ[0]


def test_a_lost_filler_is_put_back() -> None:
    seen = doubting(MRZ[0], {15: {"<": 0.2}})
    assert len(seen.text) == 29
    assert spell(seen, mrz.LINE_1).text == MRZ[0]


def test_equal_neighbours_are_told_apart() -> None:
    assert spell(lit("0077"), FOUR).text == "0077"
    assert spell(doubting("0077", {1: {"0": 0.4}}), FOUR).text == "0077"


def test_without_a_lattice_a_character_too_many_is_dropped() -> None:
    assert spell(line(CURP[:4] + "." + CURP[4:], score=0.8), curp.POSITIONS).text == CURP


def test_a_character_lost_without_a_trace_is_not_seen() -> None:
    """Whatever is put there, its fit says that the reader saw nothing of it."""
    spelled = spell(line(CURP[:6] + CURP[7:]), curp.POSITIONS)
    assert len(spelled.text) == 18
    assert min(spelled.fits) < 0.3


def test_a_stretch_of_a_line_is_spelled_by_itself() -> None:
    seen = lit("SECCION 0747 MUNICIPIO")
    assert spell(seen, FOUR, 8, 12).text == "0747"
    assert spell(line("SECCION 0747"), FOUR, 8, 12).text == "0747"


def test_a_stretch_that_is_one_short_is_found_without_its_neighbours() -> None:
    places: list[Place] = [*"11", "0", {"7": 0.3}, *"47", *"22"]
    seen = lit(places)
    assert seen.text == "1104722"
    assert spell(seen, FOUR, 2, 5).text == "0747"


# --- geometry --------------------------------------------------------------------------------------------------------


def test_without_a_lattice_characters_are_of_even_width() -> None:
    assert [along(line("ABCD"), i) for i in range(4)] == [0.125, 0.375, 0.625, 0.875]


def test_with_a_lattice_characters_stand_where_they_were_emitted() -> None:
    seen = lit(["A", {}, {}, "B"])  # a wide space that the reader did not read
    assert seen.text == "AB"
    assert [along(seen, 0), along(seen, 1)] == pytest.approx([1.5 / 9, 7.5 / 9])


def test_part_of_a_line_is_cut_halfway_between_characters() -> None:
    assert part(line("ABCD"), 1, 3) == quad(10, 0, 30, 20)


def test_the_ends_of_a_line_are_those_of_its_quad() -> None:
    assert part(line("ABCD"), 0, 2) == quad(0, 0, 20, 20)
    assert part(line("ABCD"), 2, 4) == quad(20, 0, 40, 20)
    assert part(line("ABCD"), 0, 4) == quad(0, 0, 40, 20)


def test_part_follows_a_tilted_line() -> None:
    tilted = replace(line("AB"), quad=((0, 0), (20, 10), (20, 30), (0, 20)))
    assert part(tilted, 1, 2) == ((10, 5), (20, 10), (20, 30), (10, 25))


def test_a_line_without_a_place_has_no_part() -> None:
    assert part(replace(line("ABCD"), quad=None), 1, 3) is None


def test_the_centre_of_a_character() -> None:
    assert centre(line("ABCD", 100, 50), 1) == (115, 60)


def test_a_spelled_text_knows_where_its_characters_stand() -> None:
    spelled = spell(line("X 0747", 100, 50), FOUR, 2, 6)
    assert spelled.quad == quad(120, 50, 160, 70)
    assert spelled.centres == ((125, 60), (135, 60), (145, 60), (155, 60))


def test_an_aligned_text_knows_where_its_characters_stand() -> None:
    spelled = spell(doubting("0747", {1: {"7": 0.3}}), FOUR)
    assert [x for x, _ in spelled.centres] == pytest.approx([40 * (2 * i + 1.5) / 9 for i in range(4)])


def test_a_text_without_a_place_has_no_centres() -> None:
    spelled = spell(replace(line("0747"), quad=None), FOUR)
    assert (spelled.quad, spelled.centres) == (None, ())


# --- compact ---------------------------------------------------------------------------------------------------------


def test_compact_takes_the_spaces_out_and_keeps_scores_and_steps_in_step() -> None:
    seen = lit(["A", " ", {"B": 0.7}, " ", "C"])
    tight = compact(seen)
    assert tight.text == "ABC"
    assert tight.scores == pytest.approx((0.99, 0.7, 0.99))
    assert tight.steps == (1, 5, 9)
    assert tight.lattice is seen.lattice


def test_compact_leaves_a_line_without_spaces_alone() -> None:
    seen = line("ABC")
    assert compact(seen) is seen


# --- fuse ------------------------------------------------------------------------------------------------------------


def test_two_readings_that_agree_count_as_two() -> None:
    fused = fuse(spell(line("0747"), FOUR), replace(spell(line("0747"), FOUR), reader="other"))
    assert (fused.text, fused.agreed, fused.reader) == ("0747", (2, 2, 2, 2), "hand+other")
    assert table_of(fused).sum(axis=1) == pytest.approx(1)


def test_where_readings_differ_the_surer_wins_and_counts_alone() -> None:
    one = spell(line("0747", score=0.6), FOUR)
    other = spell(line("0741", score=0.95), FOUR)
    assert fuse(one, other).text == "0741"
    assert fuse(one, other).agreed == (2, 2, 2, 1)
    assert fuse(other, one).text == "0741"


def test_a_third_reading_counts_too() -> None:
    one = spell(line("0747"), FOUR)
    assert fuse(fuse(one, one), one).agreed == (3, 3, 3, 3)
    assert fuse(fuse(one, one), one).reader == "hand"


def test_agreement_makes_a_doubtful_character_surer_and_disagreement_less_sure() -> None:
    one = spell(line("0747", score=0.7), FOUR)
    assert fuse(one, one).scores[0] > one.scores[0]
    assert fuse(one, spell(line("1747", score=0.7), FOUR)).scores[0] < one.scores[0]


def test_the_better_fit_of_each_place_is_kept() -> None:
    fused = fuse(spell(line("07W7"), FOUR), spell(line("0747"), FOUR))
    assert fused.text == "0747"
    assert fused.fits[2] > 0.9


def test_a_fused_text_stays_where_the_first_reading_saw_it() -> None:
    one, other = spell(line("0747", 100, 50), FOUR), spell(line("0747", 300, 90), FOUR)
    assert fuse(one, other).quad == one.quad
    assert fuse(replace(one, quad=None, centres=()), other).quad == other.quad


def test_a_contested_value_stays_contested() -> None:
    one = replace(spell(line("0747"), FOUR), contested=True)
    assert fuse(one, spell(line("0747"), FOUR)).contested


# --- joined ----------------------------------------------------------------------------------------------------------


def test_texts_are_joined_place_by_place() -> None:
    one, other = spell(line("0747", 5, 5), FOUR), spell(line("12"), (DIGITS,) * 2)
    whole = joined(fuse(one, one), other)
    assert whole.text == "074712"
    assert whole.quad == one.quad
    assert whole.agreed == (2, 2, 2, 2, 1, 1)
    assert len(whole.scores) == len(whole.fits) == len(table_of(whole)) == 6


# --- candidates ------------------------------------------------------------------------------------------------------


def ambiguous() -> Table:
    doubts = {0: {"0": 0.6, "8": 0.3, "6": 0.1}, 2: {"4": 0.7, "1": 0.3}, 3: {"7": 0.5, "1": 0.4, "2": 0.1}}
    return table_of(spell(doubting("0747", doubts), FOUR))


def test_the_first_candidate_is_the_likeliest_text() -> None:
    assert next(candidates(ambiguous())) == ("0747", 1.0)


def test_candidates_come_in_falling_probability_without_repeats() -> None:
    found = list(candidates(ambiguous()))
    texts, ratios = [text for text, _ in found], [ratio for _, ratio in found]
    assert ratios == sorted(ratios, reverse=True)
    assert len(texts) == len(set(texts)) > 10


def test_a_candidate_has_the_ratio_of_its_characters() -> None:
    table = ambiguous()
    for text, ratio in islice(candidates(table), 50):
        product = np.prod([table[place, INDEX[c]] / table[place].max() for place, c in enumerate(text)])
        assert ratio == pytest.approx(product)


def test_no_text_above_the_least_is_left_out() -> None:
    """Against all ten thousand texts of four digits."""
    table = ambiguous()
    shares = table / table.max(axis=1, keepdims=True)
    every = {
        f"{number:04}": np.prod([shares[place, INDEX[c]] for place, c in enumerate(f"{number:04}")])
        for number in range(10_000)
    }
    expected = {text for text, ratio in every.items() if ratio >= 0.01}
    assert {text for text, _ in candidates(table, least=0.01)} == expected
    assert len(expected) > 5


def test_candidates_end_at_the_limit() -> None:
    assert len(list(candidates(ambiguous(), limit=3))) == 3


def test_only_one_character_per_place_leaves_one_candidate() -> None:
    assert list(candidates(table_of(spell(line("<<"), ("<", "<"))))) == [("<<", 1.0)]
