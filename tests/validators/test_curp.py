from contextlib import suppress
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from validators import curp
from validators.errors import InvalidCheckDigit, InvalidComponent, InvalidDate, InvalidFormat, ValidatorError
from validators.positions import DIGITS, LETTERS

ISSUED = {  # fictitious; the first is RENAPO's own example (ine.md)
    "SABC560626MDFLRN01": (date(1956, 6, 26), "M", "DF"),
    "HEGG560427MVZRRL04": (date(1956, 4, 27), "M", "VZ"),
    "BOXW310820HNERXN09": (date(1931, 8, 20), "H", "NE"),
    "PXXE850505HNEXXX04": (date(1985, 5, 5), "H", "NE"),
    "XXPA000229MJCXRNA9": (date(2000, 2, 29), "M", "JC"),
    "EEPA991231XJCJRL01": (date(1999, 12, 31), "X", "JC"),
}
VALID = "SABC560626MDFLRN01"


@st.composite
def composed(draw: st.DrawFn) -> str:
    """A CURP made by the rules: one character per alphabet, a real date and state, its check digit."""
    born = draw(st.dates(date(1910, 1, 1), date(2009, 12, 31)))
    head = "".join(draw(st.sampled_from(alphabet)) for alphabet in curp.POSITIONS[:4])
    assume(not curp._is_forbidden(head))
    sex, state = draw(st.sampled_from("HMX")), draw(st.sampled_from(curp.STATES))
    inner = "".join(draw(st.sampled_from(alphabet)) for alphabet in curp.POSITIONS[13:16])
    mark = draw(st.sampled_from(DIGITS if born.year < 2000 else LETTERS))
    first17 = f"{head}{born:%y%m%d}{sex}{state}{inner}{mark}"
    return first17 + curp.check_digit(first17)


@pytest.mark.parametrize("issued", ISSUED)
def test_an_issued_curp_is_valid(issued: str) -> None:
    assert curp.validate(issued) == issued


@pytest.mark.parametrize(("issued", "told"), ISSUED.items())
def test_what_it_tells(issued: str, told: tuple[date, str, str]) -> None:
    assert (curp.birth_date(issued), curp.sex(issued), curp.state(issued)) == told


@pytest.mark.parametrize("text", [" sabc560626mdflrn01 ", "SABC-560626-MDFLRN-01", "SABC 560626 MDF LRN 01\n"])
def test_case_and_gaps_do_not_count(text: str) -> None:
    assert curp.validate(text) == VALID


@pytest.mark.parametrize(
    "text",
    [
        "",
        VALID[:17],
        VALID + "1",
        "SABC560626FDFLRN01",  # ICAO's F is no CURP's
        "SA8C560626MDFLRN01",
        "SABC56O626MDFLRN01",
        "SABC560626MDFLAN01",  # a vowel among the consonants
        "SBBC560626MDFLRN01",  # a consonant for the vowel
        "SABC560626MDFLRN0A",
        "ÑABC560626MDFLRN01",
        "SABC560626MDFLRN0१",
    ],
)
def test_another_shape_is_refused(text: str) -> None:
    for ask in (curp.validate, curp.birth_date, curp.sex, curp.state):
        with pytest.raises(InvalidFormat):
            ask(text)


@pytest.mark.parametrize(
    "text", ["SABC561326MDFLRN01", "SABC560631MDFLRN01", "SABC000229MDFLRN01", "SABC569999MDFLRN01"]
)
def test_no_calendar_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        curp.validate(text)


@pytest.mark.parametrize(
    ("text", "part"),
    [("SABC560626MXXLRN01", "state"), ("SABC560626MDDLRN01", "state"), ("PUTO560626MDFLRN01", "initials")],
)
def test_what_is_never_issued_is_refused(text: str, part: str) -> None:
    with pytest.raises(InvalidComponent) as refusal:
        curp.validate(text)
    assert refusal.value.part == part


@pytest.mark.parametrize("text", ["PULA900101MDFRPN09", "GOVM800705MCLMLR01", "SABC560626MDFLRN02"])
def test_a_wrong_check_digit_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckDigit):
        curp.validate(text)


@pytest.mark.parametrize(("first17", "digit"), [("PULA900101MDFRPN0", "3"), ("GOVM800705MCLMLR0", "7")])
def test_the_digit_that_they_should_end_in(first17: str, digit: str) -> None:
    assert curp.check_digit(first17) == digit


@pytest.mark.parametrize("first17", ["", "PULA900101MDFRPN", VALID, "PULA900101MDFRP-0", "PUÑA900101MDFRPN0"])
def test_only_seventeen_letters_and_digits_have_one(first17: str) -> None:
    with pytest.raises(InvalidFormat):
        curp.check_digit(first17)


def test_states_are_in_the_order_of_the_electoral_roll() -> None:
    assert len(curp.STATES) == len(set(curp.STATES)) == 33
    assert (curp.STATES[0], curp.STATES[8], curp.STATES[31], curp.STATES[32]) == ("AS", "DF", "ZS", "NE")


def test_positions_hold_every_issued_curp() -> None:
    assert len(curp.POSITIONS) == 18
    assert all(c in alphabet for issued in ISSUED for c, alphabet in zip(issued, curp.POSITIONS, strict=True))


@given(composed())
def test_what_positions_and_calendar_allow_is_valid(made: str) -> None:
    assert curp.validate(made) == made
    assert all(c in alphabet for c, alphabet in zip(made, curp.POSITIONS, strict=True))


@given(composed(), st.integers(0, 16), st.data())
def test_one_wrong_character_is_caught_where_its_weight_allows(made: str, place: int, data: st.DataObject) -> None:
    alphabet = "0123456789ABCDEFGHIJKLMNÑOPQRSTUVWXYZ"
    other = data.draw(st.sampled_from(curp.POSITIONS[place]))
    assume((alphabet.index(other) - alphabet.index(made[place])) * (18 - place) % 10 != 0)
    with pytest.raises(ValidatorError):
        curp.validate(made[:place] + other + made[place + 1 :])


@given(composed(), st.sampled_from("123456789"))
def test_any_other_check_digit_is_caught(made: str, shift: str) -> None:
    with pytest.raises(InvalidCheckDigit):
        curp.validate(made[:17] + str((int(made[17]) + int(shift)) % 10))


@given(st.text(max_size=25) | st.from_regex(r"[A-Z]{4}[0-9]{6}[HMX][A-Z]{5}[0-9A-Z][0-9]", fullmatch=True))
def test_nothing_but_the_named_refusals(text: str) -> None:
    with suppress(ValidatorError):
        assert curp.validate(text) == curp.validate(curp.validate(text))


@pytest.mark.parametrize(
    ("paternal", "maternal", "given_names", "letters"),
    [
        ("Salgado", "Briseño", "Concepción", "SABC"),
        ("Hernández", "García", "Gloria", "HEGG"),
        ("Ejemplo", "Prueba", "Alex", "EEPA"),
        ("Prueba", "López", "Ana", "PULA"),
        ("Gómez", "Velázquez", "Margarita", "GOVM"),
        ("Ñando", "Rodríguez", "Alberto", "XARA"),
        ("Pérez", "Hernández", "María Luisa", "PEHL"),
        ("Romero", "Palazuelos", "Luis Enrique", "ROPL"),
        ("Riva Palacio", "Cruz", "Rocío", "RICR"),
        ("Mc Gregor", "López", "Carlos", "GELC"),
        ("D/Amico", "Álvarez", "Juan José", "DXAJ"),
        ("De la Cruz", "Del Río", "Ma. de los Ángeles", "CURA"),
        ("Ich", "Rodríguez", "Lucía", "IXRL"),
        ("Argüelles", "Pérez", "Ana", "AUPA"),
        ("Box", "", "Wenceslao", "BOXW"),
        ("", "Prueba", "Ana", "XXPA"),
        ("Pujol", "Tapia", "Olga", "PXTO"),  # a forbidden word
    ],
)
def test_initials(paternal: str, maternal: str, given_names: str, letters: str) -> None:
    assert curp.initials(paternal, maternal, given_names) == letters


@pytest.mark.parametrize(
    ("paternal", "maternal", "given_names", "letters"),
    [
        ("Salgado", "Briseño", "Concepción", "LRN"),
        ("Hernández", "García", "Gloria", "RRL"),
        ("Ejemplo", "Prueba", "Alex", "JRL"),
        ("Prueba", "López", "Ana", "RPN"),
        ("Gómez", "Velázquez", "Margarita", "MLR"),
        ("", "Prueba", "Ana", "XRN"),
        ("Muñoz", "", "Io", "XXX"),
        ("De la Cruz", "Del Río", "José Alonso", "RXL"),
    ],
)
def test_inner_consonants(paternal: str, maternal: str, given_names: str, letters: str) -> None:
    assert curp.inner_consonants(paternal, maternal, given_names) == letters


@given(st.text(), st.text(), st.text())
def test_letters_of_any_name_can_stand_in_a_curp(paternal: str, maternal: str, given_names: str) -> None:
    first17 = (
        curp.initials(paternal, maternal, given_names)
        + "560626MDF"
        + curp.inner_consonants(paternal, maternal, given_names)
        + "0"
    )
    made = first17 + curp.check_digit(first17)
    assert curp.validate(made) == made
