"""Which rows are read again, and in what order they come back."""

from collections.abc import Sequence

import pytest

from ocr.pipeline.both import Both, in_turn, side_by_side
from ocr.pipeline.documents.ine import INE
from ocr.pipeline.rereading import Rereader
from ocr.pipeline.types import Line, Photo, Quad
from tests.ocr.pipeline.cards import card, line, quad, spaced


class Heights:
    """Reads every row as how high it stands, and how many letters were read there before."""

    name = "heights"

    def read(self, photo: Photo, quads: Sequence[Quad], letters: Sequence[int] = ()) -> tuple[Line, ...]:
        said = [f"{each[0][1]:.0f}/{count}" for each, count in zip(quads, letters, strict=True)]
        return tuple(line(text, 0, each[0][1]) for text, each in zip(said, quads, strict=True))


@pytest.mark.parametrize(
    ("row", "read_again"),
    [
        ("OFARRILL", True),
        ("DARGENCE", True),
        ("DLUNA CACERES", True),
        ("ORTEGA", False),
        ("DANIEL DE LA O", False),
        ("GARCIA", False),
    ],
)
def test_a_name_that_may_lack_its_apostrophe_is_read_again(row: str, *, read_again: bool) -> None:
    """The MRZ has the words, and tells nothing of an apostrophe."""
    assert Rereader(Heights(), frozenset(row.split())).is_needed([line(row)], INE) is read_again


@pytest.mark.parametrize(("row", "read_again"), [("JOSE MA", True), ("J JESUS", True), ("MA. ELENA", False)])
def test_a_name_that_may_lack_its_full_stop_is_read_again(row: str, *, read_again: bool) -> None:
    said = frozenset(row.replace(".", "").split())
    assert Rereader(Heights(), said).is_needed([line(row)], INE) is read_again


@pytest.mark.parametrize(
    ("row", "read_again"), [("PATINO", True), ("MARIA DE LA PENA", True), ("PATIÑO", False), ("PATRICIO", False)]
)
def test_a_name_whose_n_hardly_ever_is_one_is_read_again(row: str, *, read_again: bool) -> None:
    said = frozenset(row.replace("Ñ", "N").split())
    assert Rereader(Heights(), said).is_needed([line(row, score=0.999)], INE) is read_again


@pytest.mark.parametrize(("weight", "read_again"), [(0.03, True), (0.01, False)])
def test_a_name_that_may_lack_an_accent_is_read_again(weight: float, *, read_again: bool) -> None:
    """The MRZ has the word, and prints none."""
    seen = spaced("MARIA", (1, 3, 5, 7, 9), {7: {"Í": weight}})
    assert Rereader(Heights(), frozenset({"MARIA"})).is_needed([seen], INE) is read_again


@pytest.mark.parametrize(("score", "read_again"), [(0.8, True), (0.95, False)])
def test_so_is_one_with_an_accent_that_the_reader_is_not_sure_of(score: float, *, read_again: bool) -> None:
    seen = line("MARÍA", score=score)
    assert Rereader(Heights(), frozenset({"MARIA"})).is_needed([seen], INE) is read_again


@pytest.mark.parametrize("both", [side_by_side, in_turn])
@pytest.mark.parametrize("count", range(5))
def test_rows_that_are_shared_are_put_together_in_their_order(both: Both, count: int) -> None:
    rows = [quad(0, 10 * i, 100, 10 * i + 8) for i in range(count)]
    with both() as aside:
        found = Rereader(Heights(), aside=aside).read(card().photo, rows, range(20, 20 + count))
    assert [each.text for each in found] == [f"{10 * i}/{20 + i}" for i in range(count)]
