"""The goals as data: tier by tier, what share must at least be reached. A goal that was not shown is a goal missed."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from benchmarks.measuring.tally import Tally

LEAST_CARDS = 100
"""A tier: the goals hold for as many or more."""

MEASURES = {
    "keys_right": "all key fields right",
    "every_right": "every field right",
    "every_spaced": "every field right, lost spaces counted",
    "silent": "wrong key field yet valid",
    "assured": "fully right ones answered valid and match",
    "sure_right": "fields of confidence 0.95 or more that are right",
    "right_sure": "right fields given 0.95 or more",
}
"""Names of `Tally`'s figures, in words."""

AT_LEAST: Mapping[str, Mapping[str, float]] = {
    "scan": {"keys_right": 0.995, "every_right": 0.98, "assured": 0.98, "sure_right": 0.95, "right_sure": 0.90},
    "photo": {"keys_right": 0.99, "every_right": 0.97, "assured": 0.98, "sure_right": 0.95, "right_sure": 0.90},
    "mono": {"keys_right": 0.98, "every_right": 0.95, "assured": 0.98, "sure_right": 0.95},
    "hard": {"keys_right": 0.92, "every_right": 0.85, "assured": 0.90, "sure_right": 0.95},
}
AT_MOST: Mapping[str, Mapping[str, float]] = {tier: {"silent": 0} for tier in AT_LEAST}

REFUSALS = frozenset({"806", "814", "816"})
"""What a picture with no card is answered."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One goal against what was measured; `measured` is None when there was nothing to judge."""

    where: str
    measure: str
    measured: float | None
    goal: float
    is_met: bool


def outcomes(tallies: Mapping[str, Tally]) -> Iterator[Outcome]:
    for tier, figures in tallies.items():
        for measure, goal in AT_MOST[tier].items():
            measured = getattr(figures, measure)
            yield Outcome(tier, measure, measured, goal, measured <= goal)
        for measure, goal in AT_LEAST[tier].items():
            measured = getattr(figures, measure)
            yield Outcome(tier, measure, measured, goal, measured is not None and measured >= goal)


def never(where: str, measure: str, count: int) -> Outcome:
    """What must not happen a single time."""
    return Outcome(where, measure, count, 0, count == 0)
