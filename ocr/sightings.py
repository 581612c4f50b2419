"""Whether an account has met a card or a person before: a transaction goes in, the number of earlier ones comes out.

They are found by the marks of their numbers (`vault`), so that no number need be readable for it.
"""

from django.db.models import Count, Q, QuerySet

from ocr.models import Transaction

_BELONG_TOGETHER = (("cic", "curp"), ("cic", "elector_key"), ("curp", "elector_key"), ("elector_key", "curp"))
"""Whoever has the first number has the second: a renewed card has a new CIC, and the same CURP and elector key."""


def seen_before(transaction: Transaction) -> dict[str, int]:
    """How many earlier transactions of the same account show the same card, the same person, and either of them with
    other data (contract.md, `details`; `SeenBeforeSerializer`). One whose data was erased has no marks."""
    counted = {
        "card": _shares(transaction, "cic"),
        "person": _shares(transaction, "curp"),
        "other_data": Q(*(_differs(transaction, *pair) for pair in _BELONG_TOGETHER), _connector=Q.OR),
    }
    return _earlier(transaction).aggregate(**{name: Count("pk", filter=shares) for name, shares in counted.items()})


def _earlier(transaction: Transaction) -> QuerySet[Transaction]:
    """Those that share any number: each has an index."""
    shares_any = Q(*(_shares(transaction, name) for name in ("cic", "curp", "elector_key")), _connector=Q.OR)
    return Transaction.objects.filter(shares_any, owner=transaction.owner, pk__lt=transaction.pk).order_by()


def _shares(transaction: Transaction, name: str) -> Q:
    mark = getattr(transaction, f"{name}_mark")
    return Q((f"{name}_mark", mark)) if mark else _NONE


def _differs(transaction: Transaction, name: str, other: str) -> Q:
    mark = getattr(transaction, f"{other}_mark")
    if not mark:
        return _NONE
    return _shares(transaction, name) & ~Q((f"{other}_mark__in", ["", mark]))


_NONE = Q(pk__in=())
