"""`Photo` → `Card`: finds the lines of a side and settles which way up it is, by what can be read, not by one guess."""

from collections.abc import Callable

from ocr.pipeline.engines import PageReader
from ocr.pipeline.types import Card, Photo

Evidence = Callable[[Card], float]
"""How much of what the document prints was found on a card: 0 nothing, 1 or more enough to be sure of the direction."""


def rectify(photo: Photo, reader: PageReader, evidence: Evidence) -> Card:
    """The reading of `photo` that the evidence supports best; later offers are asked for only if needed."""
    best, most = None, -1.0
    for card in reader.cards(photo):
        found = evidence(card)
        if found > most:
            best, most = card, found
        if found >= 1:
            break
    return best if best is not None else Card(photo, (), 0)
