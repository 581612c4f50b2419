"""What is computed sooner is the same: a small network that begins as ours do and makes its finding twice as large."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import ModelProto, TensorProto, helper, numpy_helper

from ocr.pipeline.pixels import Levels, standardised
from training.rewriting import rewrite

Made = tuple[list[onnx.NodeProto], list[onnx.TensorProto]]


def _constant(name: str, value: object, kind: type) -> onnx.TensorProto:
    return numpy_helper.from_array(np.array(value, kind), name)


def _through_levels(name: str, scale: float, zero: int) -> Made:
    """Numbers made levels and numbers again, as onnxruntime's quantisation marks them: `NAME` → `NAME_again`."""
    own = [f"{name}_scale", f"{name}_zero"]
    return (
        [
            helper.make_node("QuantizeLinear", [name, *own], [f"{name}_levels"]),
            helper.make_node("DequantizeLinear", [f"{name}_levels", *own], [f"{name}_again"]),
        ],
        [_constant(own[0], scale, np.float32), _constant(own[1], zero, np.uint8)],
    )


def _layer(taken: str, made: str, into: int, out: int, seed: int) -> Made:
    """3×3, halving; weights and bias in whole numbers, a scale for every channel that is put out."""
    rng = np.random.default_rng(seed)
    scales = rng.uniform(0.005, 0.02, out)
    constants = [
        _constant(f"{made}_w", rng.integers(-63, 64, (out, into, 3, 3)), np.int8),
        _constant(f"{made}_w_scale", scales, np.float32),
        _constant(f"{made}_w_zero", np.zeros(out), np.int8),
        _constant(f"{made}_b", rng.integers(-500, 500, out), np.int32),
        _constant(f"{made}_b_scale", scales * 0.04, np.float32),
        _constant(f"{made}_b_zero", np.zeros(out), np.int32),
    ]
    nodes = [
        helper.make_node(
            "DequantizeLinear", [f"{made}_{part}{end}" for end in ("", "_scale", "_zero")], [f"{made}_{part}f"], axis=0
        )
        for part in "wb"
    ]
    layer = helper.make_node(
        "Conv", [taken, f"{made}_wf", f"{made}_bf"], [made], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
    )
    return [*nodes, layer], constants


def _network() -> ModelProto:
    parts: tuple[Made, ...] = (
        _through_levels("x", 0.04, 130),
        _layer("x_again", "half", 1, 8, seed=1),
        _through_levels("half", 0.05, 0),
        _layer("half_again", "quarter", 8, 24, seed=2),
        _through_levels("quarter", 0.05, 0),
        ([helper.make_node("Resize", ["quarter_again", "", "twice"], ["large"], mode="nearest",
                           coordinate_transformation_mode="asymmetric", nearest_mode="floor")],
         [_constant("twice", (1, 1, 2, 2), np.float32)]),
        _through_levels("large", 0.05, 0),
        ([helper.make_node("Identity", ["large_again"], ["y"])], []),
    )  # fmt: skip
    graph = helper.make_graph(
        [node for nodes, _ in parts for node in nodes],
        "small",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 1, "h", "w"])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 24, "h2", "w2"])],
        [constant for _, constants in parts for constant in constants],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def _made_by(model: ModelProto, shown: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"x": shown})
    return np.asarray(found)


@pytest.mark.parametrize("size", [(32, 96), (64, 32), (4, 4)])
def test_the_same_is_computed_of_blocks(size: tuple[int, int]) -> None:
    grey = np.random.default_rng(size).integers(0, 256, size, np.uint8)
    model = _network()
    before = _made_by(model, standardised(grey)[None, None])
    rewrite(model)
    onnx.checker.check_model(model)
    after = _made_by(model, Levels.noted({each.key: each.value for each in model.metadata_props}).blocks(grey))
    assert before.shape == after.shape == (1, 24, size[0] // 2, size[1] // 2)
    assert before.std() > 0.5
    assert np.array_equal(after, before)


def test_nothing_is_enlarged_pixel_by_pixel_and_nothing_is_left_over() -> None:
    model = _network()
    rewrite(model)
    taken = {name for node in model.graph.node for name in node.input}
    assert not any(node.op_type == "Resize" for node in model.graph.node)
    assert all(constant.name in taken for constant in model.graph.initializer)
    assert all(name in taken | {"y"} for node in model.graph.node for name in node.output)
