"""The documentation: a valid OpenAPI schema with an example of every answer, and a page that needs no internet."""

import re
from typing import Any

import pytest
from django.core.management import call_command
from drf_spectacular.validation import validate_schema
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr.exception_handler import BAD_ACCESS_TOKEN, BAD_LOGIN, BAD_REFRESH_TOKEN, MISSING_TOKEN
from ocr.pipeline.errors import ErrorCode
from tests.ocr.test_views import BASE, BOTH


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return dict(APIClient().get("/api/schema/?format=json").json())


def examples(schema: dict[str, Any], path: str, method: str, status: str) -> list[Any]:
    content = schema["paths"][path][method]["responses"][status]["content"]["application/json"]
    return [example["value"] for example in content["examples"].values()]


def test_the_schema_is_valid(schema: dict[str, Any]) -> None:
    validate_schema(schema)  # type: ignore[no-untyped-call]


def test_the_schema_is_made_without_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn")
    assert capsys.readouterr().out.startswith("openapi:")


def test_every_endpoint_is_shown_once(schema: dict[str, Any]) -> None:
    assert {path: set(operations) for path, operations in schema["paths"].items()} == {
        "/api/token/": {"post"},
        "/api/token/refresh/": {"post"},
        "/api/v3.2/ocr/": {"get", "post"},
        "/api/v3.2/ocr/batch/": {"get", "post"},
        "/api/v3.2/ocr/batch/{id}/": {"get", "delete"},
        "/api/v3.2/ocr/batch/{id}/results/": {"get"},
        "/api/v3.2/ocr/{id}/": {"get", "delete"},
        "/api/v3.2/ocr/{id}/images/{name}/": {"get"},
        "/api/v3.2/webhooks/": {"get", "post"},
        "/api/v3.2/webhooks/{id}/": {"get", "patch", "delete"},
        "/api/v3.2/webhooks/{id}/secret/": {"post"},
        "/api/v3.2/webhooks/{id}/test/": {"post"},
        "/api/v3.2/webhooks/{id}/deliveries/": {"get"},
        "/api/v3.2/webhooks/{id}/deliveries/{delivery}/": {"get"},
        "/api/v3.2/webhooks/{id}/deliveries/{delivery}/replay/": {"post"},
    }


def test_every_answer_has_an_example(schema: dict[str, Any]) -> None:
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                for kind, content in response.get("content", {}).items():
                    assert kind == "image/jpeg" or content.get("examples"), (operation["operationId"], status)


def test_the_examples_are_the_published_ones(schema: dict[str, Any]) -> None:
    shown = examples(schema, "/api/v3.2/ocr/", "post", "200")
    for body in (BASE, BOTH):
        assert body in shown
        assert {**body, "id": 281234} in shown
    detailed = next(example for example in shown if "details" in example)
    described = schema["components"]["schemas"]["Details"]["properties"]
    assert detailed["details"].keys() == described.keys()


def test_every_failure_has_an_example(schema: dict[str, Any]) -> None:
    shown = [example for status in ("400", "503") for example in examples(schema, "/api/v3.2/ocr/", "post", status)]
    assert sorted(example["error_code"] for example in shown) == sorted(ErrorCode)


@pytest.mark.parametrize(
    ("path", "texts"),
    [
        ("/api/token/", [BAD_LOGIN]),
        ("/api/token/refresh/", [BAD_REFRESH_TOKEN]),
        ("/api/v3.2/ocr/", [MISSING_TOKEN, BAD_ACCESS_TOKEN]),
    ],
)
def test_every_refusal_has_an_example(schema: dict[str, Any], path: str, texts: list[Any]) -> None:
    assert examples(schema, path, "post", "401") == texts


@pytest.mark.parametrize("name", ["BackAnswer", "BothSidesAnswer"])
def test_the_published_answers_are_as_described(schema: dict[str, Any], name: str) -> None:
    """Dates, too: DD-MM-YYYY is not what JSON Schema calls a date."""
    described = schema["components"]["schemas"]
    properties = described[name]["properties"]
    dates = (
        [properties] if name == "BackAnswer" else [described[side]["properties"] for side in ("Backside", "Frontside")]
    )
    for side in dates:
        for key in ("birth_date", "date_of_birth"):
            if key in side:
                assert "format" not in side[key]
                assert re.fullmatch(side[key]["pattern"], "15-03-1990")


def test_the_request_is_described(schema: dict[str, Any]) -> None:
    body = schema["paths"]["/api/v3.2/ocr/"]["post"]["requestBody"]["content"]
    assert list(body) == ["multipart/form-data"]
    described = schema["components"]["schemas"]["DocumentRequest"]
    assert list(described["properties"]) == [
        "frontside",
        "backside",
        "document_type",
        "return_id",
        "validate_sides",
        "device",
        "details",
    ]
    assert described["required"] == ["backside", "document_type", "frontside"]


@pytest.mark.parametrize("path", ["/", "/api/docs/", "/api/docs"])
def test_the_page_needs_no_internet(path: str) -> None:
    client = APIClient()
    response = client.get(path)
    page = response.content.decode()
    assert response.status_code == 200
    assert not re.findall(r"(?:https?:)?//[^/\s\"']+", re.sub(r"^\s*//.*$", "", page, flags=re.MULTILINE))
    served = [client.get(link).status_code for link in re.findall(r'(?:href|src)="(/static/[^"]+)"', page)]
    assert len(served) >= 3
    assert set(served) == {200}


@pytest.mark.parametrize("path", ["/api/docs/", "/admin/login/"])
def test_pages_load_nothing_from_elsewhere_and_run_no_script_of_their_own(db: None, path: str) -> None:
    response = APIClient().get(path)
    policy = response["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "script-src" not in policy
    assert not re.findall(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+=", response.content.decode())


@pytest.mark.parametrize(("name", "value"), [
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
])  # fmt: skip
def test_every_answer_tells_browsers_to_be_careful(db: None, name: str, value: str) -> None:
    for path in ("/api/health/live", "/api/v3.2/ocr/", "/admin/login/"):
        assert APIClient().get(path)[name] == value


def test_no_other_page_may_call_unless_a_setting_names_it(db: None, settings: Settings) -> None:
    def allowed(origin: str) -> str | None:
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        answer = APIClient().options("/api/v3.2/ocr/", headers=asked)
        return answer.headers.get("Access-Control-Allow-Origin")

    assert allowed("https://app.example") is None
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example"]
    assert allowed("https://app.example") == "https://app.example"
    assert allowed("https://other.example") is None
