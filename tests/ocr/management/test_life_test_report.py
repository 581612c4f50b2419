"""`manage.py life_test_report`: labels are folders, and what it counts is what the life test says."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from fixtures.drawing.exhibits import draw_exhibit
from ocr.management.commands.life_test_report import _rate

FIXTURES = Path(__file__).parents[3] / "fixtures"


@pytest.fixture(autouse=True)
def _first_readers(settings: Settings) -> None:
    settings.OCR_FRONT_READERS = settings.OCR_BACK_READERS = ("glance", "ppocr")


def report(folder: Path) -> list[list[str]]:
    stdout = io.StringIO()
    call_command("life_test_report", folder, processes=1, stdout=stdout)
    return [line.split() for line in stdout.getvalue().splitlines()]


def lay(folder: Path, card: str, front: bytes, back: bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{card}_front.jpg").write_bytes(front)
    (folder / f"{card}_back.jpg").write_bytes(back)


def test_each_label_is_a_row_and_genuine_ones_come_first(tmp_path: Path) -> None:
    scan = FIXTURES / "g_scan"
    lay(tmp_path / "genuine-ios", "ana", *((scan / f"{side}.jpg").read_bytes() for side in ("front", "back")))
    blank = FIXTURES / "bad_814_blank"
    lay(tmp_path / "genuine-ios", "beto", *((blank / f"{side}.jpg").read_bytes() for side in ("front", "back")))
    copy = draw_exhibit("mono", 1_000_010, "testing")
    lay(tmp_path / "copied", "ana", copy.front, copy.back)
    heading, genuine, copied, *_ = report(tmp_path)
    assert heading == ["label", "judged", "unread", "permissive", "balanced", "strict"]
    assert genuine[:3] == ["genuine-ios", "1", "1"]
    assert genuine[3] == genuine[5] == genuine[7] == "0.0"
    assert copied[:3] == ["copied", "1", "0"]
    assert copied[3] == copied[5] == copied[7] == "100.0"
    assert copied[9:11] == ["photocopy", "1"]


def test_without_genuine_cards_it_says_what_is_not_known(tmp_path: Path) -> None:
    copy = draw_exhibit("mono", 1_000_010, "testing")
    lay(tmp_path / "copied", "ana", copy.front, copy.back)
    assert "genuine:" in report(tmp_path)[-1]


@pytest.mark.parametrize("made", [False, True])
def test_a_folder_without_cards_is_refused(tmp_path: Path, made: bool) -> None:
    folder = tmp_path / "pictures"
    if made:
        (folder / "genuine").mkdir(parents=True)
    with pytest.raises(CommandError, match="folder"):
        report(folder)


@pytest.mark.parametrize(("count", "of", "told"), [(0, 0, "–"), (0, 10, "0.0 (0.0–27.8)"), (5, 10, "50.0 (23.7–76.3)")])
def test_a_rate_says_how_little_few_pictures_tell(count: int, of: int, told: Any) -> None:
    assert _rate(count, of) == told
