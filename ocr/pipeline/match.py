"""`Mrz` and the front's fields → comparisons of what both sides offer, their weighted mean, and whether they match.

The weights are published (docs/accuracy.md, "How both sides are compared"): names and birth date decide, the rest
supports.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from ocr.pipeline.types import Comparison, Field
from validators import curp as curps
from validators import name as names
from validators.mrz import LENGTH, Mrz
from validators.name import letters_agree

WEIGHTS: Mapping[str, float] = {
    "surname": 25,
    "name": 20,
    "date_of_birth": 20,
    "gender": 5,
    "validity": 5,
    "emission_number": 5,
    "curp_date": 6,
    "curp_sex": 2,
    "curp_initials": 4,
    "elector_key_date": 6,
    "elector_key_sex": 2,
}
_ANOTHER_PERSON = 0.5  # similarity of names below which no misreading and no cut explains the difference
_NEVER_MISREAD = ("date_of_birth", "curp_date", "elector_key_date")


def compare(front: Mapping[str, Field], mrz: Mrz, born: date) -> tuple[Comparison, ...]:
    """Every pair that both sides offer. `born` is the MRZ's birth date with its century."""
    pairs = (*_names(front, mrz), *_dates(front, mrz, born), *_letters(front, mrz))
    return tuple(pair for pair in pairs if pair.front and pair.back)


def percentage(comparisons: Sequence[Comparison]) -> float:
    """Weighted mean agreement, 0 to 100, one decimal; 0 when the sides share nothing that can be compared."""
    total = sum(pair.weight for pair in comparisons)
    return round(100 * sum(pair.weight * pair.similarity for pair in comparisons) / total, 1) if total else 0.0


def matches(comparisons: Sequence[Comparison], threshold: float) -> bool:
    """The percentage reaches `threshold` and nothing contradicts outright."""
    return percentage(comparisons) >= threshold and not any(pair.contradicts for pair in comparisons)


def _names(front: Mapping[str, Field], mrz: Mrz) -> list[Comparison]:
    room = {"surname": LENGTH, "name": LENGTH - len(mrz.surname) - 2}
    pairs = []
    for field, back in (("surname", mrz.surname), ("name", mrz.name)):
        printed = _text(front[field])
        alike = names.similarity(printed, back, cut_at=room[field] if mrz.name_cut else None)
        pairs.append(Comparison(field, printed, back, round(alike, 3), WEIGHTS[field], alike < _ANOTHER_PERSON))
    return pairs


def _dates(front: Mapping[str, Field], mrz: Mrz, born: date) -> list[Comparison]:
    printed = front["date_of_birth"].value
    first = f"{printed:%y%m%d}" if isinstance(printed, date) else ""
    return [
        _equal("date_of_birth", first, f"{born:%y%m%d}"),
        _equal("curp_date", _text(front["curp"])[4:10], mrz.birth),
        _equal("elector_key_date", _text(front["elector_key"])[6:12], mrz.birth),
        _equal("validity", _text(front["validity_period"])[-2:], mrz.expiry[:2]),
        _equal("emission_number", _text(front["emission_number"]), mrz.emission),
    ]


def _letters(front: Mapping[str, Field], mrz: Mrz) -> list[Comparison]:
    curp, key = _text(front["curp"]), _text(front["elector_key"])
    sex = mrz.sex if mrz.sex in ("H", "M") else ""
    # A hidden sex, or X in front against H or M in the MRZ, is no contradiction (contract.md): it is no pair.
    pairs = [
        _equal(name, said if said in ("H", "M") else "", sex)
        for name, said in (
            ("gender", _text(front["gender"])),
            ("curp_sex", curp[10:11]),
            ("elector_key_sex", key[14:15]),
        )
    ]
    initials = _initials(mrz)
    printed = (curp[:1] + curp[3:4])[: max(len(initials), 1)]
    agree = bool(curp) and letters_agree(initials, printed)
    return [*pairs, Comparison("curp_initials", printed, initials, float(agree), WEIGHTS["curp_initials"])]


def _initials(mrz: Mrz) -> str:
    """The CURP's letters that line 3 tells whatever its surnames are parted like: paternal initial, and given initial
    where the line was not cut before it."""
    if not mrz.surname or not mrz.name:
        return ""
    return curps.initials(mrz.surname, "", mrz.name)[0] + names.told_initial(mrz.name, cut=mrz.name_cut)


def _equal(name: str, front: str, back: str) -> Comparison:
    alike = float(front == back)
    return Comparison(name, front, back, alike, WEIGHTS[name], name in _NEVER_MISREAD and not alike and bool(front))


def _text(field: Field) -> str:
    return field.value if isinstance(field.value, str) else ""
