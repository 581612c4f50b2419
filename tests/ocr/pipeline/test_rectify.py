"""Of the readings that a reader offers, the one that shows most of a document, and no more readings than that takes."""

from collections.abc import Iterator, Mapping

import pytest

from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.rectify import rectify
from ocr.pipeline.types import Card, Photo
from tests.ocr.pipeline.cards import card, grey
from tests.ocr.pipeline.engines.fakes import Crashing, Empty

PHOTO = Photo(grey(), 1.0, 1000, 640)


class Turning:
    """Offers the picture in four directions."""

    name = "turning"

    def __init__(self) -> None:
        self.offered: list[int] = []

    def cards(self, photo: Photo) -> Iterator[Card]:
        for turn in (0, 180, 90, 270):
            self.offered.append(turn)
            yield Card(photo, (), turn)


def chosen(evidence: Mapping[int, float]) -> tuple[int, list[int]]:
    """The direction chosen, and those that were read for it."""
    reader = Turning()
    found = rectify(PHOTO, reader, lambda offered: evidence[offered.turn])
    return found.turn, reader.offered


def test_enough_evidence_ends_the_search() -> None:
    assert chosen({0: 1}) == (0, [0])
    assert chosen({0: 0.9, 180: 1.5}) == (180, [0, 180])


def test_without_enough_the_best_of_all_is_taken() -> None:
    assert chosen({0: 0.1, 180: 0.2, 90: 0.7, 270: 0.3}) == (90, [0, 180, 90, 270])


def test_of_equals_the_readers_own_order_decides() -> None:
    assert chosen({0: 0, 180: 0, 90: 0, 270: 0})[0] == 0
    assert chosen({0: 0.2, 180: 0.5, 90: 0.5, 270: 0.2})[0] == 180


def test_a_reader_that_sees_nothing_gives_a_card_without_lines() -> None:
    found = rectify(PHOTO, Empty(), lambda _: 1.0)
    assert (found.photo, found.lines, found.turn) == (PHOTO, (), 0)


def test_a_reader_that_is_down_says_so() -> None:
    with pytest.raises(ReaderDown):
        rectify(PHOTO, Crashing(), lambda _: 1.0)


def test_the_evidence_is_asked_of_each_offer_once() -> None:
    asked = []

    def evidence(offered: Card) -> float:
        asked.append(offered.turn)
        return 0.0

    rectify(card().photo, Turning(), evidence)
    assert asked == [0, 180, 90, 270]
