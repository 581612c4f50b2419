"""A line and its photo → where words end: the reader's weights, the picture's blanks, what addresses are like."""

import numpy as np
import pytest

from ocr.pipeline.spacing import spaced
from ocr.pipeline.spelling import ALPHABET, INDEX
from ocr.pipeline.types import Line, Photo
from tests.ocr.pipeline.cards import quad

BLANK = INDEX["\0"]
PITCH, BAR = 20, 14  # pixels from letter to letter, and of a letter's ink
SPACE = 14  # pixels added where the picture has a space


def photographed(print_: str, read: str, weight: float, place: int) -> tuple[Line, Photo]:
    """Bars for letters as `print_` has them; read as `read`, with this weight for a space before one character."""
    pixels = np.full((48, 24 + (PITCH + SPACE) * len(print_)), 230, np.uint8)
    middles, x = [], 12
    for character in print_:
        if character == " ":
            x += SPACE
            continue
        pixels[10:38, x : x + BAR] = 30
        middles.append(x + BAR // 2)
        x += PITCH
    pixels = pixels[:, : x + 12]
    lattice = np.full((pixels.shape[1] // 4, len(ALPHABET)), 1e-7, np.float32)
    lattice[:, BLANK] = 1.0
    steps: list[int] = []
    inked = iter(middles)
    for character in read:
        step = next(inked) // 4 if character != " " else steps[-1] + 2
        lattice[step, [BLANK, INDEX[character]]] = 0.01, 0.99
        steps.append(step)
    lattice[steps[place] - 1, [BLANK, INDEX[" "]]] = 1 - weight, weight
    box = quad(0, 0, pixels.shape[1], 48)
    line = Line(read, (0.99,) * len(read), box, "hand", lattice, tuple(steps))
    return line, Photo(pixels, 1.0, pixels.shape[1], 48)


def text_of(print_: str, read: str, weight: float, place: int) -> str:
    return "".join(character for character, _ in spaced(*photographed(print_, read, weight, place)))


@pytest.mark.parametrize("print_", ["COL LA JOYA", "COL LAJOYA"])
def test_where_the_reader_is_in_doubt_the_picture_decides(print_: str) -> None:
    assert text_of(print_, "COL LAJOYA", 0.05, 6) == print_


@pytest.mark.parametrize("weight", [0.0, 0.6])
def test_where_the_reader_is_in_no_doubt_it_is_believed(weight: float) -> None:
    print_, seen = ("COL LAJOYA", "COL LA JOYA") if weight else ("COL LA JOYA", "COL LAJOYA")
    assert text_of(print_, "COL LAJOYA", weight, 6) == seen


def test_a_hyphen_parts_no_words() -> None:
    assert text_of("1584-F", "1584-F", 0.4, 4) == text_of("1584-F", "1584-F", 0.4, 5) == "1584-F"


@pytest.mark.parametrize(("weight", "seen"), [(0.2, "LA JOYA"), (0.01, "LAJOYA")])
def test_where_no_space_was_read_to_go_by_the_weight_decides(weight: float, seen: str) -> None:
    assert text_of("LAJOYA", "LAJOYA", weight, 2) == seen


@pytest.mark.parametrize(
    ("read", "place", "seen"),
    [
        pytest.param("CHIDALGO 5", 1, "C HIDALGO 5", id="calle"),
        pytest.param("UHAB SUR", 1, "U HAB SUR", id="unidad_habitacional"),
        pytest.param("LT11", 2, "LT 11", id="a_number_behind_a_word"),
        pytest.param("FRACCLAS LOMAS", 5, "FRACC LAS LOMAS", id="fraccionamiento"),
        pytest.param("KM0 SUR", 2, "KM 0 SUR", id="a_nought_behind_a_word_that_a_number_follows"),
        pytest.param("RIO BALSAS5 MZA", 10, "RIO BALSAS 5 MZA", id="a_number_of_one_digit"),
        pytest.param("VALLE DORAD0 39579", 11, "VALLE DORAD0 39579", id="a_letter_read_as_a_digit"),
        pytest.param("AV SOL 1755", 9, "AV SOL 1755", id="a_number"),
        pytest.param("AV SOL 175B", 10, "AV SOL 175B", id="a_letter_behind_a_number"),
        pytest.param("LEEDS LS1 4AP", 8, "LEEDS LS1 4AP", id="a_british_postal_code"),
        pytest.param("C PIO XI1", 8, "C PIO XI1", id="a_numeral_whose_last_was_read_as_a_digit"),
        pytest.param("COL PRI1", 7, "COL PRI 1", id="a_word_that_is_no_numeral"),
        pytest.param("CASTILLO", 4, "CASTILLO", id="nothing_of_the_kind"),
    ],
)
def test_what_addresses_are_like_counts_where_there_is_a_slight_doubt(read: str, place: int, seen: str) -> None:
    assert text_of(seen, read, 0.02, place) == seen


def test_inside_a_numeral_there_is_no_space_however_wide_its_letters_stand() -> None:
    assert text_of("CARLOS II I", "CARLOS III", 0.3, 9) == "CARLOS III"


@pytest.mark.parametrize(("read", "seen"), [("TIJUANA,BC", "TIJUANA, BC"), ("CENTRO22000", "CENTRO 22000")])
def test_a_space_follows_a_comma_and_goes_before_a_postal_code(read: str, seen: str) -> None:
    assert text_of(seen, read, 0.0, 2) == seen


def test_a_reader_without_alternatives_is_believed() -> None:
    line = Line("COL LAJOYA", (0.9,) * 10, quad(0, 0, 200, 48), "hand")
    photo = photographed("COL LAJOYA", "COL LAJOYA", 0.0, 1)[1]
    assert "".join(character for character, _ in spaced(line, photo)) == "COL LAJOYA"


def test_the_scores_stay_with_their_characters() -> None:
    line, photo = photographed("TIJUANA,BC", "TIJUANA,BC", 0.0, 1)
    found = spaced(line, photo)
    assert [score for _, score in found] == [0.99] * 11
