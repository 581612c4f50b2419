"""`manage.py read_card`: what one card says, as JSON; where, as a picture; and what to do where it cannot be read."""

import io
import json
import stat
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from ocr import desks
from tests.conftest import FakeReader

FIXTURES = Path(__file__).parents[3] / "fixtures"


def read_card(front: Path, back: Path, **options: Any) -> dict[str, Any]:
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("read_card", front, back, stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return told


def sides(name: str) -> tuple[Path, Path]:
    return FIXTURES / name / "front.jpg", FIXTURES / name / "back.jpg"


def expected(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / name / "expected.json").read_text(encoding="utf-8"))["body"]
    return body


def test_a_card_is_answered_as_the_service_answers_it() -> None:
    answer = read_card(*sides("g_scan"))
    details = answer.pop("details")
    assert answer.pop("matches_percentage") == 100
    assert answer == expected("g_scan")
    assert details["frontside"]["fields"]["CURP"]["value"] == answer["frontside"]["CURP"]
    assert "seen_before" not in details


@pytest.mark.parametrize("name", ["g_scan", "g_swapped_sides"])
def test_fields_are_drawn_where_they_stand(name: str, tmp_path: Path) -> None:
    show = tmp_path / "result.png"
    read_card(*sides(name), show=show)
    assert stat.S_IMODE(show.stat().st_mode) == 0o600
    with Image.open(show) as sheet, Image.open(FIXTURES / name / "front.jpg") as front:
        assert sheet.format == "PNG"
        assert sheet.width > 2 * front.height  # two pictures beside each other
        colours = {colour: count for count, colour in sheet.getcolors(1 << 24) or ()}
    assert colours[0x0A, 0x7D, 0x32] > 10_000
    assert list(tmp_path.iterdir()) == [show]


def test_a_failure_is_answered_by_its_number_in_either_language(tmp_path: Path) -> None:
    front, _ = sides("g_scan")
    show = tmp_path / "result.png"
    assert read_card(front, FIXTURES / "README.md", language="en", show=show) == {
        "error_code": 800,
        "error": "Sent file could not be processed correctly.",
        "valid": False,
    }
    assert read_card(front, FIXTURES / "README.md", language="es")["error"].startswith("No se pudo procesar")
    assert not show.exists()


def test_a_failure_is_an_exit_status() -> None:
    with pytest.raises(SystemExit, match="1"):
        call_command("read_card", *sides("bad_800_empty"), stdout=io.StringIO())


def test_readers_that_cannot_be_started_say_what_to_do(fake: FakeReader, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise FileNotFoundError("no model")

    monkeypatch.setattr(fake, "prepare", broken)
    monkeypatch.setattr(desks, "open_desk", lambda count, waiting: fake)
    with pytest.raises(CommandError, match=r"No reader can be started \(no model\): ./run setup"):
        read_card(*sides("g_scan"))


@pytest.mark.parametrize("back", ["missing.jpg", "."])
def test_a_file_that_is_none_is_refused(back: str, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"cannot be read .*: name a picture of each side"):
        read_card(sides("g_scan")[0], tmp_path / back)


@pytest.mark.parametrize(
    ("show", "advice"),
    [("result.jpg", r"ends in \.png"), ("missing/result.png", "no folder"), ("front.png", "overwrite")],
)
def test_a_picture_that_cannot_be_drawn_is_refused_before_anything_is_read(
    show: str, advice: str, tmp_path: Path
) -> None:
    front = tmp_path / "front.png"
    front.write_bytes(b"as it was")
    with pytest.raises(CommandError, match=advice):
        read_card(front, front, show=tmp_path / show)
    assert front.read_bytes() == b"as it was"
