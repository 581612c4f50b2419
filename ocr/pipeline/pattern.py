"""Words of a card's printed pattern that readers join to its values: a text goes in, and comes out without them.

The pattern repeats a few words (INE MEXICO INE) as large as the values, and any part of one may stand beside a value.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from ocr.pipeline.types import Text

WORDS = ("INE", "IFE", "MEXICO")
"""What the pattern is made of (ine.md, "Models")."""
_ENDLESS = ("INEINE", "IFEIFE", "MEXICOINEMEXICO", "MEXICOMEXICO")
_SHORTEST = 2  # letters that tell a part of the pattern


def is_part(letters: str) -> bool:
    """Whether letters are part of the pattern: XICO, NE, COINE."""
    return len(letters) >= _SHORTEST and any(letters in endless for endless in _ENDLESS)


def resembles(letters: str) -> bool:
    """Whether letters are like a part of the pattern, though some were misread: 16EXIC, OEXICO."""
    if not _TELLING <= len(letters) <= _MOST or sum(map(str.isdigit, letters)) > len(letters) / 2:
        return False
    return max(fuzz.partial_ratio(letters, endless) for endless in _ENDLESSLY) >= _LIKE


_TELLING, _MOST, _LIKE = 4, 24, 60.0  # letters; per cent
_ENDLESSLY = ("INEMEXICO" * 4, "IFEMEXICO" * 4, "MEXICO" * 6, "INE" * 10, "IFE" * 10)


def without_pattern_in_name(text: Text, said: Sequence[str], *, cut: bool) -> Text:
    """A printed name without words of the pattern, and without parts of it behind a word that the MRZ has.

    `said` are the MRZ's words, Ñ as N; where it was `cut`, it cannot tell of a part that it is no name, nor where its
    last word would end: FRANCISCO is not FRANCIS with a part behind it.
    """
    whole = said[:-1] if cut else said

    def kept(word: str) -> int:
        plain = word.replace("Ñ", "N")
        if plain in said:
            return len(word)
        if plain in WORDS or (not cut and is_part(plain)):
            return 0
        ends = (len(one) for one in whole if plain.startswith(one) and is_part(plain[len(one) :]))
        return max(ends, default=len(word))

    return _shortened(text, kept) if said else text


def without_pattern_in_address(row: Text, states: frozenset[str]) -> Text:
    """A row of an address without INE and IFE, and without the parts of the pattern beside them or joined to digits, or
    behind a postal code, which ends its row.

    `states` are words that may be part of it and belong to the address all the same: MEX.
    """
    behind = _BEHIND_CODE.search(row.text)
    if behind and is_part(behind[1]) and behind[1] not in states:
        row = replace(row, text=row.text[: behind.start()], scores=row.scores[: behind.start()])
    if not any(word in ("INE", "IFE") for word in row.text.split(" ")):
        return row

    def kept(word: str) -> int:
        if is_part(word) and word not in states:
            return 0
        number = re.match(r"\d+", word)
        return number.end() if number and is_part(word[number.end() :]) else len(word)

    return _shortened(row, kept)


_BEHIND_CODE = re.compile(r"(?<=\b\d{5})[ .]*([A-Z]+)$")


def _shortened(text: Text, kept: Callable[[str], int]) -> Text:
    """Of each word so many of its first characters; words of which none is left are dropped with a space."""
    if len(text.scores) != len(text.text):
        return text
    letters: list[str] = []
    scores: list[float] = []
    for word in re.finditer(r"[^ ]+", text.text):
        count = kept(word.group())
        if count:
            letters += [" "] * bool(letters) + list(word.group()[:count])
            scores += [1.0] * bool(scores) + list(text.scores[word.start() : word.start() + count])
    return replace(text, text="".join(letters), scores=tuple(scores)) if letters else text
