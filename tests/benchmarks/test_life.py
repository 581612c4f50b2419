"""The benchmark's sums, on made-up measures: what it says of a test that tells well, and of one that tells nothing."""

import numpy as np
import pytest

from benchmarks import life
from benchmarks.life import MOST_MILLISECONDS, _in_time, _outcomes, _page, _read, laplacian, saturation, together
from ocr.pipeline.types import Attack, Device, Evidence, LifeTest, Suspicion
from training.evidence import COUNTS, Sample

MEASURES = {"colour_50": 0.05, "curved": 60.0, "lost_alone": 0.0}


def made(kind: str, seed: int) -> Sample:
    measures = MEASURES | {"colour_50": 0.01 if kind == "mono" else 0.05 + seed / 1000}
    return Sample(kind, seed, Device.IOS, Evidence(measures, measures))


@pytest.fixture
def found() -> list[Sample]:
    return [made(kind, seed) for kind in COUNTS for seed in range(20)]


@pytest.fixture
def _tells_all(monkeypatch: pytest.MonkeyPatch, found: list[Sample]) -> None:
    attacked = {id(sample.evidence) for sample in found if sample.kind not in {"photo", "scan", "hard"}}

    def judge(evidence: Evidence, _: LifeTest) -> tuple[Suspicion, ...]:
        score = 0.9 if id(evidence) in attacked else 0.1
        return tuple(Suspicion(attack, score, 0.5, "", "") for attack in Attack)

    monkeypatch.setattr(life, "judge_life", judge)


@pytest.mark.usefixtures("_tells_all")
def test_a_test_that_tells_all_meets_every_goal(found: list[Sample]) -> None:
    outcomes = list(_outcomes(_read(found)))
    assert len(outcomes) == 8
    assert all(outcome.holds for outcome in outcomes)


def test_a_test_that_tells_nothing_misses_what_is_to_be_caught(
    found: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "judge_life", lambda *_: (Suspicion(Attack.PRINT, 0.1, 0.5, "", ""),))
    missed = [outcome.said.split(":")[0] for outcome in _outcomes(_read(found)) if not outcome.holds]
    assert missed == ["copy", "mono", "screen", "print", "digit"]


def test_a_test_that_suspects_everybody_misses_what_is_to_be_let_through(
    found: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(life, "judge_life", lambda *_: (Suspicion(Attack.PRINT, 0.9, 0.5, "", ""),))
    missed = [outcome.said.split(":")[0] for outcome in _outcomes(_read(found)) if not outcome.holds]
    assert missed == ["photo", "scan", "hard"]


@pytest.mark.usefixtures("_tells_all")
def test_the_page_has_every_table(found: list[Sample]) -> None:
    text = "\n".join(_page([*found, Sample("screen", 99, Device.IOS, None)], np.array([12.0])))
    assert text.count("\n## ") == 6
    assert "| all attacks together: screen | 100.0 |" in text
    assert "refused for that: 1." in text


def test_baselines_go_the_way_that_they_tell() -> None:
    grey, coloured = made("mono", 1), made("photo", 1)
    assert saturation(grey) > saturation(coloured)
    assert laplacian(grey) == laplacian(coloured) == -60


def test_the_farthest_beyond_its_threshold_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (Suspicion(Attack.PRINT, 0.6, 0.5, "", ""), Suspicion(Attack.SCREEN, 0.7, 0.9, "", ""))
    monkeypatch.setattr(life, "judge_life", lambda *_: told)
    assert together(made("print", 1)) == pytest.approx(np.log(1.5))
    assert together(made("print", 1), but=(Attack.PRINT,)) < 0


def test_too_long_is_a_miss() -> None:
    assert _in_time(np.array([MOST_MILLISECONDS])).holds
    assert not _in_time(np.array([MOST_MILLISECONDS + 1])).holds
