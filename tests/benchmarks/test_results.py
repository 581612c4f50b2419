import json
from pathlib import Path

import pytest

from benchmarks.measuring.machine import About
from benchmarks.measuring.results import keep

MEASURED = About("2026-11-28 11:41 UTC", "90496f1", "./run bench speed", "AMD EPYC", 2, 0.5, "3.11.7", ())


def test_a_page_is_named_after_what_when_and_which_commit(tmp_path: Path) -> None:
    page = keep("speed", MEASURED, "# Speed", folder=tmp_path / "new")
    assert page == tmp_path / "new" / "speed-2026-11-28-1141-90496f1.md"
    assert page.read_text(encoding="utf-8") == "# Speed\n"
    assert list(page.parent.iterdir()) == [page]


def test_data_stand_beside_it_with_what_they_were_measured_on(tmp_path: Path) -> None:
    page = keep("speed", MEASURED, "# Speed\n", {"goals": ["más"]}, tmp_path)
    text = page.with_suffix(".json").read_text(encoding="utf-8")
    assert json.loads(text)["about"]["commit"] == "90496f1"
    assert json.loads(text)["goals"] == ["más"]
    assert "más" in text


def test_it_is_said_where(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = keep("load", MEASURED, "# Load", folder=tmp_path)
    assert str(page) in capsys.readouterr().err
