"""Which desk the settings open, and that it is one."""

from typing import Any

import pytest
from pytest_django import Settings

from ocr import desks
from ocr.processes import Limits, Wanted


class Fake:
    """Stands in the place of `Processes`: keeps what it was told, and whether it was closed."""

    opened: list[tuple[Any, ...]]
    closed: list[Any]

    def __init__(self, *told: Any) -> None:
        self.opened.append(told)

    def close(self) -> None:
        self.closed.append(self)


@pytest.fixture
def fake(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> type[Fake]:
    settings.OCR_PROCESSES = 3
    Fake.opened, Fake.closed = [], []
    monkeypatch.setattr(desks, "_desks", {})
    monkeypatch.setattr(desks, "Processes", Fake)
    return Fake


def test_one_desk_is_opened_and_closed(fake: type[Fake], settings: Settings) -> None:
    desk = desks.desk()
    assert desks.desk() is desk
    wanted = Wanted(
        ("glance", "ppocr", "tesseract"), ("glance", "ppocr", "passporteye"), settings.OCR_MODELS, settings.LOGGING
    )
    assert fake.opened == [(3, wanted, Limits(30, 30, 2000))]
    desks.close()
    assert fake.closed == [desk]


def test_a_batch_stands_in_the_same_queue_here(fake: type[Fake]) -> None:
    assert desks.desk(batch=True) is desks.desk()
    assert len(fake.opened) == 1
