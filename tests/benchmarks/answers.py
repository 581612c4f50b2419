"""A card and answers made by hand, of the fictitious person whose data contract.md prints."""

from typing import Any

from benchmarks.measuring.cards import Card
from benchmarks.measuring.client import Answer

EXPECTED: dict[str, dict[str, str | None]] = {
    "frontside": {
        "name": "JOSÉ ÑUÑO",
        "surname": "GARCIA LOPEZ",
        "address": "C REFORMA 123 COL CENTRO 06000 CUAUHTEMOC, CDMX",
        "CURP": "GALJ900315HDFRPN01",
        "elector_key": "GLRJNC90031512H400",
        "validity_period": "2024-2034",
        "date_of_birth": "15-03-1990",
        "document_type": "INE",
        "section": "1234",
        "gender": None,
        "emission_number": "12",
    },
    "backside": {
        "document_type": "INE",
        "country_code": "MEX",
        "document_number": "1234567890123",
        "citizen_id": "567890123",
        "cic": "345636022",
        "birth_date": "15-03-1990",
        "gender": "Male",
        "expiration_date": "2034-12-31",
        "name": "JOSE NUNO",
        "surname": "GARCIA LOPEZ",
    },
}


def card(tier: str = "scan", seed: int = 1) -> Card:
    return Card(tier, seed, "G", b"front", b"back", EXPECTED)


def answer(confidence: float = 0.99, looks: tuple[tuple[str, bool], ...] = (), **changed: Any) -> Answer:
    """A perfect answer; `side__field=value` changes one field, `valid` and `match` the verdicts."""
    sides = {side: dict(fields) for side, fields in EXPECTED.items()}
    verdicts = {"valid": changed.pop("valid", True), "match": changed.pop("match", True)}
    for place, value in changed.items():
        side, _, name = place.partition("__")
        sides[side][name] = value
    details: dict[str, Any] = {side: {"fields": _told(fields, confidence)} for side, fields in sides.items()}
    details["second_looks"] = [{"reader": reader, "won": won} for reader, won in looks]
    return Answer(200, {**sides, **verdicts, "id": 1, "details": details}, 100.0)


def refused(code: int = 814) -> Answer:
    return Answer(400, {"error_code": code, "error": "…", "valid": False, "id": 1}, 50.0)


def _told(fields: dict[str, str | None], confidence: float) -> dict[str, dict[str, Any]]:
    return {name: {"value": value, "confidence": confidence if value else 0.0} for name, value in fields.items()}
