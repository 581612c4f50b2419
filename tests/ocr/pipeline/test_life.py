"""From measures to suspicions: what was learned, what it is held against, and what is said of it."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from fixtures.drawing.exhibits import draw_exhibit
from ocr.pipeline.engines import BACK, FRONT, Readers, load_readers
from ocr.pipeline.life import LEARNED, at_strictness, judge_life, lessons, score_of
from ocr.pipeline.run import find_evidence, read_document
from ocr.pipeline.types import Attack, Device, Evidence, LifeTest, Reading, Strictness, Suspicion

FIXTURES = Path(__file__).parents[3] / "fixtures"
CLEAN = (
    "d_scan", "e_photo", "f_photo_abroad", "g_scan", "g_hidden_sex", "g_long_name", "g_rotated_90", "g_rotated_180",
    "g_exif_rotated", "h_scan_abroad", "i_photo_nonbinary",
)  # fmt: skip
TODAY = date(2026, 11, 27)


@pytest.fixture(scope="module")
def readers() -> Readers:
    return load_readers(FRONT[:2], BACK[:2])


@pytest.fixture(scope="module")
def evidence(readers: Readers) -> Evidence:
    front, back = ((FIXTURES / "g_scan" / f"{side}.jpg").read_bytes() for side in ("front", "back"))
    return find_evidence(front, back, today=TODAY, readers=readers)[0]


def suspected(suspicions: tuple[Suspicion, ...]) -> set[Attack]:
    return {each.attack for each in suspicions if each.suspected}


# --- what was learned -------------------------------------------------------------------------------------------------


def test_everything_but_contradictions_was_learned_and_fits_into_the_package() -> None:
    assert set(lessons()) == set(Attack) - {Attack.CONTRADICTION}
    assert LEARNED.stat().st_size < 5 * 1024 * 1024


@pytest.mark.parametrize("attack", lessons())
def test_the_stricter_the_sooner(attack: Attack) -> None:
    thresholds = lessons()[attack].thresholds
    for device in Device:
        permissive, balanced, strict = (thresholds[strictness][device] for strictness in Strictness)
        assert 1 >= permissive >= balanced >= strict > 0


def test_an_unknown_device_is_held_to_what_lies_between() -> None:
    """Or it is the same for all: then no device's photos differ."""
    for lesson in lessons().values():
        levels = lesson.thresholds[Strictness.BALANCED]
        named = [levels[device] for device in Device if device is not Device.UNKNOWN]
        assert min(named) - 0.1 <= levels[Device.UNKNOWN] <= max(named) + 0.1


def test_what_trees_ask_for_is_measured(evidence: Evidence) -> None:
    """A renamed measure would be missing for good, and nobody would hear of it."""
    measured = evidence.front.keys() | evidence.back.keys()
    often_missing = {"portrait_less", "ghost_apart"}  # no earlier JPEG is seen; nor the card well
    for lesson in lessons().values():
        assert set(lesson.model.reads) - often_missing <= measured
        assert set(lesson.usual) - often_missing <= measured


# --- what is made of it -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CLEAN)
def test_no_clean_card_is_suspected(case: str, readers: Readers) -> None:
    front, back = ((FIXTURES / case / f"{side}.jpg").read_bytes() for side in ("front", "back"))
    reading = read_document(front, back, today=TODAY, readers=readers, life_test=LifeTest())
    assert suspected(reading.life) == set()
    assert [each.attack for each in reading.life] == list(Attack)
    assert reading.milliseconds["life"] > 0


KINDS = {
    "mono": Attack.PHOTOCOPY,
    "copy": Attack.PHOTOCOPY,
    "print": Attack.PRINT,
    "screen": Attack.SCREEN,
    "screenshot": Attack.SCREENSHOT,
}


@pytest.mark.parametrize("kind", KINDS)
def test_drawn_attacks_are_suspected(kind: str, readers: Readers) -> None:
    """Of three cards of the palette that nothing was learned from, two at least; the benchmark says how many."""
    found = [_read(kind, seed, readers) for seed in range(1_000_400, 1_000_403)]
    assert sum(KINDS[kind] in suspected(reading.life) for reading in found) >= 2


def _read(kind: str, seed: int, readers: Readers) -> Reading:
    exhibit = draw_exhibit(kind, seed, "testing")
    test = LifeTest(Device(exhibit.device))
    return read_document(exhibit.front, exhibit.back, today=TODAY, readers=readers, life_test=test)


def test_a_changed_digit_is_suspected_by_what_it_contradicts_or_by_its_blocks(readers: Readers) -> None:
    found = [_read("digit", seed, readers) for seed in range(1_000_400, 1_000_404)]
    assert sum(bool({Attack.TEXT, Attack.CONTRADICTION} & suspected(reading.life)) for reading in found) >= 3


def test_one_contradiction_is_enough_unless_permissive(evidence: Evidence) -> None:
    once, twice = (replace(evidence, contradictions=("birth date, CURP and MRZ",) * count) for count in (1, 2))
    for strictness, counts in {"permissive": (False, True), "balanced": (True, True), "strict": (True, True)}.items():
        test = LifeTest(strictness=Strictness(strictness))
        found = [Attack.CONTRADICTION in suspected(judge_life(each, test)) for each in (once, twice)]
        assert tuple(found) == counts


def test_a_contradiction_is_named(evidence: Evidence) -> None:
    told = judge_life(replace(evidence, contradictions=("sex, all witnesses",)), LifeTest())[-1]
    assert (told.attack, told.reason_en) == (Attack.CONTRADICTION, "contradicts itself: sex, all witnesses")
    assert told.reason_es == "se contradice: sex, all witnesses"


def test_the_same_scores_are_held_against_another_strictness(evidence: Evidence) -> None:
    balanced = judge_life(evidence, LifeTest())
    strict = LifeTest(Device.IOS, Strictness.STRICT)
    assert at_strictness(balanced, strict) == judge_life(evidence, strict)


def test_a_reason_names_what_goes_beyond_the_usual(evidence: Evidence) -> None:
    grey = {name: 0.0 if name.startswith("colour_") else value for name, value in evidence.front.items()}
    told = judge_life(replace(evidence, front=grey, back=grey), LifeTest())[0]
    assert told.attack is Attack.PHOTOCOPY
    assert "its colours" in told.reason_en
    assert "los colores" in told.reason_es


def test_nothing_measured_is_nothing_suspected_of_screens() -> None:
    told = {each.attack: each for each in judge_life(Evidence({}, {}), LifeTest())}
    assert told[Attack.CONTRADICTION].score == 0
    assert all(0 <= each.score <= 1 for each in told.values())


def test_scores_are_probabilities() -> None:
    assert [score_of(odds) for odds in (-30.0, 0.0, 30.0)] == [0.0, 0.5, 1.0]
