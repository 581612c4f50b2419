"""Clave de elector, the electoral roll's 18 characters. In: text; out: the key, what it tells, a name's letters.

How its last three characters are computed is not public, so nothing here vouches for them (ine.md, "Clave de elector").
"""

from validators.curp import STATES
from validators.date import in_century
from validators.errors import InvalidComponent
from validators.name import first_inner_consonant, given_word, initial, surname_word
from validators.positions import CONSONANTS, DIGITS, LETTERS, SEXES, YYMMDD, compact, require

ENTITIES = (*(f"{number:02}" for number in range(33)), "87", "88")
"""01-32 in INE's order of states; 00, and 87 and 88 for citizens born or registered abroad (contract.md)."""

_STATE_OF = dict(zip(ENTITIES[1:33], STATES, strict=False))

POSITIONS = (
    *(LETTERS, CONSONANTS) * 3,
    *YYMMDD,
    *("".join(sorted(set(digits))) for digits in zip(*ENTITIES, strict=True)),
    SEXES,
    *(DIGITS, DIGITS, DIGITS),
)
"""The 18 alphabets, one string per place, of keys as they are issued (ine.md): what a recogniser should expect."""

_SHAPE = (*(LETTERS,) * 6, *(DIGITS,) * 8, SEXES, *(DIGITS + LETTERS,) * 3)
"""The 18 alphabets that contract.md allows: any six letters first, three letters or digits last."""


def validate(text: str) -> str:
    """The elector key in `text`, compact and in upper case.

    Raises `InvalidFormat`, `InvalidDate`, `InvalidComponent` (`part` is `entity`).
    """
    key = _shaped(text)
    in_century(key[6:12], 2000)
    if entity(key) not in ENTITIES:
        raise InvalidComponent("no such entity", part="entity")
    return key


def _shaped(text: str) -> str:
    return require(compact(text), _SHAPE)


def birth_yymmdd(key: str) -> str:
    """The six digits of the date of birth; the key does not tell its century. Raises `InvalidFormat`."""
    return _shaped(key)[6:12]


def entity(key: str) -> str:
    """Two digits, one of `ENTITIES` if the key is valid. Raises `InvalidFormat`."""
    return _shaped(key)[12:14]


def state(key: str) -> str | None:
    """The entity in a CURP's letters; None for 00, 87 and 88, which name no state. Raises `InvalidFormat`."""
    return _STATE_OF.get(entity(key))


def sex(key: str) -> str:
    """H (hombre), M (mujer) or X. Raises `InvalidFormat`."""
    return _shaped(key)[14]


def letters(paternal: str, maternal: str, given: str) -> str:
    """The six letters that a key of this name begins with. A surname that the holder lacks is `""`.

    The skipped JOSE is documented for one published example; that particles, MARIA, Ñ and missing surnames go as in the
    CURP is inferred. Of a name read from an MRZ compare with `validators.name.letters_agree`.
    """
    words = (surname_word(paternal), surname_word(maternal), given_word(given))
    return "".join(initial(word) + first_inner_consonant(word) for word in words)
