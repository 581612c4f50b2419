"""The transactions for the people who run the service: to list, filter, search, read and erase; never to edit."""
# ruff: noqa: ARG002  (Django says what the arguments are)

import json
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from ocr import services
from ocr.models import MARKED, Transaction

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Transaction]
else:
    ModelAdmin = admin.ModelAdmin


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

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Transaction | None = None) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: Transaction) -> None:
        services.erase(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Transaction]) -> None:
        for transaction in queryset:
            services.erase(transaction)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Transaction], search_term: str
    ) -> tuple[QuerySet[Transaction], bool]:
        found, duplicates = super().get_search_results(request, queryset, search_term)
        return (found | queryset.filter(services.marked(search_term))) if search_term else found, duplicates

    @admin.display(description="CURP")
    def curp(self, transaction: Transaction) -> str:
        return _value(transaction, "frontside", "CURP")

    @admin.display(description=_("elector key"))
    def elector_key(self, transaction: Transaction) -> str:
        return _value(transaction, "frontside", "elector_key")

    @admin.display(description="CIC")
    def cic(self, transaction: Transaction) -> str:
        return _value(transaction, "backside", "cic")

    @admin.display(description=_("document number"))
    def document_number(self, transaction: Transaction) -> str:
        return _value(transaction, "backside", "document_number")

    @admin.display(description=_("fields, validations, comparisons"))
    def whole_reading(self, transaction: Transaction) -> SafeString:
        return _printed(transaction.reading)

    @admin.display(description=_("answer"))
    def whole_answer(self, transaction: Transaction) -> SafeString:
        return _printed(transaction.answer)


def _value(transaction: Transaction, side: str, name: str) -> str:
    try:
        return str(transaction.reading[side]["fields"][name]["value"] or "-")
    except (KeyError, TypeError):  # not read, or erased
        return "-"


def _printed(value: Any) -> SafeString:  # noqa: ANN401
    return format_html("<pre>{}</pre>", json.dumps(value, indent=2, ensure_ascii=False) if value else "-")
