"""The admin's list of transactions, however many there are: pages that nobody counts, filters that offer what they know
beforehand. What a page costs depends on its own rows, never on the table's.
"""
# ruff: noqa: ARG002  (Django says what the arguments are)

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.models import User
from django.core.paginator import Page, Paginator
from django.db import OperationalError, connection
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.transaction import atomic
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from ocr.models import BROKEN, INTERRUPTED, READ, THROTTLED, Transaction
from ocr.pipeline.documents import BY_PARAMETER
from ocr.pipeline.errors import ErrorCode
from ocr.reviewing import REASONS

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    Pages = Paginator[Transaction]
    OnePage = Page[Transaction]
else:
    Pages, OnePage = Paginator, Page

# --- pages ------------------------------------------------------------------------------------------------------------

MOST_PAGES: Final = 200
"""Who wants to see what lies further back names a month: a page so far back is read over, row by row."""


class UncountedPages(Pages):
    """Knows of the page that is asked for, and whether another one follows it; `count` goes so far and no further."""

    def __init__(self, rows: QuerySet[Transaction], per_page: int, number: int) -> None:
        super().__init__(rows, per_page)
        self._rows = rows
        self._before = (min(max(number, 1), MOST_PAGES + 1) - 1) * per_page

    @cached_property
    def _found(self) -> Sequence[Transaction]:
        """The page and the row that follows it. Which they are, indexes know: what lies before is not fetched."""
        wanted = self._rows.values_list("pk", flat=True)[self._before : self._before + self.per_page + 1]
        return list(self._rows.filter(pk__in=list(wanted)))

    @property
    def rows(self) -> Sequence[Transaction]:
        return self._found[: self.per_page]

    @cached_property
    def count(self) -> int:
        return min(self._before + len(self._found), MOST_PAGES * self.per_page)

    def page(self, number: int | str) -> OnePage:
        return Page(self.rows, self.validate_number(number), self)

    @property
    def told(self) -> str:
        """How many there are, as far as that is known."""
        if len(self._found) <= self.per_page:
            return str(self.count)
        estimated = None if self._rows.query.where else _estimated()
        if estimated is not None and estimated > self.count:
            return _("about %(count)s") % {"count": f"{estimated:,}"}
        return _("more than %(count)s") % {"count": self._before + self.per_page}


TABLE: Final = "ocr_transaction"


def _estimated() -> int | None:
    """Rows of the table as PostgreSQL's planner last saw them (`pg_class.reltuples`); -1 where it never did."""
    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [TABLE])
        found: int = cursor.fetchone()[0]
    return found if found >= 0 else None


class CappedPages(Pages):
    """Counts as many rows as its pages show at most."""

    @cached_property
    def count(self) -> int:
        rows = cast("QuerySet[Transaction]", self.object_list)
        return rows.order_by()[: MOST_PAGES * self.per_page].count()


class UncountedList(ChangeList):
    """Shows what its paginator has fetched: Django would ask again for a list of a single page."""

    def get_results(self, request: HttpRequest) -> None:
        try:
            with _no_longer():
                super().get_results(request)
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != _CANCELLED:
                raise
            messages.warning(request, _("Hardly any transaction meets all of this: it takes too long. Choose a month."))
            raise IncorrectLookupParameters from error  # Django shows the list without filters instead
        self.result_list = self.paginator.rows


LONGEST_SECONDS: Final = 5
"""For a list, on PostgreSQL: filters that hardly ever meet read the whole table, 40 s of it (`./run bench rows`)."""
_CANCELLED: Final = "57014"  # postgresql.org/docs/15/errcodes-appendix.html, query_canceled


@contextmanager
def _no_longer() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = %s", [f"{LONGEST_SECONDS}s"])
        yield


# --- filters ----------------------------------------------------------------------------------------------------------


class _Fixed(admin.SimpleListFilter):
    """Offers values that are known beforehand: to ask which there are would read the whole table."""

    choices_offered: Sequence[tuple[str, "StrOrPromise"]]

    def lookups(self, request: HttpRequest, model_admin: Any) -> Sequence[tuple[str, "StrOrPromise"]]:  # noqa: ANN401
        return self.choices_offered

    def queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> QuerySet[Transaction]:
        value = self.value() or ""
        return queryset.filter(self.condition(value)) if value in dict(self.choices_offered) else queryset

    def condition(self, value: str) -> Q:
        return Q((self.parameter_name, value))


class ReasonFilter(_Fixed):
    """Why a transaction waits for a person, or waited."""

    title = _("reason")
    parameter_name = "reason"
    choices_offered = tuple(REASONS.items())

    def condition(self, value: str) -> Q:
        return ~Q(review_reasons="") & Q(review_reasons__contains=value)  # the first half is that of an index


class OutcomeFilter(_Fixed):
    """What came of it; the last is for those that are being read."""

    title = _("outcome")
    parameter_name = "outcome"
    _being_read = "none"
    choices_offered = (
        *((str(int(code)), str(int(code))) for code in (READ, THROTTLED, BROKEN, INTERRUPTED, *ErrorCode)),
        (_being_read, _("being read")),
    )

    def condition(self, value: str) -> Q:
        return Q(outcome=None if value == self._being_read else value)


class ModelFilter(_Fixed):
    """Models that can be read; Django's own filter offers a link without a name for those of which none was."""

    title = _("card model")
    parameter_name = "model"
    choices_offered = tuple(
        (model, model)
        for model in sorted({m for kind in BY_PARAMETER.values() for layout in kind.layouts for m in layout.models})
    )


class StateFilter(_Fixed):
    """Of deliveries to webhooks: how far they are."""

    title = _("state")
    parameter_name = "state"
    _of_state: Final = {
        "waiting": Q(due__isnull=False),
        "delivered": Q(delivered__isnull=False),
        "failed": Q(due=None, delivered=None),
    }
    choices_offered = (("waiting", _("waiting")), ("delivered", _("delivered")), ("failed", _("given up")))

    def condition(self, value: str) -> Q:
        return self._of_state[value]


class MonthFilter(admin.DateFieldListFilter):
    """Days as Django offers them, and every month since the first transaction: two looks into the index on `created`,
    where Django's date hierarchy asks for the distinct months of all rows."""

    def __init__(self, *arguments: Any, **more: Any) -> None:  # noqa: ANN401
        super().__init__(*arguments, **more)
        self.links = (*self.links, *map(self._link, _months()))

    def _link(self, month: datetime) -> tuple[str, dict[str, Any]]:
        bounds = {self.lookup_kwarg_since: month, self.lookup_kwarg_until: _following(month)}
        return capfirst(date_format(month, "YEAR_MONTH_FORMAT")), bounds


def _months() -> Sequence[datetime]:
    """The first moments of the months that have transactions, newest first."""
    first = Transaction.objects.aggregate(first=Min("created"))["first"]
    found: list[datetime] = []
    month = _beginning(timezone.localtime(first)) if first else None
    while month is not None and month <= timezone.localtime():
        found.insert(0, month)
        month = _following(month)
    return found


def _beginning(moment: datetime) -> datetime:
    return moment.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _following(month: datetime) -> datetime:
    """A wall clock's: zones that change theirs keep midnight."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


MOST_OWNERS: Final = 100


class OwnerFilter(admin.RelatedFieldListFilter):
    """Accounts that have transactions, so many of them, by name. Each row of the list names its own account, too."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401
        having = Exists(Transaction.objects.filter(owner=OuterRef("pk")))
        owners = User.objects.filter(having).order_by("username").values_list("pk", "username")
        return list(owners[:MOST_OWNERS])
