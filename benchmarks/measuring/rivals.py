"""What a user would otherwise pick, on the same pictures: each rival reads both sides, simple patterns find the fields.

Naive is PassportEye on the back (its own fields, as it gives them) and Tesseract with Spanish on the front, whole
pictures; rapidocr reads both sides. Neither is helped, except that a picture is turned as its EXIF tag says.
"""

import io
import logging
import os
import re
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from PIL import Image, ImageOps

from benchmarks.measuring.cards import Card, draw_card
from benchmarks.measuring.scoring import Score, score_rival

Fields = dict[str, str | None]

_SEX = {"H": "Male", "M": "Female", "F": "Female", "X": "X"}


# --- the front: patterns in the text that a reader gives

_FRONT = {
    "CURP": r"[A-Z]{4}\d{6}[HMX][A-Z]{5}[A-Z0-9]\d\b",
    "elector_key": r"[A-Z]{6} ?\d{8} ?[HMX] ?\d{3}\b",
    "section": r"SECCI[OÓ]N[\s\S]{0,60}?(?<![\d/-])(?<!- )(\d{4})(?![\d/]| ?-)",
    "emission_number": r"REGISTRO\D{0,12}(?:19|20)\d\d\W{1,3}(\d\d)\b",
    "surname": r"NOMBRE\n(.+\n.+)\n",
    "name": r"NOMBRE\n.+\n.+\n(.+)",
    "address": r"DOMICILIO\n((?:.+\n){1,3}?)(?=CLAVE)",
}
_SEX_PRINT = r"\bSEXO\b\W{0,4}(?:([HMX])\b)?"
"""It stands beside the names, and readers run it into their lines."""
_BIRTH = r"\b(\d\d)/(\d\d)/(\d{4})\b"
_VALIDITY = (r"\b(20\d\d) ?- ?(20\d\d)\b", r"EMISI[OÓ]N\D{0,12}(20\d\d)\b[\s\S]*VIGENCIA\D{0,12}(20\d\d)\b")
_JOINED = frozenset({"CURP", "elector_key"})


def front_fields(text: str) -> Fields:
    """`text` with its lines as the reader gave them."""
    sex = re.search(_SEX_PRINT, text.upper())
    without = re.sub(_SEX_PRINT, "\n", text.upper())
    lines = "\n".join(filter(None, (" ".join(line.split()) for line in without.split("\n"))))
    validity = next(filter(None, (re.search(pattern, lines) for pattern in _VALIDITY)), None)
    birth = re.search(_BIRTH, lines)
    return {name: _found(name, pattern, lines) for name, pattern in _FRONT.items()} | {
        "gender": _SEX.get(sex[1] or "") if sex else None,
        "date_of_birth": "-".join(birth.groups()) if birth else None,
        "validity_period": "-".join(validity.groups()) if validity else None,
    }


def _found(name: str, pattern: str, text: str) -> str | None:
    match = re.search(pattern, text)
    if match is None:
        return None
    value = match[match.lastindex or 0]
    return "".join(value.split()) if name in _JOINED else " ".join(value.split())


# --- the back: the MRZ's pieces


@dataclass(frozen=True, slots=True)
class Mrz:
    """What a rival found of an MRZ, empty where it found nothing. Dates are YYMMDD, as printed."""

    cic: str = ""
    number: str = ""
    birth: str = ""
    sex: str = ""
    expiry: str = ""
    surname: str = ""
    name: str = ""


def back_fields(mrz: Mrz) -> Fields:
    """Whoever was born in a year below 30 was so in this century, in which every card expires."""
    born = re.fullmatch(r"(\d\d)(\d\d)(\d\d)", mrz.birth)
    ends = re.fullmatch(r"(\d\d)(\d\d)(\d\d)", mrz.expiry)
    return {
        "cic": mrz.cic or None,
        "document_number": mrz.number or None,
        "citizen_id": mrz.number[4:] or None,
        "birth_date": f"{born[3]}-{born[2]}-{'20' if born[1] < '30' else '19'}{born[1]}" if born else None,
        "expiration_date": f"20{ends[1]}-{ends[2]}-{ends[3]}" if ends else None,
        "gender": _SEX.get(mrz.sex),
        "surname": mrz.surname or None,
        "name": mrz.name or None,
    }


_LINE_1 = r"IDMEX(\d{9})\d<<(\d{13})"
_LINE_2 = r"(\d{6})\d([HMFX<])(\d{6})\dMEX"
_LINE_3 = r"^([A-Z<]+?)<<([A-Z<]+)$"


def mrz_fields(text: str) -> Fields:
    """Simple patterns on lines without their spaces."""
    lines = text.upper().replace(" ", "")
    first, second, third = (re.search(p, lines, re.MULTILINE) for p in (_LINE_1, _LINE_2, _LINE_3))
    return back_fields(
        Mrz(
            *(first.groups() if first else ("", "")),
            *(second.groups() if second else ("", "", "")),
            *((_spaced(part) for part in third.groups()) if third else ()),
        )
    )


def _spaced(text: str) -> str:
    return " ".join(text.replace("<", " ").split())


# --- the rivals


def naive(front: bytes, back: bytes) -> dict[str, Fields]:
    import pytesseract  # noqa: PLC0415 - the rivals' libraries are heavy: only their own processes load them

    text = pytesseract.image_to_string(Image.open(io.BytesIO(front)), lang="spa")
    return {"frontside": front_fields(text), "backside": _passporteye(back)}


def _passporteye(back: bytes) -> Fields:
    from passporteye import read_mrz  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            mrz = read_mrz(io.BytesIO(back))
        except (OSError, AttributeError, ValueError, IndexError):  # its other ways to say no
            mrz = None
    if mrz is None:
        return back_fields(Mrz())
    said: dict[str, str] = {key: str(value) for key, value in mrz.to_dict().items()}
    return back_fields(
        Mrz(
            cic=said.get("number", ""),
            number=said.get("optional1", "").strip("<"),
            birth=said.get("date_of_birth", ""),
            sex=said.get("sex", ""),
            expiry=said.get("expiration_date", ""),
            surname=said.get("surname", ""),
            name=said.get("names", ""),
        )
    )


def rapidocr(front: bytes, back: bytes) -> dict[str, Fields]:
    return {"frontside": front_fields(_rapid_text(front)), "backside": mrz_fields(_rapid_text(back))}


def _rapid_text(picture: bytes) -> str:
    texts: tuple[str, ...] | None = _rapid()(picture).txts
    return "\n".join(texts or ())


@cache
def _rapid() -> Any:  # noqa: ANN401 - what it returns depends on how it is called
    from rapidocr import RapidOCR  # noqa: PLC0415

    # One thread: a process a core reads at once, and spinning threads of two would fight over both.
    engine = RapidOCR(params={"EngineConfig.onnxruntime.intra_op_num_threads": 1})
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    return engine


RIVALS: Mapping[str, Callable[[bytes, bytes], Mapping[str, Fields]]] = {
    "PassportEye + Tesseract": naive,
    "rapidocr": rapidocr,
}


def ask_rivals(palette: str, seed: int, tier: str) -> dict[str, Score]:
    """Draw the card again (the same seed gives the same pictures) and let every rival read it."""
    _get_ready()
    card = draw_card(palette, seed, tier)
    front, back = _upright(card.front), _upright(card.back)
    return {name: _timed(card, read, front, back) for name, read in RIVALS.items()}


@cache
def _get_ready() -> None:
    """Once a process: loading libraries and models is not reading."""
    os.environ["OMP_THREAD_LIMIT"] = "1"  # Tesseract is several times slower without
    buffer = io.BytesIO()
    Image.new("RGB", (640, 400), (255, 255, 255)).save(buffer, "JPEG")
    for read in RIVALS.values():
        read(buffer.getvalue(), buffer.getvalue())


def _timed(card: Card, read: Callable[[bytes, bytes], Mapping[str, Fields]], front: bytes, back: bytes) -> Score:
    started = time.perf_counter()
    answered = read(front, back)
    return score_rival(card, answered, (time.perf_counter() - started) * 1000)


def _upright(jpeg: bytes) -> bytes:
    """As the EXIF tag says; a picture without one is left as it is."""
    image = Image.open(io.BytesIO(jpeg))
    turned = ImageOps.exif_transpose(image)
    if turned.size == image.size and not image.getexif().get(0x0112):
        return jpeg
    buffer = io.BytesIO()
    turned.save(buffer, "JPEG", quality=95)
    return buffer.getvalue()
