"""`./run train life`: draws cards and attacks, measures them as the service does, grows a forest for each attack, and
writes what was learned where the service loads it (`ocr/pipeline/life.json`).

Pictures and measures are kept in a folder, so that training again takes no drawing. Thresholds are set by what each
card is said to be by trees that never saw it.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from fixtures.drawing import SEEDS
from fixtures.drawing.exhibits import GENUINE, draw_exhibit
from ocr.pipeline.both import in_turn
from ocr.pipeline.engines import BACK, FRONT, Readers, load_readers
from ocr.pipeline.errors import OcrError
from ocr.pipeline.forest import Forest, planted
from ocr.pipeline.life import odds, score_of
from ocr.pipeline.run import find_evidence
from ocr.pipeline.types import Attack, Device, Evidence, Measures, Strictness
from training.trees import Growth, grow

TODAY = date(2026, 11, 27)
"""Of every reading: on another day the same cards would have other ages."""

# --- samples ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sample:
    """One document of a kind (`fixtures.drawing.exhibits.KINDS`); `evidence` is None where it could not be read."""

    kind: str
    seed: int
    device: Device
    evidence: Evidence | None
    milliseconds: float = 0.0


Wanted = tuple[Path, str, str, int]
"""Folder, palette, kind, how manieth seed."""


def samples(folder: Path, palette: str, counts: Mapping[str, int], processes: int) -> list[Sample]:
    """The first so many of each kind, drawn and measured where they were not yet."""
    wanted: list[Wanted] = [(folder, palette, kind, n) for kind, count in counts.items() for n in range(count)]
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
        evidence, took = find_evidence(
            fronts.read_bytes(), backs.read_bytes(), today=TODAY, readers=_readers(), both=in_turn
        )
    except OcrError:
        return Sample(kind, number, device, None)
    return Sample(kind, number, device, evidence, took)


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
    return {
        "kind": found.kind,
        "seed": found.seed,
        "device": found.device,
        "evidence": evidence,
        "milliseconds": found.milliseconds,
    }


def _short(measures: Measures) -> dict[str, float]:
    return {name: float(f"{value:.6g}") for name, value in measures.items()}


def _as_sample(data: dict[str, Any]) -> Sample:
    told = data["evidence"]
    evidence = told and Evidence(told["front"], told["back"], tuple(told["contradictions"]))
    return Sample(data["kind"], data["seed"], Device(data["device"]), evidence, data["milliseconds"])


# --- lessons ----------------------------------------------------------------------------------------------------------


_MANY, _FEW = Growth(), Growth(trees=60, depth=2, fewest=8)


@dataclass(frozen=True, slots=True)
class Subject:
    """How one attack is learned: the kinds that show it, on which sides, and from which measures (what their names
    begin with; `but`: not those)."""

    kinds: tuple[str, ...]
    sides: tuple[str, ...] = ("front", "back")
    measures: tuple[str, ...] = ("",)
    but: tuple[str, ...] = ("lost", "portrait", "before", "quantised", "maker", "across")
    how: Growth = _MANY


_SPLICED = ("lost", "before", "quantised", "across")
SUBJECTS = {
    Attack.PHOTOCOPY: Subject(("copy", "mono")),
    Attack.PRINT: Subject(("print",)),
    Attack.SCREEN: Subject(("screen",)),
    Attack.SCREENSHOT: Subject(("screenshot",)),
    Attack.TEXT: Subject(("digit",), ("front",), _SPLICED, (), _FEW),
    Attack.PORTRAIT: Subject(("face",), ("front",), ("portrait", *_SPLICED), (), _FEW),
}
_FALSE_ALARMS = {Strictness.PERMISSIVE: 0.005, Strictness.BALANCED: 0.015, Strictness.STRICT: 0.04}
"""Shares of genuine photos, of all attacks together."""
_FOLDS = 5
_TELLING = 8  # measures of an attack that its reason may name


def learn(found: Sequence[Sample], say: Callable[[str], None]) -> dict[str, Any]:
    """What `ocr/pipeline/life.json` holds."""
    read = [each for each in found if each.evidence is not None]
    unseen = {attack: _unseen_odds(attack, read) for attack in SUBJECTS}
    thresholds = {strictness: _thresholds(read, unseen, share) for strictness, share in _FALSE_ALARMS.items()}
    attacks = {}
    for attack, subject in SUBJECTS.items():
        forest = _grown(subject, read)
        usual = _usual(forest, read)
        levels = {strictness: table[attack] for strictness, table in thresholds.items()}
        attacks[attack.value] = {"usual": usual, "thresholds": levels, "forest": forest}
        say(f"{attack}: {len(forest['trees'])} trees, thresholds {levels}")
    return {"cards": len(read), "attacks": attacks}


def _grown(subject: Subject, read: Sequence[Sample]) -> dict[str, Any]:
    rows = list(_rows(subject, read))
    share = sum(answer for _, answer, _ in rows) / len(rows)
    weights = [weight / (share if answer else 1 - share) for _, answer, weight in rows]
    return grow([measures for measures, _, _ in rows], [answer for _, answer, _ in rows], weights, subject.how)


def _rows(subject: Subject, read: Sequence[Sample]) -> Iterator[tuple[Measures, bool, float]]:
    """Genuine sides and attacked ones; a photo counts for two, since that is what is mostly sent."""
    for each in read:
        if each.evidence is not None and (each.kind in GENUINE or each.kind in subject.kinds):
            for side in subject.sides:
                seen = _asked(subject, getattr(each.evidence, side))
                yield seen, each.kind in subject.kinds, 2.0 if each.kind == "photo" else 1.0


def _asked(subject: Subject, measures: Measures) -> Measures:
    return {
        name: value
        for name, value in measures.items()
        if name.startswith(subject.measures) and not name.startswith(subject.but)
    }


def _unseen_odds(attack: Attack, read: Sequence[Sample]) -> dict[int, float]:
    """Log-odds of every genuine card by its place in `read`, from trees that never saw its seed."""
    found: dict[int, float] = {}
    for fold in range(_FOLDS):
        forest = planted(_grown(SUBJECTS[attack], [each for each in read if each.seed % _FOLDS != fold]))
        held = [(i, each) for i, each in enumerate(read) if each.seed % _FOLDS == fold and each.kind in GENUINE]
        found |= {i: odds(attack, each.evidence, forest) for i, each in held if each.evidence is not None}
    return found


def _usual(forest: Mapping[str, Any], read: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """Of the measures that trees ask for most, where nine of ten genuine sides lie."""
    asked = [node[0] for tree in forest["trees"] for node in tree if len(node) > 1]
    often = sorted(range(len(forest["reads"])), key=lambda place: -asked.count(place))[:_TELLING]
    usual = {}
    for name in (forest["reads"][place] for place in often):
        values = list(_genuine(name, read))
        low, high = np.percentile(values, (5, 95))
        usual[name] = (float(f"{low:.5g}"), float(f"{high:.5g}"))
    return usual


def _genuine(name: str, read: Sequence[Sample]) -> Iterable[float]:
    for each in read:
        if each.kind in GENUINE and each.evidence is not None:
            yield from (side[name] for side in (each.evidence.front, each.evidence.back) if name in side)


# --- thresholds -------------------------------------------------------------------------------------------------------


def _thresholds(
    read: Sequence[Sample], unseen: Mapping[Attack, Mapping[int, float]], wanted: float
) -> dict[Attack, dict[str, float]]:
    """Per attack and device, so that of genuine photos the wanted share is suspected of anything."""
    photos = [i for i, each in enumerate(read) if each.kind == "photo"]
    shares = np.linspace(wanted, wanted / 20, 60)
    for share in shares:
        levels = {attack: _levels(read, photos, unseen[attack], share) for attack in unseen}
        alarms = [any(unseen[a][i] >= levels[a][read[i].device] for a in unseen) for i in photos]
        if np.mean(alarms) <= wanted:
            break
    return {attack: {device.value: score_of(levels[attack][device]) for device in Device} for attack in unseen}


def _levels(
    read: Sequence[Sample], photos: Sequence[int], told: Mapping[int, float], share: float
) -> dict[Device, float]:
    """Log-odds that so many photos exceed: of all devices, moved for each by what its own photos differ, as far as
    there are enough of them to tell."""
    middle = float(np.quantile([told[i] for i in photos], 1 - share))
    levels = {Device.UNKNOWN: middle}
    for device in Device:
        own = [told[i] for i in photos if read[i].device is device]
        if own:
            high = float(np.quantile(own, _HIGH) - np.quantile([told[i] for i in photos], _HIGH))
            levels[device] = middle + high * len(own) / (len(own) + _DOUBT)
    return levels


_HIGH = 0.9
_DOUBT = 60  # photos: with so many the difference is believed by half


def forest_of(learned: Mapping[str, Any], attack: Attack) -> Forest:
    return planted(learned["attacks"][attack.value]["forest"])
