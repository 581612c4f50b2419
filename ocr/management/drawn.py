"""A card as it was read, for people to look at: both pictures side by side, every field framed and named.

Decodes pictures in the process that asks: for commands, never for the service.
"""

import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from ocr.pipeline.decode import decode_in_colour

HEIGHT = 900
"""Pixels of each picture: labels of 20 stand out on it, and two fit a screen."""
_LETTERS, _HIGH = 20, 24
_LEGEND = 44

_CONFIRMED, _LIKELY, _DOUBTFUL = "#0a7d32", "#b35900", "#c4001a"
"""Dark enough for white letters."""
LEGEND = (
    (_CONFIRMED, "confirmed"),
    (_LIKELY, "not confirmed, confidence 0.8 or more"),
    (_DOUBTFUL, "not confirmed, less confidence"),
)

Row = Mapping[str, Any]
Corners = tuple[tuple[float, float], ...]
_Rectangle = tuple[float, float, float, float]
_FONT = ImageFont.load_default(_LETTERS)


def drawn(front: bytes, back: bytes, details: Row, **told: Any) -> bytes:  # noqa: ANN401 - as `decode_in_colour`
    """A PNG of what `details` say; the card's front stands left, whichever was sent as front."""
    if details["swapped"]:
        front, back = back, front
    sides = [_side(front, details["frontside"]["fields"], told), _side(back, details["backside"]["fields"], told)]
    sheet = Image.new("RGB", (sum(side.width for side in sides), HEIGHT + _LEGEND), "white")
    sheet.paste(sides[0], (0, 0))
    sheet.paste(sides[1], (sides[0].width, 0))
    _draw_legend(ImageDraw.Draw(sheet))
    png = io.BytesIO()
    sheet.save(png, "PNG")
    return png.getvalue()


def _colour(field: Row) -> str:
    if field["confirmed"]:
        return _CONFIRMED
    return _LIKELY if field["confidence"] >= 0.8 else _DOUBTFUL


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where one or more fields stand on the sheet."""

    corners: Corners
    names: tuple[str, ...]
    colour: str


def _side(picture: bytes, fields: Row, told: Mapping[str, Any]) -> Image.Image:
    photo = decode_in_colour(picture, **told)
    share = HEIGHT / photo.height
    image = Image.fromarray(photo.pixels).resize((round(photo.width * share), HEIGHT))
    draw = ImageDraw.Draw(image)
    frames = list(_frames(fields, share))
    for frame in frames:
        draw.polygon(frame.corners, outline=frame.colour, width=3)
    _draw_labels(draw, frames, image.width)
    return image


def _frames(fields: Row, share: float) -> Iterator[_Frame]:
    """Fields that stand in the same place share a frame: of the MRZ's first line, three."""
    names: dict[tuple[Corners, str], list[str]] = {}
    for name, field in fields.items():
        if field["box"]:
            corners = tuple((x * share, y * share) for x, y in field["box"])
            names.setdefault((corners, _colour(field)), []).append(name)
    return (_Frame(corners, tuple(those), shade) for (corners, shade), those in names.items())


def _draw_labels(draw: ImageDraw.ImageDraw, frames: Sequence[_Frame], width: int) -> None:
    framed = [_around(frame) for frame in frames]
    labels: list[_Rectangle] = []
    for frame in frames:
        text = ", ".join(frame.names)
        place = _free_place(_around(frame), draw.textlength(text, _FONT) + 8, framed, labels, width)
        labels.append(place)
        draw.rectangle(place, fill=frame.colour)
        draw.text((place[0] + 4, place[1]), text, "white", _FONT)


def _around(frame: _Frame) -> _Rectangle:
    across, down = zip(*frame.corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _free_place(
    frame: _Rectangle, length: float, framed: Sequence[_Rectangle], labels: Sequence[_Rectangle], width: int
) -> _Rectangle:
    """Beside its frame where it hides neither another nor a label; else above it, or lower, where it hides no label."""
    places = [_within(corner, length, width) for corner in _corners_beside(frame, length)]
    free = (place for place in places if not _hides(place, [*framed, *labels]))
    left, top = places[0][:2]
    lower = (_within((left, top + row * _HIGH), length, width) for row in count())
    return next(free, None) or next(place for place in lower if not _hides(place, labels))


def _corners_beside(frame: _Rectangle, length: float) -> Sequence[tuple[float, float]]:
    """Upper left ones, of labels above, to the right, below and to the left."""
    left, top, right, bottom = frame
    beyond = 3.0  # so much is left free, or a label would hide its own frame's line
    return (
        (left, top - _HIGH - beyond),
        (right + beyond, top),
        (left, bottom + beyond),
        (left - length - beyond, top),
    )


def _within(corner: tuple[float, float], length: float, width: int) -> _Rectangle:
    left, top = max(0.0, min(corner[0], width - length)), max(0.0, corner[1])
    return left, top, left + length, top + _HIGH


def _hides(place: _Rectangle, others: Sequence[_Rectangle]) -> bool:
    return any(_overlap(place, other) for other in others)


def _overlap(one: _Rectangle, other: _Rectangle) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _draw_legend(draw: ImageDraw.ImageDraw) -> None:
    left = 12.0
    for shade, text in LEGEND:
        draw.rectangle((left, HEIGHT + 12, left + 20, HEIGHT + 32), fill=shade)
        draw.text((left + 28, HEIGHT + 10), text, "black", _FONT)
        left += 28 + draw.textlength(text, _FONT) + 32
