"""A worker is known by its machine, its number and its start."""

import subprocess
import sys
from pathlib import Path

from ocr import workers


def test_this_one_runs() -> None:
    assert not workers.is_gone(workers.me())
    assert len(workers.me()) <= 100


def test_one_that_ended_is_gone() -> None:
    code = "from ocr import workers; print(workers.me(), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout is not None
    worker = process.stdout.readline().strip()
    assert worker != workers.me()
    assert not workers.is_gone(worker)
    process.communicate("\n")
    assert workers.is_gone(worker)


def test_one_whose_number_is_used_again_is_gone() -> None:
    machine, pid, _ = workers.me().split(":")
    assert workers.is_gone(f"{machine}:{pid}:1")


def test_of_other_machines_and_of_nobody_nothing_is_known() -> None:
    for worker in ("elsewhere:1:1", "", "nonsense", "a:b:c"):
        assert not workers.is_gone(worker)
