"""`./run bench speed`: how long a document takes, stage by stage, beside what a user would otherwise pick.

One warm server, photo tier, cards of the palette that nothing was tuned on. Every document is read by the service over
HTTP, by the pipeline in this process and, some of them, by PassportEye + Tesseract and by rapidocr, in turn, so that
all meet the same machine; figures are ratios of medians. Then memory over many requests, the start, how time grows with
the picture, and what two workers read at once. Ends with 1 when a goal is missed, and says which.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from benchmarks.measuring.cards import Card, draw_card, seeds
from benchmarks.measuring.client import Client
from benchmarks.measuring.machine import About, about
from benchmarks.measuring.progress import Progress
from benchmarks.measuring.results import RESULTS, keep
from benchmarks.measuring.rivals import RIVALS, ask_rivals
from benchmarks.measuring.service import running_service, started
from benchmarks.measuring.timing import Spread, cores, held, spread, timed
from fixtures.drawing.document import draw_document
from fixtures.drawing.scene import photograph
from ocr.pipeline.engines import load_readers
from ocr.pipeline.errors import OcrError
from ocr.pipeline.run import read_document

MODELS = Path(sys.prefix) / "share" / "apptenticate"
_PALETTE, _TIER = "testing", "photo"
_NAIVE = "PassportEye + Tesseract"
_IMPORTS = "import django, cv2, onnxruntime"
_WIDTHS = {0.5: 816, 2.0: 1632, 8.0: 3264, 12.0: 4000}
"""Megapixels of a 4:3 picture → its width."""
_CLIENTS = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class Goal:
    """A figure against its goal; `most` says which side of the goal is good."""

    name: str
    measured: float
    goal: float
    most: bool = True

    @property
    def is_met(self) -> bool:
        return self.measured <= self.goal if self.most else self.measured >= self.goal


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds unless a name says otherwise. `not_reading`: median share of a request that is no stage's."""

    http: Spread
    rivals: dict[str, Spread]
    in_process: Spread
    stages: dict[str, float]
    not_reading: float
    answered: dict[str, int]
    memory_mb: tuple[float, float]
    start_to_first_answer: float
    imports_alone: float
    by_megapixels: dict[float, float]
    documents_a_second: dict[int, float]
    naive_documents_a_second: float


def main() -> int:
    options = _parser().parse_args()
    measured = about("speed", sys.argv[1:])
    cards = [draw_card(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, options.cards)]
    with running_service(1) as service:
        client = Client(service)
        http, in_process, stages, not_reading, answered, rivals = _one_by_one(client, cards, options.rivals)
        sizes = _by_megapixels(client)
        memory = _memory(client, cards, options.requests)
    with running_service(cores()) as service:
        rates = {clients: _rate(Client(service), cards, clients) for clients in _CLIENTS}
    figures = Figures(
        http,
        rivals,
        in_process,
        stages,
        not_reading,
        answered,
        memory,
        *_start(cards[0]),
        sizes,
        rates,
        _naive_rate(options.rivals),
    )
    goals = list(_goals(figures))
    page = _report(measured, figures, goals)
    print(page)
    data = {"figures": asdict(figures), "goals": [asdict(goal) for goal in goals]}
    keep("speed", measured, page, data, options.out or RESULTS)
    for goal in goals:
        if not goal.is_met:
            print(f"! {goal.name}: {goal.measured:.3g}, goal {goal.goal:g}", file=sys.stderr)
    return 0 if all(goal.is_met for goal in goals) else 1


# --- one document after another


def _one_by_one(
    client: Client, cards: Sequence[Card], rivals: int
) -> tuple[Spread, Spread, dict[str, float], float, dict[str, int], dict[str, Spread]]:
    """Each document by every reader in turn; the rivals read the first ones only."""
    readers = load_readers(models=MODELS)

    def ours(card: Card) -> None:
        read_document(card.front, card.back, today=date.today(), readers=readers)  # noqa: DTZ011

    client.read(cards[0].front, cards[0].back)
    http: list[float] = []
    local: list[float] = []
    stages: dict[str, list[float]] = {}
    shares: list[float] = []
    answered: dict[str, int] = {}
    beside: dict[str, list[float]] = {name: [] for name in RIVALS}
    progress = Progress("documents", len(cards))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as rival:
        for number, card in enumerate(cards):
            answer = client.read(card.front, card.back, details=True)
            http.append(answer.milliseconds)
            answered[answer.error_code or "200"] = answered.get(answer.error_code or "200", 0) + 1
            told = answer.body.get("details", {}).get("milliseconds", {})
            shares.append(1 - sum(told.values()) / answer.milliseconds)
            for stage, spent in told.items():
                stages.setdefault(stage, []).append(spent)
            local.append(_milliseconds(ours, card))
            if number < rivals:
                for name, score in rival.submit(ask_rivals, _PALETTE, card.seed, _TIER).result().items():
                    beside[name].append(score.milliseconds)
            progress.step()
    medians = {stage: round(median(spent), 1) for stage, spent in stages.items()}
    return (
        spread(http),
        spread(local),
        medians,
        median(shares),
        answered,
        {name: spread(ms) for name, ms in beside.items() if ms},
    )


def _milliseconds(read: Callable[[Card], None], card: Card) -> float:
    """A document that is refused takes its time as well."""
    with suppress(OcrError):
        started = time.perf_counter()
        try:
            read(card)
        finally:
            spent = (time.perf_counter() - started) * 1000
    return spent


def _by_megapixels(client: Client) -> dict[float, float]:
    """The same card in pictures of several sizes: median of a few requests each, in turn."""
    drawn, seed = draw_document(seeds(_PALETTE, 1)[0], palette=_PALETTE, model="G"), 7
    pictures = {
        size: tuple(
            photograph(side, seed, _TIER, name, _PALETTE, width=width, aspect=4 / 3, turn=0, fill=0.85, quality=70)
            for name, side in (("front", drawn.front), ("back", drawn.back))
        )
        for size, width in _WIDTHS.items()
    }
    spent: dict[float, list[float]] = {size: [] for size in _WIDTHS}
    for _ in range(7):
        for size, (front, back) in pictures.items():
            spent[size].append(client.read(front, back).milliseconds)
    return {size: round(median(ms), 1) for size, ms in spent.items()}


def _memory(client: Client, cards: Sequence[Card], requests: int) -> tuple[float, float]:
    """Megabytes of the worker after a fifth of the requests, and after all of them."""
    progress = Progress("requests", requests)
    early = 0.0
    for number in range(requests):
        card = cards[number % len(cards)]
        client.read(card.front, card.back)
        progress.step()
        if number == requests // 5:
            early = _worker_megabytes(client)
    return early, _worker_megabytes(client)


def _worker_megabytes(client: Client) -> float:
    """The largest of the processes that serve and those that read; not of what these start for a second look."""
    return max(held(client.service.pid)) / 1e6


def _start(card: Card) -> tuple[float, float]:
    """From nothing to the first answer to a caller who has a token from before, and the imports that no such service
    does without; medians of three."""
    starts, imports = [], []
    with running_service(1) as known:
        client = Client(known)
        for _ in range(3):
            imports.append(timed(lambda: subprocess.run([sys.executable, "-c", _IMPORTS], check=True))[1])
            with started(known, 1) as service:
                client.service = service
                client.read(card.front, card.back)
                starts.append((time.monotonic() - service.started) * 1000)
    return median(starts), median(imports)


# --- many at once


def _rate(client: Client, cards: Sequence[Card], clients: int) -> float:
    """Documents a second, so many clients asking one after another."""
    for card in cards[: 2 * cores()]:
        client.read(card.front, card.back)
    with ThreadPoolExecutor(clients) as pool:
        answers, spent = timed(lambda: list(pool.map(lambda card: client.read(card.front, card.back), cards)))
    return sum(answer.error_code is None for answer in answers) / spent * 1000


def _naive_rate(documents: int) -> float:
    """Documents a second of the naive stack, a process a core."""
    wanted = [(_PALETTE, seed, _TIER) for seed in seeds(_PALETTE, max(documents, 2 * cores()))]
    with ProcessPoolExecutor(cores(), mp_context=get_context("spawn")) as pool:
        scores = list(pool.map(ask_rivals, *zip(*wanted, strict=True)))
    return cores() * 1000 / median(score[_NAIVE].milliseconds for score in scores)


# --- what is said of it


def _goals(figures: Figures) -> list[Goal]:
    naive = figures.rivals[_NAIVE].p50
    early, late = figures.memory_mb
    return [
        Goal("p50 over HTTP / p50 of the naive stack", figures.http.p50 / naive, 1 / 8),
        Goal("p95 / p50", figures.http.p95 / figures.http.p50, 1.6),
        Goal(
            "documents a second at saturation / those of the naive stack in as many processes",
            max(figures.documents_a_second.values()) / figures.naive_documents_a_second,
            8,
            most=False,
        ),
        Goal("megabytes of a worker", late, 350),
        Goal("growth of a worker's memory over four fifths of the requests", late / early - 1, 0.02),
        Goal("start to first answer / imports alone", figures.start_to_first_answer / figures.imports_alone, 2),
        Goal("12 megapixels / 2 megapixels", figures.by_megapixels[12.0] / figures.by_megapixels[2.0], 1.3),
        Goal("share of the request that is not reading", figures.not_reading, 0.1),
        Goal("documents not read", sum(count for code, count in figures.answered.items() if code != "200"), 0),
    ]


def _report(measured: About, figures: Figures, goals: Sequence[Goal]) -> str:
    lines = [
        f"# Speed, {measured.date}",
        "",
        f"`{measured.command}`, commit {measured.commit}",
        f"{measured.processor}, {measured.cores} cores, load {measured.load} at the start.",
        "",
        "| reader | p50 ms | p95 | p99 | documents | our p50 is |",
        "|---|---|---|---|---|---|",
        _row("ours, over HTTP", figures.http, figures.http),
        _row("ours, in process", figures.in_process, figures.http),
        *(_row(name, rival, figures.http) for name, rival in figures.rivals.items()),
        "",
        "| stage | median ms |",
        "|---|---|",
        *(f"| {stage} | {spent:.1f} |" for stage, spent in figures.stages.items()),
        "",
        "| megapixels | median ms |",
        "|---|---|",
        *(f"| {size:g} | {spent:.0f} |" for size, spent in figures.by_megapixels.items()),
        "",
        f"| clients, {measured.cores} workers | documents a second |",
        "|---|---|",
        *(f"| {clients} | {rate:.2f} |" for clients, rate in figures.documents_a_second.items()),
        f"| naive stack, {measured.cores} processes | {figures.naive_documents_a_second:.2f} |",
        "",
        "| goal | measured | goal | |",
        "|---|---|---|---|",
        *(f"| {goal.name} | {goal.measured:.3g} | {'≤' if goal.most else '≥'} {goal.goal:.3g} | "
          f"{'met' if goal.is_met else '**missed**'} |" for goal in goals),
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def _row(name: str, figures: Spread, ours: Spread) -> str:
    ratio = f"1/{figures.p50 / ours.p50:.1f}" if figures.p50 > ours.p50 else f"{ours.p50 / figures.p50:.2f}"
    return f"| {name} | {figures.p50:.0f} | {figures.p95:.0f} | {figures.p99:.0f} | {figures.count} | {ratio} |"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="./run bench speed", description=__doc__)
    parser.add_argument("--cards", type=int, default=60, help="documents read one by one (%(default)s)")
    parser.add_argument("--rivals", type=int, default=20, help="of these, read by rivals, too (%(default)s)")
    parser.add_argument("--requests", type=int, default=500, help="over which memory is watched (%(default)s)")
    parser.add_argument("--out", type=Path, help="folder of the results (benchmarks/results)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
