"""Transactions as files for other programs: chosen rows go in, CSV or JSON comes out, a row at a time."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from ocr import reviewing
from ocr.models import Transaction
from ocr.pipeline.types import Side

_PLAIN: Final = (
    "id",
    "created",
    "owner",
    "outcome",
    "valid",
    "match",
    "review",
    "review_reasons",
    "issuer",
    "model",
    "device",
)
"""Columns that are no part of what was read."""
_FIELDS: Final = (
    *(f"frontside.{name}" for name in (
        "name", "surname", "address", "CURP", "elector_key", "validity_period", "date_of_birth", "section", "gender",
        "emission_number",
    )),
    *(f"backside.{name}" for name in (
        "country_code", "document_number", "citizen_id", "cic", "birth_date", "gender", "expiration_date", "name",
        "surname",
    )),
)  # fmt: skip


def as_json(transactions: Iterable[Transaction]) -> Iterator[str]:
    """A list of objects: the columns, then every field as it was read, and as it was corrected where it was."""
    yield "["
    for number, transaction in enumerate(transactions):
        yield ("," if number else "") + "\n" + json.dumps(_row(transaction), ensure_ascii=False)
    yield "\n]\n"


def as_csv(transactions: Iterable[Transaction]) -> Iterator[str]:
    """The same; a column of corrections behind the fields."""
    columns = (*_PLAIN, *_FIELDS, "corrected")
    yield _line(columns)
    for transaction in transactions:
        row = _row(transaction)
        values = {**row, **row["fields"], "corrected": _joined(row["corrected"])}
        yield _line(_harmless(values.get(name)) for name in columns)


FORMATS: Final[Mapping[str, tuple[str, Callable[[Iterable[Transaction]], Iterator[str]]]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "json": ("application/json", as_json),
}
"""By suffix: the type of the content, and who writes it."""


def _line(values: Iterable[Any]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(values)
    return text.getvalue()


def _row(transaction: Transaction) -> dict[str, Any]:
    plain = {name: getattr(transaction, name) for name in _PLAIN}
    plain |= {"created": transaction.created.isoformat(), "owner": transaction.owner.get_username()}
    reading = transaction.reading or {}
    fields = {
        f"{side.value}.{name}": read["value"]
        for side in Side
        for name, read in reading.get(side.value, {}).get("fields", {}).items()
    }
    return {**plain, "fields": fields, "corrected": reviewing.corrected(transaction)}


def _joined(corrected: Mapping[str, str]) -> str:
    return "; ".join(f"{path}={value}" for path, value in corrected.items())


def _harmless(value: Any) -> Any:  # noqa: ANN401 - whatever a column holds
    """A spreadsheet runs what begins like a formula (OWASP, "CSV Injection"): it is told that this is text."""
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
