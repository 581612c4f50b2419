"""Trains what the service evaluates (`ocr.pipeline.forest`): measures and answers go in, JSON comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from ocr.pipeline.forest import MISSING
from ocr.pipeline.types import Measures

Floats = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Growth:
    """How trees are grown. `fewest`: samples of a leaf; `share`: of all samples that each tree sees, and of all
    measures that each split may ask for."""

    trees: int = 120
    depth: int = 3
    rate: float = 0.1
    fewest: int = 12
    share: float = 0.6


def grow(samples: Sequence[Measures], answers: Sequence[bool], weights: Sequence[float], how: Growth) -> dict[str, Any]:
    """A forest as JSON holds it. The same samples in the same order grow the same trees."""
    reads = sorted({name for sample in samples for name in sample})
    seen = table(samples, reads)
    model = GradientBoostingClassifier(
        init="zero",
        n_estimators=how.trees,
        max_depth=how.depth,
        learning_rate=how.rate,
        min_samples_leaf=how.fewest,
        subsample=how.share,
        max_features=how.share,
        random_state=0,
    ).fit(seen, np.array(answers), np.array(weights, float))
    return as_json(model, reads)


def weigh(samples: Sequence[Measures], answers: Sequence[bool], weights: Sequence[float]) -> dict[str, Any]:
    """A scale as JSON holds it."""
    reads = sorted({name for sample in samples for name in sample})
    seen = np.log1p(np.maximum(table(samples, reads), 0))
    model = LogisticRegression().fit(seen, np.array(answers), np.array(weights, float))
    told = dict(zip(reads, (round(float(weight), 4) for weight in model.coef_[0]), strict=True))
    return {"weights": told, "base": round(float(model.intercept_[0]), 4)}


def table(samples: Sequence[Measures], reads: Sequence[str]) -> Floats:
    return np.array([[sample.get(name, MISSING) for name in reads] for sample in samples], np.float32)


def as_json(model: GradientBoostingClassifier, reads: Sequence[str]) -> dict[str, Any]:
    """A model with `init="zero"`, without the measures that no tree asks for."""
    trees = [estimator.tree_ for (estimator,) in model.estimators_]
    asked = sorted({int(place) for tree in trees for place in tree.feature if place >= 0})
    nodes = [_nodes(tree, {place: i for i, place in enumerate(asked)}, model.learning_rate) for tree in trees]
    return {"reads": [reads[place] for place in asked], "base": 0.0, "trees": nodes}


def _nodes(tree: Any, places: dict[int, int], rate: float) -> list[list[float]]:  # noqa: ANN401 - no types
    return [
        [round(float(tree.value[i, 0, 0]) * rate, 5)]
        if tree.children_left[i] < 0
        else [
            places[int(tree.feature[i])],
            _short(tree.threshold[i]),
            int(tree.children_left[i]),
            int(tree.children_right[i]),
        ]
        for i in range(tree.node_count)
    ]


def _short(threshold: float) -> float:
    return float(f"{threshold:.6g}")
