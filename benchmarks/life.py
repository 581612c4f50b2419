"""`./run bench life`: how well the life test tells pictures of a card from a card, on drawn ones that it was not
trained on: other cards, cameras, inks, displays and noise.

For each attack: how many are caught at so many false alarms on genuine photos, beside what two obvious measures alone
catch (colour saturation, variance of the Laplacian); by device, with and without being told it; and what the thresholds
do that the service ships. Goals are judged by these (balanced); ends with 1 when one is missed, and says which.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.measuring.cards import seeds
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.results import keep
from benchmarks.measuring.service import ROOT
from fixtures.drawing import draw_document, photograph
from fixtures.drawing.exhibits import ATTACKS
from ocr.pipeline.life import judge_life
from ocr.pipeline.types import Attack, Device, Evidence, LifeTest, Strictness, Suspicion
from training.evidence import COUNTS, Sample, judged_by, samples

ALARMS = (0.005, 0.01, 0.02, 0.05)
"""Shares of genuine photos."""
_AT = 0.02
_QUOTABLE = 100  # photos: of fewer, two of a hundred are none
LEAST_CAUGHT = {"copy": 0.95, "mono": 0.95, "screen": 0.9, "print": 0.85, "digit": 0.8}
MOST_SUSPECTED = {"photo": 0.02, "scan": 0.05, "hard": 0.05}
MOST_MILLISECONDS = 20.0

Floats = NDArray[np.float64]
Score = Callable[[Sample], float]
Table = list[list[str]]


def main() -> int:
    options = _parser().parse_args()
    counts = {kind: max(1, count * options.share // 100) for kind, count in COUNTS.items()}
    found = samples(options.folder, "testing", counts, options.processes, options.skip)
    times = _times(options.folder, range(options.skip, options.skip + min(counts["photo"], _TIMED)))
    outcomes = [*_outcomes(_read(found)), _in_time(times)]
    measured = about("life", sys.argv[1:])
    text = "\n".join([*_head(measured), *_page(found, times), _by_size(), *map(_line, outcomes)])
    print(text)
    if counts["photo"] >= _QUOTABLE:
        keep("life", measured, text)
    missed = [outcome for outcome in outcomes if not outcome.holds]
    for outcome in missed:
        print(f"! missed: {outcome.said}", file=sys.stderr)
    return 1 if missed else 0


# --- scores -----------------------------------------------------------------------------------------------------------


def together(sample: Sample, device: Device | None = None, but: Iterable[Attack] = ()) -> float:
    """By how much, in log-odds, that attack's score exceeds its threshold which does most: above 0, it is suspected."""
    return max(_beyond(each) for each in _judged(sample, device) if each.attack not in but)


def _judged(
    sample: Sample, device: Device | None = None, strictness: Strictness = Strictness.BALANCED
) -> tuple[Suspicion, ...]:
    test = LifeTest(sample.device if device is None else device, strictness)
    return judge_life(_evidence(sample), test)


def _evidence(sample: Sample) -> Evidence:
    assert sample.evidence is not None
    return sample.evidence


def _beyond(suspicion: Suspicion) -> float:
    return _odds(suspicion.score) - _odds(suspicion.threshold)


def _odds(score: float) -> float:
    kept = min(max(score, 1e-4), 1 - 1e-4)
    return float(np.log(kept / (1 - kept)))


def saturation(sample: Sample) -> float:
    """The less colour, the likelier a copy: of the side that has less."""
    return -min(side["colour_50"] for side in (_evidence(sample).front, _evidence(sample).back))


def laplacian(sample: Sample) -> float:
    """The less sharp, the likelier photographed twice."""
    return -min(side.get("curved", 0.0) for side in (_evidence(sample).front, _evidence(sample).back))


BASELINES: Mapping[str, Score] = {
    "all attacks together": together,
    "the same, device untold": lambda sample: together(sample, Device.UNKNOWN),
    "colour saturation alone": saturation,
    "variance of the Laplacian alone": laplacian,
}


SIGNALS: Mapping[str, tuple[str, int]] = {
    "little colour": ("colour_50", -1),
    "little colour in what is dark": ("colour_dark", -1),
    "black that is not black, against the rest of the picture": ("black_card", 1),
    "black that is not black, against what lies beside": ("black_beside", 1),
    "brighter than what lies beside": ("beside_bright", -1),
    "noisier than what lies beside": ("noisier_flat_25", 1),
    "noise of flat parts": ("card_flat_25", 1),
    "no noise at all": ("card_fine_10", -1),
    "a regular pattern, 5 to 8 pixels": ("common_1", 1),
    "a regular pattern, 3 to 5 pixels": ("common_2", 1),
    "a regular pattern, 2 to 3 pixels": ("common_4", 1),
    "fine texture falls off": ("falls_1", -1),
    "edges not steep": ("edge", -1),
    "an earlier JPEG": ("before", 1),
    "lost in a place of the print": ("lost_alone", 1),
    "lost in the portrait": ("portrait_less", 1),
    "the small portrait is another's": ("ghost_apart", 1),
}
"""By name, a measure that tells it, and which way."""


def _alone(measure: str, way: int) -> Score:
    """By the side where it is more so."""

    def score(sample: Sample) -> float:
        sides = (_evidence(sample).front, _evidence(sample).back)
        return max((way * side[measure] for side in sides if measure in side), default=-1e6)

    return score


# --- the page ---------------------------------------------------------------------------------------------------------


def _head(measured: About) -> Iterator[str]:
    yield "# The life test\n"
    yield f"* {measured.date}, commit {measured.commit}, `{measured.command}`"
    yield f"* {measured.cores} cores of {measured.processor}, load average {measured.load}, Python {measured.python}"


def _page(found: Sequence[Sample], times: Floats) -> Iterator[str]:
    read = _read(found)
    yield "\nDocuments: " + ", ".join(f"{kind} {len(samples_)}" for kind, samples_ in read.items())
    unread = sum(sample.evidence is None for sample in found)
    yield f"\nNot judged, since they could not be read and are refused for that: {unread}."
    yield "\n## Caught, per cent, at so many false alarms on genuine photos\n"
    yield _markdown([["", *(f"{share:.1%}" for share in ALARMS)], *_curves(read)])
    yield f"\n## By device, at {_AT:.0%} of that device's own photos\n"
    yield _markdown([["", *ATTACKS], *_by_device(read)])
    yield "\n## What the shipped thresholds suspect, per cent\n"
    yield _markdown([["", *read], *_shipped(read)])
    yield f"\n## Caught by one signal alone, at {_AT:.0%}, per cent\n"
    yield _markdown([["", "measure", *(kind for kind in read if kind != "photo")], *_signals(read)])
    yield f"\n## One side alone is attacked, the other is the genuine card's photo, at {_AT:.0%}, per cent\n"
    yield _markdown([["", *_WHOLE], *_one_side(read)])
    yield f"\n## Text splices, at {_AT:.0%}\n"
    yield _markdown([["", "caught"], *_splices(read)])
    told = ", ".join(f"p{share} {np.percentile(times, share):.1f}" for share in (50, 90, 100))
    yield f"\nMilliseconds of processor time a document, both sides, best of {_TRIES}, {len(times)} photos: {told}\n"


Read = dict[str, list[Sample]]


def _read(found: Sequence[Sample]) -> Read:
    return {kind: [each for each in found if each.kind == kind and each.evidence] for kind in COUNTS}


def _curves(read: Read) -> Table:
    rows: Table = []
    for name, score in BASELINES.items():
        levels = _quantiles(read["photo"], score, ALARMS)
        rows += [
            [f"{name}: {kind}", *(_percent(_share(read[kind], score, level)) for level in levels)]
            for kind in read
            if kind != "photo"
        ]
    return rows


def _by_device(read: Read) -> Table:
    """With the device told, then without; a document of no device (a scan) is in neither."""
    rows = []
    for device in (device for device in Device if device is not Device.UNKNOWN):
        own = {kind: [each for each in read[kind] if each.device is device] for kind in read}
        if not own["photo"]:
            continue
        for name, score in list(BASELINES.items())[:2]:
            (level,) = _quantiles(own["photo"], score, (_AT,))
            shares = (_percent(_share(own[kind], score, level)) if own[kind] else "–" for kind in ATTACKS)
            rows.append([f"{device}: {name}", *shares])
    return rows


def _shipped(read: Read) -> Table:
    rows = []
    for strictness in Strictness:
        for told in (True, False):
            device = None if told else Device.UNKNOWN
            name = f"{strictness}, {'told' if told else 'not told'} the device"
            rows.append([name, *(_percent(_suspected(read[kind], device, strictness)) for kind in read)])
    return rows


def _suspected(found: Sequence[Sample], device: Device | None, strictness: Strictness) -> float:
    return float(np.mean([any(each.suspected for each in _judged(sample, device, strictness)) for sample in found]))


def _signals(read: Read) -> Table:
    rows = []
    for name, (measure, way) in SIGNALS.items():
        score = _alone(measure, way)
        (level,) = _quantiles(read["photo"], score, (_AT,))
        shares = (_percent(_share(read[kind], score, level)) for kind in read if kind != "photo")
        rows.append([name, f"`{measure}`", *shares])
    return rows


_WHOLE = ("copy", "print", "screen", "screenshot")
"""Attacks on the whole card, of which the device is the same as of the photo."""


def _one_side(read: Read) -> Table:
    (level,) = _quantiles(read["photo"], together, (_AT,))
    genuine = {sample.seed: _evidence(sample) for sample in read["photo"]}
    rows = []
    for side in ("front", "back"):
        shares = []
        for kind in _WHOLE:
            mixed = [
                replace(each, evidence=replace(genuine[each.seed], **{side: getattr(_evidence(each), side)}))
                for each in read[kind]
                if each.seed in genuine
            ]
            shares.append(_percent(_share(mixed, together, level)))
        rows.append([f"the {side}", *shares])
    return rows


def _splices(read: Read) -> Table:
    """By what is seen, and by what is said: a digit that was changed mostly contradicts another."""
    pixels = _own(Attack.TEXT)
    (level,) = _quantiles(read["photo"], pixels, (_AT,))
    said = [float(bool(_evidence(sample).contradictions)) for sample in read["digit"]]
    return [
        ["by the pixels alone", _percent(_share(read["digit"], pixels, level))],
        ["by contradictions alone", _percent(float(np.mean(said)))],
    ]


def _own(attack: Attack) -> Score:
    return lambda sample: next(_odds(each.score) for each in _judged(sample) if each.attack is attack)


def _quantiles(photos: Sequence[Sample], score: Score, shares: Sequence[float]) -> list[float]:
    return [float(each) for each in np.quantile([score(photo) for photo in photos], [1 - share for share in shares])]


def _share(found: Sequence[Sample], score: Score, level: float) -> float:
    return float(np.mean([score(sample) > level for sample in found]))


def _percent(share: float) -> str:
    return f"{100 * share:.1f}"


def _markdown(rows: Table) -> str:
    head, *body = ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join([head, "|---" * len(rows[0]) + "|", *body])


# --- goals ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """One goal and what came of it."""

    said: str
    holds: bool


def _line(outcome: Outcome) -> str:
    return f"* {'holds' if outcome.holds else 'MISSED'}: {outcome.said}"


def _outcomes(read: Read) -> Iterator[Outcome]:
    """By the thresholds that the service ships, which stood before any of these documents was drawn. One found among a
    run's own photos would stand or fall with six of them."""
    called = {kind: _suspected(read[kind], None, Strictness.BALANCED) for kind in read}
    for kind, least in LEAST_CAUGHT.items():
        yield Outcome(f"{kind}: {called[kind]:.1%} caught, at least {least:.0%}", called[kind] >= least)
    for kind, most in MOST_SUSPECTED.items():
        yield Outcome(f"{kind}: {called[kind]:.1%} called attacks, at most {most:.0%}", called[kind] <= most)


_TIMED, _TRIES = 30, 3


def _times(folder: Path, numbers: Iterable[int]) -> Floats:
    """Milliseconds of the first photos. Of processor time: others may use the machine, too; the best of a few tries
    each, for they use its caches as well."""
    stems = [folder / "testing" / "photo" / str(number) for number in numbers]
    pictures = [
        [stem.with_name(f"{stem.name}-{side}.jpg").read_bytes() for side in ("front", "back")] for stem in stems
    ]
    return np.array([_milliseconds(*both) for both in pictures])


def _milliseconds(front: bytes, back: bytes) -> float:
    return min(_once(front, back) for _ in range(_TRIES))


def _once(front: bytes, back: bytes) -> float:
    evidence, spent = judged_by(front, back)
    began = time.process_time()
    judge_life(evidence, LifeTest())
    return spent + (time.process_time() - began) * 1000


_WIDTHS = {2: 1632, 8: 3264, 12: 4000}
"""Megapixels of a 4:3 picture → its width; the pictures are those of `benchmarks.speed`."""


def _by_size() -> str:
    drawn = draw_document(seeds(_PALETTE, 1)[0], palette=_PALETTE, model="G")
    told = []
    for size, width in _WIDTHS.items():
        front, back = (
            photograph(side, 7, "photo", name, _PALETTE, width=width, aspect=4 / 3, turn=0, fill=0.85, quality=70)
            for name, side in (("front", drawn.front), ("back", drawn.back))
        )
        told.append(f"{size} megapixels {_milliseconds(front, back):.1f}")
    return f"The same of one card by the size of its pictures: {', '.join(told)}\n"


_PALETTE = "testing"


def _in_time(times: Floats) -> Outcome:
    usual = float(np.median(times))
    return Outcome(
        f"{usual:.1f} ms of processor time a document, at most {MOST_MILLISECONDS:.0f}", usual <= MOST_MILLISECONDS
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench life", description=__doc__)
    parser.add_argument("--share", type=int, default=100, help="per cent of the documents of each kind (%(default)s)")
    parser.add_argument("--skip", type=int, default=0, help="seeds passed over: somebody looked at them")
    parser.add_argument("--folder", type=Path, default=ROOT / "state" / "life", help="where they are kept")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)))
    return parser


if __name__ == "__main__":
    sys.exit(main())
