"""What the pages under `docs/` promise, compared with what the code has; the commands of the first card are run."""

import ast
import json
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.utils import translation

from apptenticate.gunicorn import graceful_timeout
from benchmarks.measuring.goals import AT_LEAST, AT_MOST
from benchmarks.measuring.service import make_user, running_service
from fixtures.drawing import SEEDS, TIERS
from ocr import reviewing
from ocr.exception_handler import (
    AWAY,
    BAD_ACCESS_TOKEN,
    BAD_LOGIN,
    BAD_REFRESH_TOKEN,
    MISSING_TOKEN,
    UNFORESEEN,
    WORDINGS,
    failure_body,
)
from ocr.models import BROKEN, INTERRUPTED, READ, THROTTLED
from ocr.pipeline import engines, errors
from ocr.pipeline.errors import REPORTING_ORDER, ErrorCode
from ocr.pipeline.match import WEIGHTS
from ocr.processes import LONGEST_WAIT
from ocr.roles import ROLES
from ocr.serializers import BackAnswerSerializer, DetailsSerializer, DocumentSerializer
from ocr.views import IMAGES, TOO_MANY_PASSWORDS, Erased, NoImage, OtherRequest, Unanswered
from tests.test_run import COMMANDS

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))
READ_FIRST = [ROOT / "README.md", *PAGES]

by_name = pytest.mark.parametrize("page", READ_FIRST, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(name: str) -> str:
    return (DOCS / f"{name}.md").read_text(encoding="utf-8")


def section(name: str, title: str) -> str:
    """What stands under a heading, up to the next one that is as high or higher."""
    level = re.search(rf"^(#+) {re.escape(title)}$", text_of(name), re.MULTILINE)
    assert level is not None, f"{name}.md has no heading {title!r}"
    rest = text_of(name)[level.end() :]
    return re.split(rf"^#{{1,{len(level[1])}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def rows(text: str) -> list[list[str]]:
    """The cells of every table in a text, heads left out."""
    lines = re.findall(r"^\|(.+)\|$", re.sub(r"^\|.*\|\n\|[-|]+\|$", "", text, flags=re.MULTILINE), re.MULTILINE)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def plain(cell: str) -> str:
    """Without the marks of code around it."""
    return cell.strip("`")


def fences(text: str) -> list[tuple[str, str]]:
    """Language and content of every block of code."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


# --- links ------------------------------------------------------------------------------------------------------------


def headings(page: Path) -> set[str]:
    """As GitHub names their anchors."""
    bare = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    titles = re.findall(r"^#+ (.+)$", bare, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@by_name
def test_every_link_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        path, _, heading = link.partition("#")
        if path.startswith("http"):
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), link
        assert not heading or heading in headings(target), link


def test_every_page_stands_in_the_index_and_in_the_readme() -> None:
    others = {page.name for page in PAGES} - {"README.md"}
    assert set(re.findall(r"\]\((\w[\w-]*\.md)\)", text_of("README"))) == others
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert set(re.findall(r"\]\(docs/([\w-]+\.md)\)", readme)) == others


# --- commands ---------------------------------------------------------------------------------------------------------


@by_name
def test_every_command_of_run_exists(page: Path) -> None:
    assert set(re.findall(r"\./run ([a-z]+)", page.read_text(encoding="utf-8"))) <= COMMANDS


@by_name
def test_every_benchmark_exists(page: Path) -> None:
    for name in re.findall(r"\./run bench ([a-z]+)", page.read_text(encoding="utf-8")):
        assert (ROOT / f"benchmarks/{name}.py").exists()


@by_name
def test_every_command_of_manage_exists_and_has_the_options_shown(page: Path) -> None:
    apps = get_commands()
    for name, rest in re.findall(r"manage\.py (\w+)([^`\n]*)", page.read_text(encoding="utf-8")):
        assert name in apps
        app = apps[name]
        assert isinstance(app, str)
        known = load_command_class(app, name).create_parser("manage.py", name).format_help()
        assert [option for option in re.findall(r"--[a-z-]+", rest) if option not in known] == []


# --- first card -------------------------------------------------------------------------------------------------------

LOCAL = "http://127.0.0.1:8000"
ANA, PASSWORD = "ana", "the password"
"""As the page calls them."""


RUN = ("first-card", "many")
"""The pages whose commands are run."""


def run_blocks(page: str) -> Iterator[tuple[str, str]]:
    """Blocks of shell that need the service, or read a card without it, each with the JSON that stands next."""
    blocks = fences(text_of(page))
    for number, (language, shown) in enumerate(blocks):
        if language == "sh" and ("curl" in shown or "manage.py" in shown):
            told = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
            yield shown, told[1] if told[0] == "json" else ""


@cache
def answers(page: str, folder: Path) -> list[str]:
    """What the blocks print, one after the other in one shell, against the real service."""
    blocks = [shown for shown, _ in run_blocks(page)]
    script = "\n".join(f"{{\n{shown}}} >'{folder}/{number}'" for number, shown in enumerate(blocks))
    with running_service(processes=1) as service:
        make_user(service, ANA, PASSWORD)
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script.replace(LOCAL, service.url)],
            cwd=ROOT,
            env={**os.environ, "APPTENTICATE_HOME": str(service.home), "NO_PROXY": "127.0.0.1"},
            check=True,
            timeout=180,
        )
    return [(folder / str(number)).read_text(encoding="utf-8") for number in range(len(blocks))]


def tells(answer: Any, shown: Any) -> bool:
    """Whether an answer holds what is shown of it; places may differ a little from machine to machine."""
    match shown:
        case dict():
            return all(key in answer and tells(answer[key], value) for key, value in shown.items())
        case list():
            return len(answer) == len(shown) and all(map(tells, answer, shown))
        case float():
            return bool(answer == pytest.approx(shown, abs=3))
        case _:
            return bool(answer == shown)


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {page: tmp_path_factory.mktemp(page) for page in RUN}


@pytest.mark.parametrize(
    ("page", "number"), [(page, number) for page in RUN for number in range(len([*run_blocks(page)]))]
)
def test_what_a_page_shows_is_what_comes(folders: dict[str, Path], page: str, number: int) -> None:
    block, told = list(run_blocks(page))[number]
    said = answers(page, folders[page])[number]
    if "TOKEN=" in block:
        assert said == ""
        return
    answer = json.loads(said)
    assert "detail" not in answer
    if told:
        shown = json.loads(told)
        assert tells(answer, shown)
        assert page != "first-card" or "details" in shown or list(answer) == list(shown)


def test_the_first_card_runs_every_curl_and_the_account_it_makes() -> None:
    page = text_of("first-card")
    run = sum(shown.count("curl ") for shown, _ in run_blocks("first-card"))
    assert run == sum(shown.count("curl ") for _, shown in fences(page)) == 7
    assert f"./run user {ANA}\n" in page
    assert page.count(f"'password={PASSWORD}'") == page.count("username=ana")


def test_the_keys_of_details_are_those_of_the_answer() -> None:
    listed = {name for row in rows(section("first-card", "6. See why")) for name in re.findall(r"`(\w+)`", row[0])}
    assert listed == set(DetailsSerializer().fields)


# --- moving -----------------------------------------------------------------------------------------------------------

PUBLISHED_PARTS = {"frontside", "backside", "document_type", "return_id", "validate_sides", "device"}
PUBLISHED_KEYS = {
    "document_type", "country_code", "document_number", "citizen_id", "cic", "birth_date", "gender", "expiration_date",
    "surname", "name", "valid", "id",
}  # fmt: skip


def test_moving_lists_all_that_is_ours() -> None:
    listed = {plain(row[0]) for row in rows(section("moving", "What is here besides"))}
    parts, keys = set(DocumentSerializer().fields), set(BackAnswerSerializer().fields)
    assert listed >= (parts - PUBLISHED_PARTS) | (keys - PUBLISHED_KEYS) | {"Idempotency-Key"}
    assert {int(name) for name in listed if name.isdigit()} == {code for code in ErrorCode if code >= 850}
    assert {"GET /api/v3.2/ocr/", "DELETE /api/v3.2/ocr/<id>/"} <= listed


@pytest.mark.parametrize(
    "subject",
    [
        "path", "`document_type`", "`return_id`, `validate_sides`", "`device`", "which side is answered", "`gender`",
        "`name`, `surname` of the back", "`valid`", "`matches_percentage`, `match`", "status of errors",
        "text of errors", "what could not be read, is hidden, or is not on this model", "`document_type` in the answer",
        "sides sent the wrong way round", "models A, B and C", "life of tokens", "how often",
        "which error, where several apply", "too many documents at once",
    ],
)  # fmt: skip
def test_moving_lists_every_decision(subject: str) -> None:
    assert subject in [row[0] for row in rows(section("moving", "What was decided"))]


def test_moving_names_every_image() -> None:
    (row,) = [row for row in rows(section("moving", "What is here besides")) if "/images/" in row[0]]
    assert tuple(re.findall(r"`(\w+)`", row[1])) == IMAGES


@pytest.mark.parametrize("name", sorted({page.stem for page in PAGES} - {"README", "settings"}))
def test_every_setting_that_is_named_exists(name: str) -> None:
    named = set(re.findall(r"APPTENTICATE_[A-Z_]+[A-Z]", text_of(name)))
    assert named <= set(settings_read()) | {"APPTENTICATE_PASSWORD"}


# --- errors -----------------------------------------------------------------------------------------------------------


def test_every_code_has_its_cause_and_its_cure() -> None:
    table = rows(section("errors", "Codes"))
    assert [int(row[0]) for row in table] == sorted(ErrorCode)
    assert all(cause and cure for _, cause, cure in table)


def test_every_code_is_said_as_the_service_says_it() -> None:
    said = {code: (str(wording.status), wording.es, wording.en) for code, wording in WORDINGS.items()}
    assert {int(row[0]): tuple(row[1:]) for row in rows(section("errors", "What each one says"))} == said


def test_the_order_of_codes_is_the_pipelines() -> None:
    first = section("errors", "Which one, where several apply").partition("answered: ")[2].partition("\n")[0]
    listed = [int(code) for code in re.findall(r"\b8\d\d\b", first)]
    parameter = listed.index(ErrorCode.WRONG_DOCUMENT)
    assert listed[:parameter] + listed[parameter + 1 :] == list(REPORTING_ORDER)


def test_the_failure_shown_is_one() -> None:
    shown = [json.loads(block) for language, block in fences(text_of("errors")) if language == "json"]
    with translation.override("en"):
        assert shown == [failure_body(errors.MrzNotFound.code)]


SAID = [body["detail"] for body in (AWAY, BAD_ACCESS_TOKEN, BAD_LOGIN, BAD_REFRESH_TOKEN, MISSING_TOKEN, UNFORESEEN)]


@pytest.mark.parametrize("said", [*SAID, TOO_MANY_PASSWORDS])
def test_errors_quotes_what_is_said_of_tokens_and_storage(said: str) -> None:
    assert str(said) in text_of("errors")


@pytest.mark.parametrize("kind", [Erased, NoImage, OtherRequest, Unanswered])
@pytest.mark.parametrize("language", ["es", "en"])
def test_errors_quotes_what_is_said_of_transactions(kind: Any, language: str) -> None:
    with translation.override(language):
        said = str(kind.default_detail)
    quoted = [row for row in rows(section("errors", "Other answers")) if said in row[1]]
    assert [int(row[0]) for row in quoted] == [kind.status_code]


def test_every_outcome_is_told() -> None:
    told = {plain(row[0]) for row in rows(section("errors", "What the record says"))}
    assert told == {"empty", "800 to 852", *map(str, (READ, THROTTLED, BROKEN, INTERRUPTED))}
    assert (min(ErrorCode), max(ErrorCode)) == (800, 852)


# --- settings ---------------------------------------------------------------------------------------------------------


def settings_read() -> dict[str, ast.Call]:
    """By variable, the call that reads it."""
    tree = ast.parse((ROOT / "apptenticate/settings.py").read_text(encoding="utf-8"))
    found: dict[str, ast.Call] = {}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(), args=[ast.Constant(value=str() as name), *_]) if name.startswith("APPTEN"):
                found.setdefault(name, node)
    return {name: call for name, call in found.items() if name.isupper()}


def settings_told() -> dict[str, list[str]]:
    table = [row for row in rows(text_of("settings")) if row[0].startswith("`APPTENTICATE_")]
    assert len({row[0] for row in table}) == len(table)
    return {plain(row[0]): row[1:] for row in table}


def test_every_setting_has_its_row() -> None:
    variables = re.findall(r'"(APPTENTICATE_[A-Z_]+)"', (ROOT / "apptenticate/settings.py").read_text(encoding="utf-8"))
    assert set(settings_told()) == set(variables)
    assert all(all(row) for row in settings_told().values())


def _number(node: ast.expr) -> int | None:
    try:
        return int(eval(compile(ast.Expression(node), "settings", "eval"), {"__builtins__": {}}))  # noqa: S307
    except NameError:
        return None  # it depends on the machine


@pytest.mark.parametrize("name", [name for name, call in settings_read().items() if len(call.args) == 4])
def test_numbers_have_the_defaults_and_bounds_that_are_told(name: str) -> None:
    default, least, most = map(_number, settings_read()[name].args[1:])
    told_default, told_bounds, _ = settings_told()[name]
    assert default is None or told_default == str(default)
    assert told_bounds == f"{least}–{most}"


def test_texts_have_the_defaults_that_are_told() -> None:
    given = {
        name: call.args[1].value
        for name, call in settings_read().items()
        if len(call.args) in {2, 3} and isinstance(call.args[1], ast.Constant) and call.args[1].value
    }
    assert len(given) > 8
    assert {name: plain(settings_told()[name][0]) for name in given} == given


def test_every_reader_is_told() -> None:
    told = {plain(row[0]) for row in rows(section("settings", "Readers"))}
    assert told == {*engines.FRONT, *engines.BACK}


# --- production, reviewing, accuracy ----------------------------------------------------------------------------------


def test_the_proxy_lets_through_what_the_service_answers_itself() -> None:
    (nginx,) = [block for language, block in fences(text_of("production")) if language == "nginx"]
    most, held = (
        int(re.findall(rf"{name} (\d+)m;", nginx)[0]) for name in ("client_max_body_size", "client_body_buffer_size")
    )
    assert most * 2**20 > settings.OCR_BODY_LIMIT
    assert held == most
    assert int(re.findall(r"proxy_read_timeout (\d+)s;", nginx)[0]) > LONGEST_WAIT


def test_whoever_stops_the_service_gives_it_time_to_finish() -> None:
    page = text_of("production")
    for told in (r"TimeoutStopSec=(\d+)", r"--time (\d+)", r"for (\d+) seconds at most"):
        (seconds,) = map(int, re.findall(told, page))
        assert seconds >= graceful_timeout > LONGEST_WAIT


def test_roles_and_reasons_are_told() -> None:
    assert [row[0] for row in rows(section("reviewing", "Roles"))] == list(ROLES)
    with translation.override("en"):
        assert [row[0] for row in rows(section("reviewing", "What waits"))] == list(
            map(str, reviewing.REASONS.values())
        )


def test_the_goals_are_the_benchmarks() -> None:
    told = {row[0]: row[1:] for row in rows(section("accuracy", "Goals"))}
    measures = dict(zip(told, ("keys_right", "every_right", "assured", "sure_right", "right_sure"), strict=False))
    for title, measure in measures.items():
        goals = [AT_LEAST[tier].get(measure) for tier in TIERS]
        assert [float(cell) / 100 if cell else None for cell in told[title]] == pytest.approx(goals)
    assert told["wrong key field yet valid, cards"] == [str(AT_MOST[tier]["silent"]) for tier in TIERS]


def test_palettes_and_tiers_are_the_drawings() -> None:
    told = {plain(row[0]): row[1] for row in rows(section("accuracy", "Palettes and seeds"))}
    assert told == {name: f"{seeds[0]}–{seeds[-1]}" for name, seeds in SEEDS.items()}
    assert [row[0] for row in rows(section("accuracy", "Tiers"))] == list(TIERS)


def test_the_weights_are_the_comparisons() -> None:
    table = rows(section("accuracy", "How both sides are compared"))
    assert {plain(row[0]): float(row[1]) for row in table} == dict(WEIGHTS)
