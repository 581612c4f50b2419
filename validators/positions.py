"""Which characters may stand at each place of a text. In: text and alphabets; out: the same text, or a refusal."""

from collections.abc import Sequence

from validators.errors import InvalidFormat

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
VOWELS = "AEIOU"
CONSONANTS = "BCDFGHJKLMNPQRSTVWXYZ"
SEXES = "HMX"
"""Hombre, mujer, and X since 2022-23 (ine.md, "CURP")."""

YYMMDD = (DIGITS, DIGITS, "01", DIGITS, "0123", DIGITS)
"""Six digits of which a date can be made: no month above 19, no day above 39."""


def misfits(text: str, alphabets: Sequence[str]) -> tuple[int, ...]:
    """Indexes at which `text` holds a character that its alphabet lacks; compares as far as the shorter one goes."""
    places = enumerate(zip(text, alphabets, strict=False))
    return tuple(i for i, (character, alphabet) in places if character not in alphabet)


def require(text: str, alphabets: Sequence[str], *, part: str = "") -> str:
    """`text` itself when it has one character of each alphabet, in order. Raises `InvalidFormat`."""
    if len(text) != len(alphabets):
        raise InvalidFormat(f"{len(alphabets)} characters expected, {len(text)} given", part=part)
    if wrong := misfits(text, alphabets):
        raise InvalidFormat(f"unexpected character at position {wrong[0] + 1}", part=part)
    return text


def compact(text: str) -> str:
    """Upper case, without white space and hyphens: what a reader or a person may put between groups."""
    return "".join(text.upper().split()).replace("-", "")
