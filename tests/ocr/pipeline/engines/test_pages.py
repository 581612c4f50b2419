"""Which lines of a page are read: each once, and those not at all that are known."""

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.pipeline.engines.pages import cards_of
from ocr.pipeline.engines.strips import Strip
from ocr.pipeline.types import Line, Photo, Quad
from tests.ocr.pipeline.cards import card, line, quad

PHOTO = card().photo
PLACES = [quad(100, 100 + 40 * i, 300, 120 + 40 * i) for i in range(6)]
STRIPS = [Strip(place, 1.0) for place in PLACES]


class Counting:
    """Says of every line how high it stands, as surely as `score`, and remembers where it was asked to read."""

    name = "counting"

    def __init__(self, score: float = 0.9) -> None:
        self.asked: list[Quad] = []
        self.score = score

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        self.asked += quads
        return tuple(Line(f"AT {place[0][1]:.0f}", (self.score,) * 6, place, self.name) for place in quads)


def known(place: Quad) -> Line:
    return Line("KNOWN", (0.9,) * 5, place, "other")


def texts(*lines: Line) -> tuple[list[str], int]:
    """What the first offer says, top to bottom, and how many lines were read for it."""
    reader = Counting()
    offer = next(cards_of(PHOTO, STRIPS, reader, lines))
    return [each.text for each in sorted(offer.lines, key=lambda each: each.quad[0][1] if each.quad else 0)], len(
        reader.asked
    )


def test_without_known_lines_all_are_read_and_some_both_ways_up() -> None:
    assert texts() == ([f"AT {100 + 40 * i}" for i in range(6)], 10)


def test_what_is_surely_upright_is_not_read_upside_down_unless_that_leads_nowhere() -> None:
    reader = Counting(score=0.98)
    offers = cards_of(PHOTO, STRIPS, reader)
    assert len(next(offers).lines) == len(reader.asked) == 6
    (other,) = offers
    assert (other.turn, len(other.lines), len(reader.asked)) == (180, 6, 12)


def test_a_known_line_is_not_read_again() -> None:
    assert texts(known(PLACES[0]), known(quad(104, 141, 290, 161))) == (
        ["KNOWN", "KNOWN", "AT 180", "AT 220", "AT 260", "AT 300"],
        4,
    )


def test_where_a_strip_shows_more_than_a_known_line_it_is_read_instead() -> None:
    assert texts(known(quad(110, 100, 200, 120))) == ([f"AT {100 + 40 * i}" for i in range(6)], 6)


def test_a_known_line_that_no_strip_shows_stays() -> None:
    told, asked = texts(known(quad(100, 500, 300, 520)))
    assert (told[-1], asked) == ("KNOWN", 6)


def test_where_known_lines_lead_nowhere_the_whole_is_read_as_ever() -> None:
    reader = Counting()
    first, *others = cards_of(PHOTO, STRIPS, reader, [known(PLACES[0])])
    assert len(first.lines) == 6
    assert [len(offer.lines) for offer in others] == [6, 6]
    assert "KNOWN" not in {each.text for offer in others for each in offer.lines}


def test_what_lies_askew_to_most_is_offered_alone_last() -> None:
    """A card on a printed page."""
    reader = Counting()
    *of_page, one, other = cards_of(PHOTO, [*STRIPS, *leaning(3)], reader)
    assert [len(offer.lines) for offer in of_page] == [9, 9]
    assert [(len(offer.lines), offer.turn) for offer in (one, other)] == [(3, 270), (3, 90)]
    ends = [np.subtract(each.quad[1], each.quad[0]).tolist() for each in one.lines if each.quad]
    assert ends == [pytest.approx((50, 200))] * 3


@pytest.mark.parametrize("count", [1, 2])
def test_a_few_are_marks(count: int) -> None:
    assert len(list(cards_of(PHOTO, [*STRIPS, *leaning(count)], Counting()))) == 2


def leaning(count: int) -> list[Strip]:
    """Lines side by side that run steeply down."""
    down, across = np.array((50, 200)), np.array((-20, 5))
    corners = [np.array((500 + 60 * i, 100)) for i in range(count)]
    return [Strip(_quad(at, at + down, at + down + across, at + across), 1.0) for at in corners]


def _quad(*corners: NDArray[np.int64]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in corners)
    return a, b, c, d


def test_nothing_is_offered_of_nothing() -> None:
    assert list(cards_of(PHOTO, [], Counting(), [line("A")])) == []
