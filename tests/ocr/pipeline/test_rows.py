"""Numbers that stand in a row of a known order → what each is, though no label was read; and the sex, a lone letter."""

from collections.abc import Mapping

import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.layout import Piece, lines_of, pieces_of
from ocr.pipeline.rows import find_by_rows
from ocr.pipeline.types import Line
from ocr.pipeline.values import Value, find_values
from tests.ocr.pipeline.cards import CURP, KEY, Row, card, front_lines, line, rows

KEYS: tuple[Row, ...] = ((KEY, 320, 380, 18), (CURP, 320, 420, 18))
"""What every row stands below, known by its grammar."""


def known(*lines: Line) -> tuple[dict[str, Value], list[Piece]]:
    """What labels and grammar tell of these lines, and the lines."""
    read = card(*lines)
    pieces = pieces_of(read, INE)
    return find_values([piece for piece in pieces if piece.label], pieces, INE), lines_of(read)


def found(*printed: Row) -> Mapping[str, Value]:
    """All that is found on a front where this stands below the keys."""
    before, lines = known(*rows(*KEYS, *printed))
    return find_by_rows(before, lines, INE)


def told(*printed: Row) -> dict[str, str]:
    """What the rows add to what labels and grammar tell."""
    before, lines = known(*rows(*KEYS, *printed))
    after = find_by_rows(before, lines, INE)
    return {name: value.text.text for name, value in after.items() if name not in before}


def row(*texts: str, top: float = 480, height: float = 18, step: float = 140) -> tuple[Row, ...]:
    """Numbers side by side."""
    return tuple((text, 320 + step * i, top, height) for i, text in enumerate(texts))


# --- it works --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("02", "004", "0747"), {"state": "02", "municipality": "004", "section": "0747"}),
        (("0001", "2013", "2023"), {"locality": "0001", "emission": "2013", "validity": "2023"}),
        (("02", "004"), {"state": "02", "municipality": "004"}),
        (("0001", "0747"), {"locality": "0001", "section": "0747"}),
    ],
    ids=["place", "years", "state", "locality"],
)
def test_a_row_of_numbers_without_labels_is_told_by_its_order(texts: tuple[str, ...], expected: dict[str, str]) -> None:
    assert told(*row(*texts)) == expected


def test_two_rows_each_tell_their_own() -> None:
    both = (*row("02", "004", "0747"), *row("0001", "2013", "2023", top=520))
    assert told(*both) == {
        "state": "02", "municipality": "004", "section": "0747", "locality": "0001", "emission": "2013",
        "validity": "2023",
    }  # fmt: skip


def test_a_row_that_was_read_as_one_line_is_told_as_one_in_pieces() -> None:
    assert told(("02 004 0747", 320, 480, 18)) == {"state": "02", "municipality": "004", "section": "0747"}


def test_a_section_between_birth_date_and_validity() -> None:
    """Models G to J; both neighbours are known by their grammar."""
    assert told(*row("06/05/1982", "0747", "2023-2033")) == {"section": "0747"}


def test_the_label_of_a_neighbour_tells_the_others_place() -> None:
    assert told(("ESTADO 02 004 0747", 320, 480, 18)) == {"municipality": "004", "section": "0747"}


def test_what_a_row_tells_cannot_vouch_for_itself() -> None:
    values = found(*row("02", "004", "0747"))
    assert all(values[name].text.contested for name in ("state", "municipality", "section"))


def test_what_a_label_told_stays_as_it_was() -> None:
    before, lines = known(*front_lines())
    assert find_by_rows(before, lines, INE) == before


def test_letters_that_resemble_digits_are_digits() -> None:
    assert told(*row("O2", "OO4", "O747")) == {"state": "02", "municipality": "004", "section": "0747"}


# --- it does not -----------------------------------------------------------------------------------------------------


def test_a_number_alone_tells_nothing() -> None:
    assert told(*row("0747")) == {}


@pytest.mark.parametrize("texts", [("2013", "2022"), ("2023", "2013"), ("0001", "2013", "2022")])
def test_years_that_are_not_ten_apart_are_no_issue_and_expiry(texts: tuple[str, ...]) -> None:
    assert not {"emission", "validity"} & told(*row(*texts)).keys()


def test_two_years_may_be_a_locality_and_a_section_as_well() -> None:
    assert told(*row("2013", "2023")) == {}


def test_numbers_in_another_order_are_no_row() -> None:
    assert told(*row("0747", "02", "004")).get("section") is None


def test_numbers_at_different_heights_are_no_row() -> None:
    assert told(("02", 320, 480, 18), ("004", 460, 500, 18)) == {}


def test_numbers_above_the_keys_are_no_row() -> None:
    assert told(*row("02", "004", "0747", top=100)) == {}


def test_numbers_in_one_height_with_a_key_are_no_row() -> None:
    """Beside the CURP of models C to F stand the digits of the registration."""
    assert told(("02", 620, 420, 18), ("004", 700, 420, 18)) == {}


def test_words_are_no_numbers() -> None:
    assert told(*row("AL", "SOL", "OBOE")) == {}


def test_nothing_tells_nothing() -> None:
    assert find_by_rows({}, [], INE) == {}


# --- a lone letter ---------------------------------------------------------------------------------------------------


def sex(*printed: Row) -> str | None:
    return told(*printed).get("sex")


@pytest.mark.parametrize("text", ["H", "M", "X", "NB", "O H", "5EX0. H", "SEX0: M", "GENER H", "SEKC H"])
def test_the_sex_is_a_letter_at_the_right_whatever_was_read_of_its_label(text: str) -> None:
    assert found((text, 840, 160, 16))["sex"].text.text == text.rsplit(maxsplit=1)[-1]


def test_a_sex_without_its_label_cannot_vouch_for_itself() -> None:
    assert found(("H", 840, 160, 16))["sex"].text.contested


@pytest.mark.parametrize(
    "elsewhere",
    [
        pytest.param(("H", 840, 560, 16), id="below_the_keys"),
        pytest.param(("H", 340, 160, 16), id="where_names_stand"),
        pytest.param(("AV REFORMA H", 840, 160, 16), id="behind_words_that_are_no_label"),
        pytest.param(("H PRUEBA", 840, 160, 16), id="before_a_word"),
        pytest.param(("T", 840, 160, 16), id="another_letter"),
        pytest.param(("HH", 840, 160, 16), id="two_letters"),
    ],
)
def test_a_letter_that_stands_elsewhere_is_no_sex(elsewhere: Row) -> None:
    assert sex(elsewhere) is None


def test_two_letters_that_differ_are_neither() -> None:
    assert sex(("H", 840, 160, 16), ("M", 860, 220, 16)) is None
    assert sex(("H", 840, 160, 16), ("H", 860, 220, 16)) == "H"


def test_without_a_key_nobody_knows_where_the_sex_stands() -> None:
    before, lines = known(line("H", 840, 160, 16), line("PRUEBA", 320, 160, 20))
    assert "sex" not in find_by_rows(before, lines, INE)
