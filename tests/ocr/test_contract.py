"""Every folder of `fixtures/` posted over HTTP and read by the real readers: what comes back is its `expected.json`."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ocr.models import Transaction
from ocr.pipeline.errors import ErrorCode
from tests.conftest import URL

FIXTURES = Path(__file__).parents[2] / "fixtures"
CASES = sorted(path.parent for path in FIXTURES.glob("*/expected.json"))
PROVOKED = {code for code in ErrorCode if code < ErrorCode.BAD_FLAG}
"""The published codes; ours are provoked elsewhere."""

pytestmark = pytest.mark.django_db


def sent(case: Path) -> dict[str, Any]:
    """The parts of the request that a folder stands for: a picture that is not there is not sent."""
    parts: dict[str, Any] = {"document_type": "id_mexico"}
    for side, name in (("frontside", "front.jpg"), ("backside", "back.jpg")):
        if (case / name).exists():
            parts[side] = SimpleUploadedFile(name, (case / name).read_bytes(), "image/jpeg")
    return {**parts, **json.loads((case / "expected.json").read_text()).get("request", {})}


def flat(body: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    values: dict[str, Any] = {}
    for key, value in body.items():
        values |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": _plain(key, value)}
    return values


def _plain(key: str, value: Any) -> Any:
    """An address without its last dot: QRO and QRO. are printed both, and the benchmark counts neither wrong."""
    return value.rstrip(".") if key == "address" and isinstance(value, str) else value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_drawn_card_is_answered_as_expected(client: APIClient, case: Path) -> None:
    expected = json.loads((case / "expected.json").read_text())
    response = client.post(URL, {"validate_sides": "True", **sent(case)})
    body = response.json()
    assert response.status_code == expected["status"], body
    if response.status_code == 200:
        percentage = body.pop("matches_percentage")
        assert flat(body) == flat(expected["body"])
        assert 0 <= percentage <= 100
    else:
        assert body["error_code"] == expected["error_code"]
    assert Transaction.objects.get().outcome == body.get("error_code", 200)


def test_every_published_code_is_provoked_by_a_folder() -> None:
    expected = [json.loads((case / "expected.json").read_text()) for case in CASES]
    assert {body["error_code"] for body in expected if body["status"] != 200} == PROVOKED


def test_a_real_answer_is_given_again_with_its_details(client: APIClient) -> None:
    asked = {"return_id": "True", "validate_sides": "True", "details": "True"}
    first = client.post(URL, {**sent(FIXTURES / "g_scan"), **asked})
    details = first.json()["details"]
    assert details["milliseconds"].keys() >= {"decode", "read", "judge"}
    assert {code["name"]: code["agrees"] for code in details["codes"]} == {"service_qr": True, "code_128": True}
    assert details["address_parts"]["municipality"] == "MANZANILLO"
    assert client.get(f"{URL}{first.json()['id']}/").content == first.content
