"""The life test end to end: real pictures posted, real readers, what each policy answers."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from fixtures.drawing.exhibits import Exhibit, draw_exhibit
from ocr import desks
from ocr.models import Transaction
from tests.conftest import URL

GENUINE = Path(__file__).parents[2] / "fixtures" / "g_scan"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _first_readers(settings: Settings) -> Iterator[None]:
    """Those that start no process are enough for these pictures."""
    settings.OCR_FRONT_READERS = settings.OCR_BACK_READERS = ("glance", "ppocr")
    desks.close()
    yield
    desks.close()


@cache
def photocopy() -> Exhibit:
    return draw_exhibit("mono", 1_000_010, "testing")


def parts(front: bytes, back: bytes) -> dict[str, Any]:
    sides = {"frontside": front, "backside": back}
    sent = {name: SimpleUploadedFile(f"{name}.jpg", jpeg, "image/jpeg") for name, jpeg in sides.items()}
    return {**sent, "document_type": "id_mexico", "details": "yes"}


def post_copy(client: APIClient) -> Any:
    return client.post(URL, parts(photocopy().front, photocopy().back))


def post_genuine(client: APIClient) -> Any:
    return client.post(URL, parts(*((GENUINE / f"{side}.jpg").read_bytes() for side in ("front", "back"))))


def suspected(body: dict[str, Any]) -> list[str]:
    return [each["attack"] for each in body["details"]["life"] if each["suspected"]]


def test_off_takes_none(client: APIClient, settings: Settings) -> None:
    settings.OCR_LIFE_TEST = "off"
    body = post_copy(client).json()
    assert body["valid"] is True
    assert body["details"]["life"] == []
    assert "life" not in body["details"]["milliseconds"]


def test_report_tells_and_refuses_nothing(client: APIClient, settings: Settings) -> None:
    settings.OCR_LIFE_TEST = "report"
    body = post_copy(client).json()
    assert body["valid"] is True
    assert "photocopy" in suspected(body)
    assert body["details"]["milliseconds"]["life"] > 0
    assert "life" in Transaction.objects.get().review_reasons.split(",")


def test_enforce_refuses_a_copy(client: APIClient, settings: Settings) -> None:
    settings.OCR_LIFE_TEST = "enforce"
    response = post_copy(client)
    body = response.json()
    assert (response.status_code, body["error_code"], body["valid"]) == (400, 851, False)
    assert "photocopy" in suspected(body)
    assert Transaction.objects.get().outcome == 851


@pytest.mark.parametrize("policy", ["report", "enforce"])
def test_a_genuine_card_passes(client: APIClient, settings: Settings, policy: str) -> None:
    settings.OCR_LIFE_TEST = policy
    response = post_genuine(client)
    assert response.status_code == 200
    assert suspected(response.json()) == []
    assert Transaction.objects.get().review_reasons == ""
