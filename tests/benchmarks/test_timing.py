"""What is said of processes that come and go."""

import os
import subprocess
import sys

import pytest

from benchmarks.measuring.timing import family, held, resident


def test_a_process_that_has_ended_holds_nothing() -> None:
    """Its parent has not asked yet how it ended: it is still there, and tells no memory."""
    with subprocess.Popen([sys.executable, "-c", ""]) as ended, subprocess.Popen(["sleep", "60"]) as runs:
        try:
            os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
            with pytest.raises(ValueError, match="tells no VmRSS"):
                resident(ended.pid)
            mine = family(os.getpid())
            told = dict(zip(mine, held(os.getpid()), strict=True))
            assert (told[ended.pid], told[runs.pid] > 0) == (0, True)
        finally:
            runs.terminate()
