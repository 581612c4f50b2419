"""PP-OCR on a drawn front: what it reads, and that cutting its alphabet changes nothing of what it reads."""

import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
import pytest

from ocr.pipeline.engines import BACK, FRONT, load_readers
from ocr.pipeline.engines.crop import LINE_HEIGHT, STEP, crop
from ocr.pipeline.engines.cut import cut_recogniser, model_file
from ocr.pipeline.engines.ppocr import PpOcr, recogniser
from ocr.pipeline.engines.recogniser import greedy
from ocr.pipeline.spelling import ALPHABET, INDEX
from ocr.pipeline.types import Card, Lattice, Photo
from tests.ocr.pipeline.cards import grey, quad

NOTHING = Photo(grey(), 1.0, 1000, 640)
DICTIONARIES = {"tiny": "ppocrv6_tiny_dict.txt", "small": "ppocrv6_dict.txt"}
PRINTED = {
    "INSTITUTO NACIONAL ELECTORAL", "QUIÑONES", "PEÑA", "VERÓNICA", "RTNO PALMA 359 INT D", "MANZANILLO, COL",
    "QUPV860720MDFXXR07", "20/07/1986", "2652",
}  # fmt: skip


@pytest.fixture(scope="session")
def read_front(ppocr: PpOcr, scan_front: Photo) -> Card:
    return next(ppocr.cards(scan_front))


# --- pages -----------------------------------------------------------------------------------------------------------


def test_it_reads_a_scan(read_front: Card) -> None:
    assert {line.text for line in read_front.lines} >= PRINTED
    assert read_front.turn == 0


def test_every_alternative_is_kept(read_front: Card) -> None:
    for line in read_front.lines:
        assert line.lattice is not None
        assert line.lattice.shape[1] == len(ALPHABET)
        assert line.lattice.sum(axis=1) == pytest.approx(1, abs=1e-3)
        assert len(line.steps) == len(line.scores) == len(line.text)
        assert "".join(ALPHABET[line.lattice[step].argmax()] for step in line.steps) == line.text


@pytest.mark.parametrize(
    ("rotation", "turn"),
    [(cv2.ROTATE_180, 180), (cv2.ROTATE_90_COUNTERCLOCKWISE, 90), (cv2.ROTATE_90_CLOCKWISE, 270)],
)
def test_it_reads_whichever_way_up(ppocr: PpOcr, scan_front: Photo, rotation: int, turn: int) -> None:
    turned = replace(scan_front, pixels=cv2.rotate(scan_front.pixels, rotation))
    card = next(ppocr.cards(turned))
    assert card.turn == turn
    assert {"VERÓNICA", "20/07/1986", "2652"} <= {line.text for line in card.lines}
    assert any(line.text.startswith("QUPV860720MDFXXR07") for line in card.lines)


def test_the_second_look_reads_it_too(ppocr: PpOcr, scan_front: Photo) -> None:
    """But for the paternal surname, to which it joins the hologram beside: names are chosen by the MRZ, not here."""
    lines = {line.text for line in next(ppocr.closer().cards(scan_front)).lines}
    assert {"PEÑA", "VERÓNICA", "20/07/1986", "2652"} <= lines


def test_the_second_look_is_one_reader_that_reads_with_the_stronger_recogniser(ppocr: PpOcr, scan_front: Photo) -> None:
    closer = ppocr.closer()
    assert closer.name == "ppocr-closer"
    assert {line.reader for line in next(closer.cards(scan_front)).lines} == {"ppocr-small"}


def mrz_lines(card: Card) -> int:
    return sum(29 <= len(line.text) <= 31 and "<" in line.text for line in card.lines)


@pytest.fixture(scope="session")
def among_print(scan_front: Photo, scan_back: Photo) -> Photo:
    """The back with much other print beside it in the picture."""
    height, width = scan_back.pixels.shape[:2]
    beside = cv2.resize(scan_front.pixels, (width, height), interpolation=cv2.INTER_AREA)
    return Photo(np.vstack([beside, scan_back.pixels]), 1.0, width, 2 * height)


@pytest.mark.parametrize(("rotation", "turn"), [(None, 0), (cv2.ROTATE_180, 180), (cv2.ROTATE_90_CLOCKWISE, 270)])
def test_of_a_side_that_should_show_an_mrz_that_alone_is_offered_first(
    ppocr: PpOcr, among_print: Photo, rotation: int | None, turn: int
) -> None:
    photo = among_print if rotation is None else replace(among_print, pixels=cv2.rotate(among_print.pixels, rotation))
    first, whole, *_ = ppocr.for_mrz().cards(photo)
    assert (first.turn, mrz_lines(first), len(first.lines) <= 4) == (turn, 3, True)
    assert (whole.turn, mrz_lines(whole), len(whole.lines) > 20) == (turn, 3, True)


def test_without_one_all_is_offered_at_once(ppocr: PpOcr, scan_front: Photo, read_front: Card) -> None:
    first = next(ppocr.for_mrz().cards(scan_front))
    assert [line.text for line in first.lines] == [line.text for line in read_front.lines]


def test_an_mrz_of_which_a_line_is_missing_is_not_offered_alone(ppocr: PpOcr, scan_back: Photo) -> None:
    bottom = max(line.quad[3][1] for line in next(ppocr.for_mrz().cards(scan_back)).lines if line.quad)
    cut = scan_back.pixels[: int(bottom - 0.06 * scan_back.height)]
    photo = replace(scan_back, pixels=cut, height=cut.shape[0])
    first, whole = next(ppocr.for_mrz().cards(photo)), next(ppocr.cards(photo))
    assert mrz_lines(first) < 3
    assert [line.text for line in first.lines] == [line.text for line in whole.lines]


def test_nothing_is_offered_of_a_picture_without_print(ppocr: PpOcr) -> None:
    assert list(ppocr.cards(NOTHING)) == []


# --- lines -----------------------------------------------------------------------------------------------------------


def test_a_line_whose_place_is_known(ppocr: PpOcr, scan_front: Photo) -> None:
    place = quad(525, 683, 895, 725)
    (line,) = ppocr.recogniser.read(scan_front, [place])
    assert (line.text, line.quad, line.reader) == ("QUPV860720MDFXXR07", place, "ppocr-tiny")


def test_lines_come_in_the_order_asked_for(ppocr: PpOcr, scan_front: Photo, read_front: Card) -> None:
    quads = [line.quad for line in read_front.lines if line.quad is not None]
    forth, back = (
        [line.text.replace(" ", "") for line in ppocr.recogniser.read(scan_front, order)]
        for order in (quads, quads[::-1])
    )
    assert forth == [line.text.replace(" ", "") for line in read_front.lines]
    assert back == forth[::-1]


def test_a_place_that_shows_nothing_gives_an_empty_text(ppocr: PpOcr) -> None:
    (line,) = ppocr.recogniser.read(NOTHING, [quad(10, 10, 200, 40)])
    assert (line.text, line.scores) == ("", ())


def test_no_place_gives_no_line(ppocr: PpOcr) -> None:
    assert ppocr.recogniser.read(NOTHING, []) == ()


# --- the cut alphabet ------------------------------------------------------------------------------------------------


def uncut(size: str, photo: Photo, card: Card) -> list[str]:
    """What the model as it was published reads, its classes outside the alphabet left out of account."""
    dictionary = model_file(DICTIONARIES[size]).read_text("utf-8").split("\n")
    classes = ["\0", *(character for character in dictionary if character), " "]
    session = onnxruntime.InferenceSession(model_file(f"{size}/rec/rec.onnx"), providers=["CPUExecutionProvider"])
    texts = []
    for line in card.lines:
        assert line.quad is not None
        strip = crop(photo.pixels, line.quad)
        block = np.stack([strip / np.float32(127.5) - np.float32(1)] * 3)[None]
        (scores,) = session.run(None, {"x": block})
        assert scores.shape[2] == len(classes)
        lattice: Lattice = scores[0][:, [classes.index(character) for character in ALPHABET]]
        texts.append(greedy(lattice, line.quad, size).text)
    return texts


@pytest.mark.parametrize("size", ["tiny", "small"])
def test_cutting_the_alphabet_changes_no_character(size: str, scan_front: Photo, read_front: Card) -> None:
    """One line at a time, so that both models see the same block."""
    reader = recogniser(size)
    cut = [reader.read(scan_front, [line.quad])[0].text for line in read_front.lines if line.quad is not None]
    assert cut == uncut(size, scan_front, read_front)
    assert sum(map(len, cut)) > 150


def test_a_row_is_shown_as_wide_as_its_letters_ask_for(scan_front: Photo, read_front: Card) -> None:
    wide = max((line for line in read_front.lines if line.quad is not None), key=lambda line: len(line.text))
    assert wide.quad is not None
    reader, count = recogniser("tiny"), len(wide.text)
    (as_it_is,), (as_asked,) = reader.read(scan_front, [wide.quad]), reader.read(scan_front, [wide.quad], [count])
    assert as_it_is.lattice is not None
    assert as_asked.lattice is not None
    assert len(as_asked.lattice) < 2.3 * count < len(as_it_is.lattice)
    assert as_asked.text == as_it_is.text


def test_a_cut_recogniser_is_kept_and_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = cut_recogniser("tiny", tmp_path / "models")
    (kept,) = (tmp_path / "models").iterdir()
    monkeypatch.setitem(sys.modules, "onnx", None)  # whoever needs it now fails
    assert cut_recogniser("tiny", tmp_path / "models") == made == kept.read_bytes()


# --- reading a lattice -----------------------------------------------------------------------------------------------


def lattice(steps: str) -> Lattice:
    """One step per character, `_` for the blank; each is certain by 0.9."""
    rows = np.full((len(steps), len(ALPHABET)), 0.1 / len(ALPHABET), np.float32)
    for step, character in enumerate(steps):
        rows[step, INDEX["\0" if character == "_" else character]] = 0.9
    return rows


@pytest.mark.parametrize(
    ("steps", "text", "at"),
    [
        ("ABC", "ABC", (0, 1, 2)),
        ("_A_B_", "AB", (1, 3)),
        ("AAA_B", "AB", (0, 4)),
        ("A_A", "AA", (0, 2)),
        ("____", "", ()),
        ("<<_<", "<<", (0, 3)),
    ],
)
def test_repeats_and_blanks_are_dropped(steps: str, text: str, at: tuple[int, ...]) -> None:
    line = greedy(lattice(steps), quad(0, 0, 10, 10), "hand")
    assert (line.text, line.steps) == (text, at)


def test_a_repeat_counts_by_its_surest_step() -> None:
    rows = lattice("AAA")
    rows[1, INDEX["A"]] = 0.95
    line = greedy(rows, quad(0, 0, 10, 10), "hand")
    assert (line.text, line.steps) == ("A", (1,))
    assert line.scores == pytest.approx((0.95,))


# --- crops -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "place", [quad(10, 10, 400, 40), quad(10, 10, 13, 40), quad(-50, -50, 90, 10), quad(5, 5, 5, 5)]
)
def test_a_crop_is_of_the_readers_height_and_a_whole_number_of_steps_wide(
    place: tuple[tuple[float, float], ...],
) -> None:
    a, b, c, d = place
    height, width = crop(grey(), (a, b, c, d)).shape[:2]
    assert height == LINE_HEIGHT
    assert width % STEP == 0
    assert width >= LINE_HEIGHT


@pytest.mark.parametrize(
    ("best", "width"),
    [(0, 624), (400, 400), (401, 408), (700, 704), (100, 376), (5000, 936)],
    ids=["as it is", "narrower", "whole steps", "wider", "not too narrow", "not too wide"],
)
def test_a_crop_is_as_wide_as_its_reader_likes_best(best: float, width: int) -> None:
    assert crop(grey(), quad(10, 10, 400, 40), best=best).shape == (LINE_HEIGHT, width)


def test_a_crop_stands_upright_whichever_way_its_quad_is_turned() -> None:
    pixels = grey().copy()
    pixels[100:120, 100:150] = 0  # black left half of a strip of 100 × 20
    upright = crop(pixels, quad(100, 100, 200, 120))
    turned = crop(pixels, ((200, 120), (100, 120), (100, 100), (200, 100)))
    assert (upright[:, 20].mean(), upright[:, -20].mean()) == pytest.approx((0, 180), abs=10)
    assert (turned[:, 20].mean(), turned[:, -20].mean()) == pytest.approx((180, 0), abs=10)


# --- which readers ---------------------------------------------------------------------------------------------------


def test_readers_are_built_in_the_order_named_and_once() -> None:
    readers = load_readers(["tesseract", "ppocr"], ["passporteye", "tesseract"])
    assert [reader.name for reader in readers.front] == ["tesseract", "ppocr", "ppocr-closer"]
    assert readers.rows is None
    assert [reader.name for reader in readers.back] == ["passporteye", "passporteye-closer", "tesseract"]
    assert readers.front[0] is readers.back[2]
    assert [reader.name for reader in readers.lines] == ["ppocr-tiny", "ppocr-small", "tesseract"]


@pytest.mark.parametrize("name", FRONT)
def test_each_reader_of_a_front_can_stand_alone(name: str) -> None:
    assert next(reader.name for reader in load_readers([name], ["tesseract"]).front) == name


@pytest.mark.parametrize("name", BACK)
def test_each_reader_of_a_back_can_stand_alone(name: str) -> None:
    assert next(reader.name for reader in load_readers(["tesseract"], [name]).back) == name


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        load_readers(["abbyy"], ["ppocr"])
