"""What is wanted of a front → where it stands, and what need not be read again."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.fields import read_fields
from ocr.pipeline.narrowing import known_lines, places_of
from tests.ocr.pipeline.cards import CURP, E_FRONT, G_FRONT, KEY, Row, Rows, card, front_lines

NAMES = ("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS")
ADDRESS = ("AV REFORMA 123 INT 4", "COL CENTRO 22000", "TIJUANA, B.C.")
EVERY_LINE = {each.text for each in front_lines()}


# --- what need not be read again -------------------------------------------------------------------------------------


def known(*wanted: str, **front: Row | str | None) -> set[str]:
    seen = card(*front_lines(G_FRONT, **front))
    return {each.text for each in known_lines(seen, read_fields(seen, INE), wanted, INE)}


def test_a_value_that_was_found_is_looked_for_where_it_stands() -> None:
    assert EVERY_LINE - known("section") == {"SECCIÓN", "0747"}
    assert EVERY_LINE - known("elector_key", "curp") == {f"CLAVE DE ELECTOR {KEY}", "CURP", CURP}


@pytest.mark.parametrize(
    ("field", "lines"),
    [
        ("gender", {"SEXO H"}),
        ("emission_number", {"AÑO DE REGISTRO", "2000 01"}),
    ],
)
def test_a_field_is_looked_for_where_the_values_are_that_it_is_made_of(field: str, lines: set[str]) -> None:
    assert EVERY_LINE - known(field) == lines


def test_names_and_address_are_looked_for_in_all_that_is_neither_label_nor_value() -> None:
    for wanted in ("address", "surname", "name"):
        assert {"SECCIÓN", "0747", CURP} <= known(wanted)
        assert known(wanted).isdisjoint({*NAMES, *ADDRESS})


def test_so_is_a_value_that_was_not_found() -> None:
    assert known("section", section_value=None).isdisjoint({*NAMES, *ADDRESS, "SECCIÓN"})


def test_nothing_is_known_where_everything_is_wanted_or_it_was_read_badly() -> None:
    assert known("everything") == set()
    badly = card(*(replace(each, scores=(0.7,) * len(each.text)) for each in front_lines()))
    assert known_lines(badly, read_fields(badly, INE), ("section",), INE) == []


# --- where it stands -------------------------------------------------------------------------------------------------

Box = tuple[float, float, float, float]
NONE = 0.0, 0.0, 0.0, 0.0


def box(*wanted: str, front: Rows = G_FRONT, lost: Sequence[str] = (), **other: Row | str | None) -> Box | None:
    """Left, top, right and bottom of all places; None for anywhere."""
    seen = card(*front_lines(front, **dict.fromkeys(lost), **other))
    places = places_of(seen, read_fields(seen, INE), wanted, INE)
    if not places:
        return None
    (left, top), (right, bottom) = (
        np.array(places).reshape(-1, 2).min(axis=0),
        np.array(places).reshape(-1, 2).max(axis=0),
    )
    return left, top, right, bottom


def test_a_value_that_was_found_stands_there() -> None:
    assert box("section") == pytest.approx((550, 562, 590, 582))
    left, top, right, bottom = box("elector_key", "section") or NONE
    assert left > 320  # behind its label
    assert (top, right, bottom) == pytest.approx((430, 635, 582), abs=3)


def test_a_value_that_was_not_found_stands_right_of_its_label_or_below_it() -> None:
    left, top, right, bottom = box("section", section_value=None) or NONE
    assert (left, top) == pytest.approx((550, 540))
    assert right > 600
    assert bottom > 570


def test_without_its_label_it_stands_beside_the_others_of_its_row() -> None:
    left, top, right, bottom = box("section", section=None, section_value=None) or NONE
    assert left < 0
    assert right > 1000
    assert (top, bottom) == pytest.approx((562, 582))


def test_of_a_validity_the_year_is_sought_that_is_lacking() -> None:
    left, top, _, bottom = box("validity_period", front=E_FRONT, years="LOCALIDAD 0001 EMISIÓN VIGENCIA 2033") or NONE
    assert left < 500
    assert top == pytest.approx(500, abs=1)
    assert bottom < 560


def test_an_address_stands_between_its_label_and_the_key() -> None:
    left, top, right, bottom = box("address") or NONE
    assert (left, top, bottom) == pytest.approx((320, 300, 448))
    assert 600 < right < 700


def test_without_its_label_it_stands_below_the_names() -> None:
    _, top, _, bottom = box("address", address=None) or NONE
    assert (top, bottom) == pytest.approx((230, 448))


@pytest.mark.parametrize("field", ["surname", "name"])
def test_names_stand_between_their_label_and_the_addresss_and_what_is_right_of_them_is_seen(field: str) -> None:
    _, top, right, bottom = box(field) or NONE
    assert (top, bottom) == pytest.approx((160, 314))
    assert right > 1000


@pytest.mark.parametrize(
    ("field", "lost"),
    [
        ("everything", ()),
        ("address", ("street", "colony", "town")),
        ("address", ("elector_key", "curp", "curp_value")),
        ("surname", ("name",)),
        ("emission_number", ("registration", "registration_value")),
    ],
)
def test_what_may_be_anywhere_has_no_place(field: str, lost: tuple[str, ...]) -> None:
    assert box(field, lost=lost) is None
    assert box("section", field, lost=lost) is None


def test_a_sex_whose_label_was_not_found_stands_right_of_the_names() -> None:
    left, top, right, bottom = box("gender", sex=None) or NONE
    assert (left, bottom) == pytest.approx((320, 250), abs=1)
    assert top < 170  # of the label above the names
    assert right > 1000
    assert box("section", "gender") != box("section")


def test_without_names_it_may_be_anywhere_and_is_not_looked_for() -> None:
    lost = ("sex", "paternal", "maternal", "given")
    assert box("gender", lost=lost) is None
    assert box("section", "gender", lost=lost) == box("section", lost=lost)
