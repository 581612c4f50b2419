"""The real PassportEye on a drawn back, and what becomes of a call when its process dies or takes too long."""

import json
import os
import signal
import time
from pathlib import Path

import pytest

from ocr.pipeline.decode import decode
from ocr.pipeline.engines.passporteye import PassportEye
from ocr.pipeline.errors import ReaderDown
from ocr.pipeline.mrz import read_mrz
from ocr.pipeline.types import Photo
from tests.ocr.pipeline.cards import grey
from validators.mrz import checks, parse

NOTHING = Photo(grey(), 1.0, 1000, 640)
LINES = (
    "IDMEX2261792281<<2652728198295",
    "8607209M3312315MEX<02<<07140<2",
    "QUINONES<PENA<<VERONICA<<<<<<<",
)


def test_it_reads_the_mrz_of_a_scan(passporteye: PassportEye, scan_back: Photo) -> None:
    card = next(passporteye.cards(scan_back))
    assert tuple(line.text for line in card.lines) == LINES
    assert tuple(text.text for text in read_mrz(card).lines) == LINES


@pytest.mark.parametrize("case", ["d_scan", "g_scan", "h_scan_abroad"])
def test_it_alone_reads_the_mrz_of_every_clean_card(passporteye: PassportEye, case: str) -> None:
    """Fillers that it doubles or takes for letters are put right by the length of the line."""
    folder = Path("fixtures") / case
    wanted = json.loads((folder / "expected.json").read_text())["body"]["backside"]
    mrz = parse(
        [text.text for text in read_mrz(next(passporteye.cards(decode((folder / "back.jpg").read_bytes())))).lines]
    )
    read = (mrz.document_number, mrz.cic, mrz.surname, mrz.name)
    assert read == tuple(wanted[key] for key in ("document_number", "cic", "surname", "name"))
    assert all(checks(mrz).values())


def test_it_claims_neither_a_place_nor_certainty(passporteye: PassportEye, scan_back: Photo) -> None:
    for line in next(passporteye.cards(scan_back)).lines:
        assert line.quad is None
        assert line.reader == "passporteye"
        assert set(line.scores) == {0.8}
        assert len(line.scores) == len(line.text)


def test_a_picture_without_an_mrz_has_no_lines(passporteye: PassportEye) -> None:
    assert [card.lines for card in passporteye.cards(NOTHING)] == [(), ()]


def test_it_offers_both_ways_that_a_card_may_lie(passporteye: PassportEye) -> None:
    assert [card.turn for card in passporteye.cards(NOTHING)] == [0, 90]


def test_a_process_that_was_killed_is_down_and_the_next_call_works_again(
    passporteye: PassportEye, scan_back: Photo
) -> None:
    next(passporteye.cards(NOTHING))
    process = passporteye._process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    process.wait(10)
    with pytest.raises(ReaderDown):
        next(passporteye.cards(scan_back))
    assert tuple(line.text for line in next(passporteye.cards(scan_back)).lines) == LINES


def test_running_past_its_time_is_down_and_ends_the_process() -> None:
    reader = PassportEye(seconds=0.01)
    started = time.monotonic()
    with pytest.raises(ReaderDown):
        next(reader.cards(NOTHING))
    assert time.monotonic() - started < 5
    assert reader._process is None


def test_closing_twice_or_before_it_began_is_no_error() -> None:
    reader = PassportEye()
    reader.close()
    reader.close()
    assert reader._process is None
