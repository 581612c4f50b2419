"""CURP, the Mexican population register's 18 characters. In: text; out: the CURP, what it tells, a name's letters.

Rules: RENAPO, Instructivo normativo para la asignación de la CURP (DOF 18 October 2021), by way of ine.md, "CURP".
python-stdnum knows forbidden words, states and check digit; it refuses sex X and speaks M/F, so sex is handled here.
"""

from datetime import date
from functools import lru_cache

from stdnum.exceptions import InvalidComponent as StdnumInvalidComponent
from stdnum.mx import curp as stdnum_curp

from validators.date import in_century
from validators.errors import InvalidCheckDigit, InvalidComponent
from validators.name import NONE, first_inner_consonant, first_inner_vowel, given_word, initial, surname_word
from validators.positions import CONSONANTS, DIGITS, LETTERS, SEXES, VOWELS, YYMMDD, compact, require

STATES = tuple(
    "AS BC BS CC CL CM CS CH DF DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE".split()
)
"""States of birth in INE's order, so that entity 01 of an elector key is `STATES[0]`; then NE, born abroad."""

POSITIONS = (
    *(LETTERS, VOWELS + NONE, LETTERS, LETTERS),
    *YYMMDD,
    SEXES,
    *("".join(sorted(set(letters))) for letters in zip(*STATES, strict=True)),
    *(CONSONANTS, CONSONANTS, CONSONANTS),
    DIGITS + LETTERS,
    DIGITS,
)
"""The 18 alphabets, one string per place: what a recogniser should expect."""

_SHAPE = (*POSITIONS[:4], *(DIGITS,) * 6, SEXES, *(LETTERS,) * 2, *POSITIONS[13:])
"""The same with any digit in the date and any letter in the state, so that what is wrong there gets its own refusal."""


def validate(text: str) -> str:
    """The CURP in `text`, compact and in upper case.

    Raises `InvalidFormat`, `InvalidDate`, `InvalidComponent` (`part` is `state` or `initials`), `InvalidCheckDigit`.
    """
    curp = _shaped(text)
    birth_date(curp)
    if state(curp) not in STATES:
        raise InvalidComponent("no such state of birth", part="state")
    if _is_forbidden(curp[:4]):
        raise InvalidComponent("the first four letters are never issued", part="initials")
    if check_digit(curp[:17]) != curp[17]:
        raise InvalidCheckDigit("the last digit does not follow from the others", part="check_digit")
    return curp


def _shaped(text: str) -> str:
    return require(compact(text), _SHAPE)


def check_digit(first17: str) -> str:
    """The 18th character for the first 17: (10 - Σ value·(18-i) mod 10) mod 10. Raises `InvalidFormat`.

    Its alphabet has Ñ between N and O, although no CURP is issued with one, and so Ñ is refused here.
    """
    require(first17, (DIGITS + LETTERS,) * 17)
    return stdnum_curp.calc_check_digit(first17)


def birth_date(curp: str) -> date:
    """Date of birth: a digit at place 17 puts it before 2000, a letter after. Raises `InvalidFormat`, `InvalidDate`."""
    shaped = _shaped(curp)
    return in_century(shaped[4:10], 1900 if shaped[16] in DIGITS else 2000)


def sex(curp: str) -> str:
    """H (hombre), M (mujer) or X. Raises `InvalidFormat`."""
    return _shaped(curp)[10]


def state(curp: str) -> str:
    """Two letters, one of `STATES` if the CURP is valid. Raises `InvalidFormat`."""
    return _shaped(curp)[11:13]


def initials(paternal: str, maternal: str, given: str) -> str:
    """The four letters that a CURP of this name begins with. A surname that the holder lacks is `""`.

    Ñ must be given as Ñ: of a name read from an MRZ compare with `validators.name.letters_agree`.
    """
    first, second = surname_word(paternal), surname_word(maternal)
    word = initial(first) + first_inner_vowel(first) + initial(second) + initial(given_word(given))
    return word[0] + NONE + word[2:] if _is_forbidden(word) else word


def inner_consonants(paternal: str, maternal: str, given: str) -> str:
    """Characters 14 to 16 of a CURP of this name; arguments and Ñ as in `initials`."""
    return "".join(map(first_inner_consonant, (surname_word(paternal), surname_word(maternal), given_word(given))))


@lru_cache(maxsize=1024)
def _is_forbidden(word: str) -> bool:
    """Asked through python-stdnum's public door, as its list is private; nothing else in the probe is wrong."""
    try:
        stdnum_curp.validate(word + "800101HDFBBB00", validate_check_digits=False)
    except StdnumInvalidComponent:
        return True
    return False
