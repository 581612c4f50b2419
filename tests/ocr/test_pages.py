"""The page to try it on, as it is served: both languages, nothing from elsewhere, and scripts that say nothing."""

import json
import re
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.urls import reverse
from rest_framework.test import APIClient

from ocr.pages import TEXTS
from ocr.pipeline.errors import ErrorCode
from ocr.pipeline.match import WEIGHTS
from ocr.serializers import BacksideSerializer, FrontsideSerializer

SPANISH, ENGLISH = "Entran dos fotos", "Two pictures in"
STATIC = Path(str(finders.find("ocr/try/main.js"))).parent
TEMPLATE = STATIC.parents[2] / "templates" / "ocr" / "try.html"


def page(path: str = "/", **headers: str) -> str:
    response = APIClient().get(path, headers=headers)
    assert response.status_code == 200
    return str(response.content.decode())


@pytest.mark.parametrize(("path", "asked", "said"), [
    ("/", "es-MX,es;q=0.9,en;q=0.5", SPANISH),
    ("/", "en-US,en;q=0.9", ENGLISH),
    ("/", "fr", SPANISH),
    ("/?lang=en", "es-MX", ENGLISH),
    ("/?lang=es", "en-US", SPANISH),
    ("/?lang=xx", "en-US", ENGLISH),
])  # fmt: skip
def test_it_speaks_the_language_that_is_asked_for(path: str, asked: str, said: str) -> None:
    shown = page(path, accept_language=asked)
    assert said in shown
    language = "es" if said == SPANISH else "en"
    assert f'<html lang="{language}">' in shown
    assert APIClient().get(path, headers={"accept-language": asked})["Content-Language"] == language


def test_the_scripts_get_their_texts_with_the_page() -> None:
    told = json.loads(page("/?lang=es").partition('<script id="texts" type="application/json">')[2].partition("<")[0])
    assert told["hints"]["closer"].startswith("Acérquese")
    assert {group: set(texts) for group, texts in told.items()} == {group: set(texts) for group, texts in TEXTS.items()}


def test_it_leads_to_the_docs_and_the_administration() -> None:
    shown = page()
    for name in ("docs", "admin:index", "token", "token-refresh", "documents"):
        assert f'"{reverse(name)}"' in shown


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_can_be_sent_to_it(method: str) -> None:
    assert getattr(APIClient(), method)("/").status_code == 405


def test_its_policy_lets_no_script_stand_in_it_and_pictures_be_shown() -> None:
    response = APIClient().get("/")
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert "img-src 'self' data: blob:" in policy
    scripts = re.findall(r"<script[^>]*>", response.content.decode())
    assert len(scripts) == 2
    assert all("src=" in script or "application/json" in script for script in scripts)
    assert not re.findall(r"\sstyle=|\son[a-z]+=", response.content.decode())


@pytest.mark.parametrize("file", [TEMPLATE, *sorted(STATIC.iterdir())], ids=lambda file: file.name)
def test_nothing_comes_from_elsewhere(file: Path) -> None:
    text = file.read_text().replace("http://www.w3.org/2000/svg", "")
    assert not re.findall(
        r"https?://|\burl\(|@import|\beval\(|innerHTML|localStorage|sessionStorage|document\.cookie", text
    )


def test_modules_import_only_what_is_there() -> None:
    named = {name for file in STATIC.glob("*.js") for name in re.findall(r'from "\./([^"]+)"', file.read_text())}
    assert named | {"main.js"} == {file.name for file in STATIC.glob("*.js")}


# --- lists that must agree with the service's own


def test_every_field_has_its_name() -> None:
    shown = {name for side in (FrontsideSerializer, BacksideSerializer) for name in side().fields} - {"document_type"}
    assert shown <= set(TEXTS["fields"])


def test_every_pair_that_is_compared_has_its_name() -> None:
    assert set(TEXTS["pairs"]) == set(WEIGHTS)


def test_every_code_has_its_cure() -> None:
    assert {int(code) for code in TEXTS["cures"] if code.isdigit()} == {int(code) for code in ErrorCode}


def test_scripts_ask_for_texts_that_are_there() -> None:
    asked = {
        found for file in STATIC.glob("*.js") for found in re.findall(r'\btext\("(\w+)", "([\w.]+)"', file.read_text())
    }
    assert len(asked) > 20
    assert {(group, key) for group, key in asked if key not in TEXTS[group]} == set()
