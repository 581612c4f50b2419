"""What a day takes: told from what was measured, and the page says what the program printed."""

import re
from pathlib import Path

import pytest

from benchmarks.capacity import HOURS, Point, _enough
from benchmarks.measuring.timing import Spread

DOCS = Path(__file__).parents[2] / "docs"


def test_a_day_has_its_hours_and_all_its_cards() -> None:
    assert len(HOURS) == 24
    assert sum(HOURS) == pytest.approx(100)


def test_more_documents_take_more_readers() -> None:
    few, many = (_enough([0.1, 0.1, 0.2], rate) for rate in (5, 50))
    assert few * 0.5 > 5 * 0.133 / 2
    assert many > 50 * 0.133 > few


def test_how_far_apart_is_told_whichever_way_round() -> None:
    one, other = Spread(100, 200, 0, 9), Spread(80, 300, 0, 9)
    assert Point(0.8, 1, one, other).apart == Point(0.8, 1, other, one).apart == 1.5


def test_the_page_says_what_the_program_printed() -> None:
    page = (DOCS / "capacity.md").read_text(encoding="utf-8")
    linked = re.findall(r"\]\((\.\./benchmarks/[^)]+\.md)\)", page)
    results = [(DOCS / name).read_text(encoding="utf-8") for name in linked]
    quoted = re.findall(r"^\|.*\d.*\|$", page, re.MULTILINE)
    printed = {line for result in results for line in result.splitlines()}
    assert len(quoted) > 20
    assert [line for line in quoted if line not in printed] == []
