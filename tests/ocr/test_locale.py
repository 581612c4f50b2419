"""The Spanish of the admin, the API and the pages: complete, and compiled from the text that is read."""

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


def shown_by(template: Path) -> set[str]:
    """Both tags of Django's; what a tag fills in stands in the catalogue as `%(name)s`."""
    text = template.read_text()
    plain = re.findall(r"""{% translate (?:"([^"]+)"|'([^']+)') %}""", text)
    filled = re.findall(r"{% blocktranslate(?: with [^%]+)? %}(.+?){% endblocktranslate %}", text)
    return {one or other for one, other in plain} | {re.sub(r"{{ (\w+) }}", r"%(\1)s", said) for said in filled}


def test_everything_that_is_said_has_its_spanish() -> None:
    said = [asked_for(module) for module in OCR.glob("*.py")]
    shown = [shown_by(template) for template in OCR.glob("templates/**/*.html")]
    assert set().union(*said, *shown) - DJANGOS_OWN == set(written())


DJANGOS_OWN = {"Clear selection", "Home", "Search", "Show all"}
"""Words of Django's admin, which brings their Spanish."""


def test_what_is_compiled_is_what_is_written() -> None:
    with CATALOG.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert {text: compiled.gettext(text) for text in written()} == written()
