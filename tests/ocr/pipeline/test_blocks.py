"""The lines that nothing else claimed → the rows of names and address, each as it is meant."""

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.pipeline.agreement import DISPUTED
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.fields import read_fields
from ocr.pipeline.rereading import Rereader
from ocr.pipeline.spelling import INDEX
from ocr.pipeline.types import FrontText, Line, Photo, Pixels, Quad
from tests.ocr.pipeline.cards import E_FRONT, G_FRONT, Row, card, front_lines, line, quad, spaced
from tests.ocr.pipeline.engines.fakes import FixedLines

BLANK = INDEX["\0"]


def read(*more: Line, **other: Row | str | None) -> FrontText:
    """A front with more lines, and with others or none in place of some of its own."""
    return read_fields(card(*front_lines(G_FRONT, **other), *more), INE)


def names(front: FrontText) -> tuple[str, ...]:
    return tuple(text.text for text in front.name)


def address(front: FrontText) -> tuple[str, ...]:
    return tuple(text.text for text in front.address)


def street(text: str, top: float = 322, height: float = 20, score: float = 0.99) -> Line:
    return line(text, 320, top, height, score=score)


def row_of(text: str) -> str:
    """The street as it is meant, where this was read."""
    return address(read(street(text), street=None))[0]


def town_that_ends_at(right: int, speck: int | None) -> Pixels:
    """A card on which a row of boxes is printed for letters and, so many pixels behind them, a speck."""
    pixels = np.full((640, 1000), 180, np.uint8)
    for left in range(right - 59, right, 10):
        cv2.rectangle(pixels, (left, 373), (left + 6, 387), 40, 2)
    if speck is not None:
        cv2.rectangle(pixels, (right + speck, 384), (right + speck + 3, 387), 40, -1)
    return pixels


NEAR, APART = -2, 4
"""Pixels behind a letter at which a speck may be a part of it, and at which it is a full stop."""


@pytest.mark.parametrize(
    ("mark", "weight", "speck", "stop"),
    [
        (".", 0.2, NEAR, "."),
        (",", 0.2, NEAR, "."),
        (".", 0.05, NEAR, ""),
        (".", 0.05, APART, "."),
        (".", 0.2, None, ""),
        (".", 0.45, None, "."),
    ],
)
def test_a_full_stop_behind_the_state_may_have_been_lost(
    mark: str, weight: float, speck: int | None, stop: str
) -> None:
    town = "TIJUANA, BC"
    seen = spaced(town, tuple(2 * i + 1 for i in range(len(town))), {2 * len(town): {mark: weight}})
    below = replace(seen, quad=quad(320, 370, 560, 390))
    seen_card = card(*front_lines(town=None), below, pixels=town_that_ends_at(560, speck))
    assert address(read_fields(seen_card, INE))[-1] == f"TIJUANA, BC{stop}"


def test_a_name_on_one_line_with_the_birth_date_is_not_lost() -> None:
    """A long surname of model E ends beside it, and both are found as one line."""
    long = ("LOPEZ PORTILLO Y ROJAS 06/05/1982", 320, 152, 20)
    lines = front_lines(E_FRONT, paternal=long, date_of_birth_value=None)
    assert names(read_fields(card(*lines), INE)) == ("LOPEZ PORTILLO Y ROJAS", "GARCÍA", "JUAN CARLOS")


@pytest.mark.parametrize(
    ("glanced", "told"), [("TIJUANA, BC", "TIJUANA, BC"), ("TUUANA. BC", "TUUANA, BC"), ("NARNIA, BC", "TUUANA, BC")]
)
def test_a_municipality_that_is_known_stands_though_it_was_misread_afterwards(glanced: str, told: str) -> None:
    again = Rereader(FixedLines(front_lines(town="TUUANA. BC")))
    unsure = [replace(each, scores=(0.9,) * len(each.text)) for each in front_lines(town=glanced)]
    assert address(read_fields(card(*unsure), INE, again))[-1] == told


@pytest.mark.parametrize(("speck", "told"), [(NEAR, "MEXICALI, BC."), (None, "MEXICALI, BC")])
def test_a_known_municipality_is_read_again_where_something_stands_behind_its_state(
    speck: int | None, told: str
) -> None:
    """The finder's frame ends with the last letter; with more room the reader sees the stop."""
    glanced = card(*front_lines(town="MEXICALI, BC"), pixels=town_that_ends_at(440, speck))
    again = Rereader(FixedLines(front_lines(town="MEXICALI, BC.")))
    assert address(read_fields(glanced, INE, again))[-1] == told


def test_a_header_that_ends_like_a_label_of_the_column_is_none() -> None:
    header = line("CST8O FEDERAL DE ELECTORES", 320, 100, 20, score=0.4)
    assert (names(read(header)), address(read(header))) == (names(read()), address(read()))


@pytest.mark.parametrize(
    ("said", "meant"),
    [("MA, DE LOURDES", "MA. DE LOURDES"), ("J.SOCORRO", "J. SOCORRO"), ("GRACIELA. SUGEY", "GRACIELA SUGEY"),
     ("MARIA DEL C. ITZEL", "MARIA DEL C. ITZEL"), ("GPE. ITZEL", "GPE. ITZEL"), ("PEREZ- GIL", "PEREZ-GIL"),
     ("PEREZ - GIL", "PEREZ - GIL")],
)  # fmt: skip
def test_a_name_has_no_comma_no_hyphen_of_one_word_and_full_stops_behind_abbreviations_alone(
    said: str, meant: str
) -> None:
    assert names(read(given=said))[-1] == meant


# --- whether it is whole ----------------------------------------------------------------------------------------------


def test_a_front_says_whether_its_address_is_whole() -> None:
    assert read().whole
    assert not read(town=None).whole
    assert not read_fields(card(), INE).whole


# --- rows that are none ----------------------------------------------------------------------------------------------


def test_an_address_that_begins_right_below_its_label_has_lost_no_row() -> None:
    """The street may be hidden: what is printed then moves up."""
    below = read(address=("DOMICILIO", 320, 329, 15), street=None)
    apart = read(street=None)
    assert (address(below), below.whole) == (address(apart), True)
    assert not apart.whole


def test_the_rest_of_a_label_is_lower_than_a_row_and_read_badly() -> None:
    rest = line("DOMICI", 320, 276, 14, score=0.5)
    assert (names(read(rest)), address(read(rest))) == (names(read()), address(read()))
    without_label = read(rest, address=None)
    assert names(without_label) + address(without_label) == names(read()) + address(read())


@pytest.mark.parametrize(
    ("height", "score"),
    [
        pytest.param(14, 0.99, id="low_but_read_well"),
        pytest.param(19, 0.5, id="read_badly_but_high"),
    ],
)
def test_a_row_that_is_either_low_or_badly_read_is_a_row(height: float, score: float) -> None:
    front = read(street("LT 7 MZA 4", height=height, score=score), street=None)
    assert address(front) == ("LT 7 MZA 4", *address(read())[1:])


def test_one_bad_letter_of_a_slightly_lower_row_makes_it_no_rest() -> None:
    """Between 0.72 and 0.85 of the usual height a row must be read badly on the whole."""
    lower = street("LT 7 MZA 4", height=16)
    doubtful = Line(lower.text, (0.4, *lower.scores[1:]), lower.quad, lower.reader)
    assert address(read(doubtful, street=None))[0] == "LT 7 MZA 4"
    poor = street("LT 7 MZA 4", height=16, score=0.5)
    assert address(read(poor, street=None)) == address(read())[1:]


def test_a_mark_half_as_high_as_the_rows_is_none_however_well_it_was_read() -> None:
    assert address(read(line("LLLL", 320, 336, 8))) == address(read())


def test_a_mark_beside_a_row_does_not_keep_it_from_being_one() -> None:
    """A badly read letter at the left edge, a little higher than the street that begins right of it."""
    mark = line("S", 310, 316, 20, score=0.2)
    assert address(read(mark)) == address(read())


# --- S/N -------------------------------------------------------------------------------------------------------------


def test_a_slash_that_was_lost_between_s_and_n_is_put_back_where_the_reader_gave_it_some_weight() -> None:
    seen = spaced("AV SOL SN", (1, 3, 5, 7, 9, 11, 13, 15, 17), {16: {"/": 0.1}})
    assert address(read(seen, street=None))[0] == "AV SOL S/N"


@pytest.mark.parametrize("text", ["AV SOL SN", "AV SNA", "AV ASN"])
def test_of_others_nothing_is_put_between_however_far_they_stand_apart(text: str) -> None:
    """Some cards print SN, and a reader's steps are coarse."""
    steps = (*range(1, 2 * len(text) - 2, 2), 2 * len(text) + 2)
    assert address(read(spaced(text, steps), street=None))[0] == text


def test_a_row_with_s_n_is_an_addresss_though_its_label_was_lost() -> None:
    front = read(street("AV REFORMA S/N"), street=None, address=None)
    assert address(front) == ("AV REFORMA S/N", "COL CENTRO 22000", "TIJUANA, B.C.")
    assert names(front) == names(read())


# --- what is meant ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("DEPT0 4", "DEPTO 4"),
        ("CENTR0", "CENTRO"),
        ("VALLE D0RAD0", "VALLE DORADO"),
        ("BELLAVI5TA", "BELLAVISTA"),
        ("COL 3O341", "COL 30341"),
        ("COL 2200Q", "COL 22000"),
        ("COL 1B75", "COL 1875"),
        ("AV 175O", "AV 1750"),
        ("C RI0 PIS01", "C RIO PIS01"),
        ("COL P00T", "COL POOT"),
        ("AV PIO XI1", "AV PIO XII"),
        ("AV CARLOS II1", "AV CARLOS III"),
    ],
)
def test_a_lone_character_of_the_other_kind_is_the_one_that_it_resembles(said: str, meant: str) -> None:
    assert row_of(said) == meant


@pytest.mark.parametrize(
    "said",
    [
        "AV SOL 175B",
        "AV SOL 175A",
        "MZ 4A",
        "A12",
        "LT1",
        "INT D4",
        "B0C0",
        "KM 12.5",
        "G4RC1A 10",
        "C 5 1096-I",
        "KM0 MZ0",
        "X1",
    ],
)
def test_a_number_with_a_letter_behind_it_and_short_words_stay_as_they_are(said: str) -> None:
    assert row_of(said) == said


def test_a_name_has_no_digits_where_letters_are_meant() -> None:
    front = read(line("GARC1A", 320, 206, 20), maternal=None)
    assert names(front) == ("HERNÁNDEZ", "GARCIA", "JUAN CARLOS")


# --- under perspective -----------------------------------------------------------------------------------------------


def test_the_last_row_is_the_addresss_though_the_key_at_the_far_right_stands_as_high() -> None:
    front = read(line("CLAVE DE ELECTOR", 320, 430, 18), line("HRGRJN82050602H900", 640, 374, 18), elector_key=None)
    assert (address(front)[-1], front.values["elector_key"].text) == ("TIJUANA, B.C.", "HRGRJN82050602H900")


@pytest.mark.parametrize(("higher", "rows"), [(2, 2), (8, 3)])
def test_a_short_row_that_stands_nearly_as_high_as_the_long_one_above_it_is_a_row(higher: int, rows: int) -> None:
    """The middle of a long row that is tilted stands lower than where it begins; what is found twice, at one height."""
    above = line("COL CENTRO 22000 Y MUCHO MAS", 320, 370 - higher, 20)
    assert len(address(read(above, colony=None))) == rows


def test_halves_of_a_row_that_were_found_with_a_letter_of_both_are_one_row() -> None:
    assert address(read(line("STX 75245", 378, 345, 20), colony="DALLAS."))[1] == "DALLAS. STX 75245"


def test_of_a_line_that_was_found_with_the_sex_the_name_is_left() -> None:
    front = read(line("JUAN CARLOS H", 320, 230, 20), line("SEXO", 420, 208, 14), given=None, sex=None)
    assert (names(front)[2:], front.values["sex"].text) == (("JUAN CARLOS",), "H")


# --- the comma before the state ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("COLIMA. COL", "COLIMA, COL"),
        ("COLIMA.COL.", "COLIMA, COL."),
        ("JUAREZ CHIH.", "JUAREZ, CHIH."),
        ("TIJUANA B.C.", "TIJUANA, B.C."),
        ("GUSTAVO A. MADERO. D.F.", "GUSTAVO A. MADERO, D.F."),
        ("SAN LUIS POTOSI , S.L.P.", "SAN LUIS POTOSI, S.L.P."),
        ("MERIDA, YUC", "MERIDA, YUC"),
        ("DURANGO, DG0", "DURANGO, DGO"),
        ("JUAREZ, QR 00", "JUAREZ, QROO"),
        ("POTOSI, 5.L.P.", "POTOSI, S.L.P."),
        ("CORREGIDORA, ORO.", "CORREGIDORA, QRO."),
        ("TULUM, O. R00", "TULUM, Q. ROO"),
        ("LEON, GTQ", "LEON, GTO"),
    ],
)
def test_a_comma_stands_between_municipality_and_state(said: str, meant: str) -> None:
    town = read(line(said, 320, 366, 20), town=None).address[-1]
    assert (town.text, len(town.scores)) == (meant, len(meant))


def test_so_it_does_where_the_state_has_a_row_of_its_own() -> None:
    front = read(street("CHILPANCINGO DE LOS BRAVO", top=370), street("GRO", top=394), town=None)
    assert address(front)[-2:] == ("CHILPANCINGO DE LOS BRAVO,", "GRO")


@pytest.mark.parametrize("said", ["MONTREAL CANADA", "TIJUANA B"])
def test_nothing_else_is_given_a_comma(said: str) -> None:
    assert address(read(line(said, 320, 366, 20), town=None))[-1] == said


@pytest.mark.parametrize(
    ("top", "height", "joins"),
    [
        pytest.param(182, 20, True, id="in_line_and_as_high"),
        pytest.param(186, 12, False, id="lower"),
        pytest.param(174, 20, False, id="not_in_line"),
    ],
)
def test_a_word_right_of_a_row_belongs_to_it_if_it_is_in_line_and_as_high(top: int, height: int, joins: bool) -> None:
    """Behind names stand words of the pattern: INE, MÉXICO."""
    paternal = quad_of("HERNÁNDEZ")
    beside = line("MÉXICO", paternal[1][0] + 15, top, height)
    assert names(read(beside))[0] == ("HERNÁNDEZ MÉXICO" if joins else "HERNÁNDEZ")


@pytest.mark.parametrize(("drop", "joins"), [(0, True), (40, False)])
def test_a_line_of_a_page_that_lies_otherwise_is_no_part_of_a_row(drop: int, joins: bool) -> None:
    left, top = quad_of("HERNÁNDEZ")[1]
    corners = ((0, -drop / 2), (160, drop / 2), (160, drop / 2 + 20), (0, 20 - drop / 2))
    a, b, c, d = ((left + 15 + x, top + y) for x, y in corners)
    page = Line("SERVICIO CUANDO", (0.99,) * 15, (a, b, c, d), "hand")
    assert names(read(page))[0] == ("HERNÁNDEZ SERVICIO CUANDO" if joins else "HERNÁNDEZ")


def quad_of(text: str) -> Quad:
    return next(line.quad for line in front_lines(G_FRONT) if line.text == text and line.quad is not None)


# --- tildes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("weight", "seen", "score"),
    [
        pytest.param(0.3, "C ÑARDO", 0.6, id="the_reader_gave_it_some_weight"),
        pytest.param(0.1, "C NARDO", 0.5, id="a_little"),
        pytest.param(0.01, "C NARDO", 0.99, id="none_to_speak_of"),
    ],
)
def test_an_n_may_have_lost_its_tilde(weight: float, seen: str, score: float) -> None:
    steps = (1, 3, 5, 7, 9, 11, 13)
    row = read(spaced("C NARDO", steps, {5: {"Ñ": weight}}), street=None).address[0]
    assert (row.text, row.scores[2]) == (seen, score)


# --- reading rows again -----------------------------------------------------------------------------------------------


class Reading:
    """Reads the row that stands so high as that; of all others it sees nothing."""

    name = "reading"

    def __init__(self, top: float, text: str) -> None:
        self._top, self._text = top, text

    def read(self, _photo: Photo, quads: Sequence[Quad], _letters: Sequence[int] = ()) -> tuple[Line, ...]:
        return tuple(
            replace(line(self._text if each[0][1] == pytest.approx(self._top, abs=0.6) else ""), quad=each)
            for each in quads
        )


def glanced(text: str, *, rise: float) -> Line:
    """A street of which the left end was seen so much too high, as what stands above it was taken for its own."""
    return Line(text, (0.99,) * len(text), ((320, 322 - rise), (520, 322), (520, 350), (320, 350 - rise)), "hand")


@pytest.mark.parametrize(("maternal", "told"), [("GARCÍA", "HERNÁNDEZ"), ("GARCIA", "HERNANDEZ")])
def test_names_are_read_again_where_another_surely_has_an_accent(maternal: str, told: str) -> None:
    seen = card(*front_lines(paternal="HERNANDEZ", maternal=maternal))
    said = frozenset("HERNANDEZ GARCIA JUAN CARLOS".split())
    front = read_fields(seen, INE, Rereader(Reading(182, "HERNÁNDEZ"), said))
    assert names(front)[:2] == (told, maternal)


def test_a_row_that_was_found_with_the_label_above_it_is_read_where_it_stands() -> None:
    seen = card(*front_lines(G_FRONT, address=None, street=None), glanced("DCMREFORMA 123 INT 4", rise=12))
    front = read_fields(seen, INE, Rereader(Reading(323, "AV REFORMA 123 INT 4")))
    assert address(front)[0] == "AV REFORMA 123 INT 4"
    assert front.address[0].scores == (0.99,) * 20  # what was seen of both disputes nothing


def test_between_a_row_and_the_label_that_it_was_found_with_no_other_was_lost() -> None:
    seen = card(*front_lines(G_FRONT, address=None, street=None, colony=None), glanced("COL CENTRO 22000", rise=12))
    assert read_fields(seen, INE, Rereader(Reading(323, "COL CENTRO 22000"))).whole


@pytest.mark.parametrize(("label", "rise"), [(None, 2.0), ("DOMICILIO", 12.0)])
def test_a_row_that_lies_as_the_others_or_whose_label_was_found_stays_where_it_is(
    label: str | None, rise: float
) -> None:
    seen = card(*front_lines(G_FRONT, address=label, street=None), glanced("AV REFORMA 128 INT 4", rise=rise))
    front = read_fields(seen, INE, Rereader(Reading(322 - rise, "AV REFORMA 123 INT 4")))
    assert address(front)[0] == "AV REFORMA 123 INT 4"
    assert min(front.address[0].scores) == DISPUTED
