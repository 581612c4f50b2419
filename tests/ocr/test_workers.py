"""A worker is known by its machine, its number and its start."""

import os
import subprocess
import sys
from pathlib import Path

from ocr import workers


def another() -> tuple["subprocess.Popen[str]", str]:
    """A process that runs until it is told something, and what it calls itself."""
    code = "from ocr import workers; print(workers.me(), flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_this_one_runs() -> None:
    assert not workers.is_gone(workers.me())
    assert len(workers.me()) <= 100


def test_one_that_ended_is_gone() -> None:
    process, worker = another()
    assert worker != workers.me()
    assert not workers.is_gone(worker)
    process.communicate("\n")
    assert workers.is_gone(worker)


def test_one_that_was_killed_is_gone_before_its_parent_looks() -> None:
    process, worker = another()
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # it has died, and is not taken off the list
    assert Path(f"/proc/{process.pid}").exists()
    assert workers.is_gone(worker)
    process.communicate()


def test_one_whose_number_is_used_again_is_gone() -> None:
    machine, pid, _ = workers.me().split(":")
    assert workers.is_gone(f"{machine}:{pid}:1")


def test_of_other_machines_and_of_nobody_nothing_is_known() -> None:
    for worker in ("elsewhere:1:1", "", "nonsense", "a:b:c"):
        assert not workers.is_gone(worker)
