from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators import mrz
from validators.errors import InvalidCheckDigit, InvalidComponent, InvalidDate, InvalidFormat, ValidatorError
from validators.mrz import Kind, Lines

EXAMPLE = ("IDMEX1234567897<<0123000000001", "8505051H3312315MEX<01<<12345<3", "EJEMPLO<PRUEBA<<JUAN<<<<<<<<<<")
CUT = ("IDMEX0000000000<<0001999999999", "0002299M3412318MEX<00<<00001<7", "DE<LA<PRUEBA<NUNEZ<<MARIA<FICT")
ONE_SURNAME = ("IDMEX9876543213<<9999123456789", "9912315X3612314MEX<12<<99999<1", "PRUEBA<<ALEX<<<<<<<<<<<<<<<<<<")
SPECIMEN = ("IDMEX1836577170<<0747116375842", "8007057M1812315MEX<02<<12345<7", "GOMEZ<VELAZQUEZ<<MARGARITA<<<<")
EXPIRY_CHECKS = dict(zip(range(2024, 2039), "147036692581470", strict=True))  # ine.md

PASSPORT = ("P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<", "L898902C36UTO7408122F1204159ZE184226B<<<<<10")
ICAO_TD1 = ("I<UTOD231458907<<<<<<<<<<<<<<<", "7408122F1204159UTO<<<<<<<<<<<6", "ERIKSSON<<ANNA<MARIA<<<<<<<<<<")
ICAO_TD2 = ("I<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<", "D231458907UTO7408122F1204159<<<<<<<6")


def replaced(lines: Lines, line: int, place: int, character: str) -> Lines:
    first, second, third = (
        text[:place] + character + text[place + 1 :] if i == line else text for i, text in enumerate(lines)
    )
    return first, second, third


@st.composite
def issued(draw: st.DrawFn) -> Lines:
    """Three lines of the grammar with all four digits right."""

    def digits(count: int) -> str:
        return draw(st.text("0123456789", min_size=count, max_size=count))

    days = st.dates().map(lambda day: f"{day:%y%m%d}")
    cic, born, until = digits(9), draw(days), draw(days)
    first = f"IDMEX{cic}{mrz.check_digit(cic)}<<{digits(13)}"
    dated = f"{born}{mrz.check_digit(born)}", f"{until}{mrz.check_digit(until)}"
    optional = f"<{digits(2)}<<{digits(5)}<"
    total = mrz.check_digit(first[5:] + "".join(dated) + optional)
    second = f"{dated[0]}{draw(st.sampled_from('HMXF<'))}{dated[1]}MEX{optional}{total}"
    return first, second, draw(st.from_regex(r"[A-Z][A-Z<]{29}", fullmatch=True))


# ---------------------------------------------------------------------------------------------------- check digits
@pytest.mark.parametrize(
    ("text", "digit"),
    [
        ("520727", "3"),
        ("AB2134<<<", "5"),
        ("L898902C3", "6"),
        ("L898902C3674081221204159ZE184226B<<<<<1", "0"),
        ("", "0"),
    ],
)
def test_check_digit(text: str, digit: str) -> None:
    assert mrz.check_digit(text) == digit


@pytest.mark.parametrize(("year", "digit"), EXPIRY_CHECKS.items())
def test_check_digit_of_an_expiry(year: int, digit: str) -> None:
    assert mrz.check_digit(f"{year % 100}1231") == digit


@pytest.mark.parametrize("text", ["a", "1 2", "Ñ", "१", "-"])
def test_other_characters_have_no_value(text: str) -> None:
    with pytest.raises(InvalidFormat):
        mrz.check_digit(text)


@given(st.text("0123456789", min_size=1, max_size=30), st.data())
def test_one_wrong_digit_always_changes_it(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.sampled_from([d for d in "0123456789" if d != text[place]]))
    assert mrz.check_digit(text) != mrz.check_digit(text[:place] + other + text[place + 1 :])


# ----------------------------------------------------------------------------------------------------------- parse
def test_the_fields_of_a_card() -> None:
    card = mrz.parse(EXAMPLE)
    assert (card.cic, card.cic_check, card.document_number) == ("123456789", "7", "0123000000001")
    assert (card.birth, card.birth_check, card.sex) == ("850505", "1", "H")
    assert (card.expiry, card.expiry_check, card.country) == ("331231", "5", "MEX")
    assert (card.emission, card.serial, card.composite) == ("01", "12345", "3")
    assert (card.surname, card.name, card.name_cut) == ("EJEMPLO PRUEBA", "JUAN", False)
    assert card.lines == EXAMPLE


@pytest.mark.parametrize(
    ("line", "surname", "name", "cut"),
    [
        (CUT[2], "DE LA PRUEBA NUNEZ", "MARIA FICT", True),
        (ONE_SURNAME[2], "PRUEBA", "ALEX", False),
        # All columns but the last: a shorter name may have been cut there, or another have had no room.
        ("PACHECO<DEL<ANGEL<<MARIA<DEL<P", "PACHECO DEL ANGEL", "MARIA DEL P", True),
        ("DE<LA<CRUZ<MUNOZ<<JUAN<CARLOS<", "DE LA CRUZ MUNOZ", "JUAN CARLOS", True),
        ("DE<LA<CRUZ<MUNIZ<<JUAN<CARLO<<", "DE LA CRUZ MUNIZ", "JUAN CARLO", False),
        ("PRUEBA<<<ALEX<<MARIA<<<<<<<<<<", "PRUEBA", "ALEX MARIA", False),
        ("PRUEBA<EJEMPLO<<<<<<<<<<<<<<<<", "PRUEBA EJEMPLO", "", False),
        ("<<ALEX<<<<<<<<<<<<<<<<<<<<<<<<", "", "ALEX", False),
        ("<" * 30, "", "", False),
        ("A" * 30, "A" * 30, "", True),
    ],
)
def test_names(line: str, surname: str, name: str, cut: bool) -> None:
    card = mrz.parse((*EXAMPLE[:2], line))
    assert (card.surname, card.name, card.name_cut) == (surname, name, cut)


def test_case_gaps_and_guillemets_do_not_count() -> None:
    assert mrz.parse([f" {line.lower().replace('<', '«')}\n" for line in EXAMPLE]).lines == EXAMPLE


@pytest.mark.parametrize(
    ("lines", "part"),
    [
        ((), ""),
        (EXAMPLE[:2], ""),
        (PASSPORT, ""),
        ((*EXAMPLE, ""), ""),
        ((EXAMPLE[0][:29], *EXAMPLE[1:]), "line 1"),
        ((EXAMPLE[0], EXAMPLE[1] + "<", EXAMPLE[2]), "line 2"),
        ((*EXAMPLE[:2], "EJEMPLO<PRUEBA<<JUÁN<<<<<<<<<<"), "line 3"),
    ],
)
def test_what_is_not_three_lines_of_thirty_is_refused(lines: tuple[str, ...], part: str) -> None:
    with pytest.raises(InvalidFormat) as refusal:
        mrz.parse(lines)
    assert refusal.value.part == part


@given(st.lists(st.text(max_size=35) | st.text(mrz.CHARACTERS, min_size=30, max_size=30), max_size=4))
def test_nothing_but_the_named_refusals(lines: list[str]) -> None:
    assert mrz.kind(lines) in Kind
    for read in (mrz.parse, mrz.validate):
        with suppress(ValidatorError):
            read(lines)


@given(st.tuples(*(st.text(mrz.CHARACTERS, min_size=30, max_size=30),) * 3))
def test_any_thirty_characters_parse_and_can_be_checked(lines: Lines) -> None:
    assert list(mrz.checks(mrz.parse(lines))) == ["cic", "birth", "expiry", "composite"]


# ---------------------------------------------------------------------------------------------- checks and validate
@pytest.mark.parametrize("lines", [EXAMPLE, CUT, ONE_SURNAME])
def test_a_card_with_its_digits_right_is_valid(lines: Lines) -> None:
    assert mrz.validate(lines) == lines
    assert all(mrz.checks(mrz.parse(lines)).values())


def test_the_official_specimen_parses_but_its_digits_are_dummies() -> None:
    assert mrz.parse(SPECIMEN).surname == "GOMEZ VELAZQUEZ"
    assert not all(mrz.checks(mrz.parse(SPECIMEN)).values())
    with pytest.raises(InvalidCheckDigit):
        mrz.validate(SPECIMEN)


@pytest.mark.parametrize(
    ("line", "place", "broken"),
    [
        (0, 5, {"cic", "composite"}),
        (0, 17, {"composite"}),
        (1, 0, {"birth", "composite"}),
        (1, 8, {"expiry", "composite"}),
        (1, 19, {"composite"}),
        (1, 23, {"composite"}),
        (1, 29, {"composite"}),
        (1, 7, set()),
        (2, 0, set()),
    ],
)
def test_which_digit_covers_what(line: int, place: int, broken: set[str]) -> None:
    outcome = mrz.checks(mrz.parse(replaced(EXAMPLE, line, place, "6")))
    assert {name for name, holds in outcome.items() if not holds} == broken


@pytest.mark.parametrize("name", mrz.COVERED)
def test_a_wrong_digit_is_refused_by_name(name: str) -> None:
    _, (line, place, _) = mrz.COVERED[name]
    other = "1" if EXAMPLE[line][place] != "1" else "2"
    with pytest.raises(InvalidCheckDigit) as refusal:
        mrz.validate(replaced(EXAMPLE, line, place, other))
    assert refusal.value.part == name


@pytest.mark.parametrize(
    ("line", "place", "character"),
    [
        (0, 1, "<"),
        (0, 2, "N"),
        (0, 5, "O"),
        (0, 15, "1"),
        (1, 7, "Z"),
        (1, 7, "1"),
        (1, 15, "U"),
        (1, 18, "1"),
        (2, 0, "1"),
    ],
)
def test_another_grammar_is_refused(line: int, place: int, character: str) -> None:
    with pytest.raises(InvalidFormat) as refusal:
        mrz.validate(replaced(EXAMPLE, line, place, character))
    assert refusal.value.part == f"line {line + 1}"


@pytest.mark.parametrize(("place", "part"), [(2, "birth"), (10, "expiry")])
def test_no_calendar_day_is_refused(place: int, part: str) -> None:
    with pytest.raises(InvalidDate) as refusal:
        mrz.validate(replaced(EXAMPLE, 1, place, "9"))
    assert refusal.value.part == part


def test_no_name_is_refused() -> None:
    with pytest.raises(InvalidComponent) as refusal:
        mrz.validate((*EXAMPLE[:2], "<" * 30))
    assert refusal.value.part == "name"


@given(issued())
def test_what_grammar_and_digits_allow_is_valid(lines: Lines) -> None:
    assert mrz.validate(lines) == lines
    grammars = (mrz.LINE_1, mrz.LINE_2, mrz.LINE_3)
    for line, grammar in zip(lines, grammars, strict=True):
        assert all(c in alphabet for c, alphabet in zip(line, grammar, strict=True))


COVERED_PLACES = [(0, i) for i in (*range(5, 15), *range(17, 30))] + [
    (1, i) for i in (*range(7), *range(8, 15), 19, 20, *range(23, 28), 29)
]


@given(issued(), st.sampled_from(COVERED_PLACES), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(lines: Lines, place: tuple[int, int], shift: int) -> None:
    line, index = place
    wrong = str((int(lines[line][index]) + shift) % 10)
    with pytest.raises(ValidatorError):
        mrz.validate(replaced(lines, line, index, wrong))


# ------------------------------------------------------------------------------------------------------------ kind
@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        (EXAMPLE, Kind.MEXICAN_VOTER),
        (SPECIMEN, Kind.MEXICAN_VOTER),
        (EXAMPLE[:2], Kind.MEXICAN_VOTER),  # a line lost
        (EXAMPLE[1:], Kind.MEXICAN_VOTER),
        ((EXAMPLE[0][:29], *EXAMPLE[1:]), Kind.MEXICAN_VOTER),  # a filler lost
        (("?" * 30, *EXAMPLE[1:]), Kind.MEXICAN_VOTER),  # line 2 tells
        (("IDM3X" + EXAMPLE[0][5:], *ICAO_TD1[1:]), Kind.MEXICAN_VOTER),  # line 1 as a whole
        (ICAO_TD1, Kind.OTHER_TD1),
        (("I<MEX1234567897<<<<<<<<<<<<<<<", "8505051M3312315ESP<<<<<<<<<<<3", EXAMPLE[2]), Kind.OTHER_TD1),
        (("IDECU1234567897<<0123000000001", "8505051M3312315ECU<<<<<<<<<<<3", EXAMPLE[2]), Kind.OTHER_TD1),
        (("IDDEU1234567897<<<<<<<<<<<<<<<", "8505051M3312315D<<<<<<<<<<<<<3", EXAMPLE[2]), Kind.OTHER_TD1),
        (ICAO_TD2, Kind.TD2),
        (PASSPORT, Kind.TD3),
        (("P<MEXEJEMPLO<<",), Kind.TD3),
        ((), Kind.UNKNOWN),
        (("", " "), Kind.UNKNOWN),
        (("CREDENCIAL PARA VOTAR",), Kind.UNKNOWN),
    ],
)
def test_kind(lines: tuple[str, ...], kind: Kind) -> None:
    assert mrz.kind(lines) is kind


@pytest.mark.parametrize("beginning", ["1DMEX", "TDMEX", "10MEX", "I0MEX"])
def test_a_misread_beginning_is_still_a_voter_card(beginning: str) -> None:
    assert mrz.kind((beginning + EXAMPLE[0][5:12], "", "")) is Kind.MEXICAN_VOTER
