"""The lines of a card → labels and the stretches between them: which characters belong to which."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from ocr.pipeline.documents.ine import INE
from ocr.pipeline.layout import Piece, gaps, labels_in, level, lines_of, overlap, pieces_of, stretches, word_runs
from ocr.pipeline.spelling import INDEX
from ocr.pipeline.types import Line
from tests.ocr.pipeline.cards import card, front_lines, line, lit, quad


def labels(seen: Line) -> list[tuple[str, str]]:
    """Each label of a line, and the characters that are taken for it."""
    return [(piece.label, piece.text) for piece in labels_in(level(seen, 0.0), INE)]


def pieces(text: str) -> list[tuple[str, str]]:
    """Labels and the stretches between, left to right."""
    found = sorted(pieces_of(card(line(text, 100, 50, 20)), INE), key=lambda piece: piece.start)
    return [(piece.label, piece.text) for piece in found]


def whole(text: str) -> Piece:
    return level(line(text, 100, 50, 20), 0.0)


def texts(found: Sequence[Piece]) -> list[str]:
    return [piece.text for piece in found]


# --- labels and the digits beside them -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SECCION6874", [("section", "SECCION"), ("", "6874")]),
        ("ECCION6874", [("section", "ECCION"), ("", "6874")]),
        ("7ECCION6874", [("", "7"), ("section", "ECCION"), ("", "6874")]),
        ("02UNICIPIO004", [("", "02"), ("municipality", "UNICIPIO"), ("", "004")]),
        ("SECC1ON6874", [("section", "SECC1ON"), ("", "6874")]),
        ("SECCIO 6874", [("section", "SECCIO"), ("", "6874")]),
        ("VIGENCI2023-2033", [("validity", "VIGENCI"), ("", "2023-2033")]),
        ("OCALIDAD0001EMISION2013", [("locality", "OCALIDAD"), ("", "0001"), ("emission", "EMISION"), ("", "2013")]),
        ("02MUNICIPIO004", [("", "02"), ("municipality", "MUNICIPIO"), ("", "004")]),
    ],
)
def test_a_label_that_lost_a_letter_does_not_swallow_a_digit_of_its_value(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert pieces(text) == expected


@pytest.mark.parametrize("row", ["PRIV MOCTEZUMA 191 LOCAL1", "COL CENTRO 4 VIGENC 7"])
def test_a_part_of_a_label_in_a_row_of_an_address_is_none(row: str) -> None:
    assert labels(line(row, 100, 50, 20)) == []


def test_a_part_of_a_label_elsewhere_is_one() -> None:
    assert labels(line("0001 LOCALI 1", 100, 50, 20)) == [("locality", "LOCALI")]


def test_a_number_that_is_joined_to_its_label_keeps_its_naughts() -> None:
    assert labels(line("SEX0 H", 100, 50, 20)) == [("sex", "SEX0")]
    assert labels(line("ESTAD002", 100, 50, 20)) == [("state", "ESTAD0")]


def test_a_digit_inside_a_label_is_one_of_its_letters() -> None:
    assert labels(line("V1GENC1A")) == [("validity", "V1GENC1A")]


# --- a word that resembles a label -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["VALENCIA", "VALENCIA GARCIA", "5416 MISSION DR"])
def test_a_surely_read_word_that_is_little_like_a_label_is_another(name: str) -> None:
    assert labels(line(name, score=0.99)) == []


def test_a_badly_read_one_may_be_the_label() -> None:
    assert labels(line("VALENCIA", score=0.6)) == [("validity", "VALENCIA")]


def test_one_doubtful_letter_is_enough_for_that() -> None:
    seen = line("VALENCIA")
    assert labels(replace(seen, scores=(0.5, *seen.scores[1:]))) == [("validity", "VALENCIA")]


@pytest.mark.parametrize("text", ["VIGENCIA", "VIGFNCIA", "V1GENCIA", "VIGENCI"])
def test_a_surely_read_label_with_a_wrong_letter_is_that_label(text: str) -> None:
    assert labels(line(text, score=0.99)) == [("validity", text)]


def test_part_of_a_label_is_that_label_however_surely_it_was_read() -> None:
    assert labels(line("DOMIC", score=0.99)) == [("address", "DOMIC")]


# --- a word of a row that is spelled like a label ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        "DOMICILIO CONOCIDO S/N", "C SIN NOMBRE 123", "AV MUNICIPIO LIBRE 4", "C ESTADO DE MEXICO 12",
        "NOMBRE DE DIOS, DGO.", "LOC SECCION 16 34840", "LOCALIDAD EL SALTO", "C EMISION 12",
        "ESTADOS UNIDOS", "ESTAD05 UNID05", "COL NUEVA EDAD 34840",
    ],
)  # fmt: skip
def test_a_word_among_others_is_no_label(row: str) -> None:
    assert labels(line(row)) == []


def test_a_label_that_ends_a_row_with_its_letter_is_one() -> None:
    """A long surname may be found as one line with what stands beside it."""
    assert labels(line("LÓPEZ PORTILLO Y ROJAS SEXO M")) == [("sex", "SEXO")]
    assert labels(line("LÓPEZ PORTILLO Y ROJAS SEXO MAS")) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SEXO H", ["sex"]),
        ("NOMBRE SEXO M", ["name", "sex"]),
        ("GENERO NB", ["sex"]),
        ("DOMICILIO ADDRESS", ["address"]),
        ("NOMBRE XICO", ["name"]),
        ("L NOMBRE", ["name"]),
        ("ESTADO 02 MUNICIPIO 004", ["state", "municipality"]),
        ("CLAVE DE ELECTOR HRGRJN82050602H900", ["elector_key"]),
    ],
)
def test_a_label_stands_beside_values_labels_and_the_pattern(text: str, expected: list[str]) -> None:
    assert sorted(name for name, _ in labels(line(text))) == sorted(expected)


def test_what_was_read_with_doubt_beside_a_label_is_no_word() -> None:
    seen = line("NOMBRE JARDIN")
    assert labels(seen) == []
    assert labels(replace(seen, scores=(*seen.scores[:-1], 0.5))) == [("name", "NOMBRE")]


def test_nor_does_a_word_of_the_next_column_count() -> None:
    """With a lattice, letters have places of their own: behind CARLOS there is room for more than a space."""
    near, far = (lit([*("JUAN CARLOS"), *[" "] * spaces, *"SEXO"]) for spaces in (1, 4))
    assert (labels(near), labels(far)) == ([], [("sex", "SEXO")])


# --- lines -----------------------------------------------------------------------------------------------------------


def test_lines_that_have_a_place_are_taken_whole() -> None:
    placeless = replace(line("PRUEBA"), quad=None)
    assert texts(lines_of(card(line("SECCIÓN 0747", 10, 10), placeless, line("", 10, 50)))) == ["SECCIÓN 0747"]


def test_what_is_far_higher_than_the_print_of_the_card_is_none() -> None:
    print_of_card = [line("PRUEBA", 10, 30 * i, 20) for i in range(3)]
    assert len(lines_of(card(*print_of_card, line("FONDO", 10, 200, 59)))) == 4
    assert len(lines_of(card(*print_of_card, line("FONDO", 10, 200, 61)))) == 3


def test_keys_of_a_keyboard_do_not_tell_how_the_card_lies() -> None:
    tilted = Line("CREDENCIAL PARA VOTAR", (0.99,) * 21, ((0, 0), (300, 15), (299, 35), (-1, 20)), "hand")
    keys = [line("Q", 400 + 40 * i, 100, 30) for i in range(20)]
    first, *_ = lines_of(card(tilted, *keys))
    assert first.height == pytest.approx(20, abs=0.5)
    assert first.middle == pytest.approx(10, abs=1)


def test_nor_does_a_page_below_it_that_lies_otherwise() -> None:
    """Its lines are longer, and one letter of each was read badly."""
    page = [
        Line("SERVICIO CUANDO CLIENTE", (0.3, *(0.99,) * 22), ((0, y), (900, y + 400), (890, y + 420), (0, y + 20)), "")
        for y in (500, 560, 620, 680)
    ]
    found = lines_of(card(*front_lines(), *page))
    assert {round(piece.left) for piece in found if piece.text in ("NOMBRE", "GARCÍA", "DOMICILIO")} == {320}


@pytest.mark.parametrize(
    ("halves", "found"),
    [
        (("2019-", "2029"), ["2019-2029"]),
        (("2026", "-2036"), ["2026-2036"]),
        (("2019", " - 2029"), ["2019-2029"]),
        (("2019 -", "2029 "), ["2019-2029"]),
        (("2019", "2029"), ["2019", "2029"]),
        (("2019-", "20299"), ["2019-", "20299"]),
    ],
)
def test_a_number_broken_at_its_hyphen_is_one(halves: tuple[str, str], found: list[str]) -> None:
    whole = lines_of(card(line(halves[0], 100, 50, 20), line(halves[1], 155, 52, 20)))
    assert texts(whole) == found


def test_so_it_is_with_all_that_the_reader_weighed() -> None:
    one, other = lit("2019-", quad(100, 50, 150, 70)), lit("2029", quad(155, 50, 195, 70))
    (whole,) = lines_of(card(one, other))
    assert whole.line.quad == quad(100, 50, 195, 70)
    assert one.lattice is not None
    assert other.lattice is not None
    assert whole.line.lattice is not None
    assert len(whole.line.lattice) == len(one.lattice) + len(other.lattice)
    assert [int(whole.line.lattice[step].argmax()) for step in whole.line.steps] == [INDEX[c] for c in "2019-2029"]


def test_halves_that_stand_apart_are_two_numbers() -> None:
    for left, top in ((300, 50), (155, 90)):
        assert len(lines_of(card(line("2019-", 100, 50, 20), line("2029", left, top, 20)))) == 2


def test_no_lines_give_no_pieces() -> None:
    assert lines_of(card()) == []
    assert pieces_of(card(), INE) == []


# --- stretches -------------------------------------------------------------------------------------------------------


def test_every_run_of_neighbouring_words() -> None:
    assert texts(list(word_runs(whole("A BC D")))) == ["A", "A BC", "A BC D", "BC", "BC D", "D"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2018 01XICO", ["2018", "2018 01", "2018 01XICO", "01", "01XICO", "XICO"]),
        ("3158ME", ["3158", "3158ME", "ME"]),
        ("175B", ["175B"]),
        ("HEGJ820506HBCRRN02", ["HEGJ820506HBCRRN02"]),
    ],
)
def test_letters_of_the_pattern_are_parted_from_a_number(text: str, words: list[str]) -> None:
    assert texts(list(word_runs(whole(text)))) == words


def anywhere(length: int) -> Callable[[str], Sequence[int]]:
    return lambda text: range(len(text) - length + 1)


def test_a_stretch_begins_only_where_it_may() -> None:
    assert texts(list(stretches(whole("AB CDE"), 3, lambda text: [text.index("C")]))) == ["CDE"]


def test_every_stretch_of_so_many_characters_leaving_spaces_out() -> None:
    assert texts(list(stretches(whole("AB CDE"), 3, anywhere(3)))) == ["AB C", "B CD", "CDE"]


def test_a_line_of_just_so_many_characters_has_no_stretch_but_itself() -> None:
    assert list(stretches(whole("AB C"), 3, anywhere(3))) == []


def test_a_stretch_stands_where_its_characters_do() -> None:
    (first, *_) = stretches(whole("ABCD"), 2, anywhere(2))
    assert (first.left, first.right) == pytest.approx((100, 120))
    assert first.line.quad == quad(100, 50, 140, 70)


def test_what_is_left_beside_taken_pieces() -> None:
    line_ = whole("ABCDEF")
    ab, _, cd, *_ = stretches(line_, 2, anywhere(2))
    assert texts(list(gaps(line_, [cd]))) == ["AB", "EF"]
    assert texts(list(gaps(line_, [cd, ab]))) == ["EF"]
    assert list(gaps(line_, [line_])) == []
    assert list(gaps(line_, [])) == [line_]


def test_pieces_of_one_line_overlap_where_they_share_a_character() -> None:
    ab, bc, cd = stretches(whole("ABCD"), 2, anywhere(2))
    assert overlap(ab, bc)
    assert not overlap(ab, cd)
    assert not overlap(ab, next(stretches(whole("ABCD"), 2, anywhere(2))))
