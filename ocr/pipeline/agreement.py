"""Two readings of the same row go in, one comes out: surer where both say the same, doubtful where they differ.

No check digit speaks for a street; a reader of another kind does.
"""

import unicodedata
from dataclasses import replace

from rapidfuzz.distance import Levenshtein

from ocr.pipeline.types import Text

DISPUTED = 0.7
"""The most that is given to a letter for which another reader saw another: its row is worth one more look."""
_SEEN = 0.5  # score from which what another reader saw counts


def agree(one: Text, other: Text) -> bool:
    """Whether both say the same, spaces, accents and small marks apart; N and Ñ are not the same."""
    return _letters(one)[0] == _letters(other)[0]


def settled(row: Text, other: Text) -> Text:
    """`row`, seconded; where both say the same, whichever was read more surely: spaces and marks may differ. An
    apostrophe stays: it is lost, but not made up."""
    if agree(row, other) and "'" not in row.text and min(other.scores, default=0.0) > min(row.scores, default=0.0):
        return seconded(other, row)
    return seconded(row, other)


def seconded(row: Text, other: Text) -> Text:
    """`row` with the scores that it has, now that `other` was read in the same place."""
    (mine, places), (theirs, their_places) = _letters(row), _letters(other)
    scores = list(row.scores)
    disputed: set[int] = set()
    for part in Levenshtein.opcodes(mine, theirs):
        seen = [other.scores[place] for place in their_places[part.dest_start : part.dest_end]]
        if part.tag == "equal":
            for place, there in zip(
                places[part.src_start : part.src_end], their_places[part.dest_start :], strict=False
            ):
                if row.text[place] == other.text[there]:  # else only one of them saw an accent
                    scores[place] = 1 - (1 - scores[place]) * (1 - other.scores[there])
        elif not seen or max(seen) >= _SEEN:
            # Where the other has a letter more, the doubt is about those on either side of it.
            first = part.src_start - (part.tag == "insert")
            disputed |= set(places[max(first, 0) : max(part.src_end, part.src_start + 1)])
    return replace(row, scores=tuple(min(s, DISPUTED) if i in disputed else s for i, s in enumerate(scores)))


def _letters(row: Text) -> tuple[str, list[int]]:
    """Letters and digits, accents dropped, and where each stands."""
    kept = [(plain, i) for i, letter in enumerate(row.text) if (plain := _plain(letter)).isalnum()]
    return "".join(letter for letter, _ in kept), [i for _, i in kept]


def _plain(letter: str) -> str:
    return letter if letter == "Ñ" else unicodedata.normalize("NFD", letter)[0]
