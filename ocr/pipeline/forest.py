"""What was trained, evaluated: measures go in, how much speaks for what was to be told comes out.

scikit-learn trains it (`./run train life`) and is not asked here: loading it takes longer than reading a card.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np

from ocr.pipeline.types import Measures


class Model(Protocol):
    """Answers one question."""

    @property
    def reads(self) -> tuple[str, ...]:
        """The measures that it asks for."""

    def tell(self, measures: Measures) -> float:
        """The logarithm of the odds: above 0, more speaks for it than against it."""


class Scale:
    """A weighted sum of logarithms: for what one or two measures tell, however far they go. What was not to be measured
    counts as 0."""

    def __init__(self, weights: Mapping[str, float], base: float) -> None:
        self.reads = tuple(weights)
        self._weights, self._base = weights, base

    def tell(self, measures: Measures) -> float:
        """As a `Model`."""
        return self._base + sum(w * math.log1p(measures.get(name, 0.0)) for name, w in self._weights.items())


class Forest:
    """Trees of one question. In JSON each is a list of nodes, the root first: [place in `reads`, threshold, left,
    right] with the places of the nodes to go on with, or, for a leaf, [value]. The leaves add up to the answer."""

    def __init__(self, reads: Sequence[str], base: float, trees: Sequence[Sequence[Sequence[float]]]) -> None:
        self.reads = tuple(reads)
        self._base = base
        sizes = np.array([len(nodes) for nodes in trees], np.intp)
        self._roots = np.cumsum(sizes) - sizes
        rows = np.array([_row(node, place) for nodes in trees for place, node in enumerate(nodes)], np.float64)
        asks, self._thresholds, left, right, self._values = rows.reshape(-1, 5).T.copy()
        begins = np.repeat(self._roots, sizes)
        self._asks = asks.astype(np.intp)
        self._lefts, self._rights = left.astype(np.intp) + begins, right.astype(np.intp) + begins
        self._depth = self._deepest()

    def _deepest(self) -> int:
        """How many questions the longest way from a root asks."""
        asked, at = 0, self._roots
        while len(at := at[self._lefts[at] != at]):
            asked, at = asked + 1, np.concatenate([self._lefts[at], self._rights[at]])
        return asked

    def tell(self, measures: Measures) -> float:
        """As a `Model`."""
        told = [measures.get(name, MISSING) for name in self.reads] or [MISSING]  # a lone leaf asks for none
        seen = np.array(told, np.float32)  # as the trees were grown
        nexts = np.where(seen[self._asks] > self._thresholds, self._rights, self._lefts)
        at = self._roots
        for _ in range(self._depth):
            at = nexts[at]
        return self._base + float(self._values[at].sum())


MISSING = -1.0
"""Stands for what was not to be measured: nothing measured is below 0."""

_Row = tuple[float, float, float, float, float]


def _row(node: Sequence[float], place: int) -> _Row:
    """Its four numbers, and the value of a leaf, which leads to itself, whatever it asks."""
    if len(node) == 1:
        return 0, 0, place, place, node[0]
    asks, threshold, left, right = node
    return asks, threshold, left, right, 0


def planted(told: Mapping[str, Any]) -> Model:
    """The model that JSON tells of."""
    if "weights" in told:
        return Scale(told["weights"], told["base"])
    return Forest(told["reads"], told["base"], told["trees"])
