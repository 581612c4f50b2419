"""When, with what and on which machine something was measured: figures without these are worth nothing."""

import os
import platform
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.measuring.service import ROOT

_SECRET = frozenset({"APPTENTICATE_HOME", "APPTENTICATE_SECRET_KEY", "APPTENTICATE_PASSWORD"})


@dataclass(frozen=True, slots=True)
class About:
    """`load` is the load average over one minute when the measurement began; `settings` are those not left alone."""

    date: str
    commit: str
    command: str
    processor: str
    cores: int
    load: float
    python: str
    settings: tuple[str, ...]


def about(name: str, arguments: Sequence[str]) -> About:
    return About(
        date=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        commit=_commit(),
        command=" ".join(["./run bench", name, *arguments]),
        processor=_processor(),
        cores=len(os.sched_getaffinity(0)),
        load=round(os.getloadavg()[0], 2),
        python=platform.python_version(),
        settings=tuple(sorted(f"{key}={value}" for key, value in os.environ.items() if _is_setting(key))),
    )


def _commit() -> str:
    """Short hash; with a `+` when the tree differs from it. Outside a repository: unknown."""
    try:
        commit = _git("rev-parse", "--short", "HEAD")
        return commit + "+" * bool(_git("status", "--porcelain", "--untracked-files=no"))
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"No commit: {error}", file=sys.stderr)
        return "unknown"


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.processor() or platform.machine())


def _is_setting(key: str) -> bool:
    return key.startswith("APPTENTICATE_") and key not in _SECRET
