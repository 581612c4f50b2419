"""`./run fuzz`, in short: a real service, mutated pictures and bodies, requests made up from its description."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_nothing_breaks() -> None:
    short = ["--pictures", "100", "--bodies", "60", "--examples", "5", "--texts", "200"]
    command = [sys.executable, "-m", "hardening.fuzz", *short]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "complaints 0" in done.stdout
    assert "every reader: processes replaced 0" in done.stdout
