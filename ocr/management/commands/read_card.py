"""`manage.py read_card FRONT BACK`: print what one card says, as JSON; `--show FILE.png` draws where it says so."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from ocr.files import written_whole
from ocr.management.reading import ReadingCommand, body, opened_desk, picture, read_both


class Command(ReadingCommand):
    help = "Read the two pictures of one card and print the answer as JSON; nothing is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("front", type=Path, help="picture of the front")
        parser.add_argument("back", type=Path, help="picture of the back")
        parser.add_argument("--show", type=Path, metavar="FILE.png", help="draw both pictures and every field's place")

    def read(self, options: dict[str, Any]) -> None:
        show, sides = options["show"], (options["front"], options["back"])
        if show:
            _check_target(show, sides)
        front, back = map(_picture, sides)
        with opened_desk(1) as desk:
            answer = body(read_both(desk, front, back))
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2))
        if "error_code" in answer:
            raise SystemExit(1)
        if show:
            _show(show, front, back, answer["details"])


def _check_target(show: Path, sides: tuple[Path, Path]) -> None:
    """Before a card is read for nothing, or a picture of it overwritten."""
    if show.suffix.lower() != ".png":
        raise CommandError(f"--show writes a PNG: give a name that ends in .png, not {show}.")
    if not show.parent.is_dir():
        raise CommandError(f"--show: there is no folder {show.parent}; make it, or name another one.")
    if show.is_dir() or show.resolve() in [side.resolve() for side in sides]:
        raise CommandError(f"--show would overwrite {show}: name a file that is not there yet.")


def _picture(path: Path) -> bytes:
    try:
        return picture(path)
    except OSError as error:
        raise CommandError(f"{path} cannot be read ({error.strerror}): name a picture of each side.") from error


def _show(show: Path, front: bytes, back: bytes, details: dict[str, Any]) -> None:
    from ocr.management.drawn import drawn  # noqa: PLC0415 - what draws takes a while to load

    told = {"most_pixels": settings.OCR_PIXEL_LIMIT, "formats": settings.OCR_FORMATS}
    png = drawn(front, back, details, **told)
    try:
        with written_whole(show) as file:
            file.write(png)
    except OSError as error:
        raise CommandError(f"{show} cannot be written ({error.strerror}).") from error
