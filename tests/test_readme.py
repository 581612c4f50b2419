"""What the README promises, compared with what the code has: the answers shown, paths of the map."""

import json
import re
from pathlib import Path

import pytest

from ocr.pipeline.errors import ErrorCode

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    return README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> list[str]:
    return re.findall(r"^\| `?([^`|]+?)`? \|", section(title), re.MULTILINE)


@pytest.mark.parametrize("path", [name for name in first_column("Where things are") if name != "path"])
def test_every_place_on_the_map_exists(path: str) -> None:
    assert (ROOT / path).exists()


def test_every_top_level_folder_is_on_the_map() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"docs"}
    assert {f"{name}/" for name in packages} <= set(first_column("Where things are"))


def test_the_answer_shown_is_the_one_that_its_card_gets() -> None:
    answer, error = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", README, re.DOTALL))
    card = re.search(r"frontside=@(\S+)/front\.jpg", README)
    assert card is not None
    expected = json.loads((ROOT / card[1] / "expected.json").read_text(encoding="utf-8"))
    assert answer == expected["body"]["backside"] | {"valid": expected["body"]["valid"]}
    assert list(answer)[-1] == "valid"
    assert error["error_code"] in set(ErrorCode)
