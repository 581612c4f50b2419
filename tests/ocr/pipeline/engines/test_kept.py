"""Models that are kept: made once, found again, and the same numbers come of them."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr.pipeline.engines import glance, kept
from ocr.pipeline.engines.glance import Glance
from ocr.pipeline.engines.kept import kept_file
from ocr.pipeline.engines.ppocr import PpOcr
from ocr.pipeline.types import Photo

Made = Callable[[Path | None], Glance | PpOcr]


@pytest.fixture
def model() -> bytes:
    return glance.MODEL.read_bytes()


def test_it_is_made_once(tmp_path: Path, model: bytes) -> None:
    made = kept.kept(tmp_path / "models", "glance", "a digest", lambda: model)
    assert [file.name.partition("-")[0] for file in (tmp_path / "models").iterdir()] == ["glance"]
    assert kept.kept(tmp_path / "models", "glance", "a digest", lambda: b"no model") == made != model


def test_of_another_origin_and_by_another_onnxruntime_it_is_made_anew(
    tmp_path: Path, model: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept.kept(tmp_path, "glance", "a digest", lambda: model)
    kept.kept(tmp_path, "glance", "another", lambda: model)
    monkeypatch.setattr(kept, "VERSION", "0.1")
    kept.kept(tmp_path, "glance", "another", lambda: model)
    assert len(list(tmp_path.iterdir())) == 3


def test_where_nothing_can_be_kept_it_is_made_all_the_same(tmp_path: Path, model: bytes) -> None:
    (tmp_path / "models").write_text("no folder")
    made = kept.kept(tmp_path / "models", "glance", "a digest", lambda: model)
    assert made == kept.kept(tmp_path, "glance", "a digest", lambda: model)


def test_without_a_folder_a_file_is_left_as_it_is(tmp_path: Path) -> None:
    assert kept_file(None, glance.MODEL) == glance.MODEL
    assert isinstance(kept_file(tmp_path, glance.MODEL), bytes)


@pytest.mark.parametrize("made", [lambda folder: Glance(models=folder), PpOcr], ids=["glance", "ppocr"])
def test_the_same_numbers_come_of_it(made: Made, scan_front: Photo, tmp_path: Path) -> None:
    assert _read(made(None), scan_front) == _read(made(tmp_path), scan_front) == _read(made(tmp_path), scan_front)


def _read(reader: Glance | PpOcr, photo: Photo) -> list[tuple[object, bytes]]:
    lines = (line for card in reader.cards(photo) for line in card.lines)
    return [(line.quad, np.asarray(line.lattice).tobytes()) for line in lines]
