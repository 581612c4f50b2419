"""What commands that read cards share: two pictures go in, the answer comes out that the service gives with
`validate_sides` and `details`. Nothing is recorded and nothing stored: who reads their own files owes nobody a record.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from ocr import desks, serializers, services
from ocr.exception_handler import failure_body
from ocr.pipeline.errors import OcrError
from ocr.pipeline.types import Reading
from ocr.processes import Desk

Body = dict[str, Any]


class ReadingCommand(BaseCommand):
    """One that reads cards, and words failures in a language."""

    def add_arguments(self, parser: CommandParser) -> None:
        languages = [code for code, _ in settings.LANGUAGES]
        default = settings.LANGUAGE_CODE
        parser.add_argument("--language", choices=languages, default=default, help=f"of failures ({default})")

    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401, ARG002
        with translation.override(options["language"]):
            self.read(options)

    def read(self, options: dict[str, Any]) -> None:
        """What is to be done, in the language that was asked for."""
        raise NotImplementedError


_MOST_WAITING = 1000  # in the queue of batches: several commands may fill it, each with what it has under way


@contextmanager
def opened_desk(processes: int, *, celery: bool = False) -> Iterator[Desk]:
    """Processes that read as the settings say, with room for as many documents more, once they are ready; or Celery's
    workers, in the queue that waits behind what somebody waits for."""
    if celery and not settings.REDIS:
        raise CommandError("--celery: set APPTENTICATE_REDIS to the workers' Redis, and give them the same data keys.")
    desk = desks.open_remote_desk(_MOST_WAITING, batch=True) if celery else desks.open_desk(processes, processes)
    try:
        _prepare(desk)
        yield desk
    finally:
        desk.close()


def _prepare(desk: Desk) -> None:
    try:
        desk.prepare()
    except Exception as error:
        raise CommandError(
            f"No reader can be started ({error}): ./run setup installs what they need, ./run worker starts Celery's."
        ) from error


def picture(path: Path) -> bytes:
    """What the file holds, or enough of it to be refused as too large. Raises `OSError`."""
    with path.open("rb") as file:
        return file.read(settings.OCR_BODY_LIMIT)


def read_both(desk: Desk, front: bytes, back: bytes) -> Reading | OcrError:
    """How two pictures read; a failure is as good a result as any."""
    try:
        return desk.begin(front, back, **services.told())()
    except OcrError as error:
        return error


def body(result: Reading | OcrError) -> Body:
    """As the service phrases it; what this account saw before is left out, for there is no account."""
    if isinstance(result, OcrError):
        return failure_body(result.code)
    valid = result.trusted and result.match
    details = serializers.details(result, timezone.localdate())
    return serializers.both_sides_body(result, {"valid": valid, "details": details})
