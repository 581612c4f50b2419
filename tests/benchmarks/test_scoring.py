"""What counts as right: exactly what the card carries, free text after folding, null for null."""

from typing import Any

import pytest

from benchmarks.measuring.scoring import KEYS, NOT_ANSWERED, folded, score, score_rival, spaced
from tests.benchmarks.answers import EXPECTED, answer, card, refused


def test_a_perfect_answer_is_right_in_everything() -> None:
    scored = score(card(), answer())

    assert scored.all_is_right
    assert scored.keys_are_right
    assert scored.is_assured
    assert not scored.is_silent
    assert len(scored.fields) == 18  # 10 of the front, 8 of the back: what is the same on every card is not scored


@pytest.mark.parametrize(("side", "name"), sorted(KEYS))
@pytest.mark.parametrize("wrong", ["0000", None])
def test_a_wrong_key_field_that_is_called_valid_is_silent(side: str, name: str, wrong: str | None) -> None:
    changed: dict[str, Any] = {f"{side}__{name}": wrong}
    said_valid = score(card(), answer(**changed))
    said_invalid = score(card(), answer(valid=False, **changed))

    assert said_valid.is_silent
    assert not said_invalid.is_silent
    assert not said_invalid.keys_are_right
    assert [field.name for field in said_valid.misses] == [name]


def test_a_wrong_name_is_a_miss_and_no_silent_one() -> None:
    scored = score(card(), answer(backside__name="JOSE"))

    assert not scored.all_is_right
    assert scored.keys_are_right
    assert not scored.is_silent


def test_a_value_for_what_the_card_hides_is_wrong() -> None:
    assert not score(card(), answer(frontside__gender="Male")).all_is_right


def test_a_refusal_has_nothing_right_and_nothing_silent() -> None:
    scored = score(card(), refused(814))

    assert scored.error_code == "814"
    assert len(scored.misses) == len(scored.fields)  # not even the sex, which the card hides
    assert {field.answered for field in scored.fields} == {NOT_ANSWERED}
    assert not scored.is_silent
    assert not any(field.is_claimed for field in scored.fields)


def test_a_field_left_out_is_wrong() -> None:
    whole = answer()
    del whole.body["frontside"]["gender"]

    assert [field.name for field in score(card(), whole).misses] == ["gender"]


@pytest.mark.parametrize(
    ("said", "is_right"),
    [
        ("JOSE ÑUÑO", True),
        ("josé  ñuño ", True),
        ("JOSÉ NUNO", False),
        ("JOSÉÑUÑO", True),
        ("JOSÉ ÑUÑA", False),
    ],
)
def test_names_are_compared_after_folding(said: str, is_right: bool) -> None:
    assert score(card(), answer(frontside__name=said)).all_is_right is is_right


def test_folding_keeps_letters_and_drops_marks() -> None:
    assert spaced(" Argüello  Núñez, B.C.S. ") == "ARGUELLO NUÑEZ, BCS"
    assert folded(" Argüello  Núñez, B.C.S. ") == "ARGUELLONUÑEZ,BCS"


@pytest.mark.parametrize(("said", "is_right"), [("JOSE  ÑUÑO.", True), ("JOSÉÑUÑO", False), ("JOSE ÑU ÑO", False)])
def test_words_run_together_are_told_though_they_are_no_wrong_letters(said: str, is_right: bool) -> None:
    scored = score(card(), answer(frontside__name=said))

    assert scored.all_is_right
    assert scored.all_is_right_with_spaces is is_right
    assert [field.name for field in scored.misses] == ([] if is_right else ["name"])


def test_only_free_text_is_folded() -> None:
    assert not score(card(), answer(frontside__section=" 1234")).keys_are_right


def test_second_looks_are_counted() -> None:
    scored = score(card(), answer(looks=(("tesseract", True), ("ppocr-small", False))))

    assert [(look.reader, look.won) for look in scored.looks] == [("tesseract", True), ("ppocr-small", False)]


def test_a_rival_is_scored_on_the_same_fields() -> None:
    scored = score_rival(card(), EXPECTED, 10.0)

    assert scored.all_is_right
    assert not scored.is_silent
    assert not any(field.is_claimed for field in scored.fields)
