"""`./run`, the one set-up: it parses, lists what it does, and the other places that name its commands agree with it."""

import os
import re
import runpy
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
COMMANDS = {
    "demo", "serve", "worker", "user", "test", "lint", "bench", "chaos", "fuzz", "train", "lock", "setup", "help",
}  # fmt: skip


def run(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "run"), *arguments],
        cwd=cwd,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def without(folder: Path, *missing: str) -> str:
    """A PATH on which everything is found that this machine has, except `missing`."""
    for directory in os.environ["PATH"].split(os.pathsep):
        for program in Path(directory).glob("*"):
            link = folder / program.name
            if program.name not in missing and not link.is_symlink():
                link.symlink_to(program)
    return str(folder)


def names(requirements: str) -> dict[str, str]:
    """Package name → the rest of its line."""
    lines = re.findall(r"^([A-Za-z0-9._-]+)(\S*)", (ROOT / requirements).read_text(), re.MULTILINE)
    return {re.sub(r"[-_.]+", "-", name).lower(): rest for name, rest in lines if not name.startswith("-")}


@pytest.mark.parametrize("script", ["run", ".ci/run"])
def test_scripts_parse_and_are_executable(script: str) -> None:
    subprocess.run(["bash", "-n", ROOT / script], check=True)
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("spelling", [[], ["help"], ["--help"]])
def test_help_lists_every_command(spelling: list[str]) -> None:
    result = run(*spelling)
    assert result.returncode == 0
    assert set(re.findall(r"^\./run (\w+)", result.stdout, re.MULTILINE)) == COMMANDS


def test_help_works_from_any_folder(tmp_path: Path) -> None:
    assert run("help", cwd=tmp_path).returncode == 0


def test_an_unknown_command_is_refused() -> None:
    result = run("deom")
    assert result.returncode != 0
    assert "no command 'deom'" in result.stderr
    assert result.stdout == ""


def test_an_old_python_is_refused_by_name(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.9.2\nexit 1\n')
    old.chmod(0o755)
    result = run("setup", PYTHON=str(old))
    assert result.returncode != 0
    assert "3.11 or newer is needed" in result.stderr
    assert "3.9.2" in result.stderr


def test_without_apt_it_names_the_packages_and_stops(tmp_path: Path) -> None:
    result = run("setup", PATH=without(tmp_path, "apt-get", "tesseract", "curl"))
    assert result.returncode != 0
    assert "tesseract-ocr tesseract-ocr-spa curl" in result.stderr


def test_without_root_and_sudo_it_names_the_packages_and_stops(tmp_path: Path) -> None:
    path = without(tmp_path, "sudo", "tesseract", "id", "apt-get")
    for name, body in {"id": "echo 1000", "apt-get": "exit 99"}.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{body}\n")
        (tmp_path / name).chmod(0o755)
    result = run("setup", PATH=path)
    assert result.returncode != 0
    assert "as root: apt-get install tesseract-ocr tesseract-ocr-spa" in result.stderr


def test_ci_runs_the_tests_and_nothing_else() -> None:
    code = [line for line in (ROOT / ".ci/run").read_text().splitlines() if line and not line.startswith("#")]
    assert code == ['exec "$(dirname -- "${BASH_SOURCE[0]}")/../run" test']


@pytest.mark.parametrize("page", ["README.md", "Dockerfile", "CHANGELOG.md"])
def test_commands_named_elsewhere_exist(page: str) -> None:
    mentioned = set(re.findall(r"\./run\"?,? ?\"?([a-z]+)", (ROOT / page).read_text()))
    assert mentioned <= COMMANDS
    assert mentioned or page == "CHANGELOG.md"


def test_readme_shows_the_commands_of_help() -> None:
    readme = (ROOT / "README.md").read_text()
    assert {command for command in COMMANDS if f"./run {command}" in readme} >= COMMANDS - {"help"}


@pytest.mark.parametrize("source", ["requirements.in", "requirements-dev.in"])
def test_every_direct_requirement_is_pinned(source: str) -> None:
    pins = names(source.replace(".in", ".txt"))
    assert names(source).keys() <= pins.keys()
    assert all(re.match(r"==[0-9]", rest) for rest in pins.values())


def test_both_opencv_builds_never_stand_side_by_side() -> None:
    pins = names("requirements.txt") | names("requirements-dev.txt")
    assert [name for name in pins if name.startswith("opencv")] == ["opencv-python-headless"]


def test_however_it_is_started_onnxruntime_reports_nothing() -> None:
    assert re.search("^export ORT_DISABLE_TELEMETRY=1", (ROOT / "run").read_text(), re.MULTILINE)
    assert "ORT_DISABLE_TELEMETRY=1" in runpy.run_path(str(ROOT / "apptenticate/gunicorn.py"))["raw_env"]


def test_oldest_python_is_the_same_everywhere() -> None:
    oldest = re.search(r"OLDEST_PYTHON=(\S+)", (ROOT / "run").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert oldest is not None
    assert project["project"]["requires-python"] == f">={oldest[1]}"
    assert project["tool"]["mypy"]["python_version"] == oldest[1]
