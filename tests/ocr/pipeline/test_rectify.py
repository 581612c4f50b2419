"""Of the readings that a reader offers, the one that shows most of a document, and no more readings than that takes;
and which part of a photo is looked at again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from ocr.pipeline.both import Aside, when_asked
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.rectify import look_closer, rectify
from ocr.pipeline.types import Card, Line, Photo, Quad
from tests.ocr.pipeline.cards import card, grey, line, quad
from tests.ocr.pipeline.engines.fakes import Crashing, Empty

PHOTO = Photo(grey(), 1.0, 1000, 640)


class Turning:
    """Offers the picture in four directions."""

    name = "turning"

    def __init__(self) -> None:
        self.offered: list[int] = []

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
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


# --- a closer look ---------------------------------------------------------------------------------------------------


def turned(degrees: float, about: tuple[float, float] = (500, 320)) -> NDArray[np.float64]:
    """2×3: clockwise as seen, about a point."""
    return np.asarray(cv2.getRotationMatrix2D(about, -degrees, 1.0), np.float64)


def moved(box: Quad, matrix: NDArray[np.float64]) -> Quad:
    a, b, c, d = ((float(x), float(y)) for x, y in np.array(box) @ matrix[:, :2].T + matrix[:, 2])
    return (a, b, c, d)


UPRIGHT = np.eye(2, 3)
PRINT = [line("PRUEBA FICTICIA", 400, 240 + 40 * i, 20) for i in range(5)]
"""From (400, 240) to (550, 420)."""
MARK = quad(470, 320, 510, 340)
"""Something black among the print."""


def seen(*lines: Line, matrix: NDArray[np.float64] = UPRIGHT, turn: int = 0) -> Card:
    """Grey, with these lines and the mark, all turned."""
    pixels = grey().copy()
    cv2.fillPoly(pixels, [np.round(moved(MARK, matrix)).astype(np.int32)], (0, 0, 0))
    placed = (each if each.quad is None else replace(each, quad=moved(each.quad, matrix)) for each in lines)
    return replace(card(*placed, pixels=pixels), turn=turn)


class Marks:
    """Reads the black mark wherever it stands, level, and keeps the pictures that it was shown."""

    name = "marks"

    def __init__(self, turn: int = 0) -> None:
        self.shown: list[Photo] = []
        self.known: Sequence[Line] = ()
        self.turn = turn

    def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
        self.shown.append(photo)
        self.known = known
        down, across = np.nonzero(photo.pixels < 90)
        found: tuple[Line, ...] = ()
        if len(down):
            box = quad(across.min(), down.min(), across.max() + 1, down.max() + 1)
            found = (Line("MARK", (0.9,) * 4, box, self.name),)
        yield Card(photo, found, self.turn)


def enough(_: Card) -> float:
    return 1.0


def found_at(look: Card, matrix: NDArray[np.float64] = UPRIGHT) -> None:
    """The mark is where it stands in the whole photo."""
    (mark,) = look.lines
    assert mark.quad is not None
    assert np.array(mark.quad) == pytest.approx(np.array(moved(MARK, matrix)), abs=2.5)


def test_a_closer_look_sees_the_part_that_was_read_and_says_where_in_the_photo_it_stands() -> None:
    first, reader = seen(*PRINT), Marks()
    look = look_closer(first, reader, enough)
    assert look.photo is first.photo
    found_at(look)
    (part,) = reader.shown
    # 150×180 with a quarter of the width left of it, nearly half right of it, and so on; doubled.
    assert (part.width, part.height) == (round(150 * 1.7 * 2), round(180 * 1.32 * 2))
    assert part.pixels.shape == (part.height, part.width)
    assert part.scale == 1.0


def test_lines_that_are_known_stand_in_the_close_up_where_they_stand_in_the_photo() -> None:
    reader = Marks()
    look_closer(seen(*PRINT), reader, enough, [replace(PRINT[0], quad=MARK)])
    (told,) = reader.known
    down, across = np.nonzero(reader.shown[0].pixels < 90)
    assert told.quad is not None
    assert told.quad[0] == pytest.approx((across.min(), down.min()), abs=2.5)
    assert told.quad[2] == pytest.approx((across.max(), down.max()), abs=2.5)


SOUGHT = quad(470, 316, 520, 344)
"""About the mark."""


def test_a_look_at_a_place_sees_as_much_of_the_cards_width_and_little_above_and_below_it() -> None:
    whole, part = Marks(), Marks()
    look_closer(seen(*PRINT), whole, enough)
    look = look_closer(seen(*PRINT), part, enough, places=[SOUGHT])
    assert part.shown[0].width == whole.shown[0].width
    assert part.shown[0].height == round(2 * (28 + 2 * 1.25 * 20))  # a line and a quarter more on either side
    mark, *others = sorted(look.lines, key=lambda line: line.text)
    assert mark.quad is not None
    assert np.array(mark.quad) == pytest.approx(np.array(MARK), abs=2.5)
    assert [each.quad for each in others] == [each.quad for each in (*PRINT[:2], *PRINT[3:])]


@pytest.mark.parametrize("degrees", [-30, 12, 90, 180])
def test_so_it_does_on_a_tilted_card(degrees: float) -> None:
    matrix, reader = turned(degrees), Marks()
    look = look_closer(seen(*PRINT, matrix=matrix), reader, enough, places=[moved(SOUGHT, matrix)])
    assert reader.shown[0].height == pytest.approx(156, abs=1)
    (mark,) = (each.quad for each in look.lines if each.text == "MARK")
    assert mark is not None
    assert np.array(mark) == pytest.approx(np.array(moved(MARK, matrix)), abs=2.5)


def test_lines_beside_a_place_stay_as_they_were_and_are_known() -> None:
    beside, reader = line("PRUEBA", 700, 320, 20), Marks()
    look = look_closer(seen(*PRINT, beside), reader, enough, places=[SOUGHT])
    assert beside.quad in [each.quad for each in look.lines]
    assert {each.text for each in reader.known} == {"PRUEBA", "PRUEBA FICTICIA"}


def test_what_a_look_at_a_place_sees_beyond_it_is_not_taken() -> None:
    look = look_closer(seen(*PRINT), Marks(), enough, places=[quad(400, 360, 550, 380)])
    assert "MARK" not in {each.text for each in look.lines}


def test_where_a_place_is_most_of_the_card_the_whole_is_looked_at() -> None:
    whole, part = Marks(), Marks()
    look_closer(seen(*PRINT), whole, enough)
    look_closer(seen(*PRINT), part, enough, places=[quad(400, 240, 550, 420)])
    assert part.shown[0].pixels.shape == whole.shown[0].pixels.shape


def test_evidence_for_the_direction_is_what_was_read_before_too() -> None:
    """Else a look at a few lines would be taken in every direction."""
    reader = Marks()
    asked: list[set[str]] = []

    def evidence(offered: Card) -> float:
        asked.append({each.text for each in offered.lines})
        return 1.0

    look_closer(seen(*PRINT), reader, evidence, places=[SOUGHT])
    assert asked == [{"MARK", "PRUEBA FICTICIA"}]


@pytest.mark.parametrize("degrees", [-30, 12, 90, 180])
def test_a_tilted_card_is_set_upright_first(degrees: float) -> None:
    matrix, reader = turned(degrees), Marks()
    found_at(look_closer(seen(*PRINT, matrix=matrix), reader, enough), matrix)
    (part,) = reader.shown
    dark = np.nonzero(part.pixels < 90)
    assert (np.ptp(dark[1]), np.ptp(dark[0])) == pytest.approx((80, 40), abs=4)


def test_the_direction_is_that_of_both_looks_together() -> None:
    assert look_closer(seen(*PRINT, turn=90), Marks(turn=180), enough).turn == 270
    assert look_closer(seen(*PRINT, turn=270), Marks(turn=180), enough).turn == 90


def test_large_print_is_not_enlarged() -> None:
    reader = Marks()
    large = [line("PRUEBA", 300, 100 + 90 * i, 80) for i in range(5)]
    look_closer(seen(*large), reader, enough)
    assert reader.shown[0].height == round(440 * 1.32 / 2)
    found_at(look_closer(seen(*large), Marks(), enough))


def test_small_print_is_not_enlarged_more_than_twice() -> None:
    reader = Marks()
    look_closer(seen(*[line("PRUEBA FICTICIA", 400, 240 + 40 * i, 10) for i in range(5)]), reader, enough)
    assert reader.shown[0].height == round(170 * 1.32 * 2)


def test_a_close_up_is_never_larger_than_readers_use() -> None:
    pixels = np.full((2000, 3000), 180, np.uint8)
    wide = [line("PRUEBA " * 30, 50, 200 + 300 * i, 26) for i in range(5)]
    reader = Marks()
    look_closer(card(*wide, pixels=pixels), reader, enough)
    assert reader.shown[0].width == pytest.approx(2000, abs=1)


def test_lines_without_a_place_keep_none() -> None:
    class Placeless(Marks):
        def cards(self, photo: Photo, known: Sequence[Line] = (), aside: Aside = when_asked) -> Iterator[Card]:
            yield Card(photo, (Line("ABC", (0.8,) * 3, None, self.name),), 0)

    (only,) = look_closer(seen(*PRINT), Placeless(), enough).lines
    assert (only.text, only.quad) == ("ABC", None)


BADLY = [
    pytest.param(line("MARCAS DEL FONDO", 20, 600, 20, score=0.5), id="read_badly"),
    pytest.param(line("IL1", 20, 600, 20), id="short"),
    pytest.param(line("FONDO", 20, 560, 60), id="far_higher"),
    pytest.param(line("MICROTEXTO", 20, 600, 7), id="far_lower"),
    pytest.param(replace(line("SIN LUGAR"), quad=None), id="without_a_place"),
]


@pytest.mark.parametrize("mark", BADLY)
def test_marks_of_the_background_are_left_out(mark: Line) -> None:
    clean, other = Marks(), Marks()
    look_closer(seen(*PRINT), clean, enough)
    look_closer(seen(*PRINT, mark), other, enough)
    assert [(one.width, one.height) for one in other.shown] == [(one.width, one.height) for one in clean.shown]


@pytest.mark.parametrize("mark", BADLY)
def test_the_whole_photo_is_looked_at_where_too_little_was_read_well(mark: Line) -> None:
    first, reader = seen(*PRINT[:2], mark), Marks()
    look = look_closer(first, reader, enough)
    assert reader.shown == [first.photo]
    found_at(look)


def test_the_whole_photo_is_looked_at_where_nothing_was_read() -> None:
    first, reader = seen(), Marks()
    found_at(look_closer(first, reader, enough))
    assert reader.shown == [first.photo]


def test_a_close_up_that_shows_nothing_gives_the_photo_without_lines() -> None:
    first = seen(*PRINT)
    look = look_closer(first, Empty(), enough)
    assert (look.photo, look.lines) == (first.photo, ())


def test_a_reader_that_is_down_says_so_of_a_close_up_too() -> None:
    with pytest.raises(ReaderDown):
        look_closer(seen(*PRINT), Crashing(), enough)


def test_of_the_directions_of_a_close_up_the_one_with_most_evidence_is_taken() -> None:
    reader = Turning()
    look = look_closer(seen(*PRINT), reader, lambda offered: float(offered.turn == 90))
    assert (look.turn, reader.offered) == (90, [0, 180, 90])
