"""Dates as the card writes them: `YYMMDD` in MRZ, CURP and elector key, `DD/MM/YYYY` in print. In: text; out: a `date`.

Refuses what is not the right number of ASCII digits and what is no calendar day. Never reads the clock.
"""

import re
from datetime import date

from validators.errors import InvalidDate, InvalidFormat

ADULT_AT = 18
"""The card is issued to citizens, who are 18 or older (ine.md, "MRZ")."""

_PRINTED = re.compile(r"([0-9]{2})/([0-9]{2})/((?:19|20)[0-9]{2})")


def birth_date(yymmdd: str, *, today: date) -> date:
    """The latest day written `yymmdd` on which somebody who is 18 or older `today` was born.

    Raises `InvalidFormat` (not six digits), `InvalidDate` (no calendar day). ICAO 9303 part 3, section 4.8, leaves the
    century to the reader; the rule for it is ine.md's.
    """
    recent = in_century(yymmdd, 2000)
    return recent if _age(recent, today) >= ADULT_AT else in_century(yymmdd, 1900)


def expiry_date(yymmdd: str) -> date:
    """Expiry of a card: always 20yy, since no card with an MRZ is older than 2013. Raises as `birth_date`."""
    return in_century(yymmdd, 2000)


def in_century(yymmdd: str, century: int) -> date:
    """The day `yymmdd` of the century that begins with the year `century` (1900, 2000). Raises as `birth_date`.

    Whatever is a day of the 1900s is one of the 2000s too; the reverse fails for 29 February 1900 alone.
    """
    if not re.fullmatch(r"[0-9]{6}", yymmdd):
        raise InvalidFormat("a date of six digits expected", part="date")
    return _day(century + int(yymmdd[:2]), int(yymmdd[2:4]), int(yymmdd[4:]))


def parse_printed_date(text: str) -> date:
    """`DD/MM/YYYY` of the years 1900 to 2099, white space ignored. Raises `InvalidFormat`, `InvalidDate`."""
    found = _PRINTED.fullmatch("".join(text.split()))
    if found is None:
        raise InvalidFormat("a date like 31/12/1999 expected", part="date")
    day, month, year = map(int, found.groups())
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError as exc:
        raise InvalidDate("no such day in the calendar", part="date") from exc


def _age(born: date, today: date) -> int:
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))
