"""Documents of every kind, drawn and measured as the service measures them; kept in a folder, so that training or
judging again takes no drawing.
"""

import json
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2

from fixtures.drawing import SEEDS
from fixtures.drawing.exhibits import KINDS, draw_exhibit
from ocr.pipeline.engines import BACK, FRONT, Readers, load_readers
from ocr.pipeline.errors import OcrError
from ocr.pipeline.run import find_evidence
from ocr.pipeline.types import Device, Evidence, Measures

COUNTS = dict.fromkeys(KINDS, 100) | dict.fromkeys(("mono", "screenshot", "face"), 60) | {"photo": 300}
"""Documents of each kind, to be judged by."""
LEARNED_FROM = (
    dict.fromkeys(KINDS, 160)
    | dict.fromkeys(("mono", "screenshot", "face"), 120)
    | {"photo": 800, "scan": 200, "hard": 400, "screen": 720}
)
"""To learn from: of scans and hard photos more, since they differ most among themselves; and of displays, which nothing
but their fine texture tells from a card on a dark desk."""
TODAY = date(2026, 11, 27)
"""Of every reading: on another day the same cards would have other ages."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One document of a kind (`fixtures.drawing.exhibits.KINDS`); `evidence` is None where it could not be read."""

    kind: str
    seed: int
    device: Device
    evidence: Evidence | None


Wanted = tuple[Path, str, str, int]
"""Folder, palette, kind, how manieth seed."""


def samples(folder: Path, palette: str, counts: Mapping[str, int], processes: int, skip: int = 0) -> list[Sample]:
    """So many of each kind, from a seed on, drawn and measured where they were not yet."""
    numbers = {kind: range(skip, skip + count) for kind, count in counts.items()}
    wanted: list[Wanted] = [(folder, palette, kind, n) for kind in numbers for n in numbers[kind]]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(sample, wanted, chunksize=4))


def sample(wanted: Wanted) -> Sample:
    """One document, from the folder if it is there."""
    folder, palette, kind, number = wanted
    stem = folder / palette / kind / str(number)
    measured = stem.with_suffix(".measured.json")
    if not measured.exists():
        cv2.setNumThreads(1)
        _write(measured, json.dumps(_as_data(_measured(stem, wanted))).encode())
    return _as_sample(json.loads(measured.read_text(encoding="utf-8")))


def _measured(stem: Path, wanted: Wanted) -> Sample:
    _, palette, kind, number = wanted
    told = stem.with_suffix(".json")
    fronts, backs = (stem.with_name(f"{stem.name}-{side}.jpg") for side in ("front", "back"))
    if not told.exists():
        stem.parent.mkdir(parents=True, exist_ok=True)
        exhibit = draw_exhibit(kind, SEEDS[palette][0] + number, palette)
        _write(fronts, exhibit.front)
        _write(backs, exhibit.back)
        _write(told, json.dumps({"device": exhibit.device}).encode())
    device = Device(json.loads(told.read_text(encoding="utf-8"))["device"])
    try:
        evidence, _ = judged_by(fronts.read_bytes(), backs.read_bytes())
    except OcrError:
        return Sample(kind, number, device, None)
    return Sample(kind, number, device, evidence)


def judged_by(front: bytes, back: bytes) -> tuple[Evidence, float]:
    """What a life test goes by, and the milliseconds of processor time that it took. Raises `OcrError`."""
    return find_evidence(front, back, today=TODAY, readers=_readers())


@cache
def _readers() -> Readers:
    """Those that start no process: what the last ones might settle still, the life test seldom needs."""
    return load_readers(FRONT[:2], BACK[:2])


def _write(path: Path, data: bytes) -> None:
    """Whole, or not at all: training may be cut off."""
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(data)
    part.rename(path)


def _as_data(found: Sample) -> dict[str, Any]:
    evidence = found.evidence and {
        "front": _short(found.evidence.front),
        "back": _short(found.evidence.back),
        "contradictions": found.evidence.contradictions,
    }
    return {"kind": found.kind, "seed": found.seed, "device": found.device, "evidence": evidence}


def _short(measures: Measures) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in measures.items()}


def _as_sample(data: dict[str, Any]) -> Sample:
    told = data["evidence"]
    evidence = told and Evidence(told["front"], told["back"], tuple(told["contradictions"]))
    return Sample(data["kind"], data["seed"], Device(data["device"]), evidence)
