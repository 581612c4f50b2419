"""Many scored cards of one tier come in; the shares that the goals and the report speak of go out."""

import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.measuring.scoring import FieldScore, Score

SURE = 0.95
"""From this confidence on, a client takes a field for right."""
BINS = (0.0, 0.5, 0.8, 0.9, SURE, 0.99, 1.0)
"""Edges of the reliability table; the last bin includes 1."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The fields whose confidence lies from `low` up to `high`, and how many of them are right."""

    low: float
    high: float
    fields: int
    right: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A reader called for second looks: how often per 100 documents that were read, and what share settled it."""

    calls_per_100: float
    won: float


@dataclass(frozen=True, slots=True)
class Tally:
    """One tier. Shares are 0 to 1 of all cards, failed ones too; None where there was nothing to judge.

    `every_spaced`: as `every_right`, with spaces counted.

    `assured`: of the cards read fully right, those answered valid and matching. `sure_right`: of the fields given 0.95
    or more, those right. `right_sure`: of the right ones (null apart), those given 0.95 or more; `sure`: that by field.
    """

    cards: int
    keys_right: float
    every_right: float
    every_spaced: float
    silent: int
    assured: float | None
    sure_right: float | None
    right_sure: float | None
    fields: Mapping[str, float]
    sure: Mapping[str, float]
    errors: Mapping[str, int]
    readers: Mapping[str, Reader]
    looked_again: float | None
    bins: tuple[Bin, ...]
    p50: float
    p95: float


def tally(scores: Sequence[Score]) -> Tally:
    right = [score for score in scores if score.all_is_right]
    read = [score for score in scores if score.error_code is None]
    claims = [field for score in scores for field in score.fields if field.is_claimed]
    sure = [field for field in claims if _confidence(field) >= SURE]
    correct = [field for field in claims if field.is_right]
    p50, p95 = _percentiles([score.milliseconds for score in scores])
    return Tally(
        cards=len(scores),
        keys_right=sum(score.keys_are_right for score in scores) / len(scores),
        every_right=len(right) / len(scores),
        every_spaced=sum(score.all_is_right_with_spaces for score in scores) / len(scores),
        silent=sum(score.is_silent for score in scores),
        assured=_share([score.is_assured for score in right]),
        sure_right=_share([field.is_right for field in sure]),
        right_sure=_share([_confidence(field) >= SURE for field in correct]),
        fields=_by_field([(field, field.is_right) for score in scores for field in score.fields]),
        sure=_by_field([(field, _confidence(field) >= SURE) for field in correct]),
        errors=dict(sorted(Counter(score.error_code for score in scores if score.error_code).items())),
        readers=_readers(read),
        looked_again=_share([bool(score.looks) for score in read]),
        bins=_bins(claims),
        p50=p50,
        p95=p95,
    )


def _confidence(field: FieldScore) -> float:
    return field.confidence or 0.0


def _share(claims: Sequence[bool]) -> float | None:
    return sum(claims) / len(claims) if claims else None


def _percentiles(values: Sequence[float]) -> tuple[float, float]:
    if len(values) < 2:
        return values[0], values[0]
    cuts = statistics.quantiles(values, n=20, method="inclusive")
    return cuts[9], cuts[18]


def _by_field(claims: Sequence[tuple[FieldScore, bool]]) -> dict[str, float]:
    """Per field, the share of the claims that hold."""
    held: dict[str, list[bool]] = {}
    for field, claim in claims:
        held.setdefault(f"{field.side}.{field.name}", []).append(claim)
    return {name: sum(claims) / len(claims) for name, claims in held.items()}


def _readers(read: Sequence[Score]) -> dict[str, Reader]:
    won: dict[str, list[bool]] = {}
    for look in (look for score in read for look in score.looks):
        won.setdefault(look.reader, []).append(look.won)
    return {name: Reader(100 * len(wins) / len(read), sum(wins) / len(wins)) for name, wins in sorted(won.items())}


def _bins(claims: Sequence[FieldScore]) -> tuple[Bin, ...]:
    return tuple(_bin(claims, low, high) for low, high in pairwise(BINS))


def _bin(claims: Sequence[FieldScore], low: float, high: float) -> Bin:
    inside = [f for f in claims if low <= _confidence(f) < high or high == BINS[-1] == _confidence(f)]
    return Bin(low, high, len(inside), sum(field.is_right for field in inside))
