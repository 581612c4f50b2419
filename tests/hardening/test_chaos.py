"""`./run chaos`, in short: processes killed, the database locked, callers gone; nothing that was answered is lost."""

import re
import subprocess
import sys
from pathlib import Path

from hardening.chaos import Story, complaints_of

ROOT = Path(__file__).parents[2]


def test_nothing_is_lost() -> None:
    command = [sys.executable, "-m", "hardening.chaos", "--requests", "60", "--with", "sqlite", "--short"]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search("^lost 0; rows left open 0; recovered by itself: yes$", done.stdout, re.MULTILINE)
    assert "the worker is killed" in done.stdout


def story(**ended: tuple[int | None, int]) -> Story:
    told = Story()
    told.ended.update(ended)
    return told


def test_what_is_lost_is_told() -> None:
    assert complaints_of(story(a=(1, 200), b=(2, 400)), {1: 200, 2: 400}) == []
    assert complaints_of(story(a=(1, 200)), {}) == ["a: answered 200, its row says None"]
    assert complaints_of(story(a=(1, 200)), {1: None}) == [
        "row 1 is open still",
        "a: answered 200, its row says None",
    ]
    assert complaints_of(story(a=(1, 200), b=(1, 200)), {1: 200}) == ["one row answers for two requests"]
