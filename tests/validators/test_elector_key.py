from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators import elector_key
from validators.errors import InvalidComponent, InvalidDate, InvalidFormat, ValidatorError

VALID = "HRGRJN82050602H900"  # the published example (ine.md)


def test_the_published_example() -> None:
    assert elector_key.validate(VALID) == VALID
    assert elector_key.birth_yymmdd(VALID) == "820506"
    assert (elector_key.entity(VALID), elector_key.state(VALID), elector_key.sex(VALID)) == ("02", "BC", "H")


@pytest.mark.parametrize(
    "text",
    [
        "GMVLMR80070501M100",
        "XXPRAN00022914M000",  # 29 February: born in 2000
        "EJPRAL99123100X000",
        "EJPRAL99123187M000",
        "EJPRAL99123188M000",
        "EJPRAL99123132MA1Z",  # contract.md: alphanumeric
        "AEIOUA99123132M000",  # contract.md: any six letters
    ],
)
def test_whatever_the_contract_allows(text: str) -> None:
    assert elector_key.validate(text) == text


def test_case_and_gaps_do_not_count() -> None:
    assert elector_key.validate(" hrgrjn 820506 02-h-900\n") == VALID


@pytest.mark.parametrize(
    "text",
    [
        "",
        VALID[:17],
        VALID + "0",
        "HRGRJ182050602H900",
        "HRGRJN8205O602H900",
        "HRGRJN82050602F900",
        "HRGRJN82050602H90?",
    ],
)
def test_another_shape_is_refused(text: str) -> None:
    for ask in (elector_key.validate, elector_key.birth_yymmdd, elector_key.entity, elector_key.state, elector_key.sex):
        with pytest.raises(InvalidFormat):
            ask(text)


@pytest.mark.parametrize("text", ["HRGRJN82130602H900", "HRGRJN82023002H900", "HRGRJN99999902H900"])
def test_no_calendar_day_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        elector_key.validate(text)


@pytest.mark.parametrize("entity", ["33", "50", "86", "89", "99"])
def test_an_unknown_entity_is_refused(entity: str) -> None:
    with pytest.raises(InvalidComponent) as refusal:
        elector_key.validate(f"HRGRJN820506{entity}H900")
    assert refusal.value.part == "entity"


@pytest.mark.parametrize(
    ("entity", "state"), [("01", "AS"), ("09", "DF"), ("32", "ZS"), ("00", None), ("87", None), ("88", None)]
)
def test_entities_that_name_a_state(entity: str, state: str | None) -> None:
    assert elector_key.state(f"HRGRJN820506{entity}H900") == state


@given(st.dates(date(1910, 1, 1), date(2009, 12, 31)), st.sampled_from(elector_key.ENTITIES), st.data())
def test_what_positions_calendar_and_entities_allow_is_valid(born: date, entity: str, data: st.DataObject) -> None:
    places = [data.draw(st.sampled_from(alphabet)) for alphabet in elector_key.POSITIONS]
    places[6:12], places[12:14] = f"{born:%y%m%d}", entity
    key = "".join(places)
    assert elector_key.validate(key) == key
    assert all(c in alphabet for c, alphabet in zip(key, elector_key.POSITIONS, strict=True))


@given(st.text(max_size=25) | st.from_regex(r"[A-Z]{6}[0-9]{8}[HMX][0-9A-Z]{3}", fullmatch=True))
def test_nothing_but_the_named_refusals(text: str) -> None:
    with suppress(ValidatorError):
        assert elector_key.validate(text) == elector_key.validate(elector_key.validate(text))


@pytest.mark.parametrize(
    ("paternal", "maternal", "given_names", "letters"),
    [
        ("Hernández", "García", "Juan Carlos", "HRGRJN"),
        ("Hernández", "García", "José Alonso", "HRGRAL"),
        ("Gómez", "Velázquez", "Margarita", "GMVLMR"),
        ("De la Cruz", "Del Río", "Ana", "CRRXAN"),
        ("Prueba", "", "Alex", "PRXXAL"),
        ("Muñoz", "Prueba", "María", "MXPRMR"),
    ],
)
def test_letters(paternal: str, maternal: str, given_names: str, letters: str) -> None:
    assert elector_key.letters(paternal, maternal, given_names) == letters


@given(st.text(), st.text(), st.text())
def test_letters_of_any_name_can_stand_in_a_key(paternal: str, maternal: str, given_names: str) -> None:
    key = elector_key.letters(paternal, maternal, given_names) + VALID[6:]
    assert elector_key.validate(key) == key
