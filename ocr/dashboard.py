"""How the service is doing, over the last days: how many documents came to what, which errors, how long they took, how
surely they were read. Counted by the database, a day at a time; nothing about persons.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import pygal
from django.db.models import Avg, Count, Min, Q
from django.db.models.functions import TruncDate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _
from pygal.style import Style

from ocr import reviewing
from ocr.models import BROKEN, INTERRUPTED, READ, THROTTLED, Transaction
from ocr.pipeline.errors import ErrorCode

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SPANS: Final = (7, 30, 90)
"""Days that can be looked at."""

_KINDS: Final = {
    _("valid"): Q(outcome=READ, valid=True),
    _("not valid"): Q(outcome=READ, valid=False),
    _("refused"): Q(outcome__in=[code for code in ErrorCode if code != ErrorCode.READER_DOWN]),
    _("not read"): Q(outcome__in=[THROTTLED, BROKEN, INTERRUPTED, ErrorCode.READER_DOWN]),
}
_LIMITS: Final = (50, 75, 100, 150, 200, 300, 500, 750, 1000, 1500, 2000, 3000, 5000, 7000, 10_000, 20_000, 30_000)
"""Milliseconds: the classes that latencies are counted in. No database need sort a day's worth of them."""


def dashboard(request: HttpRequest, context: Mapping[str, Any]) -> HttpResponse:
    """The page; `context` is the admin's own."""
    chosen = request.GET.get("days", "")
    span = int(chosen) if chosen in map(str, SPANS) else SPANS[1]
    days = [timezone.localdate() - timedelta(days=back) for back in reversed(range(span))]
    by_day = _counted(days[0])
    rows = [(day, by_day.get(day, {})) for day in days]
    shown = {
        "title": _("Dashboard"),
        "span": span,
        "spans": SPANS,
        "waiting": reviewing.how_many_wait(),
        "charts": [_documents(rows), _errors(days[0]), _latency(rows), _confidence(rows)],
    }
    return render(request, "admin/ocr/transaction/dashboard.html", {**context, **shown})


# --- counting ---------------------------------------------------------------------------------------------------------

Day = Mapping[str, Any]
Rows = Sequence[tuple[date, Day]]


def _counted(since: date) -> dict[date, Day]:
    kinds = {f"kind{number}": Count("pk", filter=kind) for number, kind in enumerate(_KINDS.values())}
    classes = {f"under{limit}": Count("pk", filter=Q(outcome=READ, milliseconds__lte=limit)) for limit in _LIMITS}
    days = (
        Transaction.objects.filter(created__gte=_midnight(since))
        .order_by()
        .annotate(day=TruncDate("created"))
        .values("day")
        .annotate(**kinds, **classes, least=Min("confidence"), mean=Avg("confidence"))
    )
    return {row["day"]: row for row in days}


def _midnight(day: date) -> datetime:
    """A moment, for the index on `created`: the date of every row would have to be worked out to be compared."""
    return timezone.make_aware(datetime.combine(day, time.min))


def _share(day: Day, share: float) -> int | None:
    """Milliseconds within which such a share of a day's documents were read, told to the class."""
    wanted = day.get(f"under{_LIMITS[-1]}", 0) * share
    return next((limit for limit in _LIMITS if wanted and day[f"under{limit}"] >= wanted), None)


# --- drawing ----------------------------------------------------------------------------------------------------------

Chart = Mapping[str, Any]
Series = Mapping["StrOrPromise", Sequence[Any]]

_STYLE: Final = Style(
    background="transparent",
    plot_background="transparent",
    foreground="#5f6b76",
    foreground_strong="#5f6b76",
    foreground_subtle="#5f6b76",
    guide_stroke_color="#c3cad1",
    major_guide_stroke_color="#c3cad1",
    colors=("#2c8a57", "#d18a1f", "#c0392b", "#6b7785"),
    font_family="system-ui, sans-serif",
    label_font_size=13,
    legend_font_size=14,
    major_label_font_size=13,
)


_SCRIPT: Final = re.compile("<script.*?</script>", re.DOTALL)
"""What pygal adds for a script of its own; none is let in."""


def _drawn(kind: type[pygal.Graph], title: "StrOrPromise", days: Sequence[Any], series: "Series") -> Chart:
    """A chart as SVG, and the same numbers as a table: who sees no chart reads them."""
    chart = kind(
        style=_STYLE, width=900, height=320, js=(), legend_at_bottom=True, show_minor_x_labels=False, margin=12,
        x_labels_major_count=8, min_scale=2, max_scale=6, truncate_label=-1,
        print_values=False, no_data_text=str(_("nothing yet")),
    )  # fmt: skip
    chart.x_labels = labels = [f"{day:%d/%m}" if isinstance(day, date) else str(day) for day in days]
    for name, values in series.items():
        chart.add(str(name), list(values))
    drawn = _SCRIPT.sub("", chart.render(is_unicode=True, disable_xml_declaration=True))
    svg: SafeString = mark_safe(drawn)  # noqa: S308 - numbers alone
    table = list(zip(labels, *series.values(), strict=True))
    return {"title": title, "svg": svg, "heads": list(series), "rows": [row for row in table if any(row[1:])]}


def _documents(rows: Rows) -> Chart:
    series: Series = {name: [day.get(f"kind{i}", 0) for _, day in rows] for i, name in enumerate(_KINDS)}
    return _drawn(pygal.StackedBar, _("Documents a day"), [day for day, _ in rows], series)


def _errors(since: date) -> Chart:
    failed = Transaction.objects.filter(created__gte=_midnight(since)).exclude(outcome=READ).exclude(outcome=None)
    counts = list(failed.order_by().values_list("outcome").annotate(count=Count("pk")).order_by("-count"))
    series: Series = {_("documents"): [count for _, count in counts]}
    return _drawn(pygal.Bar, _("Failures by code"), [code for code, _ in counts], series)


def _latency(rows: Rows) -> Chart:
    series: Series = {
        _("half within"): [_share(day, 0.5) for _, day in rows],
        _("95 of 100 within"): [_share(day, 0.95) for _, day in rows],
    }
    return _drawn(pygal.Line, _("Milliseconds for a document"), [day for day, _ in rows], series)


def _confidence(rows: Rows) -> Chart:
    series: Series = {
        _("mean of the least sure value"): [_percent(day.get("mean")) for _, day in rows],
        _("least of the day"): [_percent(day.get("least")) for _, day in rows],
    }
    return _drawn(pygal.Line, _("Confidence, per cent"), [day for day, _ in rows], series)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)
