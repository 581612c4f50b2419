"""The TD1 MRZ of Mexican voter cards. In: three lines; out: their fields, the outcome of each check, the document kind.

Layout and check digits are ICAO 9303 parts 3 and 5 (TD1); what INE puts where, sex H/M/X included, is ine.md's.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median

from validators.date import in_century
from validators.errors import InvalidCheckDigit, InvalidComponent, InvalidDate, InvalidFormat
from validators.positions import DIGITS, LETTERS, misfits, require

FILLER = "<"
LENGTH = 30
CHARACTERS = DIGITS + LETTERS + FILLER
"""Everything that an MRZ may hold (ICAO 9303 part 3, section 4.3)."""

LINE_1 = (*"IDMEX", *(DIGITS,) * 10, *"<<", *(DIGITS,) * 13)
"""The 30 alphabets of line 1: IDMEX, CIC, its check digit, `<<`, the 13 digits."""

LINE_2 = (
    *(DIGITS,) * 7,
    "HMXF<",
    *(DIGITS,) * 7,
    *"MEX<",
    *(DIGITS,) * 2,
    *"<<",
    *(DIGITS,) * 5,
    "<",
    DIGITS,
)
"""The 30 alphabets of line 2: birth, check, sex, expiry, check, MEX, `<`, emission, `<<`, serial, `<`, composite."""

LINE_3 = (LETTERS + FILLER,) * LENGTH
"""The 30 alphabets of line 3: names."""

_GRAMMARS = (LINE_1, LINE_2, LINE_3)

Lines = tuple[str, str, str]
Span = tuple[int, int, int]
"""Line, first index, index after the last; all from zero."""

SPANS: Mapping[str, Span] = {
    "cic": (0, 5, 14),
    "cic_check": (0, 14, 15),
    "document_number": (0, 17, 30),
    "birth": (1, 0, 6),
    "birth_check": (1, 6, 7),
    "sex": (1, 7, 8),
    "expiry": (1, 8, 14),
    "expiry_check": (1, 14, 15),
    "country": (1, 15, 18),
    "emission": (1, 19, 21),
    "serial": (1, 23, 28),
    "composite": (1, 29, 30),
}
"""Where each field of lines 1 and 2 stands."""

COVERED: Mapping[str, tuple[tuple[Span, ...], Span]] = {
    "cic": ((SPANS["cic"],), SPANS["cic_check"]),
    "birth": ((SPANS["birth"],), SPANS["birth_check"]),
    "expiry": ((SPANS["expiry"],), SPANS["expiry_check"]),
    "composite": (((0, 5, 30), (1, 0, 7), (1, 8, 15), (1, 18, 29)), SPANS["composite"]),
}
"""Per check: what it covers, in order, and where its digit stands (ICAO 9303 part 5, section 4.2.4)."""

_WEIGHTS = (7, 3, 1)


def check_digit(text: str) -> str:
    """ICAO 9303 part 3, section 4.9: weights 7-3-1, A = 10 … Z = 35, `<` = 0, modulo 10. Raises `InvalidFormat`."""
    require(text, (CHARACTERS,) * len(text))
    return str(sum(_value(character) * _WEIGHTS[i % 3] for i, character in enumerate(text)) % 10)


def _value(character: str) -> int:
    return 0 if character == FILLER else int(character, 36)


@dataclass(frozen=True, slots=True)
class Mrz:
    """The fields as they stand in `lines`: what `checks` and `validate` do not vouch for may be misread.

    `document_number` has 13 characters, `serial` 5; `birth` and `expiry` are raw YYMMDD. `surname` and `name` have
    spaces for `<`; either may be empty. `name_cut` says that line 3 is full, or but for a filler, so that its last name
    is perhaps cut, or another followed.
    """

    lines: Lines
    cic: str
    cic_check: str
    document_number: str
    birth: str
    birth_check: str
    sex: str
    expiry: str
    expiry_check: str
    country: str
    emission: str
    serial: str
    composite: str
    surname: str
    name: str
    name_cut: bool


def parse(lines: Sequence[str]) -> Mrz:
    """Cut three lines of 30 into fields, by place alone; `«` counts as `<`, white space and case do not count.

    Raises `InvalidFormat` unless there are three lines of 30 MRZ characters. Does not ask that a field make sense.
    """
    normal = _normalised(lines)
    surname, _, name = normal[2].partition(FILLER * 2)
    return Mrz(
        lines=normal,
        **{field: _cut(normal, span) for field, span in SPANS.items()},
        surname=_spaced(surname),
        name=_spaced(name),
        name_cut=normal[2][-2:] != FILLER * 2,
    )


def _normalised(lines: Sequence[str]) -> Lines:
    if len(lines) != len(_GRAMMARS):
        raise InvalidFormat(f"three lines expected, {len(lines)} given")
    grammar = (CHARACTERS,) * LENGTH
    first, second, third = (require(_tidy(line), grammar, part=f"line {i}") for i, line in enumerate(lines, 1))
    return first, second, third


def _tidy(line: str) -> str:
    return "".join(line.upper().split()).replace("«", FILLER)


def _cut(lines: Lines, span: Span) -> str:
    line, start, stop = span
    return lines[line][start:stop]


def _spaced(text: str) -> str:
    return " ".join(text.replace(FILLER, " ").split())


def checks(mrz: Mrz) -> dict[str, bool]:
    """Whether each check digit holds, by name: `cic`, `birth`, `expiry`, `composite`, in this order. Raises nothing."""
    return {
        name: check_digit("".join(_cut(mrz.lines, span) for span in covered)) == _cut(mrz.lines, digit)
        for name, (covered, digit) in COVERED.items()
    }


def validate(lines: Sequence[str]) -> Lines:
    """The three lines, normalised as by `parse`, when grammar, dates, name and check digits all hold.

    Raises `InvalidFormat` (`part` is `line 1` …), `InvalidDate` (`birth`, `expiry`), `InvalidComponent` (`name`: line 3
    has none), `InvalidCheckDigit` (a name of `checks`).
    """
    mrz = parse(lines)
    for number, (line, grammar) in enumerate(zip(mrz.lines, _GRAMMARS, strict=True), 1):
        require(line, grammar, part=f"line {number}")
    _require_day(mrz.birth, part="birth")
    _require_day(mrz.expiry, part="expiry")
    if not mrz.surname and not mrz.name:
        raise InvalidComponent("line 3 holds no name", part="name")
    for name, holds in checks(mrz).items():
        if not holds:
            raise InvalidCheckDigit("a check digit does not follow from what it covers", part=name)
    return mrz.lines


def _require_day(yymmdd: str, *, part: str) -> None:
    try:
        in_century(yymmdd, 2000)
    except InvalidDate as exc:
        raise InvalidDate("no such day in the calendar", part=part) from exc


class Kind(StrEnum):
    """What document an MRZ belongs to."""

    MEXICAN_VOTER = "mexican_voter"
    OTHER_TD1 = "other_td1"
    TD2 = "td2"
    TD3 = "td3"
    UNKNOWN = "unknown"


_MISREAD = {"I": "1LT", "D": "0OQ", "M": "", "E": "", "X": "", FILLER: "KC(", DIGITS: "OQDILSBZGT"}
"""What recognisers make of a place (ine.md, "Misreadings met in practice"), by the place's alphabet."""

_LOOSE_1, _LOOSE_2 = (tuple(a + _MISREAD.get(a, "") for a in grammar) for grammar in (LINE_1, LINE_2))
_BEGINNING = _LOOSE_1[:5]
_WHOLE = ((_LOOSE_1, slice(2, 5)), (_LOOSE_2, slice(15, 18)))
"""Per line that tells a voter card by itself: its grammar, and where MEX stands in it."""

_FORGIVEN = 3
"""So many characters of a line may be off, one of them in MEX, for it to count as a voter card's."""

_SIZES = ((Kind.OTHER_TD1, 30, 2), (Kind.TD2, 36, 3), (Kind.TD3, 44, 4))
"""Length of a line and how far it may be off (ICAO 9303 parts 5, 6 and 4)."""


def kind(lines: Sequence[str]) -> Kind:
    """Which document these lines, read well or badly, belong to. Any number of lines of any length; raises nothing.

    Knows a voter card by its beginning, or by line 1 or line 2 as a whole; anything else by the length of its lines.
    """
    tidy = [line for line in map(_tidy, lines) if line]
    if not tidy:
        return Kind.UNKNOWN
    if _is_voter(tidy):
        return Kind.MEXICAN_VOTER
    if tidy[0].startswith("P<"):
        return Kind.TD3
    length = median(map(len, tidy))
    return next((size for size, expected, slack in _SIZES if abs(length - expected) <= slack), Kind.UNKNOWN)


def _is_voter(lines: Sequence[str]) -> bool:
    begins = len(lines[0]) >= len(_BEGINNING) and not misfits(lines[0], _BEGINNING)
    return begins or any(_fits(line, grammar, country) for line in lines for grammar, country in _WHOLE)


def _fits(line: str, grammar: Sequence[str], country: slice) -> bool:
    mostly = len(line) == LENGTH and len(misfits(line, grammar)) <= _FORGIVEN
    return mostly and len(misfits(line[country], grammar[country])) <= 1
