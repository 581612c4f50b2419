"""A new Python that runs some code: nothing is loaded there but what the code loads."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def run_fresh(code: str, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What it printed. Raises `CalledProcessError` where the code fails."""
    command, known = [sys.executable, "-c", code, *arguments], {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=known, check=True, capture_output=True, text=True)
