"""`./run bench accuracy`: how well the service reads drawn cards that it was never tuned on.

Draws cards of every tier from fixed seeds, posts them to the real service over HTTP, and says field by field what came
back right; posts one person's front with another's back, and pictures with no card at all; lets what a user would
otherwise pick read a part of the same cards. Ends with 1 when a goal is missed, and says which.
"""

import argparse
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks.measuring.cards import Card, draw_card, seeds
from benchmarks.measuring.client import Client
from benchmarks.measuring.goals import LEAST_CARDS, REFUSALS, Outcome, never, outcomes
from benchmarks.measuring.machine import about
from benchmarks.measuring.progress import Progress
from benchmarks.measuring.report import OURS, Pair, Refusal, Results, as_data, as_markdown, said
from benchmarks.measuring.results import RESULTS, keep
from benchmarks.measuring.rivals import ask_rivals
from benchmarks.measuring.scoring import Score, score
from benchmarks.measuring.service import ROOT, running_service
from benchmarks.measuring.tally import tally
from fixtures.drawing import PALETTES, SEEDS, TIERS
from fixtures.drawing.negatives import draw_negative

UNFIT_RESULTS = ROOT / "state" / "benchmarks"
"""Where a run that is too small to be quoted leaves its results: git does not look there."""

_AT_ONCE = 2  # workers of the service, and documents on their way: reading is processor work, so more would only queue
_EVERYTHING = {"return_id": True, "validate_sides": True, "details": True}
_POSTED_AS = ("both sides", "front", "back")
_COMPANION_TIER = "scan"

Scores = dict[str, list[Score]]


@dataclass(frozen=True, slots=True)
class Bench:
    """Processes that draw, the service's client, and the palette that is drawn from."""

    drawers: Executor
    client: Client
    palette: str

    def draw(self, seed: int, tier: str) -> Card:
        return self.drawers.submit(draw_card, self.palette, seed, tier).result()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the service is stopped, too
    options = _parser().parse_args()
    measured = about("accuracy", sys.argv[1:])
    with _processes() as drawers, running_service(_AT_ONCE) as service:
        bench = Bench(drawers, Client(service), options.palette)
        scores, pairs = post_cards(bench, options.tiers, seeds(options.palette, options.cards, options.skip))
        refusals = post_negatives(bench, options.negatives)
    rivals = compare(options.palette, {tier: scores[tier][: options.rivals] for tier in options.tiers})
    tallies = {tier: tally(scores[tier]) for tier in options.tiers}
    results = Results(
        measured,
        options.palette,
        tallies,
        [score for tier in options.tiers for score in scores[tier]],
        pairs,
        refusals,
        rivals,
        [*outcomes(tallies), *_never(pairs, refusals)],
    )
    print(as_markdown(results))
    keep("accuracy", results.about, as_markdown(results), as_data(results), options.out or _folder(options))
    for outcome in results.missed:
        print(f"! {said(outcome)}", file=sys.stderr)
    return 1 if results.missed else 0


# --- genuine cards, and their sides mixed


def post_cards(bench: Bench, tiers: Sequence[str], numbers: Sequence[int]) -> tuple[Scores, list[Pair]]:
    """Two cards at a time: each with its own back, then the first one's front with the second one's back."""
    twos = [(tier, two) for tier in tiers for two in _in_twos(numbers)]
    progress = Progress("cards", len(tiers) * len(numbers))
    scores: Scores = {tier: [] for tier in tiers}
    pairs: list[Pair] = []
    with _threads() as threads:
        for two_scores, pair in threads.map(lambda job: _post_two(bench, job, progress), twos):
            scores[two_scores[0].tier] += two_scores
            pairs += pair
    return scores, pairs


def _in_twos(numbers: Sequence[int]) -> Iterator[Sequence[int]]:
    return (numbers[i : i + 2] for i in range(0, len(numbers), 2))


def _post_two(bench: Bench, job: tuple[str, Sequence[int]], progress: Progress) -> tuple[list[Score], list[Pair]]:
    tier, two = job
    cards = [bench.draw(seed, tier) for seed in two]
    scores = [score(card, bench.client.read(card.front, card.back, **_EVERYTHING)) for card in cards]
    pairs = [_post_pair(bench.client, *cards)] if len(cards) > 1 else []
    progress.step(len(cards))
    return scores, pairs


def _post_pair(client: Client, one: Card, other: Card) -> Pair:
    """Every other pair without `validate_sides`: the back must not pass in any mode."""
    asked_sides = one.seed // 2 % 2 == 0
    answer = client.read(one.front, other.back, validate_sides=asked_sides)
    valid, match = bool(answer.body.get("valid")), bool(answer.body.get("match"))
    return Pair(one.tier, one.seed, other.seed, asked_sides, valid, match, answer.error_code)


# --- pictures with no card


def post_negatives(bench: Bench, count: int) -> list[Refusal]:
    """As both sides, then as one side of a genuine card, in turn."""
    progress = Progress("pictures with no card", count)
    companion = bench.draw(SEEDS[bench.palette][0], _COMPANION_TIER)
    with _threads() as threads:
        return list(threads.map(lambda seed: _post_negative(bench, seed, companion, progress), range(count)))


def _post_negative(bench: Bench, seed: int, companion: Card, progress: Progress) -> Refusal:
    negative = bench.drawers.submit(draw_negative, SEEDS[bench.palette][seed]).result()
    posted_as = _POSTED_AS[seed % len(_POSTED_AS)]
    front = companion.front if posted_as == "back" else negative.jpeg
    back = companion.back if posted_as == "front" else negative.jpeg
    answer = bench.client.read(front, back, **_EVERYTHING)
    progress.step()
    return Refusal(seed, negative.kind, posted_as, answer.error_code, answer.error_code in REFUSALS)


# --- what a user would otherwise pick


def compare(palette: str, ours: Mapping[str, Sequence[Score]]) -> dict[str, dict[str, list[Score]]]:
    """The same cards again, after the service has stopped; the service's own scores stand beside the rivals'."""
    cards = [(score.seed, tier) for tier, scores in ours.items() for score in scores]
    progress = Progress("cards read by rivals", len(cards))
    compared: dict[str, dict[str, list[Score]]] = {tier: {OURS: list(s)} for tier, s in ours.items() if s}
    with _processes() as readers, _threads() as threads:
        ask = _asking(readers, palette, progress)
        for (_, tier), answers in zip(cards, threads.map(ask, cards), strict=True):
            for name, answered in answers.items():
                compared[tier].setdefault(name, []).append(answered)
    return compared


def _asking(readers: Executor, palette: str, progress: Progress) -> Callable[[tuple[int, str]], dict[str, Score]]:
    def ask(card: tuple[int, str]) -> dict[str, Score]:
        answers = readers.submit(ask_rivals, palette, *card).result()
        progress.step()
        return answers

    return ask


# --- the end


def _never(pairs: Sequence[Pair], refusals: Sequence[Refusal]) -> Iterator[Outcome]:
    if pairs:
        yield never("another person's back", "answered valid", sum(pair.valid for pair in pairs))
        yield never("another person's back", "answered match", sum(pair.match for pair in pairs))
    if refusals:
        wrong = sum(not refusal.is_right for refusal in refusals)
        yield never("pictures with no card", f"not answered {', '.join(sorted(REFUSALS))}", wrong)


def _folder(options: argparse.Namespace) -> Path:
    quotable = options.cards >= LEAST_CARDS and set(options.tiers) == set(TIERS) and options.palette == "testing"
    return RESULTS if quotable else UNFIT_RESULTS


def _processes() -> ProcessPoolExecutor:
    """One a core, started afresh: the rivals' threads do not survive a fork."""
    return ProcessPoolExecutor(len(os.sched_getaffinity(0)), mp_context=get_context("spawn"))


def _threads() -> ThreadPoolExecutor:
    """They only wait: for a card to be drawn, for an answer. One more than can be answered keeps the service busy."""
    return ThreadPoolExecutor(_AT_ONCE + 1)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench accuracy", description=__doc__)
    parser.add_argument("--cards", type=_at_least(1), default=LEAST_CARDS, help="cards a tier (%(default)s)")
    parser.add_argument("--skip", type=_at_least(0), default=0, help="cards passed over: another run read them")
    parser.add_argument("--tiers", nargs="+", choices=TIERS, default=list(TIERS))
    parser.add_argument("--rivals", type=_at_least(0), default=12, help="cards a tier that rivals read (%(default)s)")
    parser.add_argument("--negatives", type=_at_least(0), default=100, help="pictures with no card (%(default)s)")
    parser.add_argument("--palette", choices=tuple(PALETTES), default="testing", help="tuning: while developing")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results; small runs: state/)")
    return parser


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f"{text!r}: give a whole number, {least} or more")
        return int(text)

    return number


if __name__ == "__main__":
    sys.exit(main())
