"""`MrzText` and `FrontText` → fields, each settled by all that speaks for it, and every automatic validation.

Birth date, sex, state, initials and consonants, emission number, expiry year and section stand in several places of one
card (ine.md, "One person, many witnesses"): each place is judged by the others (`settle`). A value that nothing
confirms is returned as read and named in `Verdict.unconfirmed`; what contradicts is named in `Verdict.doubts`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from ocr.pipeline.agreement import ACCENTED, DISPUTED, SURE_ACCENT, TILDE_SCORES
from ocr.pipeline.claims import BACK_CHECKED, doubts, find_claims, with_witnesses
from ocr.pipeline.errors import (
    BirthDateUnreadable,
    CurpNotFound,
    ExpirationDateUnreadable,
    FrontNotFound,
    GenderUnreadable,
    NamesUnreadable,
    NumberUnreadable,
)
from ocr.pipeline.naming import find_names, name_similarity, settle_names
from ocr.pipeline.settle import SURE_ALONE, Settled, Voucher, settle
from ocr.pipeline.spelling import joined, narrowed
from ocr.pipeline.tildes import doubted, with_tildes
from ocr.pipeline.types import Field, FrontText, MrzText, Side, Text, Validation
from validators import curp as curps
from validators import date as dates
from validators import elector_key as keys
from validators import mrz as mrzs
from validators import name as names
from validators.errors import ValidatorError
from validators.positions import DIGITS, LETTERS

_LEGIBLE = 0.6  # mean fit of a field of the MRZ below which it was not read
_SEEN_ACCENT = 0.6  # score from which an accent is one on a card that has one that was surely read
_IN_ADDRESS = 0.97  # likewise, in an address, of which nothing else says whether there are any
_FEWEST_LABELS = 3  # in other print, letters that look like one or two labels are met
_NOBODY, _DIGIT, _PRINT = Voucher.NOBODY, Voucher.CHECK_DIGIT, Voucher.OTHER_PRINT


@dataclass(frozen=True, slots=True)
class Verdict:
    """What both sides say after all witnesses were heard.

    `unconfirmed` names what a second look might settle: `mrz`, or a value of the front; `missing` what was not read of
    the rest, or badly; `doubts` say what contradicts. `mrz` holds the fields of the MRZ as settled.
    """

    back: Mapping[str, Field]
    front: Mapping[str, Field]
    validations: tuple[Validation, ...]
    unconfirmed: tuple[str, ...]
    missing: tuple[str, ...]
    doubts: tuple[str, ...]
    mrz: mrzs.Mrz
    born: date
    model: str | None

    @property
    def trusted(self) -> bool:
        """Every validation passes, every key field is confirmed, nothing contradicts: `valid` short of `match`."""
        passes = all(validation.passed is not False for validation in self.validations)
        return passes and not self.unconfirmed and not self.doubts

    @property
    def shows_two_people(self) -> bool:
        """Each side is sure of its own birth date, by check digits and by two keys that agree, and they differ."""
        curp, key = (str(self.front[name].value or "") for name in ("curp", "elector_key"))
        told = all(validation.passed for validation in self.validations if validation.name.startswith(("mrz.", "curp")))
        return told and "mrz" not in self.unconfirmed and curp[4:10] == key[6:12] != self.mrz.birth


def judge(mrz_text: MrzText, front: FrontText, *, today: date) -> Verdict:
    """Settle every field.

    Raises, in the order of the contract, `NumberUnreadable`, `BirthDateUnreadable`, `GenderUnreadable`,
    `ExpirationDateUnreadable`, `NamesUnreadable`, `FrontNotFound`, `CurpNotFound`.
    """
    numbers = _settle_mrz(mrz_text, front)
    third = settle_names(mrz_text.lines[2], front)
    mrz = mrzs.parse((numbers.text[:30], numbers.text[30:], third))
    born, expires = _require_mrz(mrz, numbers, today)
    if not _is_front(front):
        raise FrontNotFound("no label, header or key of a front was read")
    if "curp" not in front.values:
        raise CurpNotFound("no CURP was read on the front")
    curp = _settle_curp(front, mrz, numbers, born)
    key = _settle_key(front, mrz, curp)
    settled = {"mrz": numbers, "curp": curp, **({"elector_key": key} if key else {}), **_settle_print(front, mrz, born)}
    surname, name, address = find_names(front, mrz, mrz_text.lines[2])
    surname, name = _lettered(surname), _lettered(name)
    if curp.agreed:
        surname, name = with_tildes(surname, name, curp.text)
    surname, name = doubted(surname), doubted(name)
    back_fields = _back_fields(mrz_text, mrz, numbers, born, expires)
    front_fields = _front_fields(settled, surname, name, address)
    front_fields["address"] = _unless_cut(front_fields["address"], front)
    _agreed(front_fields, back_fields, mrz, {"surname": surname, "name": name})
    if _lost_rows(address, front) and not all(front_fields[field].confirmed for field in ("surname", "name")):
        front_fields["address"] = _in_doubt(front_fields["address"])
    claims = find_claims(mrz, {name: value.text for name, value in settled.items()})
    checked = {name for name in ("curp", "mrz") if settled[name].agreed}
    return Verdict(
        back=with_witnesses(back_fields, Side.BACK, claims, BACK_CHECKED if "mrz" in checked else ()),
        front=with_witnesses(front_fields, Side.FRONT, claims, ("curp",) if "curp" in checked else ()),
        validations=_validations(mrz, settled),
        unconfirmed=_unconfirmed(front, settled),
        missing=_missing(front, front_fields),
        doubts=doubts(claims),
        mrz=mrz,
        born=born,
        model=_model(front, settled),
    )


def _is_front(front: FrontText) -> bool:
    """A header, an elector key, or enough labels of which one stands on no other document: bills and passports print a
    CURP and a birth date, too."""
    labelled = len(front.labels) >= _FEWEST_LABELS and front.labels & _OWN_LABELS
    key = front.values.get("elector_key")
    return bool(front.issuer or (key and key.fit >= _LIKE_A_KEY) or labelled)


_LIKE_A_KEY = 0.9  # fit; what passports and licences print was forced into the grammar with 0.78 to 0.85
_OWN_LABELS = {"elector_key", "section", "registration", "emission", "locality"}


# --- the MRZ ---------------------------------------------------------------------------------------------------------

_SECOND = mrzs.LENGTH  # where line 2 begins in both lines joined


def _place(field: str) -> slice:
    line, start, stop = mrzs.SPANS[field]
    return slice(line * _SECOND + start, line * _SECOND + stop)


def _settle_mrz(text: MrzText, front: FrontText) -> Settled:
    """Lines 1 and 2 as one text of 60 places, since one check digit covers both."""
    return settle(joined(*text.lines[:2]), _checks_hold, lambda spelled: _mrz_vouchers(spelled, front))


def _checks_hold(spelled: str) -> bool:
    try:
        parsed = mrzs.parse((spelled[:_SECOND], spelled[_SECOND:], "<" * mrzs.LENGTH))
        dates.in_century(parsed.birth, 2000)
        dates.in_century(parsed.expiry, 2000)
    except ValidatorError:
        return False
    return all(mrzs.checks(parsed).values())


def _mrz_vouchers(spelled: str, front: FrontText) -> list[Voucher]:
    """Check digits speak for all places but the sex; the front's print for what it repeats."""
    vouchers = [_DIGIT] * len(spelled)
    for place, alphabet in enumerate((*mrzs.LINE_1, *mrzs.LINE_2)):
        if len(alphabet) == 1:
            vouchers[place] = _PRINT
    vouchers[_place("sex")] = [_NOBODY]
    for field, said in _front_witnesses(front).items():
        if spelled[_place(field)] in said:
            vouchers[_place(field)] = [_PRINT] * len(spelled[_place(field)])
    number = _place("document_number")
    if spelled[number][:4] == _said(front, "section"):
        vouchers[number.start : number.start + 4] = [_PRINT] * 4
    return vouchers


def _front_witnesses(front: FrontText) -> dict[str, set[str]]:
    """What the front, as read, says of fields of the MRZ."""
    curp, key, born = _said(front, "curp"), _said(front, "elector_key"), _said(front, "date_of_birth")
    return {
        "birth": {curp[4:10], key[6:12], born[8:10] + born[3:5] + born[0:2]},
        "sex": {curp[10:11], key[14:15], _said(front, "sex")},
        "expiry": {_said(front, "validity")[-2:] + "1231"},
        "emission": {_said(front, "registration")[4:]},
    }


def _said(front: FrontText, name: str) -> str:
    return front.values[name].text if name in front.values else ""


def _require_mrz(mrz: mrzs.Mrz, numbers: Settled, today: date) -> tuple[date, date]:
    """Birth and expiry; raises the contract's failure for whatever the MRZ does not tell."""
    if not all(_legible(numbers, field) for field in ("cic", "document_number")):
        raise NumberUnreadable("the CIC or the 13 digits of line 1 could not be read")
    try:
        born = dates.birth_date(mrz.birth, today=today)
    except ValidatorError as exc:
        raise BirthDateUnreadable("the MRZ's birth date is no date") from exc
    if not _legible(numbers, "birth"):
        raise BirthDateUnreadable("the MRZ's birth date could not be read")
    if not _legible(numbers, "sex"):
        raise GenderUnreadable("the MRZ's sex is none of H, M, X")
    try:
        expires = dates.expiry_date(mrz.expiry)
    except ValidatorError as exc:
        raise ExpirationDateUnreadable("the MRZ's expiry is no date") from exc
    if not _legible(numbers, "expiry"):
        raise ExpirationDateUnreadable("the MRZ's expiry could not be read")
    if not mrz.surname and not mrz.name:
        raise NamesUnreadable("line 3 of the MRZ holds no name")
    return born, expires


def _legible(numbers: Settled, field: str) -> bool:
    fits = numbers.source.fits[_place(field)]
    return sum(fits) / len(fits) >= _LEGIBLE


# --- the keys --------------------------------------------------------------------------------------------------------

# CURP and elector key are made of the same letters: place in the CURP → place in the elector key (ine.md).
_SHARED = {0: 0, 13: 1, 2: 2, 14: 3, 3: 4, 15: 5}


def _settle_curp(front: FrontText, mrz: mrzs.Mrz, numbers: Settled, born: date) -> Settled:
    text = read = front.values["curp"]
    if numbers.agreed:  # the century of birth, in which place 17 is a digit before 2000 and a letter from then on
        text = narrowed(text, 16, DIGITS if born.year < 2000 else LETTERS)

    letters = _mrz_initials(mrz)

    def accepts(spelled: str) -> bool:
        named = all(spelled[place] in allowed for place, allowed in letters.items())
        return named and _holds(curps.validate, spelled) and (not numbers.agreed or curps.birth_date(spelled) == born)

    settled = settle(text, accepts, lambda spelled: _curp_vouchers(spelled, front, mrz))
    # What the witnesses do not accept stays as it was read: of another person's MRZ, the century tells nothing.
    return settled if settled.agreed else settle(read, accepts, lambda spelled: _curp_vouchers(spelled, front, mrz))


def _mrz_initials(mrz: mrzs.Mrz) -> dict[int, str]:
    """What the MRZ's names leave to the CURP's first and fourth letter; an Ñ, N in the MRZ, is X in the CURP."""
    if not mrz.surname or not mrz.name:
        return {}
    letters = {0: curps.initials(mrz.surname, "", mrz.name)[0], 3: names.told_initial(mrz.name, cut=mrz.name_cut)}
    return {place: letter + ("X" if letter == "N" else "") for place, letter in letters.items() if letter}


def _curp_vouchers(spelled: str, front: FrontText, mrz: mrzs.Mrz) -> list[Voucher]:
    key = _said(front, "elector_key")
    vouchers = [_DIGIT] * len(spelled)
    if spelled[4:10] in (mrz.birth, key[6:12]):
        vouchers[4:10] = [_PRINT] * 6
    if spelled[10] in (mrz.sex, key[14:15]):
        vouchers[10] = _PRINT
    if spelled[11:13] == _state_of(key):
        vouchers[11:13] = [_PRINT] * 2
    for place, letter in [*((mine, key[theirs : theirs + 1]) for mine, theirs in _SHARED.items()), *_initials(front)]:
        if spelled[place] == letter:
            vouchers[place] = _PRINT
    return vouchers


def _settle_key(front: FrontText, mrz: mrzs.Mrz, curp: Settled) -> Settled | None:
    text = front.values.get("elector_key")
    if text is None:
        return None

    def accepts(spelled: str) -> bool:
        return _holds(keys.validate, spelled) and spelled[6:12] == mrz.birth

    def agrees(spelled: str) -> bool:
        letters = all(spelled[theirs] == curp.text[mine] for mine, theirs in _SHARED.items())
        return letters and accepts(spelled) and _state_of(spelled) in (None, curp.text[11:13])

    settled = settle(text, agrees, lambda spelled: _key_vouchers(spelled, mrz, curp))
    if settled.agreed:
        return settled
    # Names that the CURP and the key shorten by different rules leave other letters: then nothing vouches for them, and
    # the key's own scores cannot either, since it may as well be misread.
    return settle(replace(text, contested=True), accepts, lambda spelled: _key_vouchers(spelled, mrz, curp))


def _key_vouchers(spelled: str, mrz: mrzs.Mrz, curp: Settled) -> list[Voucher]:
    vouchers = [_NOBODY] * len(spelled)
    for mine, theirs in _SHARED.items():
        if spelled[theirs] == curp.text[mine]:
            vouchers[theirs] = _PRINT
    if spelled[6:12] == mrz.birth:
        vouchers[6:12] = [_PRINT] * 6
    if _state_of(spelled) == curp.text[11:13]:
        vouchers[12:14] = [_PRINT] * 2
    if spelled[14] in (mrz.sex, curp.text[10]):
        vouchers[14] = _PRINT
    return vouchers


def _holds(validate: Callable[[str], str], spelled: str) -> bool:
    try:
        validate(spelled)
    except ValidatorError:
        return False
    return True


def _state_of(key: str) -> str | None:
    return keys.state(key) if len(key) == 18 and key[12:14].isdigit() else None


def _initials(front: FrontText) -> list[tuple[int, str]]:
    """What the names, where the front prints them on three rows, say of the CURP's letters: place and letter."""
    if len(front.name) != 3:
        return []
    rows = [names.fold(row.text) for row in front.name]
    letters = curps.initials(*rows) + curps.inner_consonants(*rows)
    return list(zip((0, 1, 2, 3, 13, 14, 15), letters, strict=True))


# --- other print of the front ----------------------------------------------------------------------------------------


def _settle_print(front: FrontText, mrz: mrzs.Mrz, born: date) -> dict[str, Settled]:
    """Birth date, section, validity, emission, registration and sex, each against its witness."""
    expected: dict[str, Callable[[str], list[Voucher]]] = {
        "date_of_birth": lambda text: _all_or_none(text, text == f"{born:%d/%m/%Y}"),
        "section": lambda text: _all_or_none(text, text == mrz.document_number[:4]),
        "validity": lambda text: _validity_vouchers(text, mrz),
        "emission": lambda text: _all_or_none(text, _begins_validity(text, mrz), _DIGIT),
        "registration": lambda text: [_PRINT] * 4 + _all_or_none(text[4:], text[4:] == mrz.emission),
        "sex": lambda text: _all_or_none(text, text[0] == mrz.sex),
    }
    settled = {
        name: _settle_by(_doubted(name, front.values[name], front, mrz), vouches)
        for name, vouches in expected.items()
        if name in front.values
    }
    if "sex" in settled and front.values["sex"].text not in _ALSO_IN_THE_MRZ:
        settled["sex"] = _as_read(front.values["sex"], expected["sex"])
    absent = {"section"} if front.abroad else set()
    if "sex" in settled and _is_no_sex(settled["sex"], front.values["sex"], mrz):
        absent.add("sex")
    if "validity" in settled and not _is_plausible(settled["validity"].text):
        absent.add("validity")
    return {name: value for name, value in settled.items() if name not in absent}


_ALSO_IN_THE_MRZ = {"H", "M"}


def _is_no_sex(settled: Settled, read: Text, mrz: mrzs.Mrz) -> bool:
    """A letter without a label, that no witness repeats, is none; X may stand in print alone. Nor is one that the
    reader saw otherwise: where the card prints X or NB, the MRZ has an M or H all the same (ine.md)."""
    alone = read.contested and settled.text not in (mrz.sex, "X")
    return alone or settled.text != read.text


def _doubted(name: str, text: Text, front: FrontText, mrz: mrzs.Mrz) -> Text:
    """A section that is the OCR number's but for a digit that was not read surely is that one, misread. One that reads
    like a year of the card may be one: the OCR number must confirm it, or two readings and every year that the card
    prints."""
    if name == "section" and _is_misread(text, mrz.document_number[:4]):
        return replace(text, contested=True)
    if name != "section" or not _FIRST_YEAR <= int(text.text) <= _LAST_YEAR:
        return text
    years = {
        year for key in _WITH_YEARS if key in front.values for year in re.findall(r"\d{4}", front.values[key].text)
    }
    twice = all(text.votes(place) > 1 for place in range(len(text.text)))
    told_apart = twice and front.values.keys() >= {"validity", "registration"} and text.text not in years
    return text if told_apart else replace(text, contested=True)


def _is_misread(section: Text, number: str) -> bool:
    """Who moves house may well move to the next section; then that digit is read as surely as others are, by whoever
    reads it."""
    differing = [i for i, (one, other) in enumerate(zip(section.text, number, strict=False)) if one != other]
    if len(differing) != 1:
        return False
    (place,) = differing
    doubt = float((1 - section.scores[place]) ** (1 / max(section.votes(place), 1)))
    return doubt > 1 - SURE_ALONE


_WITH_YEARS = ("validity", "emission", "registration", "date_of_birth")


_FIRST_YEAR, _LAST_YEAR = 1900, 2060


def _is_plausible(validity: str) -> bool:
    """Years in which a card can have been issued and expire, in this order: else other digits were taken for it."""
    return all(2000 <= int(year) <= _LAST_YEAR for year in validity.split("-")) and validity[:4] <= validity[-4:]


def _settle_by(text: Text, vouches: Callable[[str], list[Voucher]]) -> Settled:
    """What the witnesses vouch for wholly, if the reader saw it so; else as read, by its own scores."""
    settled = settle(text, lambda spelled: _NOBODY not in vouches(spelled), vouches)
    return settled if settled.agreed else _as_read(text, vouches)


def _as_read(text: Text, vouches: Callable[[str], list[Voucher]]) -> Settled:
    return settle(text, lambda spelled: spelled == text.text, vouches)


def _all_or_none(text: str, agrees: bool, voucher: Voucher = _PRINT) -> list[Voucher]:
    return [voucher if agrees else _NOBODY] * len(text)


def _validity_vouchers(text: str, mrz: mrzs.Mrz) -> list[Voucher]:
    end = _all_or_none(text[-4:], text[-4:] == "20" + mrz.expiry[:2])
    return end if len(text) == 4 else [*_all_or_none(text[:4], _begins_validity(text, mrz), _DIGIT), _PRINT, *end]


def _begins_validity(text: str, mrz: mrzs.Mrz) -> bool:
    """A card is valid for ten years: models D to J all are."""
    return text[:4] == str(2000 + int(mrz.expiry[:2]) - 10)


# --- what comes of it ------------------------------------------------------------------------------------------------

_SURE, _UNSURE = 0.99, 0.9
"""Confidence of what is confirmed, and the most that anything else is given."""


def _confidence(sure: Sequence[bool], scores: Sequence[float]) -> float:
    doubtful = [score for is_sure, score in zip(sure, scores, strict=True) if not is_sure]
    return _SURE if not doubtful else round(min((_UNSURE, *doubtful)), 3)


def _back_fields(text: MrzText, mrz: mrzs.Mrz, numbers: Settled, born: date, expires: date) -> dict[str, Field]:
    def numeric(field: str, value: str | date | None, first: int = 0) -> Field:
        span = _place(field)
        sure, scores = numbers.sure[span][first:], numbers.scores[span][first:]
        line = text.lines[mrzs.SPANS[field][0]]
        return Field(value, _confidence(sure, scores), all(sure), line.quad, line.reader)

    def named(value: str) -> Field:
        letters = [score for score, letter in zip(third.scores, third.text, strict=True) if letter != "<"]
        confidence = _free_confidence(min(letters, default=0.0))
        return Field(value or None, confidence, confidence >= _UNSURE, third.quad, third.reader)

    third = text.lines[2]
    return {
        "country_code": numeric("country", mrz.country),
        "document_number": numeric("document_number", mrz.document_number),
        "citizen_id": numeric("document_number", mrz.document_number[4:], 4),
        "cic": numeric("cic", mrz.cic),
        "birth_date": numeric("birth", born),
        "gender": numeric("sex", _MRZ_SEX[mrz.sex]),
        "expiration_date": numeric("expiry", expires),
        "surname": named(mrz.surname),
        "name": named(mrz.name),
    }


def _free_confidence(weakest: float) -> float:
    """Of text that no grammar judges, by its weakest character.

    The curve is chosen by eye on 80 drawn cards of the tuning palette; `./run bench accuracy` shows whether it holds.
    """
    return round(min(1 - (1 - weakest) ** 2, _SURE), 3)


def _agreed(front: dict[str, Field], back: dict[str, Field], mrz: mrzs.Mrz, printed: Mapping[str, Text | None]) -> None:
    """Names that both sides print alike confirm one another, and names that they do not, cast doubt on one another."""
    for field, text in printed.items():
        one, other = front[field], back[field]
        if mrz.name_cut and other.value is None:  # the surnames took all the room: nobody contradicts, nor vouches
            continue
        if name_similarity(str(one.value or ""), str(other.value or ""), mrz) == 1.0:
            sure = _confidence_beside(text, str(other.value), cut=mrz.name_cut)
            front[field] = replace(one, confidence=sure, confirmed=sure >= _UNSURE, witnesses=("mrz",))
            back[field] = replace(other, confidence=_SURE, confirmed=True, witnesses=("front",))
        else:  # one of the two is wrong, however sure its reader was
            front[field], back[field] = _in_doubt(one), _in_doubt(other)


def _confidence_beside(text: Text | None, said: str, *, cut: bool) -> float:
    """Of a printed name that the MRZ has as well. That prints no tilde: of an N or Ñ that is in doubt, it cannot tell
    which of them it is. Nor does it tell what it had no room for."""
    letters = [pair for pair in zip(text.text, text.scores, strict=False) if pair[0].isalpha()] if text else []
    doubtful = [score for letter, score in letters if score <= TILDE_SCORES.get(letter, 0.0)]
    beyond = [score for _, score in letters[sum(map(str.isalpha, said)) :]] if cut else []
    return _free_confidence(min((*doubtful, *beyond))) if doubtful or beyond else _SURE


_MRZ_SEX: Mapping[str, str | None] = {"H": "H", "M": "M", "X": "X", "F": "M", "<": None}
_PRINTED_SEX = {"H": "H", "M": "M", "X": "X", "NB": "X"}


def _front_fields(
    settled: Mapping[str, Settled],
    surname: Text | None,
    name: Text | None,
    address: Text | None,
) -> dict[str, Field]:
    values: dict[str, Callable[[str], str | date | None]] = {
        "curp": str,
        "elector_key": str,
        "date_of_birth": _printed_date,
        "section": str,
        "gender": _PRINTED_SEX.get,
        "emission_number": lambda text: text[4:],
    }
    fields = {field: _field(settled.get(_SOURCE.get(field, field)), phrase) for field, phrase in values.items()}
    fields["validity_period"] = _validity(settled)
    fields["gender"] = _told(settled.get("sex"), fields["gender"])
    accent = _least_of_accents(surname, name)
    fields |= {
        "surname": _free_field(surname, accent),
        "name": _free_field(name, accent),
        "address": _free_field(address, _least_of_accents(address, surely=_IN_ADDRESS)),
    }
    return fields


_SOURCE = {"gender": "sex", "emission_number": "registration"}
"""Field of the answer → value of the front that it is taken from, where the names differ."""


def _printed_date(text: str) -> date | None:
    try:
        return dates.parse_printed_date(text)
    except ValidatorError:
        return None


def _field(settled: Settled | None, phrase: Callable[[str], str | date | None]) -> Field:
    if settled is None:
        return Field(None, reason="not found on the card")
    value = phrase(settled.text)
    if value is None:
        return Field(None, box=settled.source.quad, source=settled.source.reader, reason="read, but makes no sense")
    confidence = _confidence(settled.sure, settled.scores)
    return Field(value, confidence, settled.confirmed, settled.source.quad, settled.source.reader)


def _told(sex: Settled | None, field: Field) -> Field:
    """The holder may hide the sex: a lone letter without a label may be a mark of the pattern, whoever repeats it."""
    if sex is None or not sex.source.contested:
        return field
    return replace(field, confidence=min(field.confidence, _UNSURE))


def _validity(settled: Mapping[str, Settled]) -> Field:
    """First year-last year: both stand after VIGENCIA from G on; before, the first is that of EMISIÓN (contract.md)."""
    validity, emission = settled.get("validity"), settled.get("emission")
    if validity is None:
        return Field(None, reason="not found on the card")
    if len(validity.text) == 9:
        return _field(validity, str)
    if emission is None:
        return Field(
            None, box=validity.source.quad, source=validity.source.reader, reason="the year of issue is missing"
        )
    whole = _field(validity, str)
    sure = (*emission.sure, *validity.sure)
    scores = (*emission.scores, *validity.scores)
    return replace(
        whole, value=f"{emission.text}-{validity.text}", confidence=_confidence(sure, scores), confirmed=all(sure)
    )


def _free_field(text: Text | None, accent: float = _IN_ADDRESS) -> Field:
    if text is None or not text.text.strip():
        return Field(None, reason="not found on the card")
    plain = _STRAY_MARK.sub(" ", _sober(text, accent).replace("<", " "))
    value = " ".join(match.group() for match in _WORDS.finditer(plain)).strip(" ,:;-/")
    confidence = _free_confidence(min(text.scores, default=0.0))
    return Field(value or None, confidence, confidence >= _UNSURE, text.quad, text.reader)


def _unless_cut(address: Field, front: FrontText) -> Field:
    """An address of which something seems lost is not confirmed, however surely the rest of it was read."""
    return address if front.whole else _in_doubt(address)


def _lost_rows(address: Text | None, front: FrontText) -> bool:
    """Whether a row of it was taken for a name."""
    return address is not None and len(address.text) < len(" ".join(row.text for row in front.address))


def _in_doubt(field: Field) -> Field:
    return replace(field, confidence=min(field.confidence, _UNSURE), confirmed=False)


def _lettered(text: Text | None) -> Text | None:
    """A name without what stands beside it and has no letter: no name is a number. The words next to that are in doubt:
    it may be the end of one, misread (SARAH6 for SARAHI)."""
    if text is None or len(text.scores) != len(text.text):
        return text
    words = list(re.finditer(r"[^ ]+", text.text))
    is_word = [any(map(str.isalpha, word.group())) for word in words]
    kept, scores = [], []
    for i in filter(is_word.__getitem__, range(len(words))):
        most = 1.0 if all(is_word[max(i - 1, 0) : i + 2]) else DISPUTED
        start, stop = words[i].span()
        letters = zip(words[i].group(), text.scores[start:stop], strict=True)
        kept.append(words[i].group())
        scores += [*(s if letter in ACCENTED.values() else min(s, most) for letter, s in letters), 1.0]
    return replace(text, text=" ".join(kept), scores=tuple(scores[:-1]))


_WORDS = re.compile(r"#(?= +\d)|(?<=\d )-(?= \d)|(?<![^ ])(?![.,:;\-/'()#&]+(?: |$))[^ ]+")
"""Without specks between them; but abroad a flat is # 40, and at home 2083 - 7."""
_STRAY_MARK = re.compile(r"(?<!\b[OD])'(?!S\b)|:|(?<=\s)[.,](?=\w)")
"""An apostrophe stands only after the O or D of a name and, abroad, before the S of a saint's; a colon nowhere, a dot
or comma never before a word."""


def _least_of_accents(*texts: Text | None, surely: float = SURE_ACCENT) -> float:
    """From which score on an accent is one: most cards print none, and where the reader is sure of one, others are."""
    scores = (
        score
        for text in texts
        if text
        for letter, score in zip(text.text, text.scores, strict=False)
        if letter in ACCENTED.values()
    )
    return _SEEN_ACCENT if max(scores, default=0.0) >= surely else surely


def _sober(text: Text, accent: float) -> str:
    """Accents that the reader is less sure of are specks; but the dots of ARGÜELLES stand on cards without accents,
    too, and no accent stands there."""
    if len(text.scores) != len(text.text):
        return text.text
    specks = {word.start() for word in _LONE_LETTER.finditer(text.text)}
    specks |= {last.start() for last in _LAST_A.finditer(text.text) if text.scores[last.start()] <= SURE_ACCENT}
    dotted = {dots.start() for dots in _DOTTED.finditer(text.text) if text.scores[dots.start()] >= _SEEN_ACCENT}
    return "".join(
        "Ü" if place in dotted else _PLAIN.get(character, character) if score < accent or place in specks else character
        for place, (character, score) in enumerate(zip(text.text, text.scores, strict=True))
    )


_PLAIN = {accented: plain for plain, accented in ACCENTED.items()} | {"Ü": "U"}
_LONE_LETTER = re.compile(r"(?<![^ ])[^\W\d_](?![^ ])")  # an accent is a word's of more letters
_LAST_A = re.compile(r"Á(?![^ ])")  # ALCALÁ: so seldom that one reader alone makes it up (LUNÁ)
_DOTTED = re.compile("(?<=G)[ÚÜ](?=[EI])")


# --- what stands in the way of trust ---------------------------------------------------------------------------------


def _validations(mrz: mrzs.Mrz, settled: Mapping[str, Settled]) -> tuple[Validation, ...]:
    checked = [Validation(f"mrz.{name}", passed) for name, passed in mrzs.checks(mrz).items()]
    checked.append(_validation("mrz.structure", lambda: mrzs.validate(mrz.lines)))
    checked.append(_validation("curp", lambda: curps.validate(settled["curp"].text)))
    if "elector_key" in settled:
        checked.append(_validation("elector_key", lambda: keys.validate(settled["elector_key"].text)))
    else:
        checked.append(Validation("elector_key", False, "not read"))
    return tuple(checked)


def _validation(name: str, check: Callable[[], object]) -> Validation:
    try:
        check()
    except ValidatorError as exc:
        return Validation(f"{name}.{exc.part}" if exc.part else name, False, str(exc))
    return Validation(name, True)


def _unconfirmed(front: FrontText, settled: Mapping[str, Settled]) -> tuple[str, ...]:
    """Key fields that nothing confirms yet (contract.md, "Responses")."""
    expected = dict.fromkeys((*_expected_values(front), *(name for name in _KEY_PRINT if name in settled)))
    wanted = [value for value in expected if value not in settled or not settled[value].confirmed]
    return tuple(wanted if settled["mrz"].confirmed else (*wanted, "mrz"))


_KEY_PRINT = ("section", "date_of_birth", "validity")
"""Print that must be confirmed wherever it was found, whatever the model is thought to be."""


def _missing(front: FrontText, fields: Mapping[str, Field]) -> tuple[str, ...]:
    """What every model prints in front (sex may be hidden, but seldom is) and was not read, or read badly."""
    lost = [name for name in ("validity_period", "emission_number", "gender") if fields[name].value is None]
    poor = [name for name in ("surname", "name", "address") if fields[name].confidence < _POOR]
    lost = [name for name in lost if not (name == "gender" and "sex" in front.blank)]
    cut = ["address"] if not front.whole and "address" not in poor else []
    differing = ["mrz names"] if "surname" in poor or "name" in poor else []
    return (*poor, *cut, *lost, *differing)


_POOR = 0.95  # confidence of a name or an address below which a closer look is worth its time


def _expected_values(front: FrontText) -> tuple[str, ...]:
    """The key values that this model of card prints in front, and what else was found there."""
    section = () if front.abroad else ("section",)
    old = front.issuer == "IFE" or "age" in front.labels  # EDAD stands on models C and D alone, instead of it
    born = () if old and "date_of_birth" not in front.labels else ("date_of_birth",)
    return ("curp", "elector_key", *section, *born)


def _model(front: FrontText, settled: Mapping[str, Settled]) -> str | None:
    """D to J, by issuer, labels and years (ine.md, "Models"); None where the front does not tell."""
    if front.issuer == "IFE":
        return "D"
    if not front.labels:
        return None
    validity = settled["validity"].text if "validity" in settled else ""
    if len(validity) == 9 and validity[:4] >= "2026":
        return "J" if front.abroad else "I"
    if front.labels & {"emission", "state", "municipality", "locality"}:
        return "F" if front.abroad else "E"
    return "H" if front.abroad else "G"
