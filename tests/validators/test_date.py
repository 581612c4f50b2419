from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from validators.date import ADULT_AT, birth_date, expiry_date, in_century, parse_printed_date
from validators.errors import InvalidDate, InvalidFormat, ValidatorError

TODAY = date(2026, 5, 5)


@pytest.mark.parametrize(
    ("yymmdd", "born"),
    [
        ("850505", date(1985, 5, 5)),
        ("000229", date(2000, 2, 29)),
        ("991231", date(1999, 12, 31)),
        ("080505", date(2008, 5, 5)),  # eighteen today
        ("080506", date(1908, 5, 6)),  # tomorrow: nobody under eighteen holds a card
        ("080229", date(2008, 2, 29)),
        ("260505", date(1926, 5, 5)),
    ],
)
def test_the_century_of_birth_follows_from_the_age(yymmdd: str, born: date) -> None:
    assert birth_date(yymmdd, today=TODAY) == born


def test_the_leap_day_of_1900_never_was() -> None:
    with pytest.raises(InvalidDate):
        birth_date("000229", today=date(2017, 1, 1))


@given(st.dates(date(1930, 1, 1), date(2008, 5, 5)))
def test_every_holder_under_ninety_six_is_born_when_they_were(born: date) -> None:
    assert birth_date(f"{born:%y%m%d}", today=TODAY) == born


@given(st.dates(date(1900, 3, 1), date(2099, 12, 31)))
def test_nobody_is_a_minor(born: date) -> None:
    age = TODAY.year - birth_date(f"{born:%y%m%d}", today=TODAY).year
    assert ADULT_AT <= age <= ADULT_AT + 100


@pytest.mark.parametrize(("yymmdd", "day"), [("331231", date(2033, 12, 31)), ("991231", date(2099, 12, 31))])
def test_expiry_is_always_of_this_century(yymmdd: str, day: date) -> None:
    assert expiry_date(yymmdd) == day


@pytest.mark.parametrize("yymmdd", ["851305", "850005", "850532", "850500", "230229", "999999"])
def test_what_is_no_day_is_refused(yymmdd: str) -> None:
    with pytest.raises(InvalidDate):
        expiry_date(yymmdd)
    with pytest.raises(InvalidDate):
        birth_date(yymmdd, today=TODAY)


@pytest.mark.parametrize("yymmdd", ["", "8505", "8505051", "85O505", "85050<", "८५०५०५", "850505\n"])
def test_what_is_not_six_digits_is_refused(yymmdd: str) -> None:
    with pytest.raises(InvalidFormat):
        in_century(yymmdd, 1900)


@pytest.mark.parametrize("text", ["05/05/1985", " 05/05/1985 ", "05 / 05 / 1985"])
def test_a_printed_date_is_read(text: str) -> None:
    assert parse_printed_date(text) == date(1985, 5, 5)


@pytest.mark.parametrize("text", ["", "5/5/1985", "05/05/85", "05-05-1985", "1985/05/05", "05/05/1885", "05/O5/1985"])
def test_any_other_print_is_refused(text: str) -> None:
    with pytest.raises(InvalidFormat):
        parse_printed_date(text)


@pytest.mark.parametrize("text", ["31/02/1985", "00/01/1985", "01/13/1985", "29/02/1900"])
def test_a_printed_day_that_never_was_is_refused(text: str) -> None:
    with pytest.raises(InvalidDate):
        parse_printed_date(text)


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_printed_day_comes_back(day: date) -> None:
    assert parse_printed_date(f"{day:%d/%m/%Y}") == day


@given(st.text(max_size=12))
def test_nothing_but_the_named_refusals(text: str) -> None:
    for read in (expiry_date, parse_printed_date):
        with suppress(ValidatorError):
            read(text)
