"""Where the three lines stand among all that was read, and what is no MRZ of a voter card."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest

from ocr.pipeline.errors import MrzNotFound, ReaderDown, WrongDocument
from ocr.pipeline.mrz import columns, evidence, line_quads, merge, read_again, read_mrz, read_names_again
from ocr.pipeline.types import Line, MrzText, Photo, Quad
from tests.ocr.pipeline.cards import MRZ, back_lines, card, front_lines, line, quad, rows, spelled_mrz

LEFT, TOP, PITCH, ROW, HEIGHT = 50, 460, 30, 60, 40


def at(text: str, row: int, column: float = 0) -> Line:
    """Print in the MRZ's own grid, `row` and `column` from zero."""
    left, top = LEFT + PITCH * column, TOP + ROW * row
    return Line(text, (0.99,) * len(text), quad(left, top, left + PITCH * len(text), top + HEIGHT), "hand")


def texts(found: MrzText) -> tuple[str, ...]:
    return tuple(text.text for text in found.lines)


def third(*pieces: Line) -> str:
    """Line 3 as it is read when it was found in these pieces."""
    return read_mrz(card(*back_lines(MRZ[:2]), *pieces)).lines[2].text


# --- it works --------------------------------------------------------------------------------------------------------


def test_the_three_lines_are_found() -> None:
    assert texts(read_mrz(card(*back_lines()))) == MRZ


def test_they_are_found_whatever_the_order_and_whatever_else_is_printed() -> None:
    other = rows(
        ("INSTITUTO NACIONAL ELECTORAL", 50, 20, 30), ("EDMUNDO JACOBO MOLINA", 50, 60, 30), ("123456789", 700, 90, 20)
    )
    assert texts(read_mrz(card(*reversed(back_lines()), *other))) == MRZ


def test_spaces_do_not_count() -> None:
    spaced = tuple(text.replace("<<", "< <") for text in MRZ[:2])
    lines = [
        replace(at(text, i), quad=quad(LEFT, TOP + ROW * i, LEFT + 900, TOP + ROW * i + HEIGHT))
        for i, text in enumerate(spaced)
    ]
    assert texts(read_mrz(card(*lines, at(MRZ[2], 2)))) == MRZ


@pytest.mark.parametrize("beginning", ["1DMEX", "TDMEX", "10MEX", "I0MEX", "LDMEX"])
def test_misread_beginnings_that_were_met_in_practice(beginning: str) -> None:
    assert texts(read_mrz(card(*back_lines((beginning + MRZ[0][5:], *MRZ[1:]))))) == MRZ


def test_letters_in_digit_places() -> None:
    said = MRZ[0].replace("0747", "O74T"), MRZ[1].replace("820506", "8Z0S06"), MRZ[2]
    assert texts(read_mrz(card(*back_lines(said)))) == MRZ


def test_fillers_read_as_k() -> None:
    said = tuple(text.replace("<", "K") for text in MRZ[:2])
    assert texts(read_mrz(card(*back_lines((*said, MRZ[2]))))) == MRZ


@pytest.mark.parametrize("change", [pytest.param("", id="lost"), pytest.param("<", id="doubled")])
def test_a_filler_more_or_less(change: str) -> None:
    said = MRZ[0].replace("<<", "<" + change * 2)
    assert len(said) in (29, 31)
    assert read_mrz(card(*back_lines((said, *MRZ[1:])))).lines[0].text == MRZ[0]


# --- line 3 ----------------------------------------------------------------------------------------------------------


def test_line_3_that_was_not_found_is_all_fillers() -> None:
    assert third() == "<" * 30


def test_line_3_in_two_pieces_each_in_its_columns() -> None:
    assert third(at("HERNANDEZ<GARCIA", 2), at("JUAN<CARLOS<", 2, 18)) == MRZ[2]


def test_its_columns_are_those_of_lines_1_and_2() -> None:
    """The reader dropped the first of two fillers, the print has not moved: the columns tell."""
    assert third(at("HERNANDEZ<GARCIA", 2), at("<JUAN<CARLOS", 2, 17)) == MRZ[2]


def test_a_name_alone_leaves_its_fillers_unread() -> None:
    assert third(at("HERNANDEZ<GARCIA", 2)) == "HERNANDEZ<GARCIA".ljust(30, "<")


def test_characters_a_third_of_a_column_off_stand_where_they_belong() -> None:
    assert third(at(MRZ[2], 2, 0.33)) == MRZ[2]
    assert third(at(MRZ[2], 2, -0.33)) == MRZ[2]


def test_line_3_on_a_tilted_card() -> None:
    turn = np.array([[np.cos(0.15), np.sin(0.15)], [-np.sin(0.15), np.cos(0.15)]])

    def tilted(flat: Line) -> Line:
        a, b, c, d = ((float(x), float(y)) for x, y in np.array(flat.quad) @ turn)
        return replace(flat, quad=(a, b, c, d))

    pieces = (*back_lines(MRZ[:2]), at("HERNANDEZ<GARCIA", 2), at("JUAN<CARLOS<", 2, 18))
    assert texts(read_mrz(card(*map(tilted, pieces)))) == MRZ


def test_print_that_stands_elsewhere_is_not_taken_for_line_3() -> None:
    assert third(line("EDMUNDO JACOBO MOLINA", 50, 300, 40)) == "<" * 30


def test_digits_resembling_letters_become_letters() -> None:
    assert third(at("HERNANDEZ<GARC1A<<JUAN<CARL0S<", 2)) == MRZ[2]


@pytest.mark.parametrize(
    "said",
    [
        "PRUEBA<<ALEXAAAAAAAAAAAAAAAAAA",
        "PRUEBA<<ALEX<<<<<<<AAAA<<<<<<<",
        "PRUEBA<<ALEX<<LLCL<<<<<<<<<<<<",
        "PRUEBA<<ALEX<<<<<<<<<<<<LLCL<K",
        "PRUEBA<<ALEX<<<<<<<<<<<<<<<<<E",
    ],
)
def test_fillers_read_as_letters_after_the_names_are_cleared(said: str) -> None:
    assert third(at(said, 2)) == "PRUEBA<<ALEX".ljust(30, "<")


@pytest.mark.parametrize(
    "names",
    [
        "DE<LA<PRUEBA<NUNEZ<<MARIA<FICT",
        "PRUEBA<<ALEX<<<<<<<<<<<<<<<<<<",
        "CARRILLO<LLANO<<AARON<ISAAC<<<",
        "LEE<<J<<<<<<<<<<<<<<<<<<<<<<<<",
    ],
)
def test_names_keep_every_letter(names: str) -> None:
    assert third(at(names, 2)) == names


def test_without_line_1_the_likeliest_line_is_line_3() -> None:
    found = read_mrz(card(at(MRZ[1], 1), at(MRZ[2], 2)))
    assert texts(found)[1:] == MRZ[1:]


# --- a line is missing -----------------------------------------------------------------------------------------------


def test_a_missing_line_1_was_not_seen() -> None:
    found = read_mrz(card(at(MRZ[1], 1), at(MRZ[2], 2)))
    assert found.lines[0].fit == 0
    assert len(found.lines[0].text) == 30


def test_a_missing_line_2_was_not_seen() -> None:
    found = read_mrz(card(at(MRZ[0], 0), at(MRZ[2], 2)))
    assert (found.lines[0].text, found.lines[1].fit) == (MRZ[0], 0)


def test_nothing_of_an_mrz() -> None:
    with pytest.raises(MrzNotFound):
        read_mrz(card(*front_lines()))


def test_nothing_at_all() -> None:
    with pytest.raises(MrzNotFound):
        read_mrz(card())


@pytest.mark.parametrize(
    "prose",
    [
        "ESTA CREDENCIAL ES PERSONAL E INTRANSFERIBLE",
        "IDIOMAS DOS SIGLOS BOLSO SOLSOLIGOS",
        "LOSDIOSESIDOLOSOBISPOSSIGLOSOS",
        "0747 0001 2014 2024 12345 67890 09",
        "http://qr.ine.mx/012345678901234567890123/20240101/C/123456",
    ],
)
def test_prose_and_numbers_are_no_mrz(prose: str) -> None:
    with pytest.raises(MrzNotFound):
        read_mrz(card(line(prose, 50, 460, 40)))
    assert evidence(card(line(prose, 50, 460, 40))) == 0


# --- another document ------------------------------------------------------------------------------------------------

OTHERS = {
    "passport": ("P<MEXPRUEBA<NUNEZ<<MARIA<<<<<<<<<<<<<<<<<<<<", "G123456784MEX8205063F3312315<<<<<<<<<<<<<<04"),
    "passport_line_1": ("P<MEXPRUEBA<NUNEZ<<MARIA<<<<<<<<<<<<<<<<<<<<",),
    "foreign_td1": (
        "I<UTOD231458907<<<<<<<<<<<<<<<",
        "7408122F1204159UTO<<<<<<<<<<<6",
        "ERIKSSON<<ANNA<MARIA<<<<<<<<<<",
    ),
    "spanish_td1": (
        "IDESPAAA000000112345678Z<<<<<<",
        "8001014M3301011ESP<<<<<<<<<<<4",
        "PRUEBA<NUNEZ<<MARIA<<<<<<<<<<<",
    ),
    "like_ours_but_foreign": (MRZ[0].replace("MEX", "GTM"), MRZ[1].replace("MEX", "GTM"), MRZ[2]),
}


@pytest.mark.parametrize(
    "lines",
    [pytest.param(lines, id=name) for name, lines in OTHERS.items()],
)
def test_the_mrz_of_another_document_is_refused(lines: Sequence[str]) -> None:
    pitch = 900 / max(map(len, lines))
    shown = [
        Line(text, (0.99,) * len(text), quad(50, 460 + 60 * i, 50 + pitch * len(text), 500 + 60 * i), "hand")
        for i, text in enumerate(lines)
    ]
    with pytest.raises(WrongDocument):
        read_mrz(card(*shown))


def test_one_misread_letter_in_mex_is_no_other_country() -> None:
    said = MRZ[0].replace("MEX", "MFX"), MRZ[1].replace("MEX", "NEX"), MRZ[2]
    assert texts(read_mrz(card(*back_lines(said)))) == MRZ


# --- evidence --------------------------------------------------------------------------------------------------------


def test_a_clean_mrz_is_evidence_enough() -> None:
    assert evidence(card(*back_lines())) >= 1


def test_either_line_is_evidence_enough() -> None:
    assert evidence(card(at(MRZ[0], 0))) >= 1
    assert evidence(card(at(MRZ[1], 1))) >= 1


def test_a_front_is_no_evidence_of_an_mrz() -> None:
    assert evidence(card(*front_lines())) == 0


def test_an_mrz_read_upside_down_is_no_evidence() -> None:
    assert evidence(card(*back_lines(tuple(text[::-1] for text in MRZ)))) < 1


# --- where it stands -------------------------------------------------------------------------------------------------


def test_columns_follow_the_print() -> None:
    found = columns(read_mrz(card(*back_lines())))
    assert found is not None
    for row, marked in enumerate(found):
        expected = [(LEFT + PITCH * (i + 0.5), TOP + ROW * row + HEIGHT / 2) for i in range(30)]
        assert marked == pytest.approx(np.array(expected), abs=0.01)


def test_quads_of_the_three_lines_hold_all_their_characters() -> None:
    for row, (a, b, c, d) in enumerate(line_quads(read_mrz(card(*back_lines())))):
        top, bottom = TOP + ROW * row, TOP + ROW * row + HEIGHT
        assert a[0] <= LEFT
        assert b[0] >= LEFT + 30 * PITCH
        assert (a[1], b[1]) == pytest.approx((top - 2, top - 2), abs=5)
        assert (c[1], d[1]) == pytest.approx((bottom + 2, bottom + 2), abs=5)


def test_nobody_knows_where_lines_without_a_place_stand() -> None:
    placeless = spelled_mrz(tuple(replace(line(text), quad=None) for text in MRZ))
    assert columns(placeless) is None
    assert line_quads(placeless) == ()


# --- where a line stands that was not found --------------------------------------------------------------------------


def in_icaos_pitch(text: str, row: int, column: float = 0) -> Line:
    """As `at`, six lines to the inch where there are ten characters (ICAO 9303 part 3, section 4.4)."""
    left, top = LEFT + PITCH * column, TOP + PITCH * 10 / 6 * row
    return Line(text, (0.99,) * len(text), quad(left, top, left + PITCH * len(text), top + HEIGHT), "hand")


def tilted(flat: Line, radians: float) -> Line:
    turn = np.array([[np.cos(radians), np.sin(radians)], [-np.sin(radians), np.cos(radians)]])
    a, b, c, d = ((float(x), float(y)) for x, y in np.array(flat.quad) @ turn)
    return replace(flat, quad=(a, b, c, d))


ALL = tuple(in_icaos_pitch(text, row) for row, text in enumerate(MRZ))


@pytest.mark.parametrize("lost", [0, 1])
@pytest.mark.parametrize("radians", [0.0, 0.3, -0.3, 3.0])
def test_a_line_that_was_not_found_stands_one_line_pitch_from_the_other(lost: int, radians: float) -> None:
    lines = [tilted(each, radians) for each in ALL]
    whole = columns(read_mrz(card(*lines)))
    found = columns(read_mrz(card(lines[1 - lost])))
    assert whole is not None
    assert found is not None
    for marked, expected in zip(found, whole, strict=True):
        assert marked == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("lost", [0, 1])
def test_line_3_in_pieces_is_found_by_either_line(lost: int) -> None:
    pieces = (in_icaos_pitch("HERNANDEZ<GARCIA", 2), in_icaos_pitch("JUAN<CARLOS<", 2, 18))
    assert read_mrz(card(ALL[1 - lost], *pieces)).lines[2].text == MRZ[2]


@pytest.mark.parametrize("lost", [0, 1])
def test_a_line_that_was_not_found_is_read_again_where_it_should_stand(lost: int) -> None:
    back, reader = card(ALL[1 - lost], ALL[2]), Again(*MRZ)
    assert texts(read_again(back, read_mrz(back), reader)) == MRZ
    for asked, expected in zip(reader.asked, line_quads(read_mrz(card(*ALL))), strict=True):
        assert np.array(asked) == pytest.approx(np.array(expected), abs=1)


def test_without_either_line_nobody_knows() -> None:
    lost = spelled_mrz([*(replace(line(text), quad=None) for text in MRZ[:2]), MRZ[2]])
    assert columns(lost) is None


# --- a second reading ------------------------------------------------------------------------------------------------


class Again:
    """A reader of lines that says what it is told to; keeps what it was asked."""

    name = "again"

    def __init__(self, *said: str) -> None:
        self.said = said
        self.asked: list[Quad] = []

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked += quads
        return tuple(self._lines(quads))

    def _lines(self, quads: Sequence[Quad]) -> Iterator[Line]:
        for text, (a, b, c, d) in zip(self.said, quads, strict=True):
            # The quad has a column of air at both ends; what is read stands in the middle of it.
            shift = (b[0] - a[0]) / 32
            inner: Quad = ((a[0] + shift, a[1]), (b[0] - shift, b[1]), (c[0] - shift, c[1]), (d[0] + shift, d[1]))
            yield Line(text, (0.99,) * len(text), inner, self.name)


def test_the_lines_are_cut_out_where_they_stand_and_both_readings_agree() -> None:
    back, reader = card(*back_lines()), Again(*MRZ)
    found = read_again(back, read_mrz(back), reader)
    assert texts(found) == MRZ
    assert reader.asked == list(line_quads(read_mrz(back)))
    assert found.lines[0].agreed == (2,) * 30
    assert found.lines[0].reader == "hand+again"


def test_garbage_from_the_second_reader_changes_nothing() -> None:
    back = card(*back_lines())
    found = read_again(back, read_mrz(back), Again("", "%%", ""))
    assert texts(found)[:2] == MRZ[:2]
    assert found.lines[0].agreed == ()


def test_a_second_reader_that_sees_nothing_of_line_3_does_not_take_the_names_away() -> None:
    back = card(*back_lines())
    assert texts(read_again(back, read_mrz(back), Again(MRZ[0], MRZ[1], ""))) == MRZ


def test_line_3_is_read_again_where_the_first_reader_lost_it() -> None:
    back = card(*back_lines(MRZ[:2]))
    assert texts(read_again(back, read_mrz(back), Again(*MRZ))) == MRZ


def test_where_names_alone_are_wanted_line_3_alone_is_read_again() -> None:
    back, reader = card(*back_lines(MRZ[:2])), Again(MRZ[2])
    found = read_names_again(back, read_mrz(back), reader)
    assert reader.asked == list(line_quads(read_mrz(back))[2:])
    assert (texts(found), [text.agreed for text in found.lines[:2]]) == (MRZ, [(), ()])


def test_a_reader_is_not_asked_where_nobody_knows_where_to_look() -> None:
    placeless = spelled_mrz(tuple(replace(line(text), quad=None) for text in MRZ))
    reader = Again()
    assert read_again(card(), placeless, reader) is placeless
    assert read_names_again(card(), placeless, reader) is placeless
    assert reader.asked == []


def test_a_reader_that_is_down_says_so() -> None:
    class Down:
        name = "down"

        def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
            raise ReaderDown("down")

    back = card(*back_lines())
    with pytest.raises(ReaderDown):
        read_again(back, read_mrz(back), Down())


def checked(text: MrzText, other: MrzText) -> tuple[str, str]:
    """Lines 1 and 2 of both together."""
    first, second, _ = texts(merge(text, other))
    return first, second


def test_of_two_readings_the_one_whose_check_digits_hold_is_believed() -> None:
    """However sure the other was."""
    right = spelled_mrz([line(text, score=0.8) for text in MRZ])
    wrong = spelled_mrz([line(text) for text in (MRZ[0], MRZ[1].replace("820506", "820596"), MRZ[2])])
    assert checked(right, wrong) == checked(wrong, right) == MRZ[:2]


def test_of_two_readings_a_line_that_only_one_found_is_taken() -> None:
    one, other = read_mrz(card(at(MRZ[0], 0))), read_mrz(card(at(MRZ[1], 1), at(MRZ[2], 2)))
    assert texts(merge(one, other)) == MRZ
    assert texts(merge(other, one)) == MRZ
