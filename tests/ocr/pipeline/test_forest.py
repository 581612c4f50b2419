"""The forest that the service evaluates says what scikit-learn's says."""

import json
from random import Random

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from ocr.pipeline.forest import MISSING, Forest, planted
from training.trees import Growth, as_json, grow, table, weigh

READS = ("bright", "dotted", "noisy")


@pytest.fixture(scope="module")
def samples() -> list[dict[str, float]]:
    rng = Random(3)
    return [{name: rng.uniform(0, 1) for name in READS if rng.random() < 0.95} for _ in range(300)]


def _is_copy(sample: dict[str, float]) -> bool:
    return sample.get("dotted", 0) > 0.6 or sample.get("bright", 1) * sample.get("noisy", 1) < 0.1


def test_it_agrees_with_what_grew_it(samples: list[dict[str, float]]) -> None:
    answers = [_is_copy(sample) for sample in samples]
    model = GradientBoostingClassifier(init="zero", n_estimators=30, random_state=1).fit(table(samples, READS), answers)
    forest = planted(json.loads(json.dumps(as_json(model, READS))))

    expected = model.decision_function(table(samples, READS))
    assert [forest.tell(sample) for sample in samples] == pytest.approx(list(expected), abs=2e-3)


def test_it_tells_what_it_was_grown_to_tell(samples: list[dict[str, float]]) -> None:
    told = grow(samples[:200], [_is_copy(s) for s in samples[:200]], [1.0] * 200, Growth(trees=40))
    forest = planted(told)

    right = [(forest.tell(sample) > 0) == _is_copy(sample) for sample in samples[200:]]
    assert np.mean(right) > 0.9
    assert told == grow(samples[:200], [_is_copy(s) for s in samples[:200]], [1.0] * 200, Growth(trees=40))


def test_what_was_not_measured_goes_where_it_went_when_the_trees_were_grown() -> None:
    forest = Forest(["bright"], 0.0, [[[0, -0.5, 1, 2], [2.0], [-2.0]]])

    assert forest.tell({}) == forest.tell({"bright": MISSING}) == 2 > forest.tell({"bright": 0.0}) == -2


def test_a_scale_agrees_with_what_trained_it(samples: list[dict[str, float]]) -> None:
    answers = [_is_copy(sample) for sample in samples]
    seen = np.log1p(np.maximum(table(samples, READS), 0))
    model = LogisticRegression().fit(seen, answers, [1.0] * len(answers))
    scale = planted(json.loads(json.dumps(weigh(samples, answers, [1.0] * len(answers)))))

    assert [scale.tell(sample) for sample in samples] == pytest.approx(list(model.decision_function(seen)), abs=1e-3)


def test_a_lone_leaf_and_no_tree_at_all() -> None:
    assert Forest([], 0.5, []).tell({"bright": 1}) == 0.5
    assert Forest([], 1.0, [[[-1.0]]]).tell({}) == 0
