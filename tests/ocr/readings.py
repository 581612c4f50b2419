"""Readings made by hand, of the fictitious person whose data contract.md prints."""

from dataclasses import replace
from datetime import date
from typing import Any

from ocr.pipeline.types import (
    Comparison,
    Field,
    Finding,
    Reading,
    SecondLook,
    Side,
    SideReading,
    Validation,
)

JPEG = b"\xff\xd8\xff\xe0"

BACK = {
    "country_code": "MEX",
    "document_number": "1234567890123",
    "citizen_id": "137438414",
    "cic": "345636022",
    "birth_date": date(1990, 3, 15),
    "gender": "H",
    "expiration_date": date(2025, 12, 31),
    "surname": "GARCIA LOPEZ",
    "name": "JUAN CARLOS",
}
FRONT = {
    "name": "JUAN CARLOS",
    "surname": "GARCIA LOPEZ",
    "address": "CALLE REFORMA 123 COL CENTRO",
    "curp": "GALJ900315HDFRPN01",
    "elector_key": "GLRJNC90031512H400",
    "validity_period": "2024-2034",
    "date_of_birth": date(1990, 3, 15),
    "section": "1234",
    "gender": "H",
    "emission_number": "12",
}
BOX = ((10.04, 20.0), (110.0, 20.0), (110.0, 40.0), (10.0, 40.0))


def side(values: dict[str, Any], **changed: Any) -> SideReading:
    """Every value read and confirmed by one reader; a `None` is hidden."""
    fields = {
        name: Field(None, reason="hidden") if value is None else Field(value, 0.98765, True, BOX, "ppocr")
        for name, value in {**values, **changed}.items()
    }
    return SideReading(fields, 0, ())


def reading(*, front: dict[str, Any] | None = None, back: dict[str, Any] | None = None, **changed: Any) -> Reading:
    blurred = Finding("blur", 0.5, "Sostenga firme el teléfono.", "Hold the phone still.")
    return replace(
        Reading(
            front=side(FRONT, **(front or {})),
            back=replace(side(BACK, **(back or {})), turn=180, findings=(blurred,)),
            issuer="INE",
            model="G",
            swapped=False,
            validations=(Validation("curp.check_digit", passed=True), Validation("mrz.composite", None, "no MRZ")),
            comparisons=(Comparison("date_of_birth", "15-03-1990", "15-03-1990", 1.0, 2.0),),
            percentage=85.5,
            match=True,
            trusted=True,
            doubts=(),
            second_looks=(SecondLook(Side.FRONT, "tesseract", "section", won=True),),
            milliseconds={"decode": 12.34, "mrz": 30.0},
        ),
        **changed,
    )
