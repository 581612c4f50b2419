"""The Spanish of the admin: complete, and compiled from the text that is read."""

import ast
import gettext
import re
from pathlib import Path

OCR = Path(__file__).parents[2] / "ocr"
CATALOG = OCR / "locale" / "es" / "LC_MESSAGES" / "django.po"


def written() -> dict[str, str]:
    pairs = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', CATALOG.read_text(), re.MULTILINE)
    return dict(pairs)


def asked_for(module: Path) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.Call))
    return {
        str(call.args[0].value)
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "_" and isinstance(call.args[0], ast.Constant)
    }


def test_everything_that_is_said_has_its_spanish() -> None:
    assert set().union(*(asked_for(module) for module in OCR.glob("*.py"))) == set(written())


def test_what_is_compiled_is_what_is_written() -> None:
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in written()} == written()
