"""What is said twice on one card: the MRZ's fields and the front's values go in, who agrees and who contradicts comes
out.

ine.md, "One person, many witnesses".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ocr.pipeline.types import Field, Side
from validators import elector_key
from validators.mrz import Mrz

MRZ, CURP, KEY, PRINT = "MRZ", "CURP", "elector key", "print"

BACK_CHECKED = ("country_code", "document_number", "citizen_id", "cic", "birth_date", "expiration_date")
"""Fields of the back that check digits cover."""

CHECK_DIGIT = "check digit"


@dataclass(frozen=True, slots=True)
class Claim:
    """One fact, as two places of a card tell it; empty where a place does not tell.

    `counts`: a contradiction is one whatever the card; else the two may differ for a good reason.
    """

    fact: str
    one: str
    other: str
    said: str
    also_said: str
    counts: bool = True

    @property
    def agrees(self) -> bool:
        """Both tell it, and tell the same."""
        return self.said != "" and self.said == self.also_said

    @property
    def contradicts(self) -> bool:
        """Both tell it, and not the same."""
        return self.counts and "" not in (self.said, self.also_said) and self.said != self.also_said


def find_claims(mrz: Mrz, said: Mapping[str, str]) -> tuple[Claim, ...]:
    """`said`: values of the front as settled, by name."""
    curp, key, born = said["curp"], said.get("elector_key", ""), said.get("date_of_birth", "")
    printed, sex = born[8:10] + born[3:5] + born[0:2], said.get("sex", "")
    states = (elector_key.state(key) or "") if key[12:14].isdigit() else ""
    return (
        Claim("birth date", CURP, MRZ, curp[4:10], mrz.birth),
        Claim("birth date", KEY, MRZ, key[6:12], mrz.birth),
        Claim("birth date", PRINT, MRZ, printed, mrz.birth),
        Claim("birth date", CURP, KEY, curp[4:10], key[6:12], counts=False),
        Claim("expiry", PRINT, MRZ, said.get("validity", "")[-2:], mrz.expiry[:2]),
        Claim("emission number", PRINT, MRZ, said.get("registration", "")[-2:], mrz.emission),
        Claim("state", CURP, KEY, curp[11:13], states),
        # An elector key's initials follow the same names, but were not always composed by the same rules.
        Claim("initials", CURP, KEY, curp[0] + curp[2:4] + curp[13:16], key[0:5:2] + key[1:6:2], counts=False),
        # The section is usually that of the OCR number (ine.md), not always.
        Claim("section", PRINT, MRZ, said.get("section", ""), mrz.document_number[:4], counts=False),
        *_sexes({CURP: curp[10], KEY: key[14:15], PRINT: "X" if sex == "NB" else sex, MRZ: mrz.sex.replace("F", "M")}),
    )


def _sexes(told: Mapping[str, str]) -> list[Claim]:
    """X stands in print and keys since 2023 while the MRZ keeps H or M (ine.md): only H against M contradicts."""
    pairs = [(CURP, MRZ), (KEY, MRZ), (PRINT, MRZ), (CURP, KEY), (CURP, PRINT), (KEY, PRINT)]
    return [
        Claim("sex", one, other, told[one], told[other], counts={told[one], told[other]} == {"H", "M"})
        for one, other in pairs
    ]


def doubts(claims: Sequence[Claim]) -> tuple[str, ...]:
    """What contradicts, in words; of the sex once, whoever differs."""
    found = [_named(claim) for claim in claims if claim.contradicts]
    return tuple(dict.fromkeys(found))


def _named(claim: Claim) -> str:
    return "sex, all witnesses" if claim.fact == "sex" else f"{claim.fact}, {claim.one} and {claim.other}"


# Place and fact → the field of the answer that is read there. CURP and elector key are one field each, whatever fact.
_FIELDS: Mapping[tuple[str, str], tuple[Side, str]] = {
    (MRZ, "birth date"): (Side.BACK, "birth_date"),
    (MRZ, "expiry"): (Side.BACK, "expiration_date"),
    (MRZ, "section"): (Side.BACK, "document_number"),
    (MRZ, "sex"): (Side.BACK, "gender"),
    (PRINT, "birth date"): (Side.FRONT, "date_of_birth"),
    (PRINT, "expiry"): (Side.FRONT, "validity_period"),
    (PRINT, "emission number"): (Side.FRONT, "emission_number"),
    (PRINT, "section"): (Side.FRONT, "section"),
    (PRINT, "sex"): (Side.FRONT, "gender"),
}
_KEYS = {CURP: (Side.FRONT, "curp"), KEY: (Side.FRONT, "elector_key")}


def with_witnesses(
    fields: Mapping[str, Field], side: Side, claims: Sequence[Claim], checked: Sequence[str]
) -> dict[str, Field]:
    """One side's fields, each with the names of what agrees with it added; `checked` by their own check digits."""
    agreeing = {name: [CHECK_DIGIT] if name in checked else [] for name in fields}
    for claim in claims:
        if claim.agrees:
            for place, witness in ((claim.one, claim.other), (claim.other, claim.one)):
                where = _KEYS.get(place) or _FIELDS.get((place, claim.fact))
                if where and where[0] is side:
                    agreeing[where[1]].append(witness)
    return {
        name: replace(field, witnesses=tuple(dict.fromkeys((*field.witnesses, *agreeing[name]))))
        if field.value is not None
        else field
        for name, field in fields.items()
    }
