"""The page says what was measured, where and when, which goals were missed; the data hold the same."""

import json
from dataclasses import replace

import pytest

from benchmarks.measuring.goals import never, outcomes
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.report import OURS, Pair, Refusal, Results, as_data, as_markdown, said
from benchmarks.measuring.scoring import score, score_rival
from benchmarks.measuring.tally import tally
from tests.benchmarks.answers import EXPECTED, answer, card, refused

ABOUT = About("2026-01-02 03:04 UTC", "abc1234", "./run bench accuracy", "Some CPU", 2, 0.5, "3.11.2", ())


@pytest.fixture
def results() -> Results:
    scores = [score(card(), answer(looks=(("tesseract", True),))), score(card(seed=2), answer(backside__cic="1"))]
    tallies = {"scan": tally(scores), "hard": tally([score(card("hard", 3), refused(806))])}
    rival = score_rival(card(), EXPECTED, 12.0)
    return Results(
        ABOUT,
        "testing",
        tallies,
        scores,
        [Pair("scan", 1, 2, True, False, False, None), Pair("scan", 3, 4, False, True, False, None)],
        [Refusal(0, "bill", "front", "819", False), Refusal(1, "chat", "both sides", "814", True)],
        {"scan": {OURS: scores, "rapidocr": [rival]}},
        [*outcomes(tallies), never("another person's back", "answered valid", 1)],
    )


def test_the_page_says_where_it_comes_from(results: Results) -> None:
    page = as_markdown(results)

    for fact in ("2026-01-02", "abc1234", "`./run bench accuracy`", "2 cores of Some CPU", "0.5", "2 scan, 1 hard"):
        assert fact in page
    assert "an indication only" in page


def test_the_page_marks_what_was_missed(results: Results) -> None:
    page = as_markdown(results)

    assert "1 (goal 0) **missed**" in page
    assert "* scan, all key fields right: 50 %, goal 99.5 % at least" in page
    assert "* another person's back, answered valid: 1, goal 0 at most" in page
    assert "* hard, fully right ones answered valid and match: –, goal 90 % at least" in page


def test_the_page_shows_every_table(results: Results) -> None:
    rows = {tuple(cell.strip() for cell in line.split("|")[1:-1]) for line in as_markdown(results).splitlines()}

    assert ("backside.cic", "50 %", "0 %") in rows
    assert ("806", "0", "1") in rows
    assert ("tesseract", "50, 100 %", "0") in rows
    assert ("0.99 to 1", "34, 97.1 %", "–") in rows
    assert ("backside.cic", "100 %", "–") in rows
    assert ("p95", "100 ms", "50 ms") in rows
    assert ("scan", "2", "1", "0", "0") in rows
    assert ("bill", "0", "1") in rows
    assert ("scan", "rapidocr", "1", *["100 %"] * 7) in rows
    assert ("scan", "2", "backside.cic", "345636022", "1") in rows


def test_the_page_is_as_wide_as_it_says(results: Results) -> None:
    for section in as_markdown(results).split("## ")[1:]:
        widths = {len(line) for line in section.splitlines() if line.startswith("|")}
        assert len(widths) == 1


def test_without_a_miss_it_says_so(results: Results) -> None:
    assert "All 1 goals are met." in as_markdown(replace(results, outcomes=[never("x", "y", 0)]))


def test_nothing_optional_needs_to_be_there(results: Results) -> None:
    page = as_markdown(replace(results, pairs=[], refusals=[], rivals={}))

    assert "another's back" not in page
    assert "no card" not in page
    assert "rapidocr" not in page


def test_the_data_can_be_written_and_name_the_cards_to_look_at(results: Results) -> None:
    data = json.loads(json.dumps(as_data(results)))

    assert [(miss["tier"], miss["seed"], miss["is_silent"]) for miss in data["misses"]] == [("scan", 2, True)]
    assert data["misses"][0]["fields"][0]["answered"] == "1"
    assert data["pairs"]["accepted"][0]["front_seed"] == 3
    assert data["negatives"]["wrong"][0]["kind"] == "bill"
    assert data["tiers"]["scan"]["silent"] == 1
    assert data["rivals"]["scan"]["rapidocr"]["CURP"] == 1


def test_goals_in_words(results: Results) -> None:
    assert said(results.outcomes[0]) == "scan, wrong key field yet valid: 1, goal 0 at most"


def test_this_machine_is_described(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPTENTICATE_FRONT_READERS", "tesseract")
    monkeypatch.setenv("APPTENTICATE_SECRET_KEY", "not to be told")
    described = about("accuracy", ["--cards", "4"])

    assert described.command == "./run bench accuracy --cards 4"
    assert described.cores >= 1
    assert described.processor
    assert "APPTENTICATE_FRONT_READERS=tesseract" in described.settings
    assert not any("SECRET" in setting for setting in described.settings)
