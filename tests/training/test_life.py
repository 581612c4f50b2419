"""What is learned of made-up measures: the attack, and thresholds that few genuine photos reach."""

from random import Random
from typing import Any

import pytest

from ocr.pipeline.forest import planted
from ocr.pipeline.life import odds, score_of
from ocr.pipeline.types import Attack, Device, Evidence, Measures, Strictness
from training.evidence import Sample
from training.life import SUBJECTS, learn

SHOWN_BY = {
    "copy": ("colour_50", -1.0),
    "mono": ("colour_50", -1.0),
    "print": ("common_2", 1.0),
    "screen": ("beside_bright", -1.0),
    "screenshot": ("card_fine_10", -1.0),
    "digit": ("lost_alone", 9.0),
    "face": ("portrait_less", 4.0),
}
"""By kind, the one measure that it moves, and by how much."""
USUAL = dict.fromkeys(("colour_50", "common_2", "beside_bright", "card_fine_10"), 2.0)
GENUINE = ("photo", "scan", "hard")


def made(kind: str, seed: int) -> Sample:
    rng = Random(f"{kind}{seed}")

    def side() -> Measures:
        measures = {name: value + rng.uniform(0, 0.8) for name, value in USUAL.items()}
        measures |= {"lost_alone": rng.uniform(0, 1), "portrait_less": rng.uniform(0, 1)}
        name, moved = SHOWN_BY.get(kind, ("colour_50", 0.0))
        return measures | {name: measures[name] + moved}

    device = rng.choice((Device.IOS, Device.ANDROID, Device.DESKTOP))
    return Sample(kind, seed, device, Evidence(side(), side()))


@pytest.fixture(scope="module")
def found() -> list[Sample]:
    return [made(kind, seed) for kind in (*GENUINE, *SHOWN_BY) for seed in range(40)]


@pytest.fixture(scope="module")
def learned(found: list[Sample]) -> dict[str, Any]:
    said: list[str] = []
    told = learn(found, said.append)
    assert len(said) == len(SUBJECTS)
    return told


@pytest.mark.parametrize("attack", SUBJECTS)
def test_attacks_that_were_never_seen_are_told_from_cards(learned: dict[str, Any], attack: Attack) -> None:
    row = learned["attacks"][attack.value]
    model, level = planted(row["model"]), row["thresholds"][Strictness.BALANCED]

    def suspected(kind: str, seed: int) -> bool:
        sample = made(kind, seed)
        assert sample.evidence is not None
        return bool(score_of(odds(attack, sample.evidence, model)) >= level[sample.device.value])

    assert sum(suspected("photo", seed) for seed in range(100, 140)) <= 1
    for kind in SUBJECTS[attack].kinds:
        assert sum(suspected(kind, seed) for seed in range(100, 140)) >= 38


def test_what_moves_is_what_reasons_name(learned: dict[str, Any]) -> None:
    low, high = learned["attacks"]["photocopy"]["usual"]["colour_50"]
    assert 2.0 <= low < high <= 2.8


def test_learning_again_learns_the_same(found: list[Sample], learned: dict[str, Any]) -> None:
    assert learn(found, lambda _: None) == learned


def test_what_could_not_be_read_teaches_nothing(found: list[Sample], learned: dict[str, Any]) -> None:
    unread = Sample("screen", 999, Device.IOS, None)
    assert learn([*found, unread], lambda _: None) == learned
