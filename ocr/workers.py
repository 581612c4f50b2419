"""Which process reads a transaction: its name goes into the row, and whether it still runs comes out."""

import os
import socket
from functools import cache
from pathlib import Path


@cache
def _me(pid: int) -> str:
    return f"{socket.gethostname()[:60]}:{pid}:{_started(pid)}"


def me() -> str:
    """This process: machine, number and start, so that a number that is used again is not taken for it."""
    return _me(os.getpid())


def is_gone(worker: str) -> bool:
    """Whether it ran on this machine, and does no more; of another machine's nothing is known."""
    machine, _, rest = worker.rpartition(":")[0].rpartition(":")
    if machine != socket.gethostname()[:60] or not rest.isdecimal():
        return False
    return worker != f"{machine}:{rest}:{_started(int(rest))}"


def _started(pid: int) -> str:
    """When it was started, in ticks since the machine was; nothing where it does not run (proc(5), stat, 3 and 22)."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if state in _DEAD else fields[18]


_DEAD = {"Z", "X"}
"""Killed, and still listed until its parent looks: in a container that may be never."""
