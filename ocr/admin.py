"""The transactions for the people who run the service: to list, filter, search, review, export and erase; what was read
is never changed. Who may see persons sees them; who may not (`roles`) sees how the service does, and what was sent to
webhooks.
"""
# ruff: noqa: ARG002  (Django says what the arguments are)

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, cast

from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ocr import exporting, keeping, review_page, reviewing, webhooks
from ocr.listing import (
    CappedPages,
    ModelFilter,
    MonthFilter,
    OutcomeFilter,
    OwnerFilter,
    ReasonFilter,
    StateFilter,
    UncountedList,
    UncountedPages,
)
from ocr.models import REVIEW, SEALED, SEE_PERSONS, Account, Delivery, Transaction, Webhook
from ocr.views import address

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Transaction]
    AccountModelAdmin = admin.ModelAdmin[Account]
    WebhookModelAdmin = admin.ModelAdmin[Webhook]
    DeliveryModelAdmin = admin.ModelAdmin[Delivery]
else:
    ModelAdmin = AccountModelAdmin = WebhookModelAdmin = DeliveryModelAdmin = admin.ModelAdmin


@admin.register(Account)
class AccountAdmin(AccountModelAdmin):
    list_display = ("owner", "retention_days")
    list_select_related = ("owner",)


# --- webhooks ---------------------------------------------------------------------------------------------------------


@admin.register(Webhook)
class WebhookAdmin(WebhookModelAdmin):
    """Whoever has it made it by the API, and alone knows its secret; here it can be switched off."""

    list_display = ("id", "owner", "told_url", "told_events", "active", "failures", "created")
    list_filter = ("active",)
    list_select_related = ("owner",)
    fields = ("owner", "told_url", "told_events", "active", "failures", "ready", "created", "rotated")
    readonly_fields = tuple(name for name in fields if name != "active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Webhook, form: Any, change: bool) -> None:  # noqa: ANN401
        """Nothing but the switch: what else is in the row may have changed meanwhile."""
        obj.save(update_fields=["active"])

    @admin.display(description=_("URL"))
    def told_url(self, hook: Webhook) -> str:
        """What stands behind a question mark may be a password of the receiver's."""
        return hook.url.partition("?")[0]

    @admin.display(description=_("events"))
    def told_events(self, hook: Webhook) -> str:
        return ", ".join(hook.events)


@admin.register(Delivery)
class DeliveryAdmin(DeliveryModelAdmin):
    """What was sent, or will be: to look at, and to send again."""

    list_display = (
        "id", "created", "webhook", "told_owner", "event", "told_state", "attempts", "status", "trouble", "due",
        "delivered",
    )  # fmt: skip
    list_filter = (StateFilter, "trouble", "event")
    list_select_related = ("webhook__owner",)
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    paginator = CappedPages
    sortable_by = ("id",)
    actions = ("send_again",)
    fields = (
        "webhook", "told_message", "event", "transaction", "batch", "created", "told_state", "attempts", "status",
        "trouble", "due", "delivered",
    )  # fmt: skip

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Delivery | None = None) -> bool:
        return False

    def has_send_permission(self, request: HttpRequest) -> bool:
        return _person(request).has_perm("ocr.change_delivery")

    @admin.display(description=_("owner"))
    def told_owner(self, delivery: Delivery) -> str:
        return str(delivery.webhook.owner)

    @admin.display(description=_("state"))
    def told_state(self, delivery: Delivery) -> str:
        return str(dict(StateFilter.choices_offered)[delivery.state])

    @admin.display(description=_("message"))
    def told_message(self, delivery: Delivery) -> str:
        return str(delivery)

    @admin.action(description=_("Send again"), permissions=("send",))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        count = webhooks.send_again(queryset)
        self.message_user(
            request, _("%(count)d deliveries are sent again, those of webhooks that are on.") % {"count": count}
        )


# --- transactions -----------------------------------------------------------------------------------------------------


@admin.register(Transaction)
class TransactionAdmin(ModelAdmin):
    list_display = (
        "id", "created", "told_review", "outcome", "valid", "match", "told_confidence", "told_owner", "model", "device",
        "milliseconds", "erased",
    )  # fmt: skip
    list_filter = (
        "review",
        ReasonFilter,
        OutcomeFilter,
        "valid",
        "match",
        ("created", MonthFilter),
        ("owner", OwnerFilter),
        "device",
        ModelFilter,
    )
    list_select_related = ("owner",)
    list_per_page = 50
    list_max_show_all = 0
    sortable_by = ("id",)
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("id",)  # that there is a field to type in; `get_search_results` says what is looked for
    search_help_text = _("id, CURP, elector key, CIC or document number, whole")
    actions = ("export_csv", "export_json")

    fieldsets = (
        (None, {"fields": ("id", "owner", "created", "finished", "erased", "outcome", "status", "valid", "match")}),
        (_("What was asked"), {"fields": ("document_type", "device", "return_id", "validate_sides", "details")}),
        (_("How it was read"), {"fields": ("issuer", "model", "readers", "confidence", "milliseconds")}),
        (_("review"), {"fields": ("review", "review_reasons")}),
    )
    """What is shown to whoever may not see persons."""

    # --- who may what

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transaction]:
        return super().get_queryset(request).defer(*SEALED)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        """Not while it is being read: whoever reads it would write over that it was erased."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.outcome is not None)

    def has_see_permission(self, request: HttpRequest) -> bool:
        return _person(request).has_perm(SEE_PERSONS)

    # --- the list

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        more = {"may_see": self.has_see_permission(request), "selection_note_all": _("All that match are selected")}
        return super().changelist_view(request, {**(extra_context or {}), **more})

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[UncountedList]:  # noqa: ANN401
        return UncountedList

    def get_paginator(
        self,
        request: HttpRequest,
        queryset: Any,  # noqa: ANN401
        per_page: int,
        orphans: int = 0,
        allow_empty_first_page: bool = True,
    ) -> UncountedPages:
        number = request.GET.get(PAGE_VAR, "")
        return UncountedPages(queryset, per_page, int(number) if number.isdecimal() and len(number) < 10 else 1)

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        """By time where a time is asked for: by id, a database would read its way back to a month long ago."""
        by_time = any(name.startswith("created__") for name in request.GET)
        return ("-created", "-id") if by_time else ("-id",)

    @admin.display(description=_("review"))
    def told_review(self, transaction: Transaction) -> SafeString:
        reasons = [str(reviewing.REASONS[name]) for name in transaction.review_reasons.split(",") if name]
        return format_html('<span title="{}">{}</span>', "; ".join(reasons), transaction.get_review_display() or "–")

    @admin.display(description=_("owner"))
    def told_owner(self, transaction: Transaction) -> SafeString:
        """The filter offers a hundred accounts at most: this narrows the list to any."""
        return format_html('<a href="?owner__id__exact={}">{}</a>', transaction.owner_id, transaction.owner)

    @admin.display(description=_("least confidence"))
    def told_confidence(self, transaction: Transaction) -> str:
        return "–" if transaction.confidence is None else f"{int(transaction.confidence * 100)} %"

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transaction], search_term: str
    ) -> tuple[QuerySet[Transaction], bool]:
        """Django's own would compare every id as text."""
        said = search_term.strip()
        if not said:
            return queryset, False
        wanted = Q(pk=said) if said.isdecimal() and len(said) < _LONGEST_ID else Q(pk__in=())
        if self.has_see_permission(request):  # who may not see a number may not try one, either
            wanted |= keeping.marked(said)
        return queryset.filter(wanted), False

    # --- one

    def get_urls(self) -> list[URLPattern]:
        own = {"next": self.next_view, "dashboard": self.dashboard_view}
        named = [
            path(f"{name}/", self.admin_site.admin_view(view), name=f"ocr_transaction_{name}")
            for name, view in own.items()
        ]
        return [*named, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        transaction = self.get_object(request, object_id)
        if transaction is None or not self.has_see_permission(request):
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, transaction):
            raise PermissionDenied
        if request.method == "POST" and not _person(request).has_perm(REVIEW):
            raise PermissionDenied
        return review_page.review(request, transaction, _person(request), self._context(request))

    def next_view(self, request: HttpRequest) -> HttpResponse:
        """On to the next transaction that waits behind one."""
        if not self.has_see_permission(request):
            raise PermissionDenied
        after = request.GET.get("after", "")
        return review_page.onwards(int(after) if after.isdecimal() and len(after) < _LONGEST_ID else 0)

    def dashboard_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        from ocr.dashboard import dashboard  # noqa: PLC0415 - pygal is loaded by whoever wants to see charts

        return dashboard(request, self._context(request))

    def _context(self, request: HttpRequest) -> Mapping[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    # --- out and away

    @admin.action(description=_("Export as CSV"), permissions=("see",))
    def export_csv(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> HttpResponseBase:
        return _exported(request, queryset, "csv")

    @admin.action(description=_("Export as JSON"), permissions=("see",))
    def export_json(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> HttpResponseBase:
        return _exported(request, queryset, "json")

    def _erase(self, request: HttpRequest, transaction: Transaction) -> None:
        keeping.record_look(transaction, _person(request), address(request), keeping.ERASED)
        keeping.erase(transaction)

    def delete_model(self, request: HttpRequest, obj: Transaction) -> None:
        self._erase(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        for transaction in queryset.exclude(outcome=None):
            self._erase(request, transaction)


_LONGEST_ID: Final = 19  # digits: a database's largest whole number has as many


def _exported(request: HttpRequest, queryset: QuerySet[Transaction], suffix: str) -> HttpResponseBase:
    """A file of the chosen ones; that each was looked at is kept before the file holds it."""
    rows = queryset.order_by("pk").select_related("owner").defer(None)
    person, came_from = _person(request), address(request)

    def looked_at(transaction: Transaction) -> Transaction:
        keeping.record_look(transaction, person, came_from, f"export: {suffix}")
        return transaction

    kind, write = exporting.FORMATS[suffix]
    name = f"transactions-{timezone.localtime():%Y%m%d-%H%M%S}.{suffix}"
    return StreamingHttpResponse(
        write(map(looked_at, rows.iterator(chunk_size=100))),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)  # the admin lets nobody else in
