"""The import rules of pyproject.toml, kept on every test run and not only when somebody lints."""

import os
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).parent.parent


def test_imports_keep_the_architecture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(no_cache=True) == os.EX_OK
