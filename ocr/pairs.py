"""Names of files in, pairs of them out, each the two sides of a card; and the names that make no pair, with the reason.

Only names are looked at. What could be meant in two ways is no pair: a wrong one would be somebody else's card.
"""

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ocr.pipeline.types import Side

SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp"})
WORDS = {
    **dict.fromkeys(("front", "frontside", "frente", "anverso"), Side.FRONT),
    **dict.fromkeys(("back", "backside", "reverso"), Side.BACK),
}
NUMBERS = {"1": Side.FRONT, "2": Side.BACK}
"""Any other number tells pictures apart, and not sides."""

_WORD = f"(?P<side>{'|'.join(WORDS)})"
PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        _WORD,  # ana/front.jpg
        rf"(?P<card>.+)[_\- ]{_WORD}",  # ana_front.jpg
        rf"{_WORD}[_\- ](?P<card>.+)",  # front_1.jpg: were it taken for a number, front_1 and front_2 would be a pair
        r"(?P<card>.+)[_\- ](?P<side>\d+)",  # ana_1.jpg
    )
)
"""The first that the whole name fits, its suffix apart."""
EXAMPLES = "ana/front.jpg and ana/back.jpg, ana_front.jpg and ana_back.jpg, ana-frente.jpg and ana-reverso.jpg"

NO_SIDE = "its name says no side"
NO_PARTNER = "the other side is missing"
AMBIGUOUS = "several pictures could be this side of the card"


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sides of a card; all three are paths relative to the folder, `card` without what tells the sides apart."""

    card: str
    front: str
    back: str


Unpaired = dict[str, str]
"""By name, the reason."""
_Card = dict[Side | None, list[str]]


def found(folder: Path) -> list[str]:
    """Pictures in a folder and those below it, by name; links to folders are not followed. Raises `OSError`."""
    return sorted(
        path.relative_to(folder).as_posix()
        for inner, _, names in os.walk(folder, onerror=_raise)
        for path in (Path(inner, name) for name in names)
        if path.suffix.lower() in SUFFIXES and path.is_file()
    )


def _raise(error: OSError) -> None:
    raise error


def paired(names: Iterable[str]) -> tuple[list[Pair], Unpaired]:
    """Every name is in one of both."""
    cards, unpaired = _cards(names)
    pairs = []
    for card, sides in cards.items():
        if [len(sides[side]) for side in (*Side, None)] == [1, 1, 0]:
            pairs.append(Pair(card, sides[Side.FRONT][0], sides[Side.BACK][0]))
        else:
            unpaired |= _reasons(sides)
    return pairs, unpaired


def _cards(names: Iterable[str]) -> tuple[dict[str, _Card], Unpaired]:
    cards: dict[str, _Card] = defaultdict(lambda: defaultdict(list))
    unpaired = {}
    for name in names:
        if understood := _understood(PurePosixPath(name)):
            card, side = understood
            cards[card][side].append(name)
        else:
            unpaired[name] = NO_SIDE
    return cards, unpaired


def _understood(path: PurePosixPath) -> tuple[str, Side | None] | None:
    """Whose card it is, and which side; None for a side where a number says neither."""
    for fitting in filter(None, (pattern.fullmatch(path.stem) for pattern in PATTERNS)):
        parts = fitting.groupdict()
        side = parts["side"].lower()
        return str(path.parent / parts.get("card", "")), WORDS.get(side) or NUMBERS.get(side)
    return None


def _reasons(sides: _Card) -> Unpaired:
    one_is_missing = not sides[None] and sorted(len(sides[side]) for side in Side) == [0, 1]
    reason = NO_PARTNER if one_is_missing else AMBIGUOUS
    return {name: reason for names in sides.values() for name in names}
