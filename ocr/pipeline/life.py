"""Is it a card, or a picture of one? What the pixels of both sides, their files and what was read on them tell goes in;
for each attack a score from 0 to 1 and its reason come out, and whether that is as much as a life test asks for.

What tells one from the other was learned from drawn cards and simulated attacks (`./run train life`, docs/life.md).
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np

from ocr.pipeline.documents.types import Layout
from ocr.pipeline.forest import Model, planted
from ocr.pipeline.quads import around, card_about, part_of
from ocr.pipeline.traces import Place, find_traces
from ocr.pipeline.types import Attack, Evidence, LifeTest, Measures, Original, Quad, Side, Suspicion

LEARNED = Path(__file__).with_suffix(".json")

# --- what is measured -------------------------------------------------------------------------------------------------


def measure(original: Original, boxes: Sequence[Quad], side: Side, layout: Layout) -> dict[str, float]:
    """One side. `boxes`: where values were read, in pixels of the photo; where the card lies follows from them."""
    extent = layout.front if side is Side.FRONT else layout.back
    box = around(boxes) if len(boxes) >= _FEWEST else None
    card = _middle(original) if box is None else _stored([card_about(box, extent)], original)[0]
    pictured = (layout.pictures.get("portrait"), layout.ghost) if side is Side.FRONT and box is not None else ()
    pictures = [None if extent is None else part_of(card, extent) for extent in pictured]
    return find_traces(original, Place(card, _stored(boxes, original), *pictures))


_FEWEST = 2  # boxes: one alone does not say how large the card is


def foresee(original: Original, lines: Sequence[Quad]) -> None:
    """Have the colours decoded that `measure` will ask for: those down to the card's middle, which is that of all that
    was read on it."""
    down = [y for quad in _stored(lines, original) for _, y in quad]
    if down:
        original.colours((min(down) + max(down)) / 2 / original.grey.shape[0] + _AMISS)


_AMISS = 0.1  # of the height: the middle of what was read well is no farther above the card's on any of 60 drawn fronts


def _stored(quads: Sequence[Quad], original: Original) -> list[Quad]:
    corners = np.array(quads, np.float64).reshape(-1, 4, 2) @ original.to_stored[:, :2].T + original.to_stored[:, 2]
    return [((*a,), (*b,), (*c,), (*d,)) for a, b, c, d in corners.tolist()]


def _middle(original: Original) -> Quad:
    """Where nobody knows where the card lies."""
    height, width = original.grey.shape
    x0, y0, x1, y1 = 0.1 * width, 0.1 * height, 0.9 * width, 0.9 * height
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


# --- what is made of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned of one attack. `usual`: measures that tell it best, and from where to where they go on genuine
    cards; `thresholds`: scores by strictness and device."""

    model: Model
    usual: Mapping[str, tuple[float, float]]
    thresholds: Mapping[str, Mapping[str, float]]


@cache
def lessons(learned: Path = LEARNED) -> Mapping[Attack, Lesson]:
    """By attack, as the training wrote them."""
    told: dict[str, Any] = json.loads(learned.read_text(encoding="utf-8"))
    return {Attack(name): _lesson(row) for name, row in told["attacks"].items()}


def _lesson(row: Mapping[str, Any]) -> Lesson:
    usual = {name: (low, high) for name, (low, high) in row["usual"].items()}
    return Lesson(planted(row["model"]), usual, row["thresholds"])


def at_strictness(suspicions: Sequence[Suspicion], test: LifeTest) -> tuple[Suspicion, ...]:
    """The same scores against another test's thresholds."""
    return tuple(replace(each, threshold=_threshold(each.attack, test)) for each in suspicions)


def _threshold(attack: Attack, test: LifeTest) -> float:
    lesson = lessons().get(attack)
    return _CONTRADICTIONS[test.strictness] if lesson is None else lesson.thresholds[test.strictness][test.device]


def judge_life(evidence: Evidence, test: LifeTest) -> tuple[Suspicion, ...]:
    """Every attack, in their own order."""
    known = lessons()
    return tuple(
        _suspicion(attack, evidence, known[attack], test) if attack in known else _contradiction(evidence, test)
        for attack in Attack
    )


def _suspicion(attack: Attack, evidence: Evidence, lesson: Lesson, test: LifeTest) -> Suspicion:
    sides = lesson.model.tell(evidence.front), lesson.model.tell(evidence.back)
    worse = evidence.front if sides[0] >= sides[1] else evidence.back
    score = score_of(_together(attack, *sides))
    return Suspicion(attack, score, _threshold(attack, test), *_reason(worse, lesson.usual))


def odds(attack: Attack, evidence: Evidence, model: Model) -> float:
    """Log-odds of both sides together."""
    return _together(attack, model.tell(evidence.front), model.tell(evidence.back))


def _together(attack: Attack, front: float, back: float) -> float:
    """An attack on the whole card is mostly seen on both its sides, and what is seen on one alone counts for less; one
    that changes a part of one is seen there."""
    if attack is Attack.PORTRAIT:
        return front
    return max(front, back) if attack is Attack.TEXT else (2 * max(front, back) + min(front, back)) / 3


def score_of(told: float) -> float:
    """Log-odds as a probability, as the training's even numbers of genuine and attacked cards have it."""
    return round(1 / (1 + math.exp(-told)), 4)


def _contradiction(evidence: Evidence, test: LifeTest) -> Suspicion:
    """Nothing learned: that a card contradicts itself is either so or misread, and twice is hardly misread."""
    said = evidence.contradictions
    score = round(1 - _MISREAD ** len(said), 4)
    reasons = (f"se contradice: {'; '.join(said)}", f"contradicts itself: {'; '.join(said)}") if said else _NOTHING
    return Suspicion(Attack.CONTRADICTION, score, _threshold(Attack.CONTRADICTION, test), *reasons)


_MISREAD: Final = 0.1
_CONTRADICTIONS: Final = {"permissive": 0.95, "balanced": 0.6, "strict": 0.6}


# --- reasons ----------------------------------------------------------------------------------------------------------


class _Words(NamedTuple):
    measures: tuple[str, ...]
    es: str
    en: str


_MEANINGS: Final = (
    _Words(("tone_", "tint_"), "los tonos", "its tones"),
    _Words(("black",), "su negro frente al resto de la imagen", "its black against the rest of the picture"),
    _Words(("colour_",), "los colores", "its colours"),
    _Words(("peaks_", "common_"), "una trama fina y regular", "a fine, regular pattern"),
    _Words(("falls_",), "la textura fina", "its fine texture"),
    _Words(("card_",), "el ruido", "its noise"),
    _Words(("edge", "curved"), "la nitidez", "its sharpness"),
    _Words(("noisier_",), "el ruido frente al del entorno", "its noise against what lies beside it"),
    _Words(("beside_",), "lo que la rodea", "what lies beside it"),
    _Words(("lost",), "un parche sobre el texto", "a patch over its print"),
    _Words(("portrait",), "un parche sobre la fotografía", "a patch over its portrait"),
    _Words(("ghost",), "la fotografía frente a la pequeña", "its portrait against the small one"),
)
_NOTHING: Final = ("nada fuera de lo común", "nothing unusual")
_MOST_SAID = 3


def _reason(measures: Measures, usual: Mapping[str, tuple[float, float]]) -> tuple[str, str]:
    """In Spanish and English: what goes farthest beyond what it does on genuine cards."""
    beyond = sorted(((_beyond(measures, name, usual[name]), name) for name in usual), reverse=True)
    words = list(dict.fromkeys(_meaning(name) for far, name in beyond if far > 0))[:_MOST_SAID]
    if not words:
        return _NOTHING
    spanish, english = ", ".join(word.es for word in words), ", ".join(word.en for word in words)
    return f"distinto de una credencial genuina: {spanish}", f"unlike a genuine card: {english}"


def _beyond(measures: Measures, name: str, usual: tuple[float, float]) -> float:
    """By how many of the usual widths."""
    low, high = usual
    if name not in measures:
        return 0.0
    return max(low - measures[name], measures[name] - high) / (high - low + 1e-6)


def _meaning(name: str) -> _Words:
    return next(words for words in _MEANINGS if name.startswith(words.measures))
