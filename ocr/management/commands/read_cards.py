"""`manage.py read_cards FOLDER --out FILE`: read every card in a folder into a file of results, one JSON line each.

Safe to stop and to repeat: the same command goes on where it was stopped, however that was.
"""

import os
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from tqdm import tqdm

from ocr import pairs
from ocr.exception_handler import UNFORESEEN, failure_body
from ocr.management import results
from ocr.management.batch import Batch, Outcome, stopped_by_signal
from ocr.management.reading import ReadingCommand, body, opened_desk
from ocr.management.results import NoResults, Result, Results
from ocr.models import BROKEN, READ
from ocr.pairs import Pair
from ocr.pipeline.errors import ErrorCode, OcrError, ReaderDown
from ocr.pipeline.types import Reading

MOST_PROCESSES = 64
INTERRUPTED = 130
"""Exit status of what Ctrl-C ended, as shells have it."""


class Command(ReadingCommand):
    help = "Read every pair of pictures in a folder and write one JSON line for each; nothing else is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        cores = len(os.sched_getaffinity(0))
        parser.add_argument("folder", type=Path, help=f"with pictures named like {pairs.EXAMPLES}")
        parser.add_argument("--out", type=Path, required=True, metavar="FILE.jsonl", help="one line for each card")
        parser.add_argument("--processes", type=int, default=cores, help=f"that read, one a core by default ({cores})")
        help_ = "have Celery's workers read, so many at once as --processes says, behind what callers wait for"
        parser.add_argument("--celery", action="store_true", help=help_)

    def read(self, options: dict[str, Any]) -> None:
        folder, out, processes = options["folder"], options["out"], options["processes"]
        if not 1 <= processes <= MOST_PROCESSES:
            raise CommandError(f"--processes: give a number from 1 to {MOST_PROCESSES}.")
        cards, unpaired = _cards(folder)
        try:
            if not cards:
                raise CommandError(f"No two pictures in {folder} make a card: name them like {pairs.EXAMPLES}.")
            with results.opened(out) as written:
                self._read_left(cards, written, options)
        except NoResults as error:
            raise CommandError(str(error)) from error
        finally:
            self._list("Not read, for it makes no pair", unpaired)

    def _read_left(self, cards: list[Pair], written: Results, options: dict[str, Any]) -> None:
        before, names = len(written.cards), {pair.card for pair in cards}
        self._list("In the results, but not in the folder", dict.fromkeys(written.cards - names))
        left = [pair for pair in cards if pair.card not in written.cards]
        began = time.monotonic()
        unopened = _read(left, written, options) if left else {}
        for line in _summary(written, len(written.cards) - before, time.monotonic() - began):
            self.stdout.write(line)
        self.stdout.write(f"Results: {options['out']}")
        self._list("Not read, for it could not be opened", unopened)
        _complain(len(names - written.cards), len(unopened))

    def _list(self, title: str, names: Mapping[str, str | None]) -> None:
        for name, reason in sorted(names.items()):
            self.stderr.write(f"{title}: {name}" + (f" ({reason})" if reason else ""))


def _cards(folder: Path) -> tuple[list[Pair], pairs.Unpaired]:
    try:
        return pairs.paired(pairs.found(folder))
    except OSError as error:
        raise CommandError(f"{error.filename} cannot be read ({error.strerror}): name a folder of pictures.") from error


# --- reading ----------------------------------------------------------------------------------------------------------


def _read(left: list[Pair], written: Results, options: dict[str, Any]) -> dict[str, str | None]:
    """Write what every card says; those that could not be opened, with the reason."""
    unopened = {}
    at_once = min(options["processes"], len(left))
    desk_ = opened_desk(at_once, celery=options["celery"])
    with stopped_by_signal() as stop, desk_ as desk, _bar(len(left), len(written.cards)) as bar:
        for outcome in _again_where_the_reader_was_down(Batch(desk, options["folder"], at_once, stop), left):
            if isinstance(outcome.result, OSError):
                unopened[outcome.pair.card] = outcome.result.strerror
            else:
                written.add(_line(outcome))
            bar.update()
    return unopened


def _again_where_the_reader_was_down(batch: Batch, left: list[Pair]) -> Iterator[Outcome]:
    """Once, when all others are read: it was not the card's fault, or only if it happens again."""
    again = []
    for outcome in batch.read(left):
        if isinstance(outcome.result, ReaderDown):
            again.append(outcome.pair)
        else:
            yield outcome
    yield from batch.read(again)


def _bar(left: int, before: int) -> "tqdm[None]":
    """On a terminal it moves; in a log, a line now and then is enough."""
    return tqdm(total=left + before, initial=before, unit="card", mininterval=0.1 if sys.stderr.isatty() else 10)


def _line(outcome: Outcome) -> Result:
    code, answer = _phrased(outcome.result)
    return asdict(outcome.pair) | {"code": code, "seconds": round(outcome.seconds, 3), "answer": answer}


def _phrased(result: Reading | Exception) -> tuple[int, dict[str, Any]]:
    match result:
        case Reading():
            return READ, body(result)
        case OcrError():
            return result.code.value, body(result)
        case _:
            return BROKEN, dict(UNFORESEEN)


# --- the end ----------------------------------------------------------------------------------------------------------


def _summary(written: Results, now: int, seconds: float) -> Iterator[str]:
    texts = {code.value: failure_body(code)["error"] for code in ErrorCode} | {
        READ: f"read: {written.valid} valid, {written.codes[READ] - written.valid} not valid",
        BROKEN: UNFORESEEN["detail"],
    }
    yield " code   cards"
    for code, count in sorted(written.codes.items()):
        yield f"{code:>5} {count:>7}  {texts.get(code, '')}".rstrip()
    rate = f"{now} of them now, in {seconds:.1f} s: {now / seconds:.1f} a second" if now else "none of them now"
    yield f"  all {written.codes.total():>7}  {rate}"


def _complain(left: int, unopened: int) -> None:
    if left > unopened:
        raise CommandError(f"Stopped: {left} cards are left. The same command goes on.", returncode=INTERRUPTED)
    if unopened:
        raise CommandError(f"{unopened} cards could not be opened: see to it; the same command goes on with them.")
