"""A front's lines → its values: by their labels, their grammar, and their place to one another."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from ocr.pipeline.addresses import REPAIRED
from ocr.pipeline.agreement import DISPUTED
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.fields import evidence, look_beside, merge, read_again, read_fields, read_rows_again, without_rows
from ocr.pipeline.layout import labels_in, level, pieces_of
from ocr.pipeline.rereading import Rereader
from ocr.pipeline.types import Card, FrontText, Line, Photo, Quad
from tests.ocr.pipeline.cards import (
    CURP,
    E_FRONT,
    G_FRONT,
    G_LABELS,
    KEY,
    VALUES,
    Row,
    Rows,
    back_lines,
    card,
    free,
    front_lines,
    line,
    quad,
    rows,
)
from tests.ocr.pipeline.engines.fakes import Crashing, EmptyLines, FixedLines

NAMES = ("HERNÁNDEZ", "GARCÍA", "JUAN CARLOS")
ADDRESS = ("AV REFORMA 123 INT 4", "COL CENTRO 22000", "TIJUANA, B.C.")


def read(front: Rows = G_FRONT, *more: Row, **other: Row | str | None) -> FrontText:
    return read_fields(card(*front_lines(front, **other), *rows(*more)), INE)


def values(front: FrontText) -> dict[str, str]:
    return {name: text.text for name, text in front.values.items()}


def names(front: FrontText) -> tuple[str, ...]:
    return tuple(text.text for text in front.name)


def address(front: FrontText) -> tuple[str, ...]:
    return tuple(text.text for text in front.address)


def labels(text: str) -> set[str]:
    """The labels that one line holds."""
    return {piece.label for piece in labels_in(level(line(text), 0.0), INE)}


# --- whole fronts ----------------------------------------------------------------------------------------------------


def test_a_front_of_model_g() -> None:
    front = read()
    assert values(front) == VALUES
    assert (names(front), address(front)) == (NAMES, ADDRESS)
    assert (front.labels, front.issuer, front.abroad) == (G_LABELS, "INE", False)


def test_a_front_of_model_e() -> None:
    front = read(E_FRONT)
    expected = {**VALUES} | {
        "validity": "2033", "emission": "2023", "state": "02", "municipality": "004", "locality": "0001"
    }  # fmt: skip
    assert values(front) == expected
    assert (names(front), address(front)) == (NAMES, ADDRESS)
    assert front.labels == G_LABELS | {"state", "municipality", "locality", "emission"}


def test_a_front_of_model_d() -> None:
    front = read(
        E_FRONT,
        header="INSTITUTO FEDERAL ELECTORAL",
        date_of_birth="EDAD 31",
        date_of_birth_value=None,
        years="LOCALIDAD 0001 EMISIÓN 2013 VIGENCIA HASTA 2023",
    )
    assert front.issuer == "IFE"
    assert values(front)["age"] == "31"
    assert (values(front)["emission"], values(front)["validity"], values(front)["section"]) == ("2013", "2023", "0747")
    assert "date_of_birth" not in front.values


def test_a_front_from_abroad() -> None:
    front = read(
        title="DESDE EL EXTRANJERO",
        name="NOMBRE/NAME",
        address="DOMICILIO/ADDRESS",
        date_of_birth="FECHA DE NACIMIENTO/DATE OF BIRTH",
        section=None,
        section_value=None,
        colony="CHICAGO IL 60608",
        town="ESTADOS UNIDOS",
    )
    assert front.abroad
    assert "section" not in front.values
    assert values(front)["date_of_birth"] == "06/05/1982"
    assert (names(front), address(front)) == (NAMES, ("AV REFORMA 123 INT 4", "CHICAGO IL 60608", "ESTADOS UNIDOS"))


def test_the_order_in_which_lines_were_found_does_not_count() -> None:
    front = read_fields(card(*reversed(front_lines())), INE)
    assert values(front) == VALUES
    assert (names(front), address(front)) == (NAMES, ADDRESS)


@pytest.mark.parametrize("degrees", [-8, 8])
@pytest.mark.parametrize("model", [G_FRONT, E_FRONT], ids=["G", "E"])
def test_a_tilted_card_reads_as_a_level_one(model: Rows, degrees: float) -> None:
    cosine, sine = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))

    def tilted(flat: Line) -> Line:
        a, b, c, d = (
            (float(x), float(y)) for x, y in np.array(flat.quad) @ np.array([[cosine, sine], [-sine, cosine]])
        )
        return replace(flat, quad=(a, b, c, d))

    front = read_fields(card(*map(tilted, front_lines(model))), INE)
    assert values(front) == values(read(model))
    assert (names(front), address(front)) == (NAMES, ADDRESS)


def test_nothing_gives_nothing() -> None:
    front = read_fields(card(), INE)
    assert (values(front), front.name, front.address, front.labels, front.issuer) == ({}, (), (), frozenset(), "")


def test_a_back_is_no_front() -> None:
    front = read_fields(card(*back_lines()), INE)
    assert (values(front), front.labels, front.issuer) == ({}, frozenset(), "")


def test_prose_is_no_front() -> None:
    prose = rows(
        ("ESTA CREDENCIAL ES PERSONAL", 50, 50, 20), ("E INTRANSFERIBLE.", 50, 80, 20), ("MENÚ DEL DÍA 85", 50, 110, 20)
    )
    front = read_fields(card(*prose), INE)
    assert (values(front), front.labels, front.issuer) == ({}, frozenset(), "")


def test_lines_without_a_place_are_passed_over() -> None:
    placeless = tuple(replace(each, quad=None) for each in front_lines())
    assert values(read_fields(card(*placeless), INE)) == {}


# --- labels ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ESTADO 09 MUNICIPIO 004 SECCIÓN 0747", {"state", "municipality", "section"}),
        ("ESTADO09MUNICIPIO004SECCION0747", {"state", "municipality", "section"}),
        ("LOCALIDAD 0001 EMISIÓN 2014 VIGENCIA 2024", {"locality", "emission", "validity"}),
        ("CURP HEGJ820506HBCRRN02 AÑO DE REGISTRO 2000 01", {"curp", "registration"}),
        ("CLAVEDEELECTORHRGRJN82050602H900", {"elector_key"}),
        ("CLAVE DE ELECT0R", {"elector_key"}),
        ("FECHADENACIMIENTO", {"date_of_birth"}),
        ("FECHA DE NACIM1ENT0", {"date_of_birth"}),
        ("AÑO DE REGISTRO", {"registration"}),
        ("ANO DE REG1STRO", {"registration"}),
        ("SECC10N", {"section"}),
        ("V1GENCIA", {"validity"}),
        ("VIGENCIA HASTA 2018", {"validity"}),
        ("NOMBRE/NAME", {"name"}),
        ("DOMIClLIO".upper(), {"address"}),
        ("SEXO H", {"sex"}),
        ("GÉNERO NB", {"sex"}),
        ("EDAD 23", {"age"}),
    ],
)
def test_a_label_is_found_though_spaces_and_letters_were_lost(text: str, expected: set[str]) -> None:
    assert labels(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "CASTAÑEDA",
        "CASTAÑEDA DAVILA",
        "EMILIO",
        "EMILIA",
        "CONCEPCIÓN",
        "MARIA CONCEPCION",
        "ESTADOS UNIDOS",
        "ESTADOS UNIDOS MEXICANOS",
        "SOLEDAD",
        "TRINIDAD",
        "AV SOLEDAD 123",
        "GENEROSO",
        "CRUZ",
        "VICENTA",
        "NORBERTO",
        "TIJUANA, B.C.",
        "INSTITUTO NACIONAL ELECTORAL",
        "MÉXICO",
    ],
)
def test_a_name_or_a_place_that_resembles_a_label_is_none(text: str) -> None:
    assert labels(text) == set()


def test_a_label_is_not_taken_for_a_value_and_stands_where_it_is() -> None:
    pieces = pieces_of(card(line("SECCIÓN 0747", 100, 50, 20)), INE)
    assert [(piece.label, piece.text) for piece in pieces] == [("section", "SECCIÓN"), ("", "0747")]
    label, value = pieces
    assert (label.left, label.middle, label.height) == pytest.approx((100, 60, 20))
    assert (value.left, value.right) == pytest.approx((180, 220))


def test_two_columns_that_were_read_as_one_line_are_parted() -> None:
    apart = line("JUAN" + " " * 8 + "0747", 100, 50, 20)
    assert [piece.text for piece in pieces_of(card(apart), INE)] == ["JUAN", "0747"]


def test_words_of_one_line_are_not_parted() -> None:
    assert [piece.text for piece in pieces_of(card(line("JUAN CARLOS", 100, 50, 20)), INE)] == ["JUAN CARLOS"]


# --- values by their labels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({"curp": f"CURP {CURP}", "curp_value": None}, "curp"),
        ({"curp": f"CURP{CURP}", "curp_value": None}, "curp"),
        ({"elector_key": "CLAVE DE ELECTOR", "street": KEY, "colony": None, "town": None}, "elector_key"),
        ({"elector_key": f"CLAVEDEELECTOR{KEY}"}, "elector_key"),
        ({"elector_key": "CLAVE DE ELECTOR HRGRJN 82050602 H900"}, "elector_key"),
        ({"sex": "SEXOH"}, "sex"),
        ({"sex": "SEX0 H"}, "sex"),
        ({"validity_value": "2023 - 2033"}, "validity"),
        ({"registration_value": "200001"}, "registration"),
        ({"section_value": "O747"}, "section"),
        ({"date_of_birth_value": "O6/05/1982"}, "date_of_birth"),
    ],
)
def test_beside_or_below_glued_or_apart(changed: dict[str, Row | str | None], name: str) -> None:
    assert values(read(G_FRONT, **changed))[name] == VALUES[name]


def test_a_value_right_of_its_label() -> None:
    front = read(section=("SECCIÓN", 500, 562, 14), section_value=("0747", 570, 558, 20))
    assert values(front)["section"] == "0747"


def test_nb_is_a_sex() -> None:
    assert values(read(sex="SEXO NB"))["sex"] == "NB"


def test_a_hidden_sex_is_no_sex() -> None:
    front = read(sex="SEXO")
    assert "sex" not in front.values
    assert "sex" in front.labels


def test_a_value_without_its_label_is_known_by_its_grammar() -> None:
    front = read(curp=None, elector_key=KEY, registration=None, date_of_birth=None, validity=None)
    assert values(front) == VALUES
    assert front.labels == {"name", "address", "section", "sex"}


def test_a_front_of_model_e_without_the_labels_of_its_numbers() -> None:
    """They are the smallest print and the first that is lost; rows tell the numbers (`rows`)."""
    front = read(E_FRONT, place="02 004 0747", years="0001 2023 2033")
    assert values(front) == values(read(E_FRONT))
    contested = {name for name, text in front.values.items() if text.contested}
    assert contested == {"state", "municipality", "section", "locality", "emission", "validity"}


def test_a_sex_without_its_label_is_known_by_its_place() -> None:
    front = read(sex="H")
    assert values(front) == VALUES
    assert front.values["sex"].contested


def test_a_section_without_its_label_is_known_by_its_row_but_cannot_vouch_for_itself() -> None:
    front = read(section=None)
    assert values(front)["section"] == "0747"
    assert front.values["section"].contested


def test_a_row_alone_makes_no_section_of_a_year() -> None:
    assert "section" not in read(section=None, section_value="2018").values
    assert values(read(section_value="2018"))["section"] == "2018"


def test_the_year_in_a_validity_is_no_section() -> None:
    for front in (read(section_value=None), read(section=None, section_value=None)):
        assert "section" not in front.values
        assert values(front)["validity"] == "2023-2033"


def test_the_year_in_a_birth_date_is_no_section() -> None:
    front = read(section_value=None, validity=None, validity_value=None)
    assert values(front).get("section") != "1982"
    assert values(front)["date_of_birth"] == "06/05/1982"


def test_every_value_of_the_row_goes_to_its_own_label() -> None:
    front = read(E_FRONT, place="ESTADO 09 MUNICIPIO 004 SECCIÓN 0747")
    found = values(front)
    assert (found["state"], found["municipality"], found["section"]) == ("09", "004", "0747")


def test_a_lost_label_does_not_lend_its_value_to_its_neighbour_as_sure() -> None:
    """Model E prints LOCALIDAD's four digits below the section's."""
    front = read(E_FRONT, place="ESTADO 02 MUNICIPIO 004 SECCIÓN", years="0001 EMISIÓN 2023 VIGENCIA 2033")
    assert "section" not in front.values or front.values["section"].contested


def test_a_section_is_sure_where_every_other_four_digits_found_their_label() -> None:
    assert not read(E_FRONT).values["section"].contested
    assert not read(G_FRONT).values["section"].contested


def test_a_curp_one_character_short_keeps_its_place() -> None:
    """Of eighteen characters two may be missing; which, its lattice or its witnesses tell."""
    assert "curp" in read(curp_value=CURP[:9] + CURP[10:]).values


def test_a_value_knows_where_it_stands() -> None:
    front = read()
    assert front.values["curp"].quad == quad(320, 492, 500, 512)
    key = front.values["elector_key"].quad
    assert key is not None
    assert key[0][0] == pytest.approx(320 + 17 * 9)


# --- names and address -----------------------------------------------------------------------------------------------


def test_names_without_their_label() -> None:
    assert names(read(name=None)) == NAMES


def test_address_without_its_label() -> None:
    front = read(address=None)
    assert (names(front), address(front)) == (NAMES, ADDRESS)


def test_names_and_address_without_any_label_in_their_column() -> None:
    front = read(name=None, address=None, elector_key=KEY, curp=None)
    assert names(front) + address(front) == NAMES + ADDRESS


def test_words_of_the_hologram_beside_a_name_are_not_taken() -> None:
    front = read(G_FRONT, ("MÉXICO INE", 620, 183, 20), ("ÉXICO", 640, 206, 20))
    assert names(front) == NAMES


def test_words_of_the_hologram_left_of_a_name_are_not_taken() -> None:
    front = read(G_FRONT, ("INE", 180, 183, 20), ("MÉXICO", 150, 324, 20))
    assert (names(front), address(front)) == (NAMES, ADDRESS)


def test_specks_between_the_rows_are_not_taken() -> None:
    assert names(read(G_FRONT, ("1", 322, 174, 6), ("IL", 330, 204, 6))) == NAMES


def test_a_wrapped_name() -> None:
    front = read(G_FRONT, ("GUADALUPE", 320, 254, 20), given="MARÍA DE LOS ÁNGELES")
    assert names(front) == ("HERNÁNDEZ", "GARCÍA", "MARÍA DE LOS ÁNGELES", "GUADALUPE")


def test_a_wrapped_address() -> None:
    front = read(G_FRONT, ("MANZANA 4", 320, 394, 20))
    assert address(front) == (*ADDRESS, "MANZANA 4")


def test_a_holder_with_one_surname() -> None:
    assert names(read(maternal=None, given=("JUAN CARLOS", 320, 206, 20))) == ("HERNÁNDEZ", "JUAN CARLOS")


def test_a_row_in_two_pieces_is_one_row() -> None:
    front = read(G_FRONT, ("CARLOS", 370, 230, 20), given=("JUAN", 320, 230, 20))
    assert names(front) == NAMES


def test_a_hidden_street() -> None:
    assert address(read(street=None)) == ADDRESS[1:]


@pytest.mark.parametrize("paternal", ["CASTAÑEDA", "EMILIO", "CONCEPCIÓN", "ESTADA"])
def test_a_surname_that_resembles_a_label_is_a_name(paternal: str) -> None:
    assert names(read(paternal=paternal))[0] == paternal


def test_a_lost_space_after_an_abbreviation_is_put_back() -> None:
    """The reader dropped the space; the print has not moved."""
    street = line("AV REFORMA 123", 320, 322, 20)
    lost = replace(street, text="AVREFORMA123", scores=(0.99,) * 12)
    others = front_lines(street=None)
    tight = read_fields(card(*others, lost), INE)
    assert address(tight)[1:] == ADDRESS[1:]
    assert address(tight)[0].replace(" ", "") == "AVREFORMA123"


@pytest.mark.parametrize(
    ("said", "meant"), [("DEPT0 4", "DEPTO 4"), ("CHICAG0", "CHICAGO"), ("G4RC1A", "G4RC1A"), ("MZA 5", "MZA 5")]
)
def test_a_lone_digit_in_a_word_is_the_letter_that_it_resembles(said: str, meant: str) -> None:
    assert address(read(street=said))[0] == meant


def test_rows_keep_a_score_per_character() -> None:
    front = read()
    assert all(len(text.scores) == len(text.text) for text in (*front.name, *front.address))


# --- the rest --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "issuer"),
    [
        ("INSTITUTO NACIONAL ELECTORAL", "INE"),
        ("INSTITUTO FEDERAL ELECTORAL", "IFE"),
        ("INST1TUTO NAC1ONAL ELECT0RAL", "INE"),
        ("INSTITUTONACIONALELECTORAL", "INE"),
        ("MÉXICO", ""),
    ],
)
def test_the_issuer_is_told_by_the_header(header: str, issuer: str) -> None:
    assert read(header=header).issuer == issuer


def test_a_front_is_evidence_enough_and_anything_else_is_not() -> None:
    assert evidence(card(*front_lines()), INE) >= 1
    assert evidence(card(*front_lines(E_FRONT)), INE) >= 1
    assert evidence(card(*back_lines()), INE) == 0
    assert evidence(card(), INE) == 0


def test_a_front_read_upside_down_is_no_evidence() -> None:
    backwards = tuple(replace(each, text=each.text[::-1]) for each in front_lines())
    assert evidence(card(*backwards), INE) < 1


# --- a second reading ------------------------------------------------------------------------------------------------


def again(lines: Sequence[Line], *wanted: str) -> FrontText:
    front = card(*front_lines())
    return read_again(front, read_fields(front, INE), wanted, FixedLines(lines), INE)


def test_a_value_is_read_again_where_it_stands_and_both_readings_agree() -> None:
    found = again(front_lines(), "curp")
    assert found.values["curp"].text == CURP
    assert found.values["curp"].agreed == (2,) * 18
    assert found.values["curp"].reader == "hand+lines"
    assert found.values["section"].agreed == ()


class Narrow(EmptyLines):
    """Reads a section with the last letter of its label where it is shown more than stands there."""

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        super().read(photo, quads, letters)
        return tuple(line("0747" if each[0][0] == self._left else "V 0747") for each in quads)

    def __init__(self, left: float) -> None:
        super().__init__()
        self._left = left


def test_where_a_letter_of_the_label_comes_in_a_value_is_read_once_more_without_the_air_about_it() -> None:
    front = card(*front_lines())
    reader = Narrow(550)
    found = read_again(front, read_fields(front, INE), ("section",), reader, INE)
    assert found.values["section"].agreed == (2,) * 4
    assert len(reader.asked) == 2


def found_as_one(said: str, height: float = 26, label: Row | None = None) -> Card:
    """A front whose key was found as one with AÑO DE REGISTRO, below its right end: higher than a row, and tilted."""
    place: Quad = ((480, 428), (680, 436), (680, 436 + height), (480, 428 + height))
    key = Line(said, (0.99,) * len(said), place, "hand")
    lines = front_lines(elector_key=("CLAVE DE ELECTOR", 320, 432, 18), registration=label, registration_value=None)
    return card(*lines, key)


class Apart(EmptyLines):
    """Reads a key where it is shown as high as a row, and something else where it is not."""

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        super().read(photo, quads, letters)
        return tuple(line(KEY if each[3][1] - each[0][1] < 21 else KEY[:15] + "670") for each in quads)


@pytest.mark.parametrize(("said", "votes"), [(KEY, 2), (KEY[:15] + "789", 1)])
def test_a_key_that_was_found_as_one_with_the_label_below_it_is_read_where_it_stands(said: str, votes: int) -> None:
    """What was glanced of both counts where it says the same."""
    front = found_as_one(said)
    key = read_again(front, read_fields(front, INE), ("elector_key",), Apart(), INE).values["elector_key"]
    assert (key.text, key.votes(17), key.is_outvoted(17)) == (KEY, votes, votes == 1)
    assert key.quad is not None
    assert key.quad[3][1] - key.quad[0][1] == pytest.approx(20)


@pytest.mark.parametrize(("height", "label"), [(20, None), (26, ("AÑO DE REGISTRO", 700, 470, 14))])
def test_a_key_as_high_as_a_row_or_whose_neighbours_label_was_found_is_read_where_it_was_found(
    height: float, label: Row | None
) -> None:
    front = found_as_one(KEY, height, label)
    before = read_fields(front, INE)
    key = read_again(front, before, ("elector_key",), Apart(), INE).values["elector_key"]
    assert key.quad == before.values["elector_key"].quad


def test_what_is_contested_is_so_still_where_its_place_is_read_again() -> None:
    front = card(*front_lines(section=None))
    found = read_again(front, read_fields(front, INE), ("section",), FixedLines((line("0747", 550, 562, 20),)), INE)
    assert found.values["section"].agreed == (2,) * 4
    assert found.values["section"].contested


def test_where_a_place_is_read_otherwise_a_third_reading_decides() -> None:
    front = card(*front_lines())
    first = read_fields(front, INE)
    for other in (KEY[:17] + "8", "BCDFGH91010101M100"):  # a digit misread; more than that: it slipped
        misread = FixedLines(front_lines(elector_key=f"CLAVE DE ELECTOR {other}"))
        disputed = read_again(front, first, ("elector_key",), misread, INE)
        assert disputed.values["elector_key"].is_outvoted(17)
        decided = read_again(front, disputed, ("elector_key",), FixedLines(front_lines()), INE)
        key = decided.values["elector_key"]
        assert (key.text, key.is_outvoted(17), key.contested) == (KEY, False, False)


def test_a_value_without_a_place_is_not_read_again() -> None:
    front = read(section=None, section_value=None)
    reader = FixedLines(())
    assert values(read_again(card(), front, ("section",), reader, INE)) == values(front)


def test_a_second_reader_that_sees_nothing_changes_nothing() -> None:
    front = card(*front_lines())
    found = read_again(front, read_fields(front, INE), tuple(VALUES), EmptyLines(), INE)
    assert values(found) == VALUES
    assert found.values["curp"].agreed == ()


def test_a_second_reader_that_is_down_says_so() -> None:
    front = card(*front_lines())
    with pytest.raises(ReaderDown):
        read_again(front, read_fields(front, INE), ("curp",), Crashing(), INE)


# --- a letter without a reading ---------------------------------------------------------------------------------------


class Looking(EmptyLines):
    """Reads what it was told to at the places that it is asked about, in their order, and remembers the places."""

    def __init__(self, *seen: str, score: float = 0.99) -> None:
        self.seen, self.score = seen, score
        self.places: list[Quad] = []

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.places += quads
        return tuple(
            replace(line(text, score=self.score), quad=quad) for text, quad in zip(self.seen, quads, strict=True)
        )


def beside(reader: Looking) -> str | None:
    front = card(*front_lines(sex=("SEXO", 840, 160, 16)))
    sex = look_beside(front, read_fields(front, INE), reader, INE).values.get("sex")
    assert sex is None or sex.contested
    return sex.text if sex else None


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (("H", ""), "H"),
        (("", "M"), "M"),
        (("N B", ""), "NB"),
        (("H", "M"), None),
        (("HM", ""), None),
        (("", "7"), None),
    ],
)
def test_a_letter_that_was_overlooked_is_looked_for_behind_its_label_and_below(
    seen: tuple[str, str], expected: str | None
) -> None:
    assert beside(Looking(*seen)) == expected


def test_it_must_be_read_well() -> None:
    assert beside(Looking("H", "", score=0.85)) is None


def test_it_is_looked_for_where_the_label_lies() -> None:
    reader = Looking("", "")
    beside(reader)
    behind, below = reader.places
    assert behind[0][0] > 872 > below[0][0]
    assert behind[0][1] < 160 < behind[3][1]
    assert below[0][1] > 176


def test_nothing_is_looked_for_that_was_found_or_has_no_label() -> None:
    for front in (card(*front_lines()), card(*front_lines(sex=None))):
        seen = read_fields(front, INE)
        assert values(look_beside(front, seen, Looking(), INE)) == values(seen)


def test_where_no_ink_is_seen_beside_a_label_its_value_is_hidden() -> None:
    front = card(*front_lines(sex=("SEXO", 840, 160, 16)))
    seen = read_fields(front, INE)
    assert not seen.blank
    assert look_beside(front, seen, EmptyLines(), INE).blank == {"sex"}
    assert look_beside(front, seen, Looking("H", "M"), INE).blank == frozenset()
    assert look_beside(front, seen, Looking("TN", ""), INE).blank == frozenset(), "a letter cut off"


def rows_read(again: Sequence[Line], glanced: Sequence[Line]) -> FrontText:
    return read_fields(card(*glanced), INE, Rereader(FixedLines(again)))


def test_names_and_address_of_a_glance_are_read_again() -> None:
    front = rows_read(front_lines(), front_lines(paternal="HERNANDE2", street="AV REF0RMA 128 INT 4"))
    assert (names(front), address(front)) == (NAMES, ADDRESS)
    assert {row.reader for row in (*front.name, *front.address[:-1])} == {"lines"}
    assert values(front) == VALUES


KEY_END = VALUES["elector_key"][-6:]


def key_and_end(end: str) -> tuple[Line, Line]:
    """A line where the elector key stands, and one where its last six characters do."""
    key = read_fields(card(*front_lines()), INE).values["elector_key"]
    assert key.quad is not None
    left = (key.centres[11][0] + key.centres[12][0]) / 2
    whole = Line(key.text, key.scores, key.quad, "hand")
    return whole, Line(end, (0.99,) * len(end), quad(left, key.quad[0][1], *key.quad[2]), "hand")


@pytest.mark.parametrize(
    ("seen", "agreed"),
    [
        pytest.param(KEY_END, (1,) * 12 + (2,) * 6, id="alike"),
        pytest.param(f"03{KEY_END}TR", (1,) * 12 + (2,) * 6, id="with_what_stands_beside_it"),
        pytest.param(f"{KEY_END[:-1]}8", (2,) * 18, id="unlike_so_that_the_whole_is_read"),
        pytest.param(KEY_END[:3], (2,) * 18, id="too_short"),
    ],
)
def test_what_nothing_on_the_card_vouches_for_is_read_by_two_readers(seen: str, agreed: tuple[int, ...]) -> None:
    front = rows_read([*front_lines(), *key_and_end(seen)], front_lines())
    assert front.values["elector_key"].text == VALUES["elector_key"]
    assert front.values["elector_key"].agreed == agreed
    assert not front.values["curp"].agreed


def test_a_row_that_turns_out_to_be_a_label_is_none() -> None:
    """The glance read DOM C L O: no label, so it was taken for a row of the address."""
    glanced = front_lines(address=("DOM C L O", 320, 300, 20))
    assert address(rows_read(front_lines(), glanced)) == ADDRESS


def test_a_row_in_which_the_second_reader_sees_nothing_stays_as_it_was() -> None:
    front = read_fields(card(*front_lines()), INE, Rereader(EmptyLines()))
    assert (names(front), address(front)) == (NAMES, ADDRESS)


def test_a_name_that_the_mrz_says_too_is_not_read_again() -> None:
    rereader = Rereader(FixedLines(front_lines()), frozenset({"HERNANDEZ", "JUAN"}))
    front = read_fields(card(*front_lines()), INE, rereader)
    assert [row.reader for row in front.name] == ["hand", "lines", "lines"]


@pytest.mark.parametrize(
    ("town", "reader"),
    [("CUAUHTEMOC, CDMX.", "hand"), ("CUAUHTEM0C, CDMX.", "lines"), ("CUAUHTEMOC, MEX.", "lines")],
)
def test_a_known_municipality_is_not_read_again(town: str, reader: str) -> None:
    front = rows_read(front_lines(), front_lines(town=town))
    assert [row.reader for row in front.address] == ["lines", "lines", reader]


def test_one_that_the_glance_is_not_sure_of_is() -> None:
    front = rows_read(front_lines(), _with_scores(front_lines(), 0.96).lines)
    assert {row.reader for row in front.address} == {"lines"}


def test_what_was_glanced_is_kept_beside_what_was_read_again() -> None:
    front = rows_read(front_lines(), front_lines(street="AV REF0RMA 128 INT 4"))
    ((name, rows),) = front.other_rows
    assert tuple(row.text for row in name) == NAMES
    assert rows[0].text != front.address[0].text


def test_two_readers_that_agree_are_surer_and_two_that_do_not_are_in_doubt() -> None:
    alike = rows_read(front_lines(), front_lines())
    assert alike.address[0].scores[0] > read_fields(card(*front_lines()), INE).address[0].scores[0]
    differing = rows_read(front_lines(), front_lines(street="AV REFORMA 128 INT 4"))
    assert min(differing.address[0].scores) <= DISPUTED
    assert min(differing.address[1].scores) > DISPUTED


def test_an_address_that_lacks_something_has_its_rows_read_again() -> None:
    glanced = card(*front_lines(street="JON REFORMA 123 INT 4"))
    front = read_fields(glanced, INE)
    assert not front.whole
    mended = read_rows_again(glanced, front, ("address",), FixedLines(front_lines()), INE)
    assert (address(mended), mended.whole) == (ADDRESS, True)
    assert [row.text for row in mended.other_rows[0][1]] == [row.text for row in front.address]
    assert address(read_rows_again(glanced, front, ("address",), EmptyLines(), INE)) == address(front)
    assert address(read_rows_again(glanced, mended, ("address",), FixedLines(front_lines()), INE)) == ADDRESS


@pytest.mark.parametrize(("third", "sure"), [("AV REFORMA 123 INT 4", True), ("AV REFORMA 129 INT 4", False)])
def test_a_row_of_an_address_that_three_readers_see_differently_is_in_doubt(third: str, *, sure: bool) -> None:
    glanced = card(*front_lines())
    front = read_fields(glanced, INE, Rereader(FixedLines(front_lines(street="AV REFORMA 128 INT 4"), "second")))
    seen = read_rows_again(glanced, front, ("address",), FixedLines(front_lines(street=third), "third"), INE)
    assert (address(seen)[0], min(seen.address[0].scores) > DISPUTED) == (third, sure)


def test_a_row_that_a_third_reads_keeps_the_marks_that_the_others_saw() -> None:
    colony = "COL SN. PABLO 22000"
    glanced = card(*front_lines(colony=colony))
    front = read_fields(glanced, INE, Rereader(FixedLines(front_lines(colony="COL SN. PABIO 22000"), "second")))
    third = FixedLines(front_lines(colony="COL SN PABLO 22000"), "third")
    assert address(read_rows_again(glanced, front, ("address",), third, INE))[1] == colony


def test_a_tilde_that_no_reader_saw_is_no_surer_for_being_put_in_twice() -> None:
    """Where NOMBRE was taken for DOMICILIO, names are rows of an address, whose words are spelled."""
    lines = front_lines(maternal="ZUNIGA", name=("DOMICILIO", 320, 160, 14), address=None)
    front = read_fields(card(*lines), INE, Rereader(FixedLines(lines)))
    (row,) = (row for row in front.address if row.text == "ZUÑIGA")
    assert row.scores[2] == REPAIRED


def test_of_a_numeral_the_longest_reading_is_told() -> None:
    glanced = card(*front_lines(street="C CARLOS II 9"))
    front = read_fields(glanced, INE, Rereader(FixedLines(front_lines(street="C CARLOS III 9"), "second")))
    assert (address(front)[0], min(front.address[0].scores)) == ("C CARLOS III 9", DISPUTED)
    third = FixedLines(front_lines(street="C CARLOS II 9"), "third")
    assert address(read_rows_again(glanced, front, ("address",), third, INE))[0] == "C CARLOS III 9"


def test_a_receipts_folio_takes_no_row_of_an_address_for_its_number() -> None:
    """MZ 121 LOTE 66 is spelled nearly like 2121107666."""
    front = read(G_FRONT, ("FOLIO", 120, 322, 20), street="AND RIO MZ 121 LOTE 66")
    assert address(front)[0] == "AND RIO MZ 121 LOTE 66"


def test_what_stands_between_the_header_and_the_labels_is_on_the_card() -> None:
    """Where only the lower labels were read: these alone do not tell that the names are no other page's."""
    assert names(read(title=None, name=None, sex=None, address=None)) == NAMES
    assert names(read(header=None, title=None, name=None, sex=None, address=None)) != NAMES


@pytest.mark.parametrize("lost", ["", "registration"])
def test_a_surname_that_is_a_little_like_a_label_is_one_where_that_stands_elsewhere(lost: str) -> None:
    """VANDERBERG is 70 per cent ANODEREGISTRO, and more with a letter of the background."""
    rows = [each for each in front_lines(maternal=None) if each.text != "AÑO DE REGISTRO" or not lost]
    found = names(read_fields(card(*rows, line("VAN DER BERGTO", 320, 206, 20, score=0.6)), INE))
    assert ("VAN DER BERGTO" in found) is (lost == "")


def test_a_surname_may_be_a_letter_where_the_mrz_says_so() -> None:
    glanced = card(*front_lines(maternal="O"))
    reader = FixedLines(front_lines(maternal="O"))
    for said, told in (({"O"}, ("HERNÁNDEZ", "O", "JUAN CARLOS")), ({"U"}, ("HERNÁNDEZ", "JUAN CARLOS"))):
        assert names(read_fields(glanced, INE, Rereader(reader, frozenset(said)))) == told


def test_who_reads_a_row_twice_is_no_surer_for_it() -> None:
    glanced = card(*_with_scores(front_lines(), 0.4).lines)
    faint = FixedLines(_with_scores(front_lines(), 0.5).lines)
    once = read_rows_again(glanced, read_fields(glanced, INE), ("address",), faint, INE)
    assert once.address[0].scores[0] == pytest.approx(0.7)  # the glance said so, too
    twice = read_rows_again(glanced, once, ("address",), faint, INE)
    assert twice.address[0].scores == once.address[0].scores


def test_where_a_row_of_an_address_is_lost_none_is_read_again_however_doubtful() -> None:
    glanced = card(*_with_scores(front_lines(street=None), 0.4).lines)
    reader = EmptyLines()
    front = read_fields(glanced, INE)
    assert read_rows_again(glanced, front, ("address",), reader, INE) is front
    assert not reader.asked


def test_of_an_address_only_doubtful_rows_are_read_again_and_all_where_none_is() -> None:
    class Counting(FixedLines):
        counts: list[int]

        def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
            self.counts.append(len(quads))
            return super().read(photo, quads)

    lines = front_lines(street="JON REFORMA 123 INT 4")
    faint = card(
        *(replace(each, scores=(0.6,) * len(each.text)) if each.text == ADDRESS[1] else each for each in lines)
    )
    for glanced, count in ((faint, 1), (card(*lines), 3)):
        reader = Counting(front_lines())
        reader.counts = []
        read_rows_again(glanced, read_fields(glanced, INE), ("address",), reader, INE)
        assert reader.counts == [count]
    short = card(*front_lines(street=None))
    reader = Counting(front_lines())
    assert read_rows_again(short, front := read_fields(short, INE), ("address",), reader, INE) is front
    assert reader.asked == []


def test_names_that_are_wanted_are_read_again_and_the_others_kept_beside_them() -> None:
    glanced = card(*front_lines(paternal="HERNÁNBEZ"))
    front = read_fields(glanced, INE)
    mended = read_rows_again(glanced, front, ("surname",), FixedLines(front_lines()), INE)
    assert (names(mended), address(mended)) == (NAMES, ADDRESS)
    assert mended.other_rows[-1][0][0].text == "HERNÁNBEZ"
    assert {row.reader for row in mended.address} == {"hand"}


def test_an_address_that_two_looks_see_alike_lacks_nothing() -> None:
    one, other = read(street=None), read(street=None)
    assert not one.whole
    assert merge(one, other).whole
    assert not merge(one, replace(other, address=other.address[:1])).whole


def test_an_address_that_ends_with_a_number_has_lost_its_country_whoever_says_the_same() -> None:
    one, other = (replace(read(), address=free("2526 W FICTION AVE", "PHOENIX AZ 70567"), whole=False) for _ in "12")
    assert not merge(one, other).whole


def test_two_readings_of_a_front_are_merged() -> None:
    one = read(curp=None, curp_value=None, header=None)
    other = read(section=None, section_value=None, given="JUAN")
    both = merge(one, other)
    assert values(both) == VALUES
    assert both.issuer == "INE"
    assert names(both) == NAMES
    assert both.values["validity"].agreed == (2,) * 9


def test_of_a_reading_without_rows_values_alone_are_merged() -> None:
    one, other = read(section=None, section_value=None), read(given="JUAN")
    both = merge(one, without_rows(other))
    assert (values(both), names(both), address(both), both.whole) == (VALUES, NAMES, ADDRESS, True)
    assert both.other_rows == ()


def test_of_two_readings_the_surer_name_is_kept() -> None:
    blurred = read_fields(_with_scores(front_lines(paternal="HERMANDES"), 0.4), INE)
    assert names(merge(blurred, read())) == NAMES
    assert names(merge(read(), blurred)) == NAMES


def _with_scores(lines: Sequence[Line], score: float) -> Card:
    return card(*(replace(each, scores=(score,) * len(each.text)) for each in lines))


def by(reader: str, **other: Row | str | None) -> FrontText:
    """The front as a reader reads it."""
    lines = front_lines(G_FRONT, **other)
    return read_fields(card(*(replace(each, reader=reader) for each in lines)), INE)


def test_an_accent_that_one_of_two_readings_saw_well_is_none_that_the_other_doubts() -> None:
    """What was looked for was the address; of the names, a reader of another kind had read more."""
    doubtful = by("page")
    rows = [replace(row, scores=(0.7,) * len(row.text)) for row in doubtful.name]
    both = merge(replace(by("glance"), whole=False), replace(doubtful, name=tuple(rows)))
    assert (both.name[0].reader, both.name[0].text) == ("page", "HERNÁNDEZ")
    assert min(both.name[0].scores) > 0.99


def test_a_stop_behind_the_state_that_one_of_two_readings_saw_is_one() -> None:
    with_stop, without = by("glance", town="TIJUANA, BC."), by("page", town="TIJUANA, BC")
    for both in (merge(with_stop, without), merge(without, with_stop)):
        assert both.address[-1].text == "TIJUANA, BC."


@pytest.mark.parametrize("readers", [("glance", "page"), ("page", "glance")])
def test_a_tilde_that_one_of_two_readings_lacks_is_in_doubt(readers: tuple[str, str]) -> None:
    one, other = (by(reader, given=given) for reader, given in zip(readers, ("IÑIGO", "INIGO"), strict=True))
    told = {merge(replace(first, whole=False), second).name[2] for first, second in ((one, other), (other, one))}
    assert {text.text: min(text.scores) for text in told} == {"IÑIGO": 0.99, "INIGO": 0.5}


def test_of_two_readings_the_address_that_ends_as_one_is_kept() -> None:
    """However much more was read of the other."""
    cut = read(street="AV REFORMA NORTE PONIENTE 123 INT 4", town=None)
    assert not cut.whole
    for both in (merge(read(), cut), merge(cut, read())):
        assert (address(both), both.whole) == (ADDRESS, True)


def test_names_and_address_are_those_of_one_reading() -> None:
    """Where names end and the address begins is told within it."""
    other = read(G_FRONT, ("GUADALUPE", 320, 254, 20), street=None, town=None)
    both = merge(read(), other)
    assert (names(both), address(both)) == (NAMES, ADDRESS)


def test_two_readings_of_one_value_that_differ_in_much_are_not_mixed() -> None:
    """One of them slipped by a place: the better fitting one is taken as it is."""
    slipped = read_fields(_with_scores(front_lines(curp_value=CURP[1:] + "7"), 0.7), INE)
    for both in (merge(read(), slipped), merge(slipped, read())):
        assert (values(both)["curp"], both.values["curp"].agreed) == (CURP, ())
    faint = read_fields(_with_scores(front_lines(section_value="0799"), 0.7), INE)
    for both in (merge(read(), faint), merge(faint, read())):
        assert (values(both)["section"], both.values["section"].agreed) == ("0747", ())


def test_two_readings_of_one_value_that_differ_in_little_are_one() -> None:
    slightly = read_fields(_with_scores(front_lines(section_value="0748"), 0.7), INE)
    both = merge(read(), slightly).values["section"]
    assert (both.text, both.agreed) == ("0747", (2, 2, 2, 1))


def test_what_its_row_told_is_no_longer_contested_where_another_reading_has_it_by_its_label() -> None:
    by_row, by_label = read(section=None), read()
    assert by_row.values["section"].contested
    assert not by_label.values["section"].contested
    for both in (merge(by_row, by_label), merge(by_label, by_row)):
        assert (values(both)["section"], both.values["section"].contested) == ("0747", False)


def test_what_rows_told_twice_stays_contested() -> None:
    by_row = read(section=None)
    assert merge(by_row, read(section=None)).values["section"].contested
    assert merge(by_row, read(section_value="0748")).values["section"].contested


def test_where_two_readings_differ_a_third_decides() -> None:
    differing = merge(read(), read(section_value="0748"))
    assert differing.values["section"].is_outvoted(3)
    decided = merge(differing, read()).values["section"]
    assert (decided.text, decided.is_outvoted(3), decided.contested) == ("0747", False, False)


def test_of_a_value_and_a_part_of_it_the_whole_is_taken() -> None:
    part, whole = read(validity_value="2023"), read()
    for both in (merge(part, whole), merge(whole, part)):
        assert (values(both)["validity"], both.values["validity"].contested) == ("2023-2033", False)


@pytest.mark.parametrize("label", ["DOMICILIO INE MEXICO", "DOMICILI OEXICO", "DOMICIL 16EXIC", "DOMICILIO"])
def test_a_row_that_turns_out_to_be_a_label_beside_the_pattern_is_none(label: str) -> None:
    glanced = front_lines(address=("D0M C L 0 XX", 320, 300, 20))
    front = rows_read(front_lines(address=(label, 320, 300, 20)), glanced)
    assert address(front) == ADDRESS


def test_of_two_prints_that_were_read_as_well_the_first_stays_and_is_contested() -> None:
    other = merge(read(), read(section_value="2021")).values["section"]
    assert (other.text, other.contested) == ("0747", True)


def test_merging_with_nothing_changes_nothing() -> None:
    front, nothing = read(), read_fields(card(), INE)
    for both in (merge(front, nothing), merge(nothing, front)):
        assert values(both) == VALUES
        assert (names(both), address(both), both.issuer) == (NAMES, ADDRESS, "INE")
