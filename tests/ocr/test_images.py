"""The pictures of a transaction over HTTP: for its owner and for reviewers, and only while they are kept."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from ocr import services
from ocr.models import SEE_PERSONS, Account, Transaction
from ocr.pipeline.errors import MrzNotFound, ReaderDown, UnreadableFile
from ocr.pipeline.types import Side
from ocr.views import IMAGES
from tests.conftest import URL, FakeReader, signed_in
from tests.ocr.readings import BOX, JPEG, reading

Parts = Callable[..., dict[str, Any]]
SAMPLE = Path(__file__).parents[2] / "fixtures" / "g_scan"


@pytest.fixture
def posted(client: APIClient, parts: Parts, fake: FakeReader) -> Transaction:
    client.post(URL, parts())
    return Transaction.objects.get()


def image(client: APIClient, transaction: Transaction, name: str) -> Any:
    return client.get(f"{URL}{transaction.pk}/images/{name}/")


def test_each_is_a_jpeg_that_nobody_keeps(client: APIClient, posted: Transaction, fake: FakeReader) -> None:
    expected = {"front": b"straight", "back": b"straight", "portrait": b"portrait"}
    for name, content in expected.items():
        response = image(client, posted, name)
        assert (response.status_code, response.content) == (200, JPEG + content)
        assert response["Content-Type"] == "image/jpeg"
        assert "no-store" in response["Cache-Control"]
    assert [(picture, told["side"]) for picture, _, told in fake.shown] == [
        (JPEG + b"front", Side.FRONT),
        (JPEG + b"back", Side.BACK),
        (JPEG + b"front", Side.FRONT),
    ]


def test_the_card_is_found_by_what_was_read_on_it(client: APIClient, posted: Transaction, fake: FakeReader) -> None:
    image(client, posted, "front")
    _, boxes, told = fake.shown[0]
    assert np.array(boxes[0]) == pytest.approx(np.array(BOX), abs=0.1)
    assert (len(boxes), told["model"]) == (10, "G")


def test_swapped_sides_are_shown_as_what_they_are(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = reading(swapped=True)
    client.post(URL, parts())
    image(client, Transaction.objects.get(), "front")
    assert fake.shown[0][0] == JPEG + b"back"


@pytest.mark.parametrize("url", ["/api/v3.2/ocr/{}/images/front", "/api/ocr/{}/images/front/"])
def test_every_path_is_served(client: APIClient, posted: Transaction, url: str) -> None:
    assert client.get(url.format(posted.pk)).status_code == 200


@pytest.mark.parametrize("name", ["face", "signature", "frontside"])
def test_what_there_is_not(client: APIClient, posted: Transaction, name: str) -> None:
    assert image(client, posted, name).status_code == 404


def test_a_document_that_was_refused_is_shown_as_it_was_sent(client: APIClient, parts: Parts, fake: FakeReader) -> None:
    fake.reading = MrzNotFound("nothing like it")
    client.post(URL, parts())
    assert image(client, Transaction.objects.get(), "back").status_code == 200
    assert fake.shown[0][1] == []


def test_other_peoples_do_not_exist(other: User, posted: Transaction) -> None:
    assert image(signed_in(other), posted, "front").status_code == 404


def test_reviewers_see_everybodys(other: User, posted: Transaction) -> None:
    other.user_permissions.add(Permission.objects.get(codename=SEE_PERSONS.partition(".")[2]))
    assert image(signed_in(other), posted, "front").status_code == 200


def test_nobody_without_a_token(posted: Transaction) -> None:
    assert image(APIClient(), posted, "front").status_code == 401


def test_that_somebody_looked_is_kept(client: APIClient, posted: Transaction, user: User) -> None:
    image(client, posted, "portrait")
    entry = LogEntry.objects.get(object_pk=str(posted.pk), action=LogEntry.Action.ACCESS)
    assert (entry.actor, entry.additional_data) == (user, {"how": "API: portrait"})


def test_an_erased_one_says_so(client: APIClient, posted: Transaction) -> None:
    client.delete(f"{URL}{posted.pk}/")
    response = image(client, posted, "front")
    assert response.status_code == 410
    assert "borraron" in response.json()["detail"] or "erased" in response.json()["detail"]


def test_an_account_that_keeps_no_pictures_has_none_to_show(
    client: APIClient, user: User, parts: Parts, fake: FakeReader
) -> None:
    Account.objects.create(owner=user, retention_days=0)
    client.post(URL, parts())
    assert image(client, Transaction.objects.get(), "front").status_code == 404


@pytest.mark.parametrize(("failure", "status"), [(ReaderDown("busy"), 503), (UnreadableFile("broken"), 404)])
def test_what_cannot_be_drawn(
    client: APIClient,
    posted: Transaction,
    fake: FakeReader,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(fake, "show", fail)
    response = image(client, posted, "front")
    assert response.status_code == status
    assert ("Retry-After" in response.headers) == (status == 503)


def test_the_real_ones(client: APIClient) -> None:
    front, back = (SimpleUploadedFile(name, (SAMPLE / name).read_bytes()) for name in ("front.jpg", "back.jpg"))
    client.post(URL, {"frontside": front, "backside": back, "document_type": "id_mexico"})
    transaction = Transaction.objects.get()
    assert transaction.outcome == 200
    shapes = {}
    for name in IMAGES:
        pixels = cv2.imdecode(np.frombuffer(image(client, transaction, name).content, np.uint8), cv2.IMREAD_COLOR)
        assert pixels is not None
        shapes[name] = pixels.shape[:2]
    assert shapes["front"] == shapes["back"] == (638, 1012)
    assert shapes["portrait"][0] > shapes["portrait"][1]
    assert shapes["signature"][0] < shapes["signature"][1]
    moved = services.shown(transaction, Side.FRONT).moved(transaction.reading["frontside"]["fields"]["CURP"]["box"])
    assert np.mean(moved, axis=0) / (1012, 638) == pytest.approx((0.47, 0.82), abs=0.05)
