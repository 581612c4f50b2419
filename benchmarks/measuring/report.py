"""Results come in; one page of Markdown, and the same as plain data for JSON, go out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.measuring.goals import AT_LEAST, AT_MOST, LEAST_CARDS, MEASURES, Outcome
from benchmarks.measuring.machine import About
from benchmarks.measuring.scoring import Score
from benchmarks.measuring.tally import Tally

NONE = "–"
OURS = "this service"


@dataclass(frozen=True, slots=True)
class Pair:
    """One person's front with another's back. `asked_sides`: whether `validate_sides` was asked for."""

    tier: str
    front_seed: int
    back_seed: int
    asked_sides: bool
    valid: bool
    match: bool
    error_code: str | None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A picture with no card, posted as `posted_as` (both sides, or one with a real other side), and what came."""

    seed: int
    kind: str
    posted_as: str
    error_code: str | None
    is_right: bool


@dataclass(frozen=True, slots=True)
class Results:
    """`rivals`: tier, then reader, this service included, all on the same cards."""

    about: About
    palette: str
    tallies: Mapping[str, Tally]
    scores: Sequence[Score]
    pairs: Sequence[Pair]
    refusals: Sequence[Refusal]
    rivals: Mapping[str, Mapping[str, Sequence[Score]]]
    outcomes: Sequence[Outcome]

    @property
    def missed(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if not outcome.is_met)


# --- as data


def as_data(results: Results) -> dict[str, Any]:
    return {
        "palette": results.palette,
        "missed": [asdict(outcome) for outcome in results.missed],
        "outcomes": [asdict(outcome) for outcome in results.outcomes],
        "tiers": {tier: asdict(figures) for tier, figures in results.tallies.items()},
        "pairs": {"posted": len(results.pairs), "accepted": [asdict(p) for p in results.pairs if p.valid or p.match]},
        "negatives": {
            "posted": len(results.refusals),
            "wrong": [asdict(r) for r in results.refusals if not r.is_right],
        },
        "rivals": {tier: _rival_data(readers) for tier, readers in results.rivals.items()},
        "misses": [_miss(score) for score in results.scores if score.misses or not score.is_assured],
    }


def _rival_data(readers: Mapping[str, Sequence[Score]]) -> dict[str, Any]:
    return {name: {"cards": len(scores), **dict(_rival_shares(scores))} for name, scores in readers.items()}


def _miss(score: Score) -> dict[str, Any]:
    """A card that was not read fully right and assured: enough to draw it again and see why."""
    card = {key: getattr(score, key) for key in ("tier", "seed", "model", "valid", "match", "error_code")}
    return card | {"is_silent": score.is_silent, "fields": [asdict(field) for field in score.misses]}


# --- as a page


def as_markdown(results: Results) -> str:
    parts = (
        _heading(results),
        _goals(results),
        _fields(results.tallies),
        _errors(results.tallies),
        _second_looks(results.tallies),
        _calibration(results.tallies),
        _sureness(results.tallies),
        _latency(results.tallies),
        _pairs(results.pairs),
        _negatives(results.refusals),
        _rivals(results.rivals),
        _silent(results.scores),
        _verdict(results),
    )
    return "\n\n".join(filter(None, parts)) + "\n"


def _heading(results: Results) -> str:
    about = results.about
    counts = ", ".join(f"{figures.cards} {tier}" for tier, figures in results.tallies.items())
    few = any(figures.cards < LEAST_CARDS for figures in results.tallies.values())
    lines = (
        "# Accuracy",
        "",
        f"* {about.date}, commit {about.commit}, `{about.command}`",
        f"* {about.cores} cores of {about.processor}, load average {about.load}, Python {about.python}",
        f"* Drawn cards, posted over HTTP: {counts}; palette `{results.palette}`, its first seeds",
        *([f"* Settings: {', '.join(about.settings)}"] if about.settings else ()),
        *([f"* Fewer than {LEAST_CARDS} cards a tier: an indication only"] if few else ()),
    )
    return "\n".join(lines)


def _goals(results: Results) -> str:
    """A figure, its goal in brackets, and a mark where it was missed."""
    missed = {(outcome.where, outcome.measure) for outcome in results.missed}
    rows = [
        [MEASURES[measure], *(_against_goal(tier, measure, f, missed) for tier, f in results.tallies.items())]
        for measure in MEASURES
    ]
    return _section("Goals", ["", *results.tallies], rows)


def _against_goal(tier: str, measure: str, figures: Tally, missed: set[tuple[str, str]]) -> str:
    value = getattr(figures, measure)
    if measure in AT_MOST[tier]:
        shown, goal = str(value), f" (goal {AT_MOST[tier][measure]:g})"
    else:
        shown = _percent(value)
        goal = f" (goal {_percent(AT_LEAST[tier][measure])})" if measure in AT_LEAST[tier] else ""
    return shown + goal + (" **missed**" if (tier, measure) in missed else "")


def _fields(tallies: Mapping[str, Tally]) -> str:
    names = list(dict.fromkeys(name for figures in tallies.values() for name in figures.fields))
    rows = [[name, *(_percent(figures.fields.get(name)) for figures in tallies.values())] for name in names]
    return _section("Each field exactly right", ["field", *tallies], rows)


def _errors(tallies: Mapping[str, Tally]) -> str:
    codes = sorted({code for figures in tallies.values() for code in figures.errors})
    rows = [[code, *(str(figures.errors.get(code, 0)) for figures in tallies.values())] for code in codes]
    return _section("Error codes, cards", ["code", *tallies], rows or [["none", *("0" for _ in tallies)]])


def _second_looks(tallies: Mapping[str, Tally]) -> str:
    names = sorted({name for figures in tallies.values() for name in figures.readers})
    rows = [[name, *(_reader(figures, name) for figures in tallies.values())] for name in names]
    any_at_all = ["documents looked at again", *(_percent(figures.looked_again) for figures in tallies.values())]
    return _section(
        "Second looks: calls per 100 documents read, share that settled it", ["reader", *tallies], [*rows, any_at_all]
    )


def _reader(figures: Tally, name: str) -> str:
    reader = figures.readers.get(name)
    return f"{reader.calls_per_100:.0f}, {_percent(reader.won)}" if reader else "0"


def _calibration(tallies: Mapping[str, Tally]) -> str:
    """Per bin of confidence: how many fields, and what share of them is right."""
    edges = [(b.low, b.high) for b in next(iter(tallies.values())).bins]
    rows = [
        [f"{low:g} to {high:g}", *(_bin(figures, i) for figures in tallies.values())]
        for i, (low, high) in enumerate(edges)
    ]
    return _section("Reliability: fields by confidence, share right", ["confidence", *tallies], rows)


def _bin(figures: Tally, index: int) -> str:
    found = figures.bins[index]
    return f"{found.fields}, {_percent(found.right / found.fields)}" if found.fields else NONE


def _sureness(tallies: Mapping[str, Tally]) -> str:
    """Where it is that the service is not sure of what it reads right."""
    names = list(dict.fromkeys(name for figures in tallies.values() for name in figures.sure))
    rows = [[name, *(_percent(figures.sure.get(name)) for figures in tallies.values())] for name in names]
    return _section("Right fields given 0.95 or more", ["field", *tallies], rows) if rows else ""


def _latency(tallies: Mapping[str, Tally]) -> str:
    rows = [
        ["p50", *(f"{figures.p50:.0f} ms" for figures in tallies.values())],
        ["p95", *(f"{figures.p95:.0f} ms" for figures in tallies.values())],
    ]
    table = _section("Latency, for information", ["", *tallies], rows)
    return (
        f"{table}\n\nBoth sides in one request, while cards were being drawn on the same cores: no benchmark of speed."
    )


def _pairs(pairs: Sequence[Pair]) -> str:
    tiers = list(dict.fromkeys(pair.tier for pair in pairs))
    rows = [[tier, *_pair_counts([pair for pair in pairs if pair.tier == tier])] for tier in tiers]
    header = ["tier", "pairs", "valid", "match", "refused with an error"]
    return _section("One person's front with another's back", header, rows) if rows else ""


def _pair_counts(pairs: Sequence[Pair]) -> tuple[str, ...]:
    counts = (
        len(pairs),
        sum(p.valid for p in pairs),
        sum(p.match for p in pairs),
        sum(bool(p.error_code) for p in pairs),
    )
    return tuple(str(count) for count in counts)


def _negatives(refusals: Sequence[Refusal]) -> str:
    kinds = list(dict.fromkeys(refusal.kind for refusal in refusals))
    codes = sorted({_code(refusal) for refusal in refusals})
    rows = [[kind, *(_count(refusals, kind, code) for code in codes)] for kind in kinds]
    return _section("Pictures with no card, answers", ["kind", *codes], rows) if rows else ""


def _code(refusal: Refusal) -> str:
    return refusal.error_code or "data"


def _count(refusals: Iterable[Refusal], kind: str, code: str) -> str:
    return str(sum(refusal.kind == kind and _code(refusal) == code for refusal in refusals))


_GROUPS = {
    "MRZ numbers and dates": ("document_number", "cic", "birth_date", "expiration_date"),
    "CURP": ("CURP",),
    "elector key": ("elector_key",),
    "name": ("frontside.name", "frontside.surname"),
    "address": ("address",),
}
"""What of a card is told apart where readers are compared."""


def _rivals(rivals: Mapping[str, Mapping[str, Sequence[Score]]]) -> str:
    header = ["tier", "reader", "cards", "all key fields", "every field", *_GROUPS]
    rows = [
        [tier, name, str(len(scores)), *(_percent(share) for _, share in _rival_shares(scores))]
        for tier, readers in rivals.items()
        for name, scores in readers.items()
    ]
    return _section("Beside what a user would otherwise pick, on the same pictures", header, rows) if rows else ""


def _rival_shares(scores: Sequence[Score]) -> Iterator[tuple[str, float]]:
    count = len(scores)
    yield "all key fields", sum(score.keys_are_right for score in scores) / count
    yield "every field", sum(score.all_is_right for score in scores) / count
    for group, names in _GROUPS.items():
        yield group, sum(_has_right(score, names) for score in scores) / count


def _has_right(score: Score, names: tuple[str, ...]) -> bool:
    fields = (field for field in score.fields if field.name in names or f"{field.side}.{field.name}" in names)
    return all(field.is_right for field in fields)


def _silent(scores: Sequence[Score]) -> str:
    rows = [
        [score.tier, str(score.seed), f"{field.side}.{field.name}", str(field.expected), str(field.answered)]
        for score in scores
        if score.is_silent
        for field in score.misses
        if field.is_key
    ]
    return _section("Wrong in silence", ["tier", "seed", "field", "on the card", "answered"], rows) if rows else ""


def _verdict(results: Results) -> str:
    if not results.missed:
        return f"All {len(results.outcomes)} goals are met."
    return "\n".join(["Goals missed:", "", *(f"* {said(outcome)}" for outcome in results.missed)])


def said(outcome: Outcome) -> str:
    """One goal in words."""
    counted = outcome.measure not in AT_LEAST.get(outcome.where, {})
    measured, goal = (
        (f"{outcome.measured:g}", f"{outcome.goal:g} at most")
        if counted and outcome.measured is not None
        else (_percent(outcome.measured), f"{_percent(outcome.goal)} at least")
    )
    return f"{outcome.where}, {MEASURES.get(outcome.measure, outcome.measure)}: {measured}, goal {goal}"


# --- how it is written


def _percent(share: float | None) -> str:
    return NONE if share is None else f"{100 * share:.1f} %".replace(".0 %", " %")


def _section(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, padded so that it can be read in a terminal, too."""
    widths = [max(len(row[i]) for row in (header, *rows)) for i in range(len(header))]
    lines = [_row(header, widths), "|".join(["", *("-" * (width + 2) for width in widths), ""])]
    return "\n".join([f"## {title}", "", *lines, *(_row(row, widths) for row in rows)])


def _row(cells: Sequence[str], widths: Sequence[int]) -> str:
    return f"| {' | '.join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))} |"
