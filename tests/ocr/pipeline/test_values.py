"""Labels and the stretches between them → values: by place and grammar, by grammar alone where it is unmistakable."""

import pytest

from ocr.pipeline import spelling
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.layout import pieces_of
from ocr.pipeline.types import Line
from ocr.pipeline.values import Value, find_values, fitting
from tests.ocr.pipeline.cards import CURP, KEY, Row, card, line, rows
from validators import curp


def find(*lines: Line) -> dict[str, Value]:
    pieces = pieces_of(card(*lines), INE)
    return find_values([piece for piece in pieces if piece.label], pieces, INE)


def found(*printed: Row) -> dict[str, str]:
    return {name: value.text.text for name, value in find(*rows(*printed)).items()}


# --- by labels -------------------------------------------------------------------------------------------------------


def test_each_label_has_the_value_beside_or_below_it() -> None:
    assert found(
        ("SECCIÓN 0747", 320, 100, 18), ("EMISIÓN", 600, 100, 14), ("2023", 600, 120, 20), ("EDAD 31", 800, 100, 18)
    ) == {"section": "0747", "emission": "2023", "age": "31"}


def test_no_word_serves_two_labels() -> None:
    values = found(("SECCIÓN", 320, 100, 14), ("LOCALIDAD", 420, 100, 14), ("0747", 330, 120, 20))
    assert values == {"section": "0747"}


def test_what_fits_below_is_the_value_and_not_what_hardly_fits_beside() -> None:
    """2023 -2033 can be spelled as a date, with four characters forced."""
    assert found(
        ("FECHA DE NACIMIENTO", 320, 100, 14), ("13/12/1935", 320, 130, 20),
        ("2023 -2033", 470, 97, 20), ("VIGENCIA", 470, 70, 14),
    ) == {"date_of_birth": "13/12/1935", "validity": "2023-2033"}  # fmt: skip


def test_a_birth_date_is_known_though_the_section_is_joined_to_it() -> None:
    assert found(("FECHA DE NACIMIENTO SECCIÓN", 320, 100, 14), ("13/03/19314735", 320, 130, 24)) == {
        "date_of_birth": "13/03/1931",
        "section": "4735",
    }


def test_a_value_that_is_too_far_from_its_label_is_none() -> None:
    assert found(("SECCIÓN", 320, 100, 14), ("0747", 320, 300, 20)) == {}


def test_nothing_gives_nothing() -> None:
    assert found() == {}


# --- CURP and elector key: by their grammar --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        CURP,
        f"CURP {CURP}",
        f"CURP{CURP}",
        f"{CURP}200001",
        f"{CURP} 2000 01",
        f"URP{CURP}2000",
        f"{CURP[:4]} {CURP[4:10]} {CURP[10:]}",
        f"PRUEBA{CURP}",
    ],
)
def test_a_curp_is_found_though_joined_to_other_print(text: str) -> None:
    assert found((text, 320, 420, 18))["curp"] == CURP


@pytest.mark.parametrize("text", [KEY, f"CLAVEDEELECTOR{KEY}", f"ELECTOR{KEY}", f"{KEY}PRUEBA", f"{KEY}{CURP}"])
def test_an_elector_key_is_found_though_joined_to_other_print(text: str) -> None:
    assert found((text, 320, 420, 18))["elector_key"] == KEY


def test_both_are_told_apart_in_one_line() -> None:
    values = found((f"{KEY}{CURP}", 320, 420, 18))
    assert (values["elector_key"], values["curp"]) == (KEY, CURP)


def test_what_is_joined_to_a_curp_is_still_a_value() -> None:
    assert found((f"{CURP}200001", 320, 420, 18)) == {"curp": CURP, "registration": "200001"}


def test_a_key_stays_itself_below_the_label_of_the_other() -> None:
    values = found(
        ("CURP", 320, 400, 14), (KEY, 320, 420, 18), ("CLAVE DE ELECTOR", 320, 460, 14), (CURP, 320, 480, 18)
    )
    assert (values["elector_key"], values["curp"]) == (KEY, CURP)


def test_a_value_stands_where_its_own_characters_do() -> None:
    curp = find(line(f"{CURP}200001", 320, 420, 20))["curp"]
    assert curp.text.quad is not None
    assert (curp.text.quad[0][0], curp.text.quad[1][0]) == pytest.approx((320, 500))
    assert (curp.piece.start, curp.piece.stop) == (0, 18)


def test_two_different_curps_are_neither_by_grammar_alone() -> None:
    other = "GOVM800705MCLMLR01"
    assert "curp" not in found((CURP, 320, 420, 18), (other, 320, 500, 18))


def test_of_two_curps_the_one_by_its_label_is_meant() -> None:
    other = "GOVM800705MCLMLR01"
    assert found((f"CURP {CURP}", 320, 420, 18), (other, 320, 700, 18))["curp"] == CURP


@pytest.mark.parametrize(
    "text", ["INSTITUTONACIONALELECTORAL", "AVREFORMACENTROTIJUANA", "123456789012345678", "X" * 18]
)
def test_long_words_and_numbers_are_no_key(text: str) -> None:
    assert not {"curp", "elector_key"} & found((text, 320, 420, 18)).keys()


# --- grammars --------------------------------------------------------------------------------------------------------


def spelled(text: str) -> set[str]:
    (piece,) = pieces_of(card(line(text, 320, 420, 18)), INE)
    return {told.text for told in fitting(piece, (curp.POSITIONS,))}


def test_specks_are_passed_over() -> None:
    assert CURP in spelled(f"{CURP[:4]}.{CURP[4:]}'")


def test_the_best_stretch_of_a_longer_line_is_taken() -> None:
    assert CURP in spelled(f"AB{CURP}YZ")


def test_a_line_that_is_much_shorter_or_longer_is_no_value() -> None:
    assert spelled(CURP[:15]) == set()
    assert spelled(CURP * 2) == set()


_DATE = next(label.grammars for label in INE.labels if label.name == "date_of_birth")


def dates(text: str) -> set[str]:
    (piece,) = pieces_of(card(line(text, 320, 420, 18)), INE)
    return {told.text for told in fitting(piece, _DATE)}


@pytest.mark.parametrize("text", ["06/05/1982", "O6/O5/I982", "06/05/I9B2", "06/05/198", "06/05/19822", "06.05.1982"])
def test_a_date_is_put_into_its_grammar_with_letters_for_digits_and_a_character_off(text: str) -> None:
    assert any(told.startswith("06/05/19") for told in dates(text))


def test_words_as_long_as_a_date_but_for_a_character_are_not_aligned_with_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes half a millisecond, and newspapers are full of them."""
    monkeypatch.setattr(spelling, "_aligned", None)
    for text in ("8COTGOYS0", "LACELEBR06", "10SUOVECÍOS"):
        dates(text)
