"""`./run bench accuracy`: what it takes, and where its results go."""

import shutil
import subprocess
from argparse import Namespace

import pytest

from benchmarks import accuracy
from benchmarks.measuring.service import ROOT
from fixtures.drawing import TIERS

WHOLE = {"cards": 100, "tiers": list(TIERS), "palette": "testing"}


def test_by_default_it_measures_what_the_goals_ask_for() -> None:
    options = accuracy._parser().parse_args([])

    assert (options.cards, options.tiers, options.rivals, options.negatives) == (100, list(TIERS), 12, 100)
    assert options.palette == "testing"
    assert accuracy._folder(options) == ROOT / "benchmarks" / "results"


@pytest.mark.skipif(not shutil.which("git"), reason="git is not here to be asked")
@pytest.mark.parametrize("less", [{"cards": 99}, {"tiers": ["scan"]}, {"palette": "tuning"}])
def test_a_run_that_shows_less_is_not_kept_in_git(less: dict[str, object]) -> None:
    folder = accuracy._folder(Namespace(**WHOLE | less))

    ignored = subprocess.run(["git", "check-ignore", "-q", folder / "accuracy.md"], cwd=ROOT, check=False)
    assert ignored.returncode in {0, 128}  # 128: no repository here


@pytest.mark.parametrize("wrong", [["--cards", "0"], ["--cards", "-1"], ["--tiers", "xerox"], ["--negatives", "few"]])
def test_nonsense_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        accuracy._parser().parse_args(wrong)
    assert wrong[0] in capsys.readouterr().err


def test_cards_are_taken_in_twos() -> None:
    assert [list(two) for two in accuracy._in_twos(range(5))] == [[0, 1], [2, 3], [4]]


def test_run_lists_it_and_no_part_of_it() -> None:
    listed = subprocess.run([ROOT / "run", "bench"], capture_output=True, text=True, check=True).stdout.split()

    assert "accuracy" in listed
    assert not {"service", "client", "scoring", "measuring"} & set(listed)
