"""The goals are the ones that the project set itself, and one that was not shown is missed."""

import pytest

from benchmarks.measuring.goals import AT_LEAST, AT_MOST, MEASURES, never, outcomes
from benchmarks.measuring.scoring import score
from benchmarks.measuring.tally import Tally, tally
from fixtures.drawing import TIERS
from tests.benchmarks.answers import answer, card, refused

SET = {  # tier: all key fields right, every field right, wrong key field yet valid, assured, of >= 0.95 right
    "scan": (0.995, 0.98, 0, 0.98, 0.95),
    "photo": (0.99, 0.97, 0, 0.98, 0.95),
    "mono": (0.98, 0.95, 0, 0.98, 0.95),
    "hard": (0.92, 0.85, 0, 0.90, 0.95),
}


@pytest.mark.parametrize("tier", TIERS)
def test_goals_are_those_that_were_set(tier: str) -> None:
    goals = {**AT_LEAST[tier], **AT_MOST[tier]}
    asked = ("keys_right", "every_right", "silent", "assured", "sure_right")

    assert tuple(goals[measure] for measure in asked) == SET[tier]
    assert goals.get("right_sure") == (0.90 if tier in {"scan", "photo"} else None)


def test_every_goal_is_a_figure_with_words() -> None:
    measures = {measure for goals in (*AT_LEAST.values(), *AT_MOST.values()) for measure in goals}

    assert measures == set(MEASURES) - {"every_spaced"}, "every goal has its words, and what has no goal is only told"
    assert measures <= set(Tally.__dataclass_fields__)


def test_perfect_answers_meet_all_goals() -> None:
    assert all(outcome.is_met for outcome in outcomes({tier: tally([score(card(), answer())]) for tier in TIERS}))


def test_a_miss_is_named() -> None:
    figures = tally([score(card("photo"), answer(backside__cic="000000000"))])
    missed = {outcome.measure for outcome in outcomes({"photo": figures}) if not outcome.is_met}

    assert missed == {"keys_right", "every_right", "silent", "assured", "sure_right"}


def test_what_was_not_shown_is_missed() -> None:
    missed = {o.measure for o in outcomes({"hard": tally([score(card("hard"), refused())])}) if not o.is_met}

    assert missed == {"keys_right", "every_right", "assured", "sure_right"}


def test_never_is_not_once() -> None:
    assert never("a stranger's back", "valid", 0).is_met
    assert not never("a stranger's back", "valid", 1).is_met
