"""Names as Mexican documents shorten and spell them. In: a printed name; out: MRZ spellings, significant word, letters.

Refuses nothing: any text has a folding, and a place that a name cannot fill is X.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from validators.positions import CONSONANTS, LETTERS, VOWELS

PARTICLES = frozenset("DA DAS DE DEL DER DI DIE DD EL LA LOS LAS LE LES MAC MC VAN VON Y".split())
"""Words that do not count when a CURP is made (RENAPO, Instructivo normativo, anexo 1; ine.md, "CURP")."""

COMMON_GIVEN = frozenset("MARIA MA JOSE J".split())
"""Given names that do not count when another follows (same source)."""

NONE = "X"
"""What stands where a name has no letter to give: no such letter, Ñ, a hyphen, a slash, an apostrophe (same source)."""

MRZ_ENYE = ("N", "X", "NXX")
"""Ways to write Ñ in an MRZ: what INE does, then the two of ICAO 9303 part 3, section 6."""

_MRZ_MARK = ("<", "")
"""Ways to write an apostrophe or a hyphen: a filler, or nothing (ICAO 9303 part 3, section 4.6)."""


def fold(text: str) -> str:
    """Upper case without accents, dots and `<` as spaces, single spaces. Ñ stays Ñ."""
    plain = text.upper() if text.isascii() else _plain(text)
    return " ".join(plain.translate(_AS_SPACES).split())


_AS_SPACES = str.maketrans(".<", "  ")


def _plain(text: str) -> str:
    composed = unicodedata.normalize("NFC", text).upper()
    return "".join(c if c == "Ñ" else _without_accents(c) for c in composed)


@lru_cache(maxsize=256)  # letters, not names: there are few
def _without_accents(character: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", character) if not unicodedata.combining(c))


def mrz_spellings(text: str) -> tuple[str, ...]:
    """Every way in which an MRZ may write `text`, uncut, words parted by one `<`; the usual one first, no two the same.

    Characters A-Z and `<` only. Never empty: a text without letters gives `("",)`.
    """
    folded = fold(text)
    if folded.isascii() and folded.replace(" ", "").isalpha():  # most names: there is but one way
        return (folded.replace(" ", "<"),)
    spelt = (_mrz(folded.replace("Ñ", enye), mark) for mark in _MRZ_MARK for enye in MRZ_ENYE)
    return tuple(dict.fromkeys(spelt))


def _mrz(folded: str, mark: str) -> str:
    marked = re.sub(r"[^A-Z ]", mark, folded)
    return "<".join(re.split(r"[ <]+", marked.strip(" <")))


def similarity(front: str, back: str, *, cut_at: int | None) -> float:
    """How alike a printed name and the MRZ's are, 0 to 1 (1 - edit distance / longer length), best of the spellings.

    `front` is as printed, `back` as in the MRZ, with `<` or spaces. `cut_at` is how many characters the MRZ had room
    for in this field: the front's spelling is cut there; None when the MRZ shows the name whole. Two names one of
    which is empty are not alike at all.
    """
    read = "<".join(fold(back).split())
    if not read:
        return 0.0
    from rapidfuzz.distance import Levenshtein  # noqa: PLC0415 - not where only the kinds of document are known

    return max(Levenshtein.normalized_similarity(spelt[:cut_at].rstrip("<"), read) for spelt in mrz_spellings(front))


def is_repeated(front: str, back: str) -> bool:
    """Whether the MRZ's name `back`, with `<` or spaces, holds every word of the printed one, in whatever spelling."""
    said = set(fold(back).split())
    return any(spelt and said.issuperset(spelt.split("<")) for spelt in mrz_spellings(front))


def significant(tokens: Sequence[str]) -> tuple[str, ...]:
    """`tokens` (folded words) from the first that is no particle on; all of them when there is no such (LE, MAC)."""
    for i, token in enumerate(tokens):
        if token not in PARTICLES:
            return tuple(tokens[i:])
    return tuple(tokens)


def surname_word(text: str) -> str:
    """The word of one surname that keys are made of: CRUZ for De la Cruz. Empty when the holder has no such surname."""
    return next(iter(significant(fold(text).split())), "")


def given_word(text: str) -> str:
    """The word of the given names that keys are made of: LUISA for María Luisa, ANGELES for Ma. de los Ángeles."""
    first, *others = significant(fold(text).split()) or ("",)
    following = significant(others)
    if first in COMMON_GIVEN and following and following[0] not in PARTICLES:
        return following[0]
    return first


def told_initial(given: str, *, cut: bool) -> str:
    """The initial that a CURP takes of given names as an MRZ has them; empty where it was cut before that is told.

    MARIA may be passed over for a name that did not find room, and the L of MARIA DE L may be LOS.
    """
    word = given_word(given)
    words = fold(given).split()
    may_go_on = bool(words) and word == words[-1] and any(other.startswith(word) for other in PARTICLES | COMMON_GIVEN)
    return "" if cut and (word in COMMON_GIVEN or may_go_on) else initial(word)


def initial(word: str) -> str:
    """First letter of a folded word, or X."""
    return _letter(word[:1], LETTERS)


def first_inner_vowel(word: str) -> str:
    """First vowel after the initial of a folded word, or X: none, or a special character comes before it."""
    return _first_inner(word, VOWELS)


def first_inner_consonant(word: str) -> str:
    """First consonant after the initial of a folded word, or X: none, Ñ, or a special character comes before it."""
    return _first_inner(word, CONSONANTS)


def _first_inner(word: str, wanted: str) -> str:
    others = set(LETTERS) - set(wanted) | ({"Ñ"} if wanted == VOWELS else set())
    return _letter(next((c for c in word[1:] if c not in others), ""), wanted)


def _letter(character: str, alphabet: str) -> str:
    return character if character and character in alphabet else NONE


def letters_agree(expected: str, printed: str) -> bool:
    """Whether letters composed from a name may be those that a key prints, one for one.

    An MRZ, and many a recogniser, writes Ñ as N, but keys write it X: an expected N is therefore met by an X too.
    """
    pairs = zip(expected, printed, strict=False)
    return len(expected) == len(printed) and all(e == p or (e, p) == ("N", NONE) for e, p in pairs)
