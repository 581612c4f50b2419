"""`manage.py life_test_report FOLDER`: what the life test makes of pictures whose truth is known, label by label.

FOLDER holds a folder for each label: `genuine`, and others named after what is in them (`photocopy`, `screen` …); a
device may follow (`genuine-ios`). Nothing is recorded and nothing stored.
"""

import math
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from ocr import pairs, services
from ocr.management.reading import ReadingCommand, opened_desk, picture
from ocr.pairs import Pair
from ocr.pipeline.errors import OcrError
from ocr.pipeline.types import Attack, Device, LifeTest, Strictness, Suspicion
from ocr.processes import Desk

GENUINE = ("genuine", "genuina", "genuinas")
"""How labels of genuine cards begin; every other is an attack."""


class Command(ReadingCommand):
    help = "Say how often the life test suspects pictures whose truth is known: one folder for each label."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("folder", type=Path, help="with folders such as genuine, genuine-ios, photocopy, screen")
        cores = len(os.sched_getaffinity(0))
        parser.add_argument("--processes", type=int, default=cores, help=f"that read, one a core by default ({cores})")

    def read(self, options: dict[str, Any]) -> None:
        labels = _labels(options["folder"])
        with opened_desk(options["processes"]) as desk, ThreadPoolExecutor(options["processes"]) as pool:
            tallies = [_tally(desk, pool, folder, cards) for folder, cards in labels.items()]
        for line in _report(tallies):
            self.stdout.write(line)


def _labels(folder: Path) -> dict[Path, list[Pair]]:
    """The pairs of each label's folder."""
    try:
        folders = sorted(path for path in folder.iterdir() if path.is_dir())
        found = {path: pairs.paired(pairs.found(path))[0] for path in folders}
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read ({error.strerror}): name a folder of labels.") from error
    labels = {path: cards for path, cards in found.items() if cards}
    if not labels:
        raise CommandError(
            f"No folder in {folder} holds two pictures that make a card: make folders named genuine, photocopy, screen "
            f"and the like, with pictures named like {pairs.EXAMPLES}."
        )
    return labels


# --- what is counted --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tally:
    """One label: how many documents were judged, of how many each strictness suspects anything, and of what most
    often; `unread` were refused before."""

    label: str
    judged: int
    unread: int
    suspected: dict[Strictness, int]
    attacks: Counter[Attack]

    @property
    def is_genuine(self) -> bool:
        return self.label.casefold().startswith(GENUINE)


def _tally(desk: Desk, pool: ThreadPoolExecutor, folder: Path, cards: Sequence[Pair]) -> Tally:
    device = _device(folder.name)
    found = list(pool.map(partial(_judged, desk, folder, device), cards))
    judged = [by_strictness for by_strictness in found if by_strictness]
    suspected = {s: sum(any(e.suspected for e in each[s]) for each in judged) for s in Strictness}
    attacks = Counter(e.attack for each in judged for e in each[Strictness.BALANCED] if e.suspected)
    return Tally(folder.name, len(judged), len(found) - len(judged), suspected, attacks)


def _device(label: str) -> Device:
    """What stands behind the label's last hyphen, where it is a device."""
    return Device.__members__.get(label.rpartition("-")[2].upper(), Device.UNKNOWN)


def _judged(desk: Desk, folder: Path, device: Device, card: Pair) -> dict[Strictness, tuple[Suspicion, ...]]:
    """By strictness; nothing where the card could not be read."""
    try:
        front, back = (picture(folder / name) for name in (card.front, card.back))
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read ({error.strerror}).") from error
    try:
        reading = desk.begin(front, back, **{**services.told(), "life_test": LifeTest(device)})()
    except OcrError:
        return {}
    from ocr.pipeline.life import at_strictness  # noqa: PLC0415 - with it come the libraries that compute

    return {strictness: at_strictness(reading.life, LifeTest(device, strictness)) for strictness in Strictness}


# --- what is said -----------------------------------------------------------------------------------------------------


def _report(tallies: Sequence[Tally]) -> Iterator[str]:
    yield f"{'label':<24}{'judged':>8}{'unread':>8}" + "".join(f"{s.value:>22}" for s in Strictness)
    for tally in sorted(tallies, key=lambda tally: (not tally.is_genuine, tally.label)):
        rates = "".join(f"{_rate(tally.suspected[s], tally.judged):>22}" for s in Strictness)
        most = ", ".join(f"{attack} {count}" for attack, count in tally.attacks.most_common(3))
        yield f"{tally.label:<24}{tally.judged:>8}{tally.unread:>8}{rates}  {most}".rstrip()
    yield "Per cent suspected of anything, and between what the rate lies, 19 times in 20, for so few pictures."
    if not any(tally.is_genuine for tally in tallies):
        yield "No label begins with genuine: how often genuine cards are suspected is not known."


def _rate(count: int, of: int) -> str:
    """With Wilson's interval."""
    if not of:
        return "–"
    share, square = count / of, _NINETEEN_IN_TWENTY**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _NINETEEN_IN_TWENTY * math.sqrt(share * (1 - share) / of + square / (4 * of * of)) / (1 + square / of)
    return f"{100 * share:.1f} ({100 * max(middle - half, 0):.1f}–{100 * min(middle + half, 1):.1f})"


_NINETEEN_IN_TWENTY = 1.96
