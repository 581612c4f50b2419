"""onnxruntime's one door: a model goes in, a session that computes with it comes out.

Two threads each where there are two cores, and no spinning: the front takes longer than the back, and the core that is
free by then helps (median of 120 photos 129 → 113 ms, processor time the same).
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

# Since 1.29 onnxruntime reports its use to its maker unless told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime


class Session(Protocol):
    """What is used of onnxruntime's."""

    def run(self, outputs: None, inputs: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Every output of the model, in its order, for inputs by their names."""


_THREADS = min(2, len(os.sched_getaffinity(0)))


def session(model: Path | bytes) -> Session:
    """A session for a model's file, or its bytes."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _THREADS
    options.inter_op_num_threads = 1
    # Spinning threads of two sessions that take turns fight for the cores: photo median 90 → 57 ms without.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False  # it keeps the most that any document ever took, and saves no time here
    options.log_severity_level = 3
    source = model if isinstance(model, bytes) else str(model)
    made: Session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return made
