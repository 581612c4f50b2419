"""What the README promises, compared with what the code has: codes, settings, paths of the map."""

import json
import re
from pathlib import Path

import pytest

from ocr.pipeline.errors import REPORTING_ORDER, ErrorCode
from ocr.pipeline.match import WEIGHTS

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> list[str]:
    return re.findall(r"^\| `?([^`|]+?)`? \|", section(title), re.MULTILINE)


def test_every_code_has_its_row() -> None:
    assert [int(code) for code in first_column("Codes") if code.isdigit()] == sorted(ErrorCode)


def test_the_order_of_codes_is_the_pipelines() -> None:
    listed = [
        int(code)
        for code in re.findall(r"\b8\d\d\b", section("Codes").partition("answered: ")[2].partition("| code")[0])
    ]
    parameter = listed.index(ErrorCode.WRONG_DOCUMENT)
    assert listed[:parameter] + listed[parameter + 1 :] == list(REPORTING_ORDER)


def test_every_setting_has_its_row() -> None:
    read = set(re.findall(r'"(APPTENTICATE_[A-Z_]+)"', (ROOT / "apptenticate/settings.py").read_text(encoding="utf-8")))
    assert {name for name in first_column("Settings") if name.startswith("APPTENTICATE_")} == read


@pytest.mark.parametrize("path", [name for name in first_column("Where things are") if name != "path"])
def test_every_place_on_the_map_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_top_level_folder_is_on_the_map() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert {f"{name}/" for name in packages} <= set(first_column("Where things are"))


def test_the_answer_shown_is_the_one_that_its_card_gets() -> None:
    answer, error = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    card = re.search(r"frontside=@(\S+)/front\.jpg", README)
    assert card is not None
    expected = json.loads((ROOT / card[1] / "expected.json").read_text(encoding="utf-8"))
    assert answer == expected["body"]["backside"] | {"valid": expected["body"]["valid"]}
    assert list(answer)[-1] == "valid"
    assert error["error_code"] in set(ErrorCode)


def test_the_weights_are_the_comparisons() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", section("How both sides are compared"), re.MULTILINE)
    assert {name: float(weight) for name, weight in rows} == dict(WEIGHTS)
