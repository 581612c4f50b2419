"""Draws one line of print as a detector cuts it out of a photo of a card: a seed goes in, grey pixels and the text that
they show come out.

Text, fonts and grounds are those of the palettes that may be tuned on (`tuning`, `wild`), and more fonts that are none
of `testing`; what light, lens and sensor do is drawn more widely than any palette does it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from fixtures.drawing import paint
from fixtures.drawing.front import front_texts
from fixtures.drawing.person import Person, make_person
from fixtures.drawing.sheet import TextStyle, text_mask
from fixtures.drawing.styles import BILINGUAL, LABELS, MODELS, PALETTES
from ocr.pipeline.spelling import ALPHABET

Grey = NDArray[Any]
"""H×W of bytes."""

HEIGHT = 32
"""Rows of a line."""
LONGEST = 480
"""Columns of the longest line; an MRZ's takes some 720 and is drawn narrower or cut."""

_TUNED = (PALETTES["tuning"], PALETTES["wild"])
_MORE_FONTS = (
    "LiberationSansNarrow-Regular.ttf LiberationSansNarrow-Bold.ttf Lato-Heavy.ttf Lato-Light.ttf "
    "OpenSans-ExtraBold.ttf OpenSans-Bold.ttf OpenSans-CondLight.ttf RobotoCondensed-Light.ttf Roboto-Black.ttf "
    "Inter-Black.otf InterDisplay-Medium.otf InterDisplay-Light.otf SwitzeraADF-Light.otf SwitzeraADF-LightCond.otf "
    "SwitzeraADF-Ext.otf SwitzeraADF-BoldExt.otf DejaVuSans-ExtraLight.ttf URWGothic-Book.otf URWGothic-Demi.otf"
).split()
_MORE_MRZ_FONTS = "LiberationMono-Regular.ttf LiberationMono-Bold.ttf DejaVuSansMono-Bold.ttf FreeMonoBold.ttf".split()
_HEADERS = ("INSTITUTO NACIONAL ELECTORAL", "INSTITUTO FEDERAL ELECTORAL", "REGISTRO FEDERAL DE ELECTORES",
            "CREDENCIAL PARA VOTAR", "CREDENCIAL PARA VOTAR DESDE EL EXTRANJERO", "MÉXICO", "MEXICO")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """`pixels` is HEIGHT rows high; `text` holds characters of `spelling.ALPHABET` only."""

    pixels: Grey
    text: str


def draw_line(seed: int) -> Line:
    """Always the same line for the same seed."""
    rng = Random(f"line:{seed}")
    is_mrz = rng.random() < _MRZ_SHARE
    parts = [(_mrz_text(rng), _mrz_style(rng))] if is_mrz else _parts(rng)
    mask = _printed(parts, rng)
    text = " ".join(text for text, _ in parts)
    return Line(_photographed(*_on_ground(mask, rng), rng), text)


_MRZ_SHARE = 0.22


# --- what it says


def _parts(rng: Random) -> list[tuple[str, TextStyle]]:
    """One value or label; or a label with its value behind it, in a style of its own."""
    if rng.random() < 0.15:
        label, value = _label(rng), _style(rng, "value_fonts")
        return [(label, _style(rng, "label_fonts", share=rng.uniform(0.65, 1.0))), (_value(rng), value)]
    text = rng.choices((_value, _label, _noise_words), (70, 12, 18))[0](rng)
    return [(text, _style(rng, rng.choice(("value_fonts", "value_fonts", "label_fonts"))))]


@cache
def _people() -> tuple[Person, ...]:
    """So many that no text is learnt by heart, so few that they are drawn in seconds."""
    people = []
    for seed in range(6000):
        rng = Random(f"line:person:{seed}")
        people.append(make_person(seed, rng.choice(MODELS), rng))
    return tuple(people)


def _value(rng: Random) -> str:
    texts = front_texts(rng.choice(_people()), rng, hide_sex=False).values
    weights = {"name": 26, "address": 30, "curp": 14, "elector_key": 14, "registration": 4, "date_of_birth": 5}
    fields = [name for name in texts if texts[name]]
    field = rng.choices(fields, [weights.get(name, 1.5) for name in fields])[0]
    text = rng.choice(texts[field])
    return _scrambled(text, rng) if rng.random() < 0.4 else _known(text)


def _scrambled(text: str, rng: Random) -> str:
    """Other letters and digits in the same places: what is read must be seen, not guessed."""
    return _known("".join(_other(character, rng) for character in text))


def _other(character: str, rng: Random) -> str:
    if character.isdigit():
        return rng.choice("0123456789")
    return rng.choice(_LETTERS) if character.isalpha() and rng.random() < 0.7 else character


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ" * 3 + "ÑÑÑÑÁÉÍÓÚÜ"


def _label(rng: Random) -> str:
    table = rng.choice((LABELS, LABELS, BILINGUAL))
    return _known(rng.choice((rng.choice(rng.choice(list(table.values()))), rng.choice(_HEADERS))).upper())


def _noise_words(rng: Random) -> str:
    count = rng.randint(1, 16)
    text = "".join(rng.choice(_LETTERS + "0123456789" * 8 + "    .,-/#") for _ in range(count))
    return _known(" ".join(text.split())) or "A"


def _known(text: str) -> str:
    """Only what the alphabet has, for else it could not be answered."""
    return "".join(c for c in text.replace("–", "-").replace("’", "'").upper() if c in ALPHABET and c != "\0")


def _mrz_text(rng: Random) -> str:
    """A line, or a stretch of one: a whole one is longer than a training line may be."""
    line = rng.choice(rng.choice(_people()).mrz)
    if rng.random() < 0.3:
        line = "".join(rng.choice("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ<<<<") for _ in range(30))
    length = rng.randint(8, 30)
    start = rng.randint(0, 30 - length)
    return line[start : start + length]


# --- how it is printed


def _style(rng: Random, fonts: str, share: float = 1.0) -> TextStyle:
    known = [font for palette in _TUNED for font in getattr(palette, fonts)]
    font = rng.choice([*known, *_MORE_FONTS])
    return TextStyle(
        font, 0.045 * share, (0, 0, 0), stretch=rng.uniform(0.72, 1.25),
        spacing=rng.choice((0, 0, 0, rng.uniform(-0.03, 0.12))), stroke=int(rng.random() < 0.1),
    )  # fmt: skip


def _mrz_style(rng: Random) -> TextStyle:
    fonts = [font for palette in _TUNED for font, often in palette.mrz_fonts for _ in range(often)]
    font = rng.choice([*fonts, *fonts, *_MORE_MRZ_FONTS])
    return TextStyle(
        font, 0.045, (0, 0, 0), stretch=rng.uniform(0.55, 1.1), spacing=rng.choice((0, rng.uniform(0, 0.2))),
        stroke=int(rng.random() < 0.1),
    )  # fmt: skip


def _printed(parts: Sequence[tuple[str, TextStyle]], rng: Random) -> Grey:
    """All parts beside one another on one baseline, as a mask: 255 where there is ink."""
    masks = [(np.asarray(mask), rise) for mask, rise in (text_mask(text, style) for text, style in parts)]
    above = max(rise for _, rise in masks)
    below = max(mask.shape[0] - rise for mask, rise in masks)
    gap = rng.randint(12, 40)
    width = sum(mask.shape[1] for mask, _ in masks) + gap * (len(masks) - 1)
    whole = np.zeros((above + below, width), np.uint8)
    left = 0
    for mask, rise in masks:
        whole[above - rise : above - rise + mask.shape[0], left : left + mask.shape[1]] = mask
        left += mask.shape[1] + gap
    return whole


@cache
def _grounds() -> tuple[Grey, ...]:
    grounds = []
    for seed in range(48):
        rng = Random(f"line:ground:{seed}")
        palette = rng.choice(_TUNED)
        ground = paint.ground(rng, rng.choice(palette.grounds), rng.choice(palette.wave_kinds), rng.uniform(0.2, 0.9))
        grounds.append(np.asarray(ground.convert("L")))
    return tuple(grounds)


def _on_ground(mask: Grey, rng: Random) -> tuple[Grey, tuple[float, float, float, float]]:
    """Ink on a piece of ground with room around it; and the letters' box (left, top, right, bottom) there."""
    high, wide = mask.shape
    room = round(0.9 * high)
    ground = rng.choice(_grounds())
    need = (high + 2 * room, wide + 2 * room)
    ground = np.tile(ground, (math.ceil(need[0] / ground.shape[0]), math.ceil(need[1] / ground.shape[1])))
    y, x = rng.randint(0, ground.shape[0] - need[0]), rng.randint(0, ground.shape[1] - need[1])
    sheet = ground[y : y + need[0], x : x + need[1]].astype(np.float32)
    ink = rng.choice((rng.uniform(5, 90), rng.uniform(60, 130)))
    share = mask.astype(np.float32) / 255 * rng.uniform(0.75, 1)
    part = sheet[room : room + high, room : room + wide]
    part[:] = part * (1 - share) + ink * share
    if rng.random() < 0.35:
        _neighbours(sheet, room, ink, rng)
    rows, columns = np.where(mask.max(axis=1) > 128)[0], np.where(mask.max(axis=0) > 128)[0]
    if not len(rows):
        return sheet, (room, room, room + wide, room + high)
    return sheet, (room + columns[0], room + rows[0], room + columns[-1] + 1, room + rows[-1] + 1)


def _neighbours(sheet: Grey, room: int, ink: float, rng: Random) -> None:
    """Feet of the line above or heads of the one below, which a crop takes with it."""
    text = "".join(rng.choice(_LETTERS + "0123456789  ") for _ in range(40))
    mask = np.asarray(text_mask(text, _style(rng, "value_fonts"))[0]).astype(np.float32) / 255
    mask = mask[:, : sheet.shape[1]]
    rows = np.where(mask.max(axis=1) > 0.5)[0]
    if not len(rows):
        return
    mask = mask[rows[0] : rows[-1] + 1]
    gap = rng.randint(2, 16)
    top = room - gap - mask.shape[0] + 8 if rng.random() < 0.5 else sheet.shape[0] - room + gap - 8
    top, cut = max(top, 0), max(-top, 0)
    mask = mask[cut : cut + sheet.shape[0] - top]
    part = sheet[top : top + mask.shape[0], : mask.shape[1]]
    part[:] = part * (1 - mask) + ink * mask


# --- how it is seen


def _photographed(sheet: Grey, box: tuple[float, float, float, float], rng: Random) -> Grey:
    """Reduced to the size that it has in a photo, spoilt there, then cut out a little askew and made HEIGHT high."""
    left, top, right, bottom = box
    capital = bottom - top
    share = rng.uniform(0.46, 0.76)  # of the crop's height are letters
    seen = math.exp(rng.uniform(math.log(9), math.log(40)))  # pixels of a capital in the photo
    scale = min(seen / capital, 1.0)
    small = cv2.resize(sheet, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    small = _spoilt(small, seen, rng)
    high = capital / share * scale
    spare = high - capital * scale
    up = spare * rng.uniform(0.25, 0.75)
    margin = high * rng.uniform(0.0, 0.35), high * rng.uniform(0.0, 0.5)
    quad = np.array(
        [[left * scale - margin[0], top * scale - up], [right * scale + margin[1], top * scale - up],
         [right * scale + margin[1], top * scale - up + high], [left * scale - margin[0], top * scale - up + high]]
    )  # fmt: skip
    quad += np.array([[rng.gauss(0, 0.025), rng.gauss(0, 0.025)] for _ in range(4)]) * high
    slope = rng.gauss(0, 0.02) * high
    quad[:, 1] += np.array([-slope, slope, slope, -slope])
    width = (quad[1, 0] - quad[0, 0]) / high * HEIGHT
    width = int(np.clip(round(width / 4) * 4, 16, LONGEST))
    target = np.array([[0, 0], [width, 0], [width, HEIGHT], [0, HEIGHT]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad.astype(np.float32), target)
    flat: Grey = cv2.warpPerspective(
        small, matrix, (width, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return flat


def _spoilt(grey: Grey, capital: float, rng: Random) -> Grey:
    """Light, blur, noise and compression: each one often slight, sometimes strong."""
    for effect, often in _EFFECTS:
        if rng.random() < often:
            grey = effect(grey, capital, rng)
    return np.clip(grey, 0, 255).astype(np.uint8)


def _light(grey: Grey, _: float, rng: Random) -> Grey:
    ramp = np.linspace(rng.uniform(0.6, 1.1), rng.uniform(0.6, 1.1), grey.shape[1], dtype=np.float32)
    return grey * ramp[None]


def _flat(grey: Grey, _: float, rng: Random) -> Grey:
    flat: Grey = ((grey - 128) * rng.uniform(0.6, 1.15) + 128) * rng.uniform(0.5, 1.12)
    return flat


def _focus(grey: Grey, capital: float, rng: Random) -> Grey:
    blurred: Grey = cv2.GaussianBlur(grey, (0, 0), capital * rng.uniform(0.015, 0.12))
    return blurred


def _motion(grey: Grey, capital: float, rng: Random) -> Grey:
    length, turn = capital * rng.uniform(0.05, 0.22), rng.uniform(0, math.pi)
    size = 2 * math.ceil(length / 2) + 3
    kernel = np.zeros((size * 4, size * 4), np.uint8)
    step = (2 * length * math.cos(turn), 2 * length * math.sin(turn))
    middle = size * 2
    ends = ((round(middle - step[0]), round(middle - step[1])), (round(middle + step[0]), round(middle + step[1])))
    cv2.line(kernel, *ends, 255, 4, cv2.LINE_AA)
    spread = cv2.resize(kernel.astype(np.float32), (size, size), interpolation=cv2.INTER_AREA)
    moved: Grey = cv2.filter2D(grey, -1, spread / spread.sum())
    return moved


def _noise(grey: Grey, _: float, rng: Random) -> Grey:
    source = np.random.default_rng(rng.getrandbits(32))
    noise = source.standard_normal(grey.shape, np.float32) * rng.uniform(1, 16)
    if rng.random() < 0.4:
        noise = cv2.GaussianBlur(noise, (0, 0), rng.uniform(0.6, 1.4)) * 1.8
    noisy: Grey = grey + noise
    return noisy


def _glare(grey: Grey, _: float, rng: Random) -> Grey:
    x = np.arange(grey.shape[1], dtype=np.float32)
    spot = np.exp(-(((x - rng.uniform(0, grey.shape[1])) / (grey.shape[0] * rng.uniform(0.5, 3))) ** 2))
    glaring: Grey = grey + rng.uniform(20, 100) * spot[None]
    return glaring


def _scratch(grey: Grey, _: float, rng: Random) -> Grey:
    grey = np.ascontiguousarray(grey)
    for _ in range(rng.randint(1, 4)):
        one, other = ((rng.randint(0, grey.shape[1]), rng.randint(0, grey.shape[0])) for _ in range(2))
        cv2.line(grey, one, other, rng.uniform(150, 250), 1, cv2.LINE_AA)
    return grey


def _copied(grey: Grey, _: float, rng: Random) -> Grey:
    copy: Grey = 255 / (1 + np.exp(-(grey - rng.uniform(115, 150)) / rng.uniform(25, 60)))
    return copy


def _compressed(grey: Grey, _: float, rng: Random) -> Grey:
    pixels = np.clip(grey, 0, 255).astype(np.uint8)
    coded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, rng.randint(35, 92)])[1]
    decoded: Grey = np.asarray(cv2.imdecode(coded, cv2.IMREAD_GRAYSCALE), np.float32)
    return decoded


_EFFECTS: tuple[tuple[Callable[[Grey, float, Random], Grey], float], ...] = (
    (_light, 0.5), (_glare, 0.1), (_copied, 0.15), (_flat, 0.6), (_scratch, 0.06), (_focus, 0.75), (_motion, 0.25),
    (_noise, 0.8), (_compressed, 0.7),
)  # fmt: skip
