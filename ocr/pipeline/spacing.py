"""Where words end in a row of names or of an address: one line and its photo in, its characters with spaces out.

Readers lose spaces, above all on narrow print. Three witnesses are weighed: what weight the reader gave to a space, how
wide the print stands apart beside the spaces that the reader is sure of, and what addresses are like.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from math import log

import numpy as np
from numpy.typing import NDArray

from ocr.pipeline.engines.crop import LINE_HEIGHT, crop
from ocr.pipeline.pixels import EDGE, ink_of, strokes_of
from ocr.pipeline.spelling import INDEX, along
from ocr.pipeline.types import Line, Photo

Characters = list[tuple[str, float]]
"""Characters with their scores."""


def spaced(line: Line, photo: Photo) -> Characters:
    """The characters of the line, single spaces put where words end, and the slash into S/N."""
    inked = [i for i, character in enumerate(line.text) if character != " "]
    widths = _widths(line, inked, photo) if _is_unsure(line, inked) else None
    characters: Characters = []
    for order, i in enumerate(inked):
        if order and (line.text[i - 1] == " " or _ends_word(line, i, _USUAL if widths is None else widths[order - 1])):
            characters.append((" ", line.scores[i]))
        elif order and _lost_slash(line, i):
            characters.append(("/", line.scores[i]))
        characters.append((line.text[i], line.scores[i]))
    return characters


# --- the witnesses


# Log-odds that a word ends between two characters, fitted on 41 000 pairs of 520 photographs of 130 drawn fronts
# (palettes `tuning` and `wild`): 20 wrong, about as many as by the reader's weight alone on hard pictures, and half as
# many on all others. Abbreviations and the inside of numbers were added later.
_CERTAINTY, _PER_WEIGHT, _PER_WIDTH = 4.1, 2.2, 3.1
_BEHIND_STREET_KIND = 3.0  # fitted, too: C HIDALGO, U HAB
_BEFORE_STREET_NUMBER = 9.0  # chosen: C 61, a street that has a number for a name
_BEHIND_ABBREVIATION = 4.5  # chosen: fitted with a longer list it was 4.7
_BEFORE_NUMBER = 11.0  # fitted, too, on drawn cards, which print no LT4: where they do, it is parted
_INSIDE_NUMBER = -3.0  # chosen
_USUAL = 0.4  # the width where it cannot be told
_LEAST = 1e-3  # weights below say nothing more
_UNSURE = (0.005, 0.3)  # weights of a space between which the picture is asked


def _ends_word(line: Line, place: int, width: float) -> bool:
    """Whether a space was lost before `place`; `width` as `_widths` gives it."""
    before, behind = line.text[:place], line.text[place:]
    if before.endswith(",") or (before[-1].isalpha() and _POSTAL_CODE.fullmatch(behind)):
        return True
    if "-" in (before[-1], behind[0]) or _is_numeral(before, behind):
        return False
    weight = min(max(_weight_before(line, place, " "), _LEAST), 1 - _LEAST)
    odds = _CERTAINTY + _PER_WEIGHT * log(weight / (1 - weight)) + _PER_WIDTH * width
    odds += _BEHIND_STREET_KIND * (before in _ONE_LETTER and behind[0].isalpha())
    odds += _BEFORE_STREET_NUMBER * (before == "C" and behind[0].isdigit())
    odds += _BEHIND_ABBREVIATION * (_last_word(before) in _ABBREVIATIONS)
    odds += _BEFORE_NUMBER * _begins_number(before, behind)
    odds += _INSIDE_NUMBER * (before[-1].isdigit() and behind[0].isdigit())
    return line.lattice is not None and odds > 0


def _is_numeral(before: str, behind: str) -> bool:
    """Whether a Roman numeral goes on, of which the last may have been read as a digit: III, XI1. Its letters are thin
    and stand wide apart."""
    return before[-1] == "I" and (
        behind[0] == "I" or (_NUMERAL.search(before) is not None and _ONE.match(behind) is not None)
    )


def _begins_number(before: str, behind: str) -> bool:
    """Whether a number begins behind a word. None is 0 or 00, but for kilometres and the like: VALLE DORAD0 is one
    word, and so is BR00KLYN."""
    word = _WORD_AT_END.search(before)
    if word is None or not behind[0].isdigit() or _BRITISH.fullmatch(behind):
        return False
    return word.group() in _BEFORE_NUMBERS or _ZERO.match(behind) is None


def _last_word(text: str) -> str:
    return text.rpartition(" ")[2]


_ABBREVIATIONS = frozenset("BLVD PRIV CALZ PROL RTNO DEPTO FRACC BARR RCHO PBLO AMPL".split())
"""Of streets and settlements (ine.md, "Address lines"), those that few words begin with: inside FRACCIONAMIENTO a
reader gives a space no weight, and some is asked for."""
_ONE_LETTER = ("C", "U")  # CALLE and UNIDAD, at the beginning of a row
_POSTAL_CODE = re.compile(r"\d{5} *")
_WORD_AT_END = re.compile(r"[^\W\d_]{2,}$")
_NUMERAL, _ONE = re.compile(r"(?<![^ ])[IVX]+I$"), re.compile(r"1(?![^ ])")
_ZERO = re.compile(r"0+(?!\d)")
_BRITISH = re.compile(r"\d[A-Z\d]? ?\d[A-Z]{2}")  # LS1 4AP, a postal code at the end of a row
_BEFORE_NUMBERS = frozenset("DEPTO DPTO EDIF ED INT EXT KM LT LOTE MZA MZ MANZANA NUM NO SM".split())


def _is_unsure(line: Line, inked: Sequence[int]) -> bool:
    """Whether the reader gave a space a weight that leaves it open."""
    low, high = _UNSURE
    places = (i for i in inked[1:] if line.text[i - 1] != " ")
    return line.quad is not None and any(low < _weight_before(line, i, " ") < high for i in places)


def _weight_before(line: Line, place: int, character: str) -> float:
    """The weight that the reader gave to another character just before this one, at its highest."""
    if line.lattice is None:
        return 0.0
    return float(line.lattice[line.steps[place - 1] : line.steps[place], INDEX[character]].max(initial=0.0))


def _widths(line: Line, inked: Sequence[int], photo: Photo) -> NDArray[np.float64] | None:
    """How wide the print stands apart between neighbours: 0 as letters usually do, 1 as at the spaces that were read.

    None where no space was read, or where blur leaves it as narrow as any other.
    """
    if line.quad is None:
        return None
    blank = _blank(crop(photo.pixels, line.quad))
    middles = [round(along(line, i) * len(blank)) for i in inked]
    apart = np.array([blank[a : b + 1].sum() for a, b in pairwise(middles)])
    read = np.array([line.text[i - 1] == " " for i in inked[1:]])
    if not read.any():
        return None
    letters = float(np.median(apart))
    space = float(np.median(apart[read])) - letters
    return np.clip((apart - letters) / space, *_WIDEST) if space > _NARROWEST else None


_WIDEST = (-0.5, 1.2)
_NARROWEST = 0.02 * LINE_HEIGHT  # columns


def _blank(strip: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Per column of a flattened line, 0 where there is ink to 1 where there is none."""
    darkest, print_ = strokes_of(ink_of(strip)[EDGE:-EDGE])
    blank: NDArray[np.float32] = np.clip(1 - 2 * darkest / print_, 0, 1)
    return blank


def _lost_slash(line: Line, place: int) -> bool:
    """S/N, without a number: the slash is thin, and readers lose it between the two. They give it some weight then, and
    none where SN is printed, with as much room."""
    parts = _S_BEFORE.search(line.text[:place]) and _N_ALONE.match(line.text[place:])
    return parts is not None and _weight_before(line, place, "/") > _SLIGHT_WEIGHT


_S_BEFORE, _N_ALONE = re.compile(r"(^| )S$"), re.compile(r"N( |$)")
_SLIGHT_WEIGHT = 0.05
