"""Addresses as cards print them, taken apart."""

import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.postal import PARTS, take_apart


def parts(address: str | None) -> tuple[str | None, ...]:
    found = take_apart(address, INE)
    return tuple(found[name] for name in PARTS)


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (
            "RTNO INDEPENDENCIA 2590 LT 82 MZA 60 BARR ARBOLEDAS 96000 VALLADOLID, YUC",
            ("RTNO INDEPENDENCIA 2590 LT 82 MZA 60", "BARR ARBOLEDAS", "96000", "VALLADOLID", "YUC"),
        ),
        (
            "CALLE GALEANA 224 U HAB INFONAVIT NORTE 49074 CUAUHTEMOC, D.F.",
            ("CALLE GALEANA 224", "U HAB INFONAVIT NORTE", "49074", "CUAUHTEMOC", "D.F."),
        ),
        (
            "INDEPENDENCIA 26 S/N COL EMILIANO ZAPATA 33050 SAN NICOLAS DE LOS GARZA, NL",
            ("INDEPENDENCIA 26 S/N", "COL EMILIANO ZAPATA", "33050", "SAN NICOLAS DE LOS GARZA", "NL"),
        ),
    ],
)
def test_five_parts(address: str, expected: tuple[str, ...]) -> None:
    assert parts(address) == expected


def test_a_word_for_a_settlement_may_stand_in_the_name_of_a_street() -> None:
    found = parts("CALLE PARQUE LIRA 12 COL OBSERVATORIO 11860 MIGUEL HIDALGO, CDMX")
    assert found[:2] == ("CALLE PARQUE LIRA 12", "COL OBSERVATORIO")


def test_a_street_without_a_number_ends_where_the_settlement_begins() -> None:
    assert parts("CARR VIEJA RCHO EL MIRADOR 45492 FRESNILLO, ZAC")[:2] == ("CARR VIEJA", "RCHO EL MIRADOR")


def test_a_hidden_street() -> None:
    assert parts("AMPL LA PEÑA 22917 CARDENAS, TAB") == (None, "AMPL LA PEÑA", "22917", "CARDENAS", "TAB")


def test_abroad_all_before_the_code_is_the_street() -> None:
    found = parts("3881 W FICTION AVE HOUSTON TX 89640 USA")
    assert found == ("3881 W FICTION AVE HOUSTON TX", None, "89640", None, "USA")


def test_a_number_of_five_digits_in_the_street_is_no_postal_code() -> None:
    assert parts("KM 12345 COL CENTRO 06000 CUAUHTEMOC, CDMX")[2] == "06000"


@pytest.mark.parametrize("address", ["CALLE REFORMA 123 COL CENTRO", "CALLE REFORMA 123"])
def test_without_a_postal_code_nothing_is_told_apart(address: str) -> None:
    assert parts(address) == (address, None, None, None, None)


@pytest.mark.parametrize("address", [None, ""])
def test_no_address(address: str | None) -> None:
    assert parts(address) == (None,) * 5
