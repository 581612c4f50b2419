"""The import rules of pyproject.toml, kept on every test run and not only when somebody lints."""

import os
from pathlib import Path

import pytest
from importlinter import cli

from tests.fresh import run_fresh

ROOT = Path(__file__).parent.parent


def test_imports_keep_the_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == os.EX_OK


def test_the_process_that_serves_loads_nothing_that_decodes_or_computes() -> None:
    """Untrusted pictures are none of its business, and it starts sooner."""
    code = (
        "import sys, apptenticate.wsgi; from django.urls import get_resolver; get_resolver().url_patterns; "
        "print([name for name in ('cv2', 'numpy', 'onnxruntime', 'PIL', 'pygal', 'rapidfuzz') if name in sys.modules])"
    )
    told = run_fresh(code)
    assert told.stdout == "[]\n"
