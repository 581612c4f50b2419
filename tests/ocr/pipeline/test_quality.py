"""Each fault is found where it is, not where it is not, and comes with something to do about it."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from ocr.pipeline.quality import find_faults
from ocr.pipeline.types import Card, Finding, Line, Pixels
from tests.ocr.pipeline.cards import card, grey, line, quad

FAULTS = {"resolution", "blur", "glare", "dark", "cut_off"}


def printed(*, size: float = 1.0, at: tuple[int, int] = (60, 60)) -> tuple[Pixels, tuple[Line, ...]]:
    """Sharp black print on light grey, and its lines."""
    pixels = grey(value=190).copy()
    lines = []
    for row in range(6):
        left, top = at[0], at[1] + round(70 * row * size)
        cv2.putText(
            pixels, "CREDENCIAL 0747", (left, top + round(28 * size)), cv2.FONT_HERSHEY_SIMPLEX, size, (20,) * 3, 2
        )
        lines.append(replace(line("CREDENCIAL 0747"), quad=quad(left, top, left + 300 * size, top + 32 * size)))
    return pixels, tuple(lines)


def shown(pixels: Pixels, lines: tuple[Line, ...]) -> Card:
    return card(*lines, pixels=pixels)


def faults(found: Card) -> dict[str, Finding]:
    return {finding.name: finding for finding in find_faults(found)}


def test_a_good_picture_has_no_fault() -> None:
    assert find_faults(shown(*printed())) == ()


def test_small_print() -> None:
    pixels, lines = printed(size=0.3)
    assert "resolution" in faults(shown(pixels, lines))


def test_print_that_is_large_enough() -> None:
    assert "resolution" not in faults(shown(*printed(size=0.7)))


def test_no_print_at_all_is_too_small() -> None:
    assert faults(card())["resolution"].severity == 1


def test_lines_without_a_place_tell_nothing_of_size() -> None:
    found = faults(card(replace(line("IDMEX"), quad=None)))
    assert "resolution" not in found
    assert "blur" not in found


def test_blur() -> None:
    pixels, lines = printed()
    blurred = cv2.GaussianBlur(pixels, (0, 0), 6)
    assert "blur" in faults(shown(blurred, lines))


def test_glare() -> None:
    pixels, lines = printed()
    cv2.circle(pixels, (700, 450), 150, (255, 255, 255), -1)
    assert "glare" in faults(shown(pixels, lines))


def test_specks_of_white_are_no_glare() -> None:
    pixels, lines = printed()
    pixels[::20, ::20] = 255
    pixels[500:510, :] = 255
    assert "glare" not in faults(shown(pixels, lines))


def test_a_scan_on_white_is_no_glare() -> None:
    pixels = np.full((640, 1000), 255, np.uint8)
    assert "glare" not in faults(shown(pixels, printed()[1]))


def test_darkness() -> None:
    pixels, lines = printed()
    assert "dark" in faults(shown((pixels * 0.3).astype(np.uint8), lines))


def test_lines_that_run_into_the_edge() -> None:
    pixels, lines = printed(at=(0, 60))
    assert faults(shown(pixels, lines))["cut_off"].severity == 1


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom"])
def test_every_edge_counts(edge: str) -> None:
    places = {
        "left": quad(0, 100, 200, 120),
        "top": quad(100, 0, 300, 20),
        "right": quad(800, 100, 1000, 120),
        "bottom": quad(100, 620, 300, 640),
    }
    pixels, lines = printed()
    cut = (replace(line("CORTADA"), quad=places[edge]),) * 2
    assert faults(shown(pixels, (*lines, *cut)))["cut_off"].severity == pytest.approx(0.67)


def test_one_line_at_the_edge_is_not_worth_saying() -> None:
    pixels, lines = printed()
    assert "cut_off" not in faults(shown(pixels, (*lines, replace(line("CORTADA"), quad=quad(0, 100, 200, 120)))))


def test_specks_at_the_edge_are_no_lines() -> None:
    pixels, lines = printed()
    specks = (replace(line("I"), quad=quad(0, 100, 5, 120)),) * 5
    assert "cut_off" not in faults(shown(pixels, (*lines, *specks)))


def test_the_worst_comes_first() -> None:
    pixels, lines = printed(at=(0, 60))
    found = find_faults(shown((cv2.GaussianBlur(pixels, (0, 0), 3) * 0.3).astype(np.uint8), lines))
    severities = [finding.severity for finding in found]
    assert len(found) >= 2
    assert severities == sorted(severities, reverse=True)


def test_severity_is_never_more_than_one() -> None:
    found = find_faults(shown(np.zeros((640, 1000), np.uint8), printed(at=(0, 60))[1]))
    assert {finding.name for finding in found} <= FAULTS
    assert all(0.5 <= finding.severity <= 1 for finding in found)


def test_every_fault_says_what_to_do_in_both_languages() -> None:
    found = {
        **faults(shown(*printed(size=0.3, at=(0, 60)))),
        **faults(shown(cv2.GaussianBlur(printed()[0], (0, 0), 6), printed()[1])),
        **faults(shown(np.zeros((640, 1000), np.uint8), printed()[1])),
    }
    assert set(found) >= FAULTS - {"glare"}
    for finding in found.values():
        assert finding.advice_es.endswith(".")
        assert finding.advice_en.endswith(".")
        assert finding.advice_es != finding.advice_en
