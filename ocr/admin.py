"""The transactions for the people who run the service: to list, filter, search, read and erase; never to edit."""
# ruff: noqa: ARG002  (Django says what the arguments are)

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ocr import keeping
from ocr.models import MARKED, SEALED, Account, Transaction, numbers_in
from ocr.views import address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    ModelAdmin = admin.ModelAdmin[Transaction]
    AccountModelAdmin = admin.ModelAdmin[Account]
else:
    ModelAdmin = AccountModelAdmin = admin.ModelAdmin


def _number(name: str, title: "StrOrPromise") -> Callable[[Any, Transaction], str]:
    """A column that shows one of the numbers that were read."""

    @admin.display(description=title)
    def shown(_: object, transaction: Transaction) -> str:
        return numbers_in(transaction.reading or {})[name] or "-"

    return shown


@admin.register(Account)
class AccountAdmin(AccountModelAdmin):
    list_display = ("owner", "retention_days")
    list_select_related = ("owner",)


@admin.register(Transaction)
class TransactionAdmin(ModelAdmin):
    list_display = ("id", "created", "owner", "outcome", "valid", "match", "model", "device", "milliseconds", "erased")
    list_filter = (
        ("outcome", admin.AllValuesFieldListFilter),
        "valid",
        "match",
        "created",
        ("owner", admin.RelatedOnlyFieldListFilter),
        "device",
        ("model", admin.AllValuesFieldListFilter),
    )
    list_select_related = ("owner",)
    list_per_page = 50
    date_hierarchy = "created"
    show_full_result_count = False
    search_fields = ("=id",)
    search_help_text = _("id, CURP, elector key, CIC or document number, whole")

    fieldsets = (
        (None, {"fields": ("id", "owner", "created", "finished", "erased", "outcome", "valid", "match")}),
        (_("What was asked"), {"fields": ("document_type", "device", "return_id", "validate_sides", "details")}),
        (_("What was sent"), {"fields": ("front_sha256", "back_sha256")}),
        (
            _("What was read"),
            {"fields": ("issuer", "model", *MARKED, "whole_reading")},
        ),
        (_("How it was read"), {"fields": ("readers", "milliseconds")}),
        (_("What was answered"), {"fields": ("status", "whole_answer")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transaction]:
        return super().get_queryset(request).defer(*SEALED)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        """Not while it is being read: whoever reads it would write over that it was erased."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.outcome is not None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        transaction = self.get_object(request, object_id)
        if transaction and self.has_view_permission(request, transaction):
            keeping.record_look(transaction, _person(request), address(request), "admin")
        return super().change_view(request, object_id, form_url, extra_context)

    def _erase(self, request: HttpRequest, transaction: Transaction) -> None:
        keeping.record_look(transaction, _person(request), address(request), keeping.ERASED)
        keeping.erase(transaction)

    def delete_model(self, request: HttpRequest, obj: Transaction) -> None:
        self._erase(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        for transaction in queryset.exclude(outcome=None):
            self._erase(request, transaction)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transaction], search_term: str
    ) -> tuple[QuerySet[Transaction], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(keeping.marked(search_term))) if search_term else found, duplicates

    curp = _number("curp", "CURP")
    elector_key = _number("elector_key", _("elector key"))
    cic = _number("cic", "CIC")
    document_number = _number("document_number", _("document number"))

    @admin.display(description=_("fields, validations, comparisons"))
    def whole_reading(self, transaction: Transaction) -> SafeString:
        return _printed(transaction.reading)

    @admin.display(description=_("answer"))
    def whole_answer(self, transaction: Transaction) -> SafeString:
        return _printed(transaction.answer)


def _person(request: HttpRequest) -> User:
    return cast("User", request.user)  # the admin lets nobody else in


def _printed(value: Any) -> SafeString:  # noqa: ANN401
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False) if value else "-")
