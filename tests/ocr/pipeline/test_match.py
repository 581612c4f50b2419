"""Both sides compared: what is a pair, what it weighs, what contradicts."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ocr.pipeline.match import WEIGHTS, compare, matches, percentage
from ocr.pipeline.types import Comparison, Field
from tests.ocr.pipeline.cards import CURP, KEY, MRZ
from validators import mrz

BORN = date(1982, 5, 6)
BACK = mrz.parse(MRZ)


def front(**other: str | date | None) -> dict[str, Field]:
    said: dict[str, str | date | None] = {
        "surname": "HERNÁNDEZ GARCÍA",
        "name": "JUAN CARLOS",
        "date_of_birth": BORN,
        "gender": "H",
        "validity_period": "2023-2033",
        "emission_number": "01",
        "curp": CURP,
        "elector_key": KEY,
        **other,
    }
    return {name: Field(value) for name, value in said.items()}


def compared(back: mrz.Mrz = BACK, *, born: date = BORN, **other: str | date | None) -> dict[str, Comparison]:
    return {pair.name: pair for pair in compare(front(**other), back, born)}


def pair(similarity: float, weight: float, *, contradicts: bool = False) -> Comparison:
    return Comparison("pair", "A", "B", similarity, weight, contradicts)


# --- both sides agree ------------------------------------------------------------------------------------------------


def test_both_sides_of_one_card_agree_in_every_pair() -> None:
    pairs = compared()
    assert list(pairs) == [
        "surname", "name", "date_of_birth", "curp_date", "elector_key_date", "validity", "emission_number", "gender",
        "curp_sex", "elector_key_sex", "curp_initials",
    ]  # fmt: skip
    assert {pair.similarity for pair in pairs.values()} == {1}
    assert not any(pair.contradicts for pair in pairs.values())
    assert percentage(tuple(pairs.values())) == 100


def test_the_weights_are_a_hundred_together() -> None:
    assert sum(WEIGHTS.values()) == 100


def test_every_pair_has_a_weight_and_every_weight_a_pair() -> None:
    assert {name: pair.weight for name, pair in compared().items()} == dict(WEIGHTS)


def test_a_pair_shows_both_sides() -> None:
    surname = compared()["surname"]
    assert (surname.front, surname.back) == ("HERNÁNDEZ GARCÍA", "HERNANDEZ GARCIA")
    assert (compared()["date_of_birth"].front, compared()["validity"].back) == ("820506", "33")


# --- percentage and match --------------------------------------------------------------------------------------------


def test_the_percentage_is_the_weighted_mean() -> None:
    assert percentage([pair(1, 30), pair(0.5, 10)]) == 87.5


def test_the_percentage_has_one_decimal() -> None:
    assert percentage([pair(1, 1), pair(0, 2)]) == 33.3


def test_sides_that_share_nothing_are_no_match() -> None:
    assert percentage([]) == 0
    assert not matches([], 80)


def test_a_match_reaches_the_threshold() -> None:
    assert matches([pair(0.8, 1)], 80)
    assert not matches([pair(0.799, 1)], 80)


def test_what_contradicts_is_no_match_whatever_the_percentage() -> None:
    assert not matches([pair(1, 99), pair(0, 1, contradicts=True)], 80)


# --- pairs that are not offered --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("missing", "lost"),
    [
        ("surname", {"surname"}),
        ("date_of_birth", {"date_of_birth"}),
        ("gender", {"gender"}),
        ("validity_period", {"validity"}),
        ("emission_number", {"emission_number"}),
        ("curp", {"curp_date", "curp_sex", "curp_initials"}),
        ("elector_key", {"elector_key_date", "elector_key_sex"}),
    ],
)
def test_what_one_side_lacks_is_no_pair(missing: str, lost: set[str]) -> None:
    without: dict[str, Any] = {missing: None}
    pairs = compared(**without)
    assert set(WEIGHTS) - set(pairs) == lost
    assert percentage(tuple(pairs.values())) == 100


@pytest.mark.parametrize("sex", ["X", "<", "F"])
def test_a_sex_of_the_mrz_that_is_neither_h_nor_m(sex: str) -> None:
    pairs = compared(replace(BACK, sex=sex))
    assert not any(pair.contradicts for pair in pairs.values())


def test_an_x_in_front_against_an_h_in_the_mrz_is_no_contradiction() -> None:
    pairs = compared(gender="X")
    assert not any(pair.contradicts for pair in pairs.values())
    assert matches(tuple(pairs.values()), 100)


# --- what differs ----------------------------------------------------------------------------------------------------


def test_another_sex_costs_its_weight() -> None:
    assert percentage(tuple(compared(gender="M").values())) == 95


def test_another_expiry_costs_its_weight() -> None:
    assert percentage(tuple(compared(validity_period="2024-2034").values())) == 95


def test_another_emission_number_costs_its_weight() -> None:
    assert percentage(tuple(compared(emission_number="02").values())) == 95


@pytest.mark.parametrize(
    ("field", "value", "name"),
    [
        ("date_of_birth", date(1982, 5, 7), "date_of_birth"),
        ("curp", "HEGJ820507HBCRRN00", "curp_date"),
        ("elector_key", "HRGRJN82050702H900", "elector_key_date"),
    ],
)
def test_another_birth_date_contradicts(field: str, value: str | date, name: str) -> None:
    other: dict[str, Any] = {field: value}
    pairs = compared(**other)
    assert {pair.name for pair in pairs.values() if pair.contradicts} == {name}
    assert not matches(tuple(pairs.values()), 0)


def test_other_initials_cost_their_weight() -> None:
    assert percentage(tuple(compared(curp="XEGX820506HBCRRN02").values())) == 96


def test_another_persons_name_contradicts() -> None:
    pairs = compared(surname="QUIÑONES PEÑA", name="VERÓNICA")
    assert pairs["surname"].contradicts
    assert pairs["name"].contradicts


def test_a_misread_letter_does_not() -> None:
    surname = compared(surname="HERNÁNDEZ GARGÍA")["surname"]
    assert surname.similarity == pytest.approx(15 / 16, abs=0.001)
    assert not surname.contradicts


# --- names the MRZ's way ---------------------------------------------------------------------------------------------


def named(line: str, **other: Any) -> dict[str, Comparison]:
    return compared(mrz.parse((*MRZ[:2], line.ljust(30, "<"))), **other)


@pytest.mark.parametrize("printed", ["NUNEZ", "NUXEZ", "NUNXXEZ"])
def test_an_enye_is_written_in_any_of_three_ways(printed: str) -> None:
    assert named(f"{printed}<<ALEX", surname="NÚÑEZ", name="ALEX")["surname"].similarity == 1


def test_a_name_cut_at_thirty_is_whole() -> None:
    pairs = named("DE<LA<PRUEBA<NUNEZ<<MARIA<FICT", surname="DE LA PRUEBA NÚÑEZ", name="MARÍA FICTICIA")
    assert (pairs["surname"].similarity, pairs["name"].similarity) == (1, 1)


def test_a_surname_that_fills_the_line_leaves_no_name_to_compare() -> None:
    pairs = named("FERNANDEZ<DE<CASTRO<Y<VILLAVIC", surname="FERNÁNDEZ DE CASTRO Y VILLAVICENCIO", name="ANA")
    assert pairs["surname"].similarity == 1
    assert "name" not in pairs


def test_a_name_that_is_not_cut_is_compared_whole() -> None:
    pairs = named("PRUEBA<<ALEX", surname="PRUEBA", name="ALEXANDER MAURICIO")
    assert pairs["name"].similarity < 0.5


def test_one_surname() -> None:
    pairs = named("PRUEBA<<ALEX", surname="PRUEBA", name="ALEX")
    assert (pairs["surname"].similarity, pairs["name"].similarity) == (1, 1)
