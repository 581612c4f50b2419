"""What people and clients ask of a large table, through the service's own views and in this process: each question with
other values every time, and how long it took, the database apart. Import it when Django is set up.
"""

import random
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from rest_framework_simplejwt.tokens import AccessToken

from ocr import keeping, promises, reviewing, services, sightings
from ocr.listing import MOST_PAGES, ModelFilter, OutcomeFilter, ReasonFilter, _following, _months
from ocr.models import ReviewState, Transaction
from ocr.pipeline.types import Device

_ADMIN: Final = "/admin/ocr/transaction/"
_API: Final = "/api/v3.2/ocr/"
WITHOUT_GOAL: Final = "(no goal)"
"""Before the name of what nobody waits for, or what can be told to take long."""
_KNOWN: Final = 200  # transactions whose numbers and answers are real: sealed and marked with this service's keys


# --- how long the database took ---------------------------------------------------------------------------------------


_PLANNED: Final = ("SELECT", "INSERT", "UPDATE", "DELETE")
"""Statements that have a plan."""


@dataclass(slots=True)
class Watch:
    """Milliseconds of all statements while it watches, and the slowest of all."""

    spent: float = 0.0
    slowest: tuple[float, str, Any] = (0.0, "", None)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:  # noqa: ANN401
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            took = (time.perf_counter() - began) * 1000
            self.spent += took
            if took > self.slowest[0] and sql.startswith(_PLANNED):
                self.slowest = (took, sql, params)


@dataclass(slots=True)
class Times:
    """Of one question, asked again and again."""

    whole: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    slowest: tuple[float, str, Any] = (0.0, "", None)


Ask = Callable[[random.Random], None]


def timed(ask: Ask, count: int) -> Times:
    times, dice = Times(), random.Random(7)
    ask(dice)  # what is compiled and cached once for a process is not the table's size
    for _ in range(count):
        watch, began = Watch(), time.perf_counter()
        with connection.execute_wrapper(watch):
            ask(dice)
        times.whole.append((time.perf_counter() - began) * 1000)
        times.database.append(watch.spent)
        times.slowest = max(times.slowest, watch.slowest, key=lambda slow: slow[0])
    return times


def plan(sql: str, params: Any) -> list[str]:  # noqa: ANN401
    """How PostgreSQL goes about it; what it changes is undone."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {sql}", params)
        lines = [line for (line,) in cursor.fetchall()]
        cursor.execute("ROLLBACK")
    return lines


# --- what is known ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Known:
    """A transaction that can be asked for by what is on its card."""

    pk: int
    owner: int
    curp: str


def made(owners: int) -> list[User]:
    """An empty database's tables, and accounts."""
    call_command("migrate", verbosity=0)
    return [User.objects.create_user(f"owner{number:02}") for number in range(owners)]


def sizes() -> tuple[int, dict[str, int]]:
    """Bytes of the table without its indexes, and of each of these."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_table_size('ocr_transaction')")
        (size,) = cursor.fetchone()
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_relation_size(indexrelid) FROM pg_index"
            " WHERE indrelid = 'ocr_transaction'::regclass ORDER BY 2 DESC"
        )
        return int(size), dict(cursor.fetchall())


def known(total: int) -> Sequence[Known]:
    """Give some transactions of everywhere numbers and answers of this service's own."""
    dice = random.Random(3)
    found: list[Known] = []
    while len(found) < _KNOWN:
        row = Transaction.objects.filter(pk__gte=dice.randrange(total // 2, total * 9 // 10), outcome=200).order_by(
            "pk"
        )[0]
        curp = f"XEXX{len(found):06}HDFXXX{dice.randrange(10)}{dice.randrange(10)}"
        row.mark({"frontside": {"fields": {"CURP": {"value": curp}, "elector_key": {"value": f"{curp}E"}}}})
        row.answer, row.reading = {"id": row.pk, "valid": True}, {}
        row.save()
        found.append(Known(row.pk, row.owner_id, curp))
    return found


def _one_of_all(dice: random.Random, total: int) -> Transaction:
    """One that was read and is not erased; the last are still waiting."""
    behind = dice.randrange(total // 2, total * 9 // 10)
    return Transaction.objects.filter(pk__gt=behind, outcome=200).order_by("pk")[0]


# --- questions --------------------------------------------------------------------------------------------------------


class Questions:
    """By name, what can be asked; `total` transactions, of accounts from `first_owner` on."""

    def __init__(self, total: int, owners: Sequence[User], known: Sequence[Known]) -> None:
        self._total, self._owners, self._known = total, owners, known
        self._admin = Client(SERVER_NAME="localhost")
        self._admin.force_login(User.objects.create_superuser("root"))
        self._api = Client(SERVER_NAME="localhost")
        self._tokens = {owner.pk: f"Bearer {_token(owner)}" for owner in owners}
        self._filters = _filters(owners)

    def all(self) -> Mapping[str, Ask]:
        return {
            "admin: newest": lambda _: self._list({}),
            f"admin: page 2 to {MOST_PAGES}": lambda dice: self._list({"p": dice.randint(2, MOST_PAGES)}),
            **{f"admin: by {name}": self._filtered(name) for name in self._filters},
            "admin: by two of these, of a row that there is": self._filtered_alike,
            f"{WITHOUT_GOAL} admin: by any two of these": self._filtered_twice,
            "admin: one owner's page 2 to 200": lambda dice: self._list(
                {**self._value("owner", dice), "p": dice.randint(2, MOST_PAGES)}
            ),
            "admin: search by CURP": lambda dice: self._list({"q": dice.choice(self._known).curp}),
            "admin: search by id": lambda dice: self._list({"q": dice.randint(1, self._total)}),
            "API: newest": lambda dice: self._get(dice.choice(self._owners).pk, _API),
            "API: behind an id": self._behind,
            "API: one by id": self._one,
            "API: batches": lambda dice: self._get(self._owners[dice.randrange(10)].pk, f"{_API}batch/"),
            "API: progress of a batch": self._batch,
            "CURP: transactions of a person": lambda dice: _spent(keeping.of_person(dice.choice(self._known).curp)),
            "CURP: seen before": self._seen_before,
            "review: next that waits": lambda dice: _spent([reviewing.next_waiting(dice.randint(1, self._total))]),
            "promises: claim one": lambda _: _spent([promises.take()]),
            "promises: how many wait": lambda _: services.refuse_to_promise(0),
            f"{WITHOUT_GOAL} purge: the first that are overdue": lambda _: _spent([next(keeping.overdue(), None)]),
        }

    def _list(self, parameters: Mapping[str, Any]) -> None:
        """302: the page lies behind the last."""
        _expect((200, 302), self._admin.get(f"{_ADMIN}?{urlencode(parameters)}").status_code)

    def _value(self, name: str, dice: random.Random) -> dict[str, Any]:
        return dice.choice(self._filters[name])

    def _filtered(self, name: str) -> Ask:
        return lambda dice: self._list(self._value(name, dice))

    def _filtered_twice(self, dice: random.Random) -> None:
        one, other = dice.sample(sorted(self._filters), 2)
        self._list({**self._value(one, dice), **self._value(other, dice)})

    def _filtered_alike(self, dice: random.Random) -> None:
        values = _filtering(_one_of_all(dice, self._total))
        one, other = dice.sample(sorted(values), 2)
        self._list({**values[one], **values[other]})

    def _get(self, owner: int, path: str) -> None:
        _expect((200,), self._api.get(path, headers={"authorization": self._tokens[owner]}).status_code)

    def _behind(self, dice: random.Random) -> None:
        cursor = b64encode(urlencode({"p": dice.randint(1, self._total)}).encode()).decode()
        self._get(dice.choice(self._owners).pk, f"{_API}?{urlencode({'cursor': cursor})}")

    def _one(self, dice: random.Random) -> None:
        one = dice.choice(self._known)
        self._get(one.owner, f"{_API}{one.pk}/")

    def _batch(self, dice: random.Random) -> None:
        number = dice.randint(1, max(self._total // 2500, 1))
        self._get(self._owners[number % 10].pk, f"{_API}batch/{number}/")

    def _seen_before(self, dice: random.Random) -> None:
        row = Transaction.objects.filter(pk__gte=dice.randint(self._total // 2, self._total * 9 // 10)).order_by("pk")[
            0
        ]
        sightings.seen_before(row)


def _filters(owners: Sequence[User]) -> Mapping[str, Sequence[dict[str, Any]]]:
    """What the admin offers, value by value: those that hardly ever occur as often as all others."""
    months = [{"created__gte": month, "created__lt": _following(month)} for month in _months()]
    return {
        "review": [{"review__exact": state} for state in ReviewState.values],
        "reason": [{"reason": name} for name, _ in ReasonFilter.choices_offered],
        "outcome": [{"outcome": code} for code, _ in OutcomeFilter.choices_offered],
        "valid": [{"valid__exact": 1}, {"valid__exact": 0}, {"valid__isnull": True}],
        "match": [{"match__exact": 1}, {"match__exact": 0}, {"match__isnull": True}],
        "month": months,
        "owner": [{"owner__id__exact": owner.pk} for owner in owners],
        "device": [{"device__exact": device.value} for device in Device],
        "model": [{"model": model} for model, _ in ModelFilter.choices_offered],
    }


def _filtering(row: Transaction) -> Mapping[str, dict[str, Any]]:
    """By which filters it is found."""
    month = next(month for month in _months() if month <= row.created)
    found: dict[str, dict[str, Any]] = {
        "review": {"review__exact": row.review},
        "reason": {"reason": row.review_reasons.partition(",")[0]},
        "outcome": {"outcome": row.outcome},
        "valid": {"valid__exact": int(bool(row.valid))},
        "match": {"match__exact": int(bool(row.match))},
        "month": {"created__gte": month, "created__lt": _following(month)},
        "owner": {"owner__id__exact": row.owner_id},
        "device": {"device__exact": row.device},
        "model": {"model": row.model},
    }
    return {name: values for name, values in found.items() if all(values.values()) or name in ("valid", "match")}


def _token(owner: User) -> AccessToken:
    """One that lasts as long as all questions."""
    token = AccessToken.for_user(owner)
    token.set_exp(lifetime=timedelta(hours=12))
    return token


def _spent(rows: Iterator[Any] | Sequence[Any]) -> None:
    for _ in rows:
        pass


def _expect(wanted: Sequence[int], status: int) -> None:
    if status not in wanted:
        raise RuntimeError(f"answered {status}, not one of {wanted}")
