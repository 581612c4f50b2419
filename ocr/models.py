"""The transaction: one row for every authenticated request to read a document, whatever came of it."""

from typing import Final

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from ocr.pipeline.types import Device

READ: Final = 200
THROTTLED: Final = 429
BROKEN: Final = 500
"""Outcomes besides the contract's error codes."""

KEPT: Final = frozenset({"id", "owner", "created", "finished", "erased", "outcome"})
"""What is left of an erased transaction."""


class Transaction(models.Model):
    """What was asked, what was read, what was answered.

    `outcome` is empty while the document is being read; then 200, an error code of the contract, 429 or 500.
    `answer` is the body as first sent; `reading` is everything about it (the contract's `details`), asked for or not.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="transactions", verbose_name=_("owner")
    )
    created = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)
    finished = models.DateTimeField(_("finished"), null=True)
    erased = models.DateTimeField(_("erased"), null=True)
    outcome = models.PositiveSmallIntegerField(_("outcome"), null=True, db_index=True)

    document_type = models.CharField(_("document type"), max_length=40, blank=True)
    device = models.CharField(_("device"), max_length=10, blank=True, choices=[(d.value, d.value) for d in Device])
    return_id = models.BooleanField(_("id asked for"), null=True)
    validate_sides = models.BooleanField(_("both sides asked for"), null=True)
    details = models.BooleanField(_("details asked for"), null=True)
    front_sha256 = models.CharField(_("SHA-256 of the front"), max_length=64, blank=True)
    back_sha256 = models.CharField(_("SHA-256 of the back"), max_length=64, blank=True)

    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    answer = models.JSONField(_("answer"), null=True)
    valid = models.BooleanField(_("valid"), null=True)
    match = models.BooleanField(_("match"), null=True)

    issuer = models.CharField(_("issuer"), max_length=10, blank=True)
    model = models.CharField(_("card model"), max_length=10, blank=True)
    curp = models.CharField("CURP", max_length=18, blank=True, db_index=True)
    elector_key = models.CharField(_("elector key"), max_length=18, blank=True, db_index=True)
    cic = models.CharField("CIC", max_length=9, blank=True, db_index=True)
    document_number = models.CharField(_("document number"), max_length=13, blank=True, db_index=True)
    reading = models.JSONField(_("reading"), null=True)
    readers = models.CharField(_("readers"), max_length=100, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True)

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        ordering = ("-id",)
        indexes = (models.Index(fields=("owner", "-id"), name="transaction_owner_newest"),)

    def __str__(self) -> str:
        return str(self.pk)

    def forget(self) -> None:
        """Drop pictures and personal data; that the request was made, and what came of it, stays known."""
        for field in self._meta.concrete_fields:
            if field.name not in KEPT:
                setattr(self, field.attname, None if field.null else "")
