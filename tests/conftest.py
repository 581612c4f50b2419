"""What every test of the web part shares: nothing of a test stays behind, and nobody waits for a password hash."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from ocr import services
from ocr.pipeline.types import Quad, Reading, Straight
from ocr.processes import Pending
from tests.ocr.readings import JPEG, reading

URL = "/api/v3.2/ocr/"
PASSWORD = "a password that nobody guesses"


@pytest.fixture(autouse=True)
def _elsewhere(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings.OCR_PROCESSES = 0  # what is tested runs here
    settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    services._left_open.clear()
    services._looked_back.clear()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    yield
    cache.clear()


@pytest.fixture
def user(db: None) -> User:
    return User.objects.create_user("ana", password=PASSWORD)


@pytest.fixture
def other(db: None) -> User:
    return User.objects.create_user("beto", password=PASSWORD)


def signed_in(user: User, **more: Any) -> APIClient:
    """A client with a real token, as a phone has it."""
    client = APIClient(**more)
    token = client.post("/api/token/", {"username": user.username, "password": PASSWORD}).json()["access"]
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


@pytest.fixture
def client(user: User) -> APIClient:
    return signed_in(user)


class FakeReader:
    """Stands where documents are read: answers with `reading`, or raises it; keeps what it was given."""

    def __init__(self) -> None:
        self.reading: Reading | BaseException = reading()
        self.calls: list[tuple[bytes, bytes, dict[str, Any]]] = []
        self.shown: list[tuple[bytes, Sequence[Quad], dict[str, Any]]] = []

    def prepare(self) -> None:
        """It is always there."""

    def close(self) -> None:
        """Nothing was started."""

    def begin(self, front: bytes, back: bytes, **told: Any) -> Pending:
        self.calls.append((front, back, told))
        return self.read

    def show(self, picture: bytes, boxes: Sequence[Quad], **told: Any) -> Straight:
        self.shown.append((picture, boxes, told))
        matrix = ((0.5, 0.0, 0.0), (0.0, 0.5, 0.0), (0.0, 0.0, 1.0))
        return Straight(JPEG + b"straight", 1012, 638, matrix, {"portrait": JPEG + b"portrait"} if boxes else {})

    def read(self) -> Reading:
        if isinstance(self.reading, BaseException):
            raise self.reading
        return self.reading


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeReader:
    fake = FakeReader()
    monkeypatch.setattr(services, "desk", lambda **_: fake)
    return fake


Sent = dict[str, Any]


@pytest.fixture
def parts() -> Callable[..., Sent]:
    """The parts of a good request; `None` leaves one out."""

    def make(**more: Any) -> Sent:
        sent = {
            "frontside": SimpleUploadedFile("front.jpg", JPEG + b"front", "image/jpeg"),
            "backside": SimpleUploadedFile("back.jpg", JPEG + b"back", "image/jpeg"),
            "document_type": "id_mexico",
            **more,
        }
        return {name: value for name, value in sent.items() if value is not None}

    return make
