"""`./run train life`: draws cards and attacks, measures them as the service does, grows a forest for each attack, and
writes what was learned where the service loads it (`ocr/pipeline/life.json`).

Thresholds are set by what trees that never saw a card make of it.
"""

import argparse
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from fixtures.drawing.exhibits import GENUINE
from ocr.pipeline.forest import planted
from ocr.pipeline.life import LEARNED, odds, score_of
from ocr.pipeline.types import Attack, Device, Measures, Strictness
from training.evidence import LEARNED_FROM, Sample, samples
from training.trees import Growth, grow, weigh


def main() -> int:
    options = _parser().parse_args()
    found = samples(options.folder, "tuning", LEARNED_FROM, options.processes)
    learned = learn(found, lambda said: print(f"> {said}", file=sys.stderr))
    options.out.write_text(json.dumps(learned, separators=(",", ":")) + "\n", encoding="utf-8")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run train life", description=__doc__)
    parser.add_argument("--folder", type=Path, default=Path("state/life"), help="of pictures and measures")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--out", type=Path, default=LEARNED)
    return parser


# --- lessons ----------------------------------------------------------------------------------------------------------


GROWTH = Growth(fewest=30)


_OF_PARTS = ("lost", "portrait", "ghost", "before")
_NOISE_AND_SHARPNESS = ("card_", "noisier_", "edge", "curved")


@dataclass(frozen=True, slots=True)
class Subject:
    """How one attack is learned: the kinds that show it, on which sides, and from which measures (what their names
    begin with; `but`: not those). Without a way to grow trees (`how`), they are put on a scale. `traceless`: the
    share of its attacks for which no threshold is lowered."""

    kinds: tuple[str, ...]
    sides: tuple[str, ...] = ("front", "back")
    measures: tuple[str, ...] = ("",)
    but: tuple[str, ...] = _OF_PARTS
    how: Growth | None = GROWTH
    traceless: float = 0.1


SUBJECTS = {
    Attack.PHOTOCOPY: Subject(("copy", "mono")),
    Attack.PRINT: Subject(("print",), but=(*_OF_PARTS, *_NOISE_AND_SHARPNESS)),  # those of hard photos are alike
    Attack.SCREEN: Subject(("screen",), traceless=0.03),
    Attack.SCREENSHOT: Subject(("screenshot",)),
    Attack.TEXT: Subject(("digit",), ("front",), ("lost_alone",), (), None, 0.45),
    Attack.PORTRAIT: Subject(("face",), ("front",), ("portrait_less", "ghost_apart"), (), None, 0.6),
}


@dataclass(frozen=True, slots=True)
class Aim:
    """`alarms`: the share of genuine photos that may be suspected, of all attacks together; `way`: where attacks lie
    farther off than that asks for, how far towards them a threshold stands."""

    alarms: float
    way: float


_AIMS = {
    Strictness.PERMISSIVE: Aim(0.005, 0.75),
    Strictness.BALANCED: Aim(0.015, 0.55),
    Strictness.STRICT: Aim(0.04, 0.3),
}
_FOLDS = 5
_TELLING = 8  # measures of an attack that its reason may name


def learn(found: Sequence[Sample], say: Callable[[str], None]) -> dict[str, Any]:
    """What `ocr/pipeline/life.json` holds."""
    read = [each for each in found if each.evidence is not None]
    unseen = {attack: _unseen_odds(attack, read) for attack in SUBJECTS}
    thresholds = {strictness: _thresholds(read, unseen, aim) for strictness, aim in _AIMS.items()}
    attacks = {}
    for attack, subject in SUBJECTS.items():
        model = _trained(subject, read)
        levels = {strictness: table[attack] for strictness, table in thresholds.items()}
        attacks[attack.value] = {"usual": _usual(model, read), "thresholds": levels, "model": model}
        say(f"{attack}: thresholds {levels}")
    return {"cards": len(read), "attacks": attacks}


def _trained(subject: Subject, read: Sequence[Sample]) -> dict[str, Any]:
    rows = list(_rows(subject, read))
    measures, answers = [each for each, _ in rows], [answer for _, answer in rows]
    share = sum(answers) / len(rows)
    weights = [1 / (share if answer else 1 - share) for answer in answers]
    return grow(measures, answers, weights, subject.how) if subject.how else weigh(measures, answers, weights)


def _rows(subject: Subject, read: Sequence[Sample]) -> Iterator[tuple[Measures, bool]]:
    """Genuine sides and attacked ones."""
    for each in read:
        if each.evidence is not None and (each.kind in GENUINE or each.kind in subject.kinds):
            for side in subject.sides:
                yield _asked(subject, getattr(each.evidence, side)), each.kind in subject.kinds


def _asked(subject: Subject, measures: Measures) -> Measures:
    return {
        name: value
        for name, value in measures.items()
        if name.startswith(subject.measures) and not name.startswith(subject.but)
    }


def _unseen_odds(attack: Attack, read: Sequence[Sample]) -> dict[int, float]:
    """Log-odds by its place in `read`, of what is genuine or that attack, from trees that never saw its seed."""
    found: dict[int, float] = {}
    kinds = (*GENUINE, *SUBJECTS[attack].kinds)
    for fold in range(_FOLDS):
        model = planted(_trained(SUBJECTS[attack], [each for each in read if each.seed % _FOLDS != fold]))
        held = [(i, each) for i, each in enumerate(read) if each.seed % _FOLDS == fold and each.kind in kinds]
        found |= {i: odds(attack, each.evidence, model) for i, each in held if each.evidence is not None}
    return found


def _usual(model: Mapping[str, Any], read: Sequence[Sample]) -> dict[str, tuple[float, float]]:
    """Of the measures that are asked for most, where nine of ten genuine sides lie."""
    asked = [model["reads"][node[0]] for tree in model.get("trees", ()) for node in tree if len(node) > 1]
    often = [name for name, _ in Counter(asked).most_common(_TELLING)] or list(model["weights"])
    usual = {}
    for name in often:
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
    read: Sequence[Sample], unseen: Mapping[Attack, Mapping[int, float]], aim: Aim
) -> dict[Attack, dict[str, float]]:
    """Per attack and device, so that of genuine photos no more than the share is suspected of anything."""
    photos = [i for i, each in enumerate(read) if each.kind == "photo"]
    for share in np.linspace(aim.alarms, aim.alarms / 20, 40):
        middles = {attack: _middle(attack, read, photos, unseen[attack], Aim(share, aim.way)) for attack in unseen}
        levels = {attack: _levels(read, photos, unseen[attack], middles[attack]) for attack in unseen}
        alarms = [any(unseen[a][i] >= levels[a][read[i].device] for a in unseen) for i in photos]
        if np.mean(alarms) <= aim.alarms:
            break
    return {attack: {device.value: score_of(levels[attack][device]) for device in Device} for attack in unseen}


def _middle(
    attack: Attack, read: Sequence[Sample], photos: Sequence[int], told: Mapping[int, float], aim: Aim
) -> float:
    """Log-odds that so many photos exceed; farther from them where there is room before the attacks begin."""
    kinds = {kind: [odds_ for i, odds_ in told.items() if read[i].kind == kind] for kind in GENUINE}
    attacks = [odds_ for i, odds_ in told.items() if read[i].kind in SUBJECTS[attack].kinds]
    last = max(float(np.quantile(genuine, _LAST)) for genuine in kinds.values())
    room = max(float(np.quantile(attacks, SUBJECTS[attack].traceless)) - last, 0.0)
    return max(float(np.quantile([told[i] for i in photos], 1 - aim.alarms)), last + aim.way * room)


_LAST = 0.99
"""From this share of each genuine kind on, up to where attacks begin, there is room."""


def _levels(
    read: Sequence[Sample], photos: Sequence[int], told: Mapping[int, float], middle: float
) -> dict[Device, float]:
    """Of all devices, moved for each by what its own photos differ, as far as there are enough of them to tell."""
    levels = {Device.UNKNOWN: middle}
    for device in (device for device in Device if device is not Device.UNKNOWN):
        own = [told[i] for i in photos if read[i].device is device]
        apart = float(np.quantile(own, _HIGH) - np.quantile([told[i] for i in photos], _HIGH)) if own else 0.0
        levels[device] = middle + apart * len(own) / (len(own) + _DOUBT)
    return levels


_HIGH = 0.9
_DOUBT = 60  # photos: with so many the difference is believed by half


if __name__ == "__main__":
    sys.exit(main())
