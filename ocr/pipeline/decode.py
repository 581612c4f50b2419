"""Bytes → `Photo`: the only door for untrusted bytes. Refuses, as `UnreadableFile`, whatever is not a sound JPEG (or of
another format that is let in) of a bearable size; magic bytes and header dimensions are looked at before any pixel."""

import io
import math
import re
from collections.abc import Callable
from threading import Lock

import cv2
import numpy as np
import PIL.TiffImagePlugin  # noqa: F401 - EXIF is written so: else the first picture loads it
from numpy.typing import NDArray
from PIL import ExifTags, Image, UnidentifiedImageError

from ocr.pipeline.errors import UnreadableFile
from ocr.pipeline.types import Original, Photo, Pixels

Image.preinit()  # else the first picture loads the formats

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes (contract.md, "Request")."""
MOST_PIXELS = 50_000_000
"""contract.md, code 800; a setting of the service."""
SMALLEST_SIDE = 32
"""Pixels: nothing smaller can show a card, and the readers need that much."""
_ENOUGH = (
    1400  # pixels of the longer side: 16 a millimetre on a card that fills the frame, a third more than the readers use
)

MAGIC = {"JPEG": rb"\xff\xd8\xff", "PNG": rb"\x89PNG\r\n\x1a\n", "WEBP": rb"RIFF....WEBP"}
"""Formats that can be let in, and how their files begin (regular expressions)."""
JPEG_ALONE = frozenset({"JPEG"})
"""contract.md; a setting of the service."""
_TURNS = {  # EXIF 2.32, tag 274
    2: (None, 1), 3: (cv2.ROTATE_180, None), 4: (None, 0), 5: (cv2.ROTATE_90_CLOCKWISE, 1),
    6: (cv2.ROTATE_90_CLOCKWISE, None), 7: (cv2.ROTATE_90_COUNTERCLOCKWISE, 1),
    8: (cv2.ROTATE_90_COUNTERCLOCKWISE, None),
}  # fmt: skip


def decode(data: bytes, *, most_pixels: int = MOST_PIXELS, formats: frozenset[str] = JPEG_ALONE) -> Photo:
    """One picture, upright by its EXIF orientation, and reduced when it is larger than the readers can use.

    Raises `UnreadableFile`: empty, too large, of no format let in whatever it is called, broken, too many pixels or too
    few.
    """
    return _decoded(data, _grey, most_pixels, formats)


def decode_in_colour(data: bytes, *, most_pixels: int = MOST_PIXELS, formats: frozenset[str] = JPEG_ALONE) -> Photo:
    """The same, its pixels H×W×3, RGB: for people to look at, no reader asks for it."""
    return _decoded(data, _colour, most_pixels, formats)


def open_original(data: bytes, photo: Photo) -> Original:
    """A file that `decode` made `photo` of, as it is stored. The grey is the photo's: nothing but colours is decoded
    once more, and those when asked for. Of a picture so large that the photo is reduced, what an earlier JPEG left is
    gone."""
    with Image.open(io.BytesIO(data)) as image:
        whole, by = photo.pixels.size == image.width * image.height, _colour_reduction(image.size)
        steps, rows = _steps(image) if whole else None, image.height
    grey = _as_stored(photo.pixels, photo.orientation)
    return Original(grey, _Colours(data, rows, by), steps, _to_stored(photo))


class _Colours:
    """The colours of a file of so many rows, reduced. Some may be decoded before it is known how many are wanted."""

    def __init__(self, data: bytes, rows: int, by: int) -> None:
        self._data, self._rows, self._by = data, rows, by
        self._lock = Lock()
        self._decoded: Pixels | None = None

    def __call__(self, share: float) -> Pixels:
        """Of the file's uppermost rows: a share of its height. What takes time is to get at the coefficients, one after
        the other, whatever is made of them: half of the rows take half of it."""
        rows = min(self._rows, max(SMALLEST_SIDE, math.ceil(self._rows * share)))
        wanted = math.ceil(rows / self._by)
        with self._lock:
            if self._decoded is None or len(self._decoded) < wanted:
                self._decoded = _colours(self._data, rows, self._by)
            return self._decoded[:wanted]


_ENOUGH_COLOUR = 160  # pixels of the longer side: one a millimetre of a card that fills half of it


def _colour_reduction(stored: tuple[int, int]) -> int:
    return max(by for by in _REDUCED if by == 1 or max(stored) >= by * _ENOUGH_COLOUR)


def _colours(data: bytes, rows: int, by: int) -> Pixels:
    """At least so many rows of the file, from above."""
    try:
        with Image.open(io.BytesIO(_lowered(data, rows))) as image:
            width = image.width
            image.decodermaxblock = len(data)  # between the pieces of it others would have the interpreter
            image.draft("RGB", (width // by, image.height // by))
            colours = image.convert("RGB")
    except (OSError, SyntaxError, ValueError) as exc:
        return _all_colours(data, by, exc)
    drafted = round(width / colours.width)  # by JPEG's own reduced decoding
    return np.asarray(colours.reduce(by // drafted) if drafted < by else colours)


def _all_colours(data: bytes, by: int, failed: Exception) -> Pixels:
    """What Pillow cannot open OpenCV did, when it read the grey: damaged data it takes as they come."""
    flags = _REDUCED_COLOUR[by] | cv2.IMREAD_IGNORE_ORIENTATION
    colours = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if colours is None:
        raise UnreadableFile(f"its colours cannot be seen: {failed}") from failed
    return colours[..., ::-1]


_REDUCED_COLOUR = {
    1: cv2.IMREAD_COLOR,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    8: cv2.IMREAD_REDUCED_COLOR_8,
}


def _lowered(data: bytes, rows: int) -> bytes:
    """The same JPEG, its header claiming so few rows; as it is, where it has no such header."""
    at = 2
    while data[at : at + 1] == b"\xff" and data[at + 1] not in _SCANS:
        if data[at + 1] in _FRAMES:
            return data[: at + 5] + rows.to_bytes(2, "big") + data[at + 7 :]
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return data


_FRAMES, _SCANS = (0xC0, 0xC1, 0xC2), (0xDA, 0xD9)  # ITU-T T.81, table B.1: coded by Huffman; and where the rest begins


def _steps(image: Image.Image) -> tuple[int, ...] | None:
    """Of the grey: a JPEG's first table, where it has one that makes sense."""
    tables: dict[int, list[int]] = getattr(image, "quantization", {})
    steps = tuple(tables.get(0, ()))
    return steps if len(steps) == 64 and min(steps) >= 1 else None


def _as_stored(pixels: Pixels, orientation: int) -> Pixels:
    """Undoes `_turned`."""
    rotation, mirror = _TURNS.get(orientation, (None, None))
    if mirror is not None:
        pixels = cv2.flip(pixels, mirror)
    return pixels if rotation is None else cv2.rotate(pixels, _BACK[rotation])


_BACK = {
    cv2.ROTATE_180: cv2.ROTATE_180,
    cv2.ROTATE_90_CLOCKWISE: cv2.ROTATE_90_COUNTERCLOCKWISE,
    cv2.ROTATE_90_COUNTERCLOCKWISE: cv2.ROTATE_90_CLOCKWISE,
}


def _to_stored(photo: Photo) -> NDArray[np.float64]:
    """The same, of points."""
    rotation, mirror = _TURNS.get(photo.orientation, (None, None))
    bottom, right = photo.pixels.shape
    undone = {None: _AS_IT_IS, 1: ((-1, 0, right), (0, 1, 0)), 0: ((1, 0, 0), (0, -1, bottom))}[mirror]
    turned = {
        None: _AS_IT_IS,
        cv2.ROTATE_180: ((-1, 0, right), (0, -1, bottom)),
        cv2.ROTATE_90_CLOCKWISE: ((0, 1, 0), (-1, 0, right)),
        cv2.ROTATE_90_COUNTERCLOCKWISE: ((0, -1, bottom), (1, 0, 0)),
    }[rotation]
    return (_affine(*turned) @ _affine(*undone))[:2]


_AS_IT_IS = ((1, 0, 0), (0, 1, 0))


def _affine(*rows: tuple[float, float, float]) -> NDArray[np.float64]:
    return np.array([*rows, (0, 0, 1)], np.float64)


_Maker = Callable[[bytes, str, Image.Image], Pixels]


def _decoded(data: bytes, make: _Maker, most_pixels: int, formats: frozenset[str]) -> Photo:
    if not data:
        raise UnreadableFile("the file is empty")
    if len(data) > LARGEST_FILE:
        raise UnreadableFile(f"{len(data)} bytes, at most {LARGEST_FILE} are accepted")
    kind = next((kind for kind in MAGIC if kind in formats and re.match(MAGIC[kind], data, re.DOTALL)), None)
    if kind is None:
        raise UnreadableFile(f"the file does not begin as a {' or '.join(sorted(formats))} does")
    try:
        pixels, sent_size, orientation = _pixels(data, kind, make, most_pixels)
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as exc:
        raise UnreadableFile(f"the {kind} is broken: {exc}") from exc
    turned = _turned(pixels, orientation)
    width, height = sent_size[::-1] if orientation >= 5 else sent_size
    turned.setflags(write=False)
    return Photo(turned, width / turned.shape[1], width, height, orientation)


def _pixels(data: bytes, kind: str, make: _Maker, most_pixels: int) -> tuple[Pixels, tuple[int, int], int]:
    try:
        image = Image.open(io.BytesIO(data), formats=(kind,))
    except UnidentifiedImageError as exc:
        raise UnreadableFile(f"the file is not a {kind}") from exc
    with image:
        sent = image.size
        if sent[0] * sent[1] > most_pixels:
            raise UnreadableFile(f"{sent[0]} × {sent[1]} pixels, at most {most_pixels} are accepted")
        if min(sent) < SMALLEST_SIDE:
            raise UnreadableFile(f"{sent[0]} × {sent[1]} pixels are too few to show a card")
        orientation = _orientation(image)
        return make(data, kind, image), sent, orientation


def _grey(data: bytes, kind: str, image: Image.Image) -> Pixels:
    if kind == "JPEG" and image.mode in _PLAIN_MODES and _is_whole(data):
        return _quickly(data, _reduction(image.size))
    return _slowly(kind, image, "L")


def _colour(_: bytes, kind: str, image: Image.Image) -> Pixels:
    return _slowly(kind, image, "RGB")


def _slowly(kind: str, image: Image.Image, mode: str) -> Pixels:
    if kind != "JPEG":
        return np.asarray(_on_white(image, mode).reduce(_reduction(image.size)))
    image.draft(mode, _wanted(image.size))
    return np.asarray(image.convert(mode))


def _on_white(image: Image.Image, mode: str) -> Image.Image:
    """What can be seen through shown on white: a screenshot's corners are no ink."""
    if not image.has_transparency_data:
        return image.convert(mode)
    seen = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert(mode)


_PLAIN_MODES = ("RGB", "L")


def _is_whole(data: bytes) -> bool:
    """Whether the picture's end is marked behind its last scan. OpenCV fills up what is missing and says nothing; where
    the mark is, nothing is missing, and where it is not, Pillow decides. From the near ends: all of a large file takes
    0.4 ms, in which the other side cannot be looked at."""
    end = data.rfind(_END_OF_IMAGE)
    return 0 <= data.find(_START_OF_SCAN) < end and data.find(_START_OF_SCAN, end) < 0


_START_OF_SCAN, _END_OF_IMAGE = b"\xff\xda", b"\xff\xd9"  # ITU-T T.81, table B.1; no scan's data hold either


def _quickly(data: bytes, reduction: int) -> Pixels:
    """By OpenCV: of Pillow's 13 ms for a photo 7 are spent on handing its pixels over. Grey takes half of what colour
    does, and of 1439 rows of drawn cards PP-OCRv6 reads as many right."""
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), _REDUCED[reduction] | cv2.IMREAD_IGNORE_ORIENTATION)
    if pixels is None:
        raise UnreadableFile("the JPEG is broken")
    return pixels


_REDUCED = {
    1: cv2.IMREAD_GRAYSCALE,
    2: cv2.IMREAD_REDUCED_GRAYSCALE_2,
    4: cv2.IMREAD_REDUCED_GRAYSCALE_4,
    8: cv2.IMREAD_REDUCED_GRAYSCALE_8,
}
"""JPEG's own reduced decoding."""


def _reduction(sent: tuple[int, int]) -> int:
    """By how much the picture can be halved, again and again, and stay as large as is wanted."""
    return max(by for by in _REDUCED if by == 1 or max(sent) >= by * _ENOUGH)


def _orientation(image: Image.Image) -> int:
    """1 to 8."""
    found = _tag(image, ExifTags.Base.Orientation)
    return found if isinstance(found, int) and found in _TURNS else 1


def _tag(image: Image.Image, tag: int) -> object:
    """Broken EXIF is no reason to refuse a picture, and says nothing."""
    try:
        return image.getexif().get(tag)
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, EOFError):
        return None


def _wanted(sent: tuple[int, int]) -> tuple[int, int]:
    share = min(1.0, _ENOUGH / max(sent))
    return round(sent[0] * share), round(sent[1] * share)


def _turned(pixels: Pixels, orientation: int) -> Pixels:
    rotation, mirror = _TURNS.get(orientation, (None, None))
    if rotation is not None:
        pixels = cv2.rotate(pixels, rotation)
    if mirror is not None:
        pixels = cv2.flip(pixels, mirror)
    return np.ascontiguousarray(pixels)
