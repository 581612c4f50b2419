"""The real readers are loaded once, and PassportEye's process is ended with the tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr.pipeline.decode import decode
from ocr.pipeline.engines.passporteye import PassportEye
from ocr.pipeline.engines.ppocr import PpOcr
from ocr.pipeline.types import Photo

SCAN = Path(__file__).parents[3] / "fixtures" / "g_scan"


@pytest.fixture(scope="session")
def scan_front() -> Photo:
    return decode((SCAN / "front.jpg").read_bytes())


@pytest.fixture(scope="session")
def scan_back() -> Photo:
    return decode((SCAN / "back.jpg").read_bytes())


@pytest.fixture(scope="session")
def ppocr() -> PpOcr:
    return PpOcr()


@pytest.fixture(scope="session")
def passporteye() -> Iterator[PassportEye]:
    reader = PassportEye(seconds=60.0)  # on busy cores its first call takes long
    yield reader
    reader.close()
