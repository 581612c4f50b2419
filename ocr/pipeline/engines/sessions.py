"""onnxruntime's one door: a model goes in, a session that computes with it comes out.

One thread each: both sides are read at once where a core is free, and every core reads a document of its own where
none is. A second thread took a sixth more processor time (63 → 76 ms a document), and saved a millisecond or two on a
machine that does nothing else. For second looks a caller waits longest, and they are few: they may use two.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from numpy.typing import NDArray

from ocr.pipeline.pixels import Levels

# Since 1.29 onnxruntime reports its use to its maker unless told not to before it is loaded.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime


class Session(Protocol):
    """What is used of onnxruntime's."""

    def get_modelmeta(self) -> Any:  # noqa: ANN401 - a type of its own, for one line
        """What the model says of itself."""

    def run(self, outputs: None, inputs: Mapping[str, NDArray[Any]]) -> Sequence[NDArray[Any]]:
        """Every output of the model, in its order, for inputs by their names."""


TWO = min(2, len(os.sched_getaffinity(0)))
"""Threads, where there are as many cores."""


VERSION: str = onnxruntime.__version__


def session(model: Path | bytes, threads: int = 1) -> Session:
    """A session for a model's file, or its bytes."""
    source = model if isinstance(model, bytes) else str(model)
    return _made(source, _options(threads))


def simplified(model: bytes) -> bytes:
    """The model as onnxruntime rewrites it before it computes, short of what suits but one kind of processor: a session
    for it is made in half the time, and computes the same numbers."""
    options = _options(1)
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    with TemporaryDirectory() as folder:
        written = Path(folder) / "model.onnx"
        options.optimized_model_filepath = str(written)
        _made(model, options)
        return written.read_bytes()


def _made(source: str | bytes, options: Any) -> Session:  # noqa: ANN401 - onnxruntime ships no types
    made: Session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    return made


def _options(threads: int) -> Any:  # noqa: ANN401
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    # Where sessions take turns, threads that spin keep one another from the cores.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.enable_cpu_mem_arena = False  # it keeps the most that any document ever took, and saves no time here
    options.log_severity_level = 3
    return options


def levels(made: Session) -> Levels:
    """In which levels a network of ours wants to be shown a picture. Raises `KeyError` for another's."""
    return Levels.noted(made.get_modelmeta().custom_metadata_map)
