"""Whether an account has met a card or a person before: a transaction goes in, the number of earlier ones comes out.

They are found by the marks of their numbers (`vault`), so that no number need be readable for it.
"""

from typing import Final

from django.db import connection

from ocr.models import Transaction

_BELONG_TOGETHER: Final = (("cic", "curp"), ("cic", "elector_key"), ("curp", "elector_key"), ("elector_key", "curp"))
"""Whoever has the first number has the second: a renewed card has a new CIC, and the same CURP and elector key."""

_COUNTED: Final = {
    "card": "cic_mark = %(cic)s",
    "person": "curp_mark = %(curp)s",
    "other_data": " OR ".join(
        f"({number}_mark = %({number})s AND {other}_mark NOT IN ('', %({other})s))"
        for number, other in _BELONG_TOGETHER
    ),
}
_FOUND: Final = " OR ".join(f"{number}_mark = %({number})s" for number in ("cic", "curp", "elector_key"))
"""Each has an index."""

_QUERY: Final = f"""
    SELECT {", ".join(f"COUNT(CASE WHEN {shares} THEN 1 END)" for shares in _COUNTED.values())}
    FROM ocr_transaction WHERE ({_FOUND}) AND owner_id = %(owner)s AND id < %(before)s
"""  # noqa: S608 - of names that stand above
"""In SQL: every document asks this, and Django takes 2.5 ms to put the same question into words each time."""


def seen_before(transaction: Transaction) -> dict[str, int]:
    """How many earlier transactions of the same account show the same card, the same person, and either of them with
    other data (contract.md, `details`; `SeenBeforeSerializer`). One whose data was erased has no marks."""
    marks = {name: getattr(transaction, f"{name}_mark") or None for name in ("cic", "curp", "elector_key")}
    with connection.cursor() as cursor:  # a number that was not read is NULL, which is like nothing
        cursor.execute(_QUERY, {**marks, "owner": transaction.owner_id, "before": transaction.pk})
        return dict(zip(_COUNTED, cursor.fetchone(), strict=True))
