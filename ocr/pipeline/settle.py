"""Settles one text by what its witnesses accept: a table of alternatives goes in, the text and who vouches for each
place come out.

A reader's second choice is preferred only when the witnesses demand it and the reader itself gave it weight; without
such a choice the text stays as read and counts as not agreed. Nothing is ever put in that the reader did not see.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ocr.pipeline.spelling import candidates, probabilities
from ocr.pipeline.types import Text


class Voucher(IntEnum):
    """Who speaks for a place of a text besides its own reader."""

    NOBODY = 0
    CHECK_DIGIT = 1
    """One in ten wrong texts passes: it confirms what was read, it does not correct it alone."""
    OTHER_PRINT = 2
    """The same character was read elsewhere on the card."""


Accepts = Callable[[str], bool]
Vouches = Callable[[str], Sequence[Voucher]]

_LEAST_RATIO = 0.01  # a choice with less of the first's weight is the witnesses' wish, not a reading
_LEAST_BY_DIGIT = 0.08  # the same where nothing but a check digit wishes it: more than a twin's hint (`spelling`)
_CLEAR_RATIO = 0.05  # of a rival that the witnesses would accept, too: above it, they do not decide
SURE_ALONE = 0.97
"""Score from which a place counts as sure that was read once and has no witness."""
# Score from which a place counts as sure: [who vouches][read once, agreed by two readings]. Two that agree, multiplied,
# are soon too sure: of 1085 keys' ends, for which nobody vouches, all but four had 0.995, and one with 0.982 was wrong.
_SURE = {
    Voucher.NOBODY: (SURE_ALONE, 0.99),
    Voucher.CHECK_DIGIT: (0.80, 0.50),
    Voucher.OTHER_PRINT: (0.0, 0.0),
}
_GLANCING = {"glance"}
"""Readers that nobody believes on their word alone, nor where it may be theirs alone, however sure they are: an elector
key's last digit was read 9 for 0 with 0.988."""
_SEEN_WELL = 0.5  # fit below which a place cannot be sure by its own scores
_SEEN = 0.1  # fit below which a place was not seen at all, whoever vouches for it


@dataclass(frozen=True, slots=True)
class Settled:
    """`text` after the witnesses were heard; `agreed`: they accept it. `sure`: per place, whether it is confirmed;
    `scores`: per place, the reader's own probability of the character that was settled on."""

    text: str
    agreed: bool
    sure: tuple[bool, ...]
    scores: tuple[float, ...]
    source: Text

    @property
    def confirmed(self) -> bool:
        """The witnesses accept it, and every place is sure."""
        return self.agreed and all(self.sure)


def settle(text: Text, accepts: Accepts, vouches: Vouches) -> Settled:
    """The likeliest spelling of `text` (which must have a table) that the witnesses accept, else `text` as read."""
    assert text.table is not None
    accepted = [
        (spelled, ratio)
        for spelled, ratio in candidates(text.table, least=_LEAST_RATIO * _CLEAR_RATIO)
        if accepts(spelled)
    ]
    heavy = [(spelled, ratio) for spelled, ratio in accepted if ratio >= _needed(text.text, spelled, vouches(spelled))]
    if not heavy:
        return _judged(text, text.text, False, [Voucher.NOBODY] * len(text.text))
    best, ratio = heavy[0]
    vouchers = list(vouches(best))
    for rival, other in accepted:
        if other <= _CLEAR_RATIO * ratio:
            break
        theirs = vouches(rival)
        for place in _differences(best, rival):
            if theirs[place] >= vouchers[place]:  # else a witness speaks for one and not for the other
                vouchers[place] = Voucher.NOBODY
    return _judged(text, best, True, vouchers)


def _needed(read: str, spelled: str, vouchers: Sequence[Voucher]) -> float:
    """The weight that a correction must have had: a check digit alone asks for a reader's own second choice."""
    changed = _differences(read, spelled)
    told = all(vouchers[place] is Voucher.OTHER_PRINT for place in changed)
    return _LEAST_RATIO if told else _LEAST_BY_DIGIT


def _differences(one: str, other: str) -> list[int]:
    return [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]


def _judged(text: Text, spelled: str, agreed: bool, vouchers: Sequence[Voucher]) -> Settled:
    assert text.table is not None
    sure = tuple(_is_sure(text, spelled, place, voucher) for place, voucher in enumerate(vouchers))
    scores = tuple(float(score) for score in probabilities(text, spelled))
    return Settled(spelled, agreed, sure, scores, text)


def _is_sure(text: Text, spelled: str, place: int, voucher: Voucher) -> bool:
    if text.fits[place] < _SEEN or text.votes(place) == 0:  # no reading said it
        return False
    if text.text[place] != spelled[place]:
        return voucher is Voucher.OTHER_PRINT
    together = text.votes(place) > 1
    if voucher is Voucher.NOBODY and (text.contested or text.fits[place] < _SEEN_WELL or text.is_outvoted(place)):
        return False
    if voucher is Voucher.NOBODY and not together and not _GLANCING.isdisjoint(text.reader.split("+")):
        return False
    return text.scores[place] >= _SURE[voucher][together]
