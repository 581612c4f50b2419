"""The page on which a person reviews a transaction: both sides upright with every value's place drawn over them, what
was read and how surely, what was validated and compared; and the form by which they decide.
"""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from ocr import keeping, reviewing, services
from ocr.models import REVIEW, Transaction
from ocr.pages import ATTACKS
from ocr.pictures import NoPicture
from ocr.pipeline.errors import OcrError
from ocr.pipeline.types import Side, Straight
from ocr.views import address

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

TITLES: Final = {Side.FRONT: _("Front"), Side.BACK: _("Back")}
LABELS: Final[Mapping[str, "StrOrPromise"]] = {
    "name": _("name"),
    "surname": _("surname"),
    "address": _("address"),
    "CURP": "CURP",
    "elector_key": _("elector key"),
    "validity_period": _("validity"),
    "date_of_birth": _("date of birth"),
    "section": _("section"),
    "gender": _("gender"),
    "emission_number": _("emission number"),
    "country_code": _("country"),
    "document_number": _("document number"),
    "citizen_id": _("citizen id"),
    "cic": "CIC",
    "birth_date": _("date of birth"),
    "expiration_date": _("expiry"),
}
"""How a person calls the fields of both sides."""

PARTS: Final = {
    "street": _("street"),
    "settlement": _("settlement"),
    "postal_code": _("postal code"),
    "municipality": _("municipality"),
    "state": _("state"),
}

# --- what is shown ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """One field. `level`: sure, unsure or missing. `path` is its name in a review: "frontside.CURP"."""

    path: str
    label: "StrOrPromise"
    level: str
    read: Mapping[str, Any]
    corrected: str | None

    @property
    def percent(self) -> int:
        """Confidence, 0 to 100; rounded down: 100 is said of no doubt at all."""
        return int(self.read["confidence"] * 100)


@dataclass(frozen=True, slots=True)
class Sign:
    """How much speaks for one attack, in per cent, and from how much on it is suspected."""

    label: "StrOrPromise"
    percent: int
    threshold: int
    suspected: bool
    reason: str


def _signs(reading: Mapping[str, Any]) -> Iterator[Sign]:
    for told in reading.get("life", ()):
        percent, threshold = int(told["score"] * 100), round(told["threshold"] * 100)
        yield Sign(ATTACKS[told["attack"]], percent, threshold, told["suspected"], told["reason"][_language()])


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "es"


@dataclass(frozen=True, slots=True)
class Area:
    """Where a field stands on the straightened card, as SVG says it."""

    path: str
    label: "StrOrPromise"
    level: str
    points: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One side as a picture; `missing` says why there is none."""

    side: Side
    title: "StrOrPromise"
    rows: tuple[Row, ...]
    findings: tuple[str, ...]
    picture: str = ""
    width: int = 0
    height: int = 0
    areas: tuple[Area, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()
    missing: "StrOrPromise" = ""


def _figure(transaction: Transaction, side: Side, corrected: Mapping[str, str]) -> Figure:
    read = (transaction.reading or {}).get(side.value, {"fields": {}, "findings": []})
    rows = tuple(_rows(side, read["fields"], corrected))
    findings = tuple(finding["advice"][_language()] for finding in read["findings"])
    try:
        straight = services.shown(transaction, side)
    except NoPicture:
        missing = _("No picture is kept: its account keeps none, or its days are over.")
        return Figure(side, TITLES[side], rows, findings, missing=missing)
    except OcrError:
        return Figure(side, TITLES[side], rows, findings, missing=_("The picture cannot be shown just now."))
    parts = tuple((name, _as_url(jpeg)) for name, jpeg in straight.parts.items())
    areas = tuple(_areas(rows, straight))
    size = straight.width, straight.height
    return Figure(side, TITLES[side], rows, findings, _as_url(straight.jpeg), *size, areas, parts)


def _rows(side: Side, fields: Mapping[str, Mapping[str, Any]], corrected: Mapping[str, str]) -> Iterator[Row]:
    for name, read in fields.items():
        path = f"{side.value}.{name}"
        yield Row(path, LABELS[name], _level(read), read, corrected.get(path))


def _level(read: Mapping[str, Any]) -> str:
    if read["value"] is None:
        return "missing"
    return "sure" if read["confirmed"] and read["confidence"] >= reviewing.SURE else "unsure"


def _areas(rows: tuple[Row, ...], straight: Straight) -> Iterator[Area]:
    for row in rows:
        if row.read["box"]:
            points = " ".join(f"{x},{y}" for x, y in straight.moved(row.read["box"]))
            yield Area(row.path, row.label, row.level, points)


def _as_url(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


# --- what is said -----------------------------------------------------------------------------------------------------


class ReviewForm(forms.Form):
    """A decision, and how many reviews whoever decides had seen."""

    decision = forms.ChoiceField(choices=[(name, name) for name in ("approve", "reject", "save")])
    reason = forms.CharField(max_length=200, required=False)
    note = forms.CharField(max_length=2000, required=False)
    seen = forms.IntegerField(min_value=0)

    def verdict(self, corrections: Mapping[str, str]) -> reviewing.Verdict:
        said = self.cleaned_data
        approve = {"approve": True, "reject": False, "save": None}[said["decision"]]
        return reviewing.Verdict(approve, said["reason"], said["note"], corrections)


_LONGEST = 300  # characters of a corrected value: an address has up to 200


def _corrections(request: HttpRequest, transaction: Transaction) -> dict[str, str]:
    """What was typed for fields that there are, where it differs from what is known."""
    known = reviewing.corrected(transaction)
    typed: dict[str, str] = {}
    for side in Side:
        for name, read in (transaction.reading or {}).get(side.value, {}).get("fields", {}).items():
            path = f"{side.value}.{name}"
            value = " ".join(request.POST.get(f"correct:{path}", "").split())[:_LONGEST]
            if value and value != known.get(path, read["value"]):
                typed[path] = value
    return typed


# --- the page ---------------------------------------------------------------------------------------------------------


def review(request: HttpRequest, transaction: Transaction, person: User, context: Mapping[str, Any]) -> HttpResponse:
    """Show a transaction to a person who may see it; keep what one says who may decide. `context`: the admin's own."""
    if request.method != "POST":
        keeping.record_look(transaction, person, address(request), "admin")
        return _page(request, transaction, context)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return _page(request, transaction, context, _("The form was incomplete: decide once more."), 400)
    try:
        verdict = form.verdict(_corrections(request, transaction))
        reviewing.decide(transaction, person, verdict, form.cleaned_data["seen"])
    except reviewing.NothingSaid:
        return _page(request, transaction, context, _("Give a reason to reject, or something to save."), 400)
    except reviewing.Overtaken:
        transaction.refresh_from_db()
        said = _("Somebody else reviewed this transaction meanwhile: read what they wrote, then decide again.")
        return _page(request, transaction, context, said, 409)
    messages.success(request, _("Transaction %(id)s: %(said)s.") % {"id": transaction.pk, "said": _said(verdict)})
    return onwards(transaction.pk) if verdict.approve is not None else HttpResponseRedirect(request.path)


def _said(verdict: reviewing.Verdict) -> "StrOrPromise":
    return {
        "approved": _("approved"),
        "rejected": _("rejected"),
        "corrected": _("corrected"),
        "noted": _("noted"),
    }[verdict.decision]


def onwards(after: int = 0) -> HttpResponse:
    """To the next transaction that waits, or to the list where none does."""
    found = reviewing.next_waiting(after)
    if found is None:
        return HttpResponseRedirect(reverse("admin:ocr_transaction_changelist"))
    return HttpResponseRedirect(reverse("admin:ocr_transaction_change", args=(found.pk,)))


def _page(
    request: HttpRequest,
    transaction: Transaction,
    context: Mapping[str, Any],
    complaint: "StrOrPromise" = "",
    status: int = 200,
) -> HttpResponse:
    corrected = reviewing.corrected(transaction)
    reading = transaction.reading or {}
    shown = {
        "transaction": transaction,
        "reading": reading,
        "figures": [_figure(transaction, side, corrected) for side in Side],
        "reasons": [reviewing.REASONS[name] for name in transaction.review_reasons.split(",") if name],
        "signs": list(_signs(reading)),
        "parts": [(PARTS[name], value) for name, value in reading.get("address_parts", {}).items()],
        "reviews": list(transaction.reviews.select_related("reviewer")),
        "waiting": reviewing.how_many_wait(besides=transaction.pk),
        "may_decide": bool(reading) and request.user.has_perm(REVIEW),
        "typed": request.POST,
        "complaint": complaint,
        "title": _("Transaction %(id)s") % {"id": transaction.pk},
    }
    return render(request, "admin/ocr/transaction/review.html", {**context, **shown}, status=status)
