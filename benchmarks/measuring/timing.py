"""Durations and what is said of them: percentiles, ratios, memory. Nothing absolute is a goal: machines are noisy."""

import os
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import TypeVar

_T = TypeVar("_T")
_KIB = 1024


@dataclass(frozen=True, slots=True)
class Spread:
    """Milliseconds of many like things."""

    p50: float
    p95: float
    p99: float
    count: int


def spread(milliseconds: Sequence[float]) -> Spread:
    """Raises `ValueError` when there is nothing to judge."""
    if not milliseconds:
        raise ValueError("no durations")
    if len(milliseconds) == 1:
        return Spread(milliseconds[0], milliseconds[0], milliseconds[0], 1)
    cuts = quantiles(milliseconds, n=100, method="inclusive")
    return Spread(median(milliseconds), cuts[94], cuts[98], len(milliseconds))


def timed(work: Callable[[], _T]) -> tuple[_T, float]:
    """What `work` gives, and its milliseconds."""
    started = time.perf_counter()
    result = work()
    return result, (time.perf_counter() - started) * 1000


def resident(pid: int) -> int:
    """Bytes of memory that a process holds (Linux: VmRSS)."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * _KIB
    raise ValueError(f"process {pid} tells no VmRSS")


def held(pid: int) -> list[int]:
    """Bytes of memory that each process holds which `pid` has started, or these have. One that ends meanwhile, as those
    do that are started for a second look, holds none."""
    return list(map(_resident_until_ended, family(pid)))


def _resident_until_ended(pid: int) -> int:
    try:
        return resident(pid)
    except (FileNotFoundError, ProcessLookupError, ValueError):
        if _has_ended(pid):
            return 0
        raise


def _has_ended(pid: int) -> bool:
    """Whether it is gone, or waits for its parent to ask how it ended (proc(5), status, State)."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return True
    return re.search(r"^State:\s+[ZX]", status, re.MULTILINE) is not None


def processor_seconds(pid: int) -> float:
    """What a process and those of its children that have ended used (proc(5), stat, fields 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def children(pid: int) -> list[int]:
    """Processes that `pid` has started, whichever of its threads did, and that still run."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for found in lists for child in found.read_text(encoding="ascii").split()]


def family(pid: int) -> list[int]:
    """What `pid` has started, what these have, and so on."""
    return [process for child in children(pid) for process in (child, *family(child))]


def cores() -> int:
    return len(os.sched_getaffinity(0))
