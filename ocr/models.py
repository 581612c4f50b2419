"""The transaction: one row for every authenticated request to read a document, whatever came of it."""

import json
from collections.abc import Mapping
from typing import Any, Final, Protocol
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from ocr.pipeline.types import Device
from ocr.vault import vault

READ: Final = 200
THROTTLED: Final = 429
BROKEN: Final = 500
INTERRUPTED: Final = 504
"""Outcomes besides the contract's error codes; interrupted: whoever read it died, or could not write how it ended."""

SEE_PERSONS: Final = "ocr.see_persons"
REVIEW: Final = "ocr.review_transaction"
"""Permissions that Django does not make itself."""

KEPT: Final = frozenset({"id", "owner", "created", "finished", "erased", "outcome", "binding", "reviews_written"})
"""What is left of an erased transaction."""

TRANSACTION_FINISHED: Final = "transaction.finished"
BATCH_FINISHED: Final = "batch.finished"
EVENTS: Final = (TRANSACTION_FINISHED, BATCH_FINISHED)
"""What an account can ask to be told: a promised answer is there; all cards of a batch have theirs."""
PING: Final = "ping"
"""What is sent to whoever wants to see something arrive."""

_WHERE_READ: Final = {
    "curp": ("frontside", "CURP"),
    "elector_key": ("frontside", "elector_key"),
    "cic": ("backside", "cic"),
    "document_number": ("backside", "document_number"),
}
SEALED: Final = ("sealed_answer", "sealed_reading")
"""Columns that a list need not load."""
MARKED: Final = tuple(_WHERE_READ)
"""Numbers that a transaction is found again by."""


def numbers_in(reading: Mapping[str, Any]) -> dict[str, str]:
    """The numbers in a reading, by the names of `MARKED`; empty where one was not read."""
    found = {name: reading.get(side, {}).get("fields", {}).get(key, {}) for name, (side, key) in _WHERE_READ.items()}
    return {name: str(field.get("value") or "") for name, field in found.items()}


def marks_of(reading: Mapping[str, Any]) -> dict[str, str]:
    """The columns by which a transaction is found by the numbers of its reading."""
    return {f"{name}_mark": vault().mark(name, number) for name, number in numbers_in(reading).items()}


class _Sealing(Protocol):
    """A row that says, for each of its sealed columns, what is sealed there."""

    def about(self, name: str) -> str: ...


def _sealed(name: str) -> property:
    """JSON that is kept sealed in a column of its own, bound to its row: opened when it is asked for."""

    def opened(row: _Sealing) -> Any:  # noqa: ANN401
        sealed = getattr(row, f"sealed_{name}")
        return None if sealed is None else json.loads(vault().open(bytes(sealed), row.about(name)))

    def seal(row: _Sealing, value: Any) -> None:  # noqa: ANN401
        plain = None if value is None else json.dumps(value, ensure_ascii=False).encode()
        setattr(row, f"sealed_{name}", None if plain is None else vault().seal(plain, row.about(name)))

    return property(opened, seal)


class ReviewState(models.TextChoices):
    """Whether a person has to look at what was read, or what one has decided; empty: nobody has to."""

    WAITING = "waiting", _("waiting")
    APPROVED = "approved", _("approved")
    REJECTED = "rejected", _("rejected")


class Account(models.Model):
    """What is agreed with one user: for how many days pictures and what was read are kept; 0 keeps no picture."""

    owner = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="account", verbose_name=_("owner")
    )
    retention_days = models.PositiveSmallIntegerField(_("days that data is kept"))

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return str(self.owner)


class Transaction(models.Model):
    """What was asked, what was read, what was answered.

    `outcome` is empty while the document is being read; then 200, an error code of the contract, 429, 500 or 504.
    `answer` is the body as first sent; `reading` is everything about it (the contract's `details`), asked for or not.
    `worker` is the process that reads it, or did; `idempotency_mark` stands for the client's `Idempotency-Key`, and
    `request_sha256` for what came with it. Answer and reading are sealed, and so are the pictures (`pictures`); numbers
    are found again by their marks (`vault`).
    `review` and `review_reasons` are `reviewing`'s, `reviews_written` counts what it wrote: two persons at one
    transaction are told apart by it. `confidence` is that of the field that was read least surely.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="transactions",
        db_index=False,  # `transaction_owner_newest` begins with it
        verbose_name=_("owner"),
    )
    created = models.DateTimeField(_("created"), auto_now_add=True, db_index=True)
    finished = models.DateTimeField(_("finished"), null=True)
    erased = models.DateTimeField(_("erased"), null=True)
    outcome = models.PositiveSmallIntegerField(_("outcome"), null=True)
    binding = models.UUIDField(default=uuid4, editable=False)
    worker = models.CharField(max_length=100, blank=True, editable=False)
    idempotency_mark = models.CharField(max_length=64, null=True, editable=False)  # noqa: DJ001 - none is unlike any
    request_sha256 = models.CharField(max_length=64, blank=True, editable=False)

    document_type = models.CharField(_("document type"), max_length=40, blank=True)
    device = models.CharField(_("device"), max_length=10, blank=True, choices=[(d.value, d.value) for d in Device])
    return_id = models.BooleanField(_("id asked for"), null=True)
    validate_sides = models.BooleanField(_("both sides asked for"), null=True)
    details = models.BooleanField(_("details asked for"), null=True)
    front_sha256 = models.CharField(_("SHA-256 of the front"), max_length=64, blank=True)
    back_sha256 = models.CharField(_("SHA-256 of the back"), max_length=64, blank=True)

    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    sealed_answer = models.BinaryField(_("answer"), null=True)
    valid = models.BooleanField(_("valid"), null=True)
    match = models.BooleanField(_("match"), null=True)

    review = models.CharField(_("review"), max_length=10, blank=True, choices=ReviewState)
    review_reasons = models.CharField(_("why it waits"), max_length=100, blank=True)
    reviews_written = models.PositiveSmallIntegerField(default=0, editable=False)
    confidence = models.FloatField(_("least confidence"), null=True)

    issuer = models.CharField(_("issuer"), max_length=10, blank=True)
    model = models.CharField(_("card model"), max_length=10, blank=True)
    curp_mark = models.CharField(max_length=64, blank=True)
    elector_key_mark = models.CharField(max_length=64, blank=True)
    cic_mark = models.CharField(max_length=64, blank=True)
    document_number_mark = models.CharField(max_length=64, blank=True)
    sealed_reading = models.BinaryField(_("reading"), null=True)
    readers = models.CharField(_("readers"), max_length=250, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"), null=True)

    answer = _sealed("answer")
    reading = _sealed("reading")

    class Meta:
        verbose_name = _("transaction")
        verbose_name_plural = _("transactions")
        permissions = (
            ("see_persons", _("Can see pictures and what was read of persons")),
            ("review_transaction", _("Can approve, reject and correct what was read")),
        )
        ordering = ("-id",)
        # Each is written twice for a transaction, when it is opened and when it is closed: what `./run bench rows` does
        # not need is not here. On a column of text, `db_index` would make a second one on PostgreSQL, for LIKE.
        indexes = (
            models.Index(fields=("owner", "-id"), name="transaction_owner_newest"),
            models.Index(fields=("outcome", "-id"), name="transaction_outcome_newest"),
            models.Index(fields=("review", "id"), condition=~models.Q(review=""), name="transaction_review_queue"),
            models.Index(
                fields=("-id", "review_reasons"), condition=~models.Q(review_reasons=""), name="transaction_reasons"
            ),
            models.Index(fields=("-id",), condition=models.Q(match=False), name="transaction_mismatch_newest"),
            models.Index(fields=("device", "-id"), condition=~models.Q(device=""), name="transaction_device_newest"),
            models.Index(fields=("model", "-id"), condition=~models.Q(model=""), name="transaction_model_newest"),
            models.Index(fields=("owner", "created", "id"), condition=models.Q(erased=None), name="transaction_kept"),
            *(models.Index(fields=(f"{name}_mark",), name=f"transaction_{name}") for name in MARKED),
        )
        constraints = (
            models.UniqueConstraint(fields=("owner", "idempotency_mark"), name="transaction_once_per_idempotency_key"),
        )

    def __str__(self) -> str:
        return str(self.pk)

    def about(self, name: str) -> str:
        """What is sealed says whose it is: put into another row, it does not open."""
        return f"{self.binding.hex} {name}"

    def mark(self, reading: Mapping[str, Any]) -> None:
        """Let the transaction be found by the numbers that were read (`MARKED`)."""
        for column, mark in marks_of(reading).items():
            setattr(self, column, mark)

    def forget(self) -> None:
        """Drop pictures and personal data; that the request was made, and what came of it, stays known."""
        for field in self._meta.concrete_fields:
            if field.name not in KEPT:
                setattr(self, field.attname, None if field.null else "")


class Promise(models.Model):
    """A transaction whose answer nobody waits for, until it has one: then this row goes.

    `due`: when it is somebody's to be read. Whoever claims it sets that later than any reading takes, so that what a
    killed process had begun is due again. `behind`: it belongs to a batch, and is read when nothing else is due.
    """

    transaction = models.OneToOneField(Transaction, models.CASCADE, primary_key=True, related_name="promise")
    behind = models.BooleanField()
    due = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    worker = models.CharField(max_length=100, blank=True)
    language = models.CharField(max_length=10)
    request = models.CharField(max_length=64)

    class Meta:
        indexes = (models.Index(fields=("behind", "due"), name="promise_due"),)

    def __str__(self) -> str:
        return str(self.pk)


class Batch(models.Model):
    """Many cards that were sent as one; `finished` when the last of them was answered."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="batches", verbose_name=_("owner"))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    finished = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("batch")
        verbose_name_plural = _("batches")
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.pk)


class BatchCard(models.Model):
    """One card of a batch: its transaction, and what its pictures were called, sealed: files are named after people."""

    transaction = models.OneToOneField(Transaction, models.CASCADE, primary_key=True, related_name="batch_card")
    batch = models.ForeignKey(Batch, models.CASCADE, related_name="cards")
    sealed_names = models.BinaryField(null=True)

    names = _sealed("names")

    class Meta:
        ordering = ("transaction_id",)

    def __str__(self) -> str:
        return str(self.pk)

    def about(self, name: str) -> str:
        """As `Transaction.about`: it is the transaction's."""
        return self.transaction.about(name)


class Webhook(models.Model):
    """Where an account wants to be told what has happened, and of which events (`EVENTS`).

    `secrets` sign what is sent, the newest first, sealed; the one before it goes on signing for a while (`rotated`).
    `ready`: when its next delivery may be sent; `failures` of them in a row have put that off.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="webhooks", verbose_name=_("owner")
    )
    url = models.CharField(_("URL"), max_length=500)
    events = models.JSONField(_("events"))
    active = models.BooleanField(_("active"), default=True)
    created = models.DateTimeField(_("created"), auto_now_add=True)
    rotated = models.DateTimeField(_("secret changed"), null=True, editable=False)
    ready = models.DateTimeField(_("sent to again from"), default=timezone.now, editable=False)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0, editable=False)
    binding = models.UUIDField(default=uuid4, editable=False)
    sealed_secrets = models.BinaryField()

    secrets = _sealed("secrets")

    class Meta:
        verbose_name = _("webhook")
        verbose_name_plural = _("webhooks")
        ordering = ("-id",)

    def __str__(self) -> str:
        return str(self.pk)

    def about(self, name: str) -> str:
        """As `Transaction.about`."""
        return f"{self.binding.hex} {name}"


class Trouble(models.TextChoices):
    """Why a delivery has not arrived, as far as it was tried; empty: it has, or was not tried yet."""

    ADDRESS = "address", _("no address that may be called")
    CONNECTION = "connection", _("no connection, or it broke")
    TLS = "tls", _("no certificate for this name that is trusted")
    TIMEOUT = "timeout", _("it took too long")
    STATUS = "status", _("answered otherwise than 2xx")
    SECRET = "secret", _("its secret cannot be opened: a data key is missing")


class Delivery(models.Model):
    """One event on its way to one webhook: `message` is what the receiver knows it by, however often it is sent.

    `due`: when it is to be sent; whoever sends it sets that later than sending takes, so that what a killed process had
    begun is due again. Empty: it has arrived, or is given up. What is sent is not kept: it is made when it is sent.
    """

    webhook = models.ForeignKey(
        Webhook, models.CASCADE, related_name="deliveries", db_index=False, verbose_name=_("webhook")
    )
    message = models.UUIDField(_("message"), default=uuid4, editable=False)
    event = models.CharField(_("event"), max_length=40)
    transaction = models.ForeignKey(
        Transaction, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("transaction")
    )
    batch = models.ForeignKey(Batch, models.CASCADE, null=True, related_name="deliveries", verbose_name=_("batch"))
    created = models.DateTimeField(_("created"), default=timezone.now, db_index=True)
    due = models.DateTimeField(_("due"), null=True, default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    delivered = models.DateTimeField(_("delivered"), null=True)
    status = models.PositiveSmallIntegerField(_("HTTP status"), null=True)
    trouble = models.CharField(_("trouble"), max_length=10, blank=True, choices=Trouble)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("webhook", "-id"), name="delivery_newest"),
            models.Index(fields=("webhook", "due"), condition=models.Q(due__isnull=False), name="delivery_due"),
        )

    def __str__(self) -> str:
        return f"msg_{self.message.hex}"

    @property
    def state(self) -> str:
        """In one word."""
        return "delivered" if self.delivered else "failed" if self.due is None else "waiting"


class Review(models.Model):
    """What a person made of a transaction, once: nothing here is ever changed. `words` are the reason, a note and the
    corrected values by field ("frontside.CURP"), sealed."""

    class Decision(models.TextChoices):
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        CORRECTED = "corrected", _("corrected")
        NOTED = "noted", _("noted")

    transaction = models.ForeignKey(Transaction, models.CASCADE, related_name="reviews", verbose_name=_("transaction"))
    reviewer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reviewer"))
    created = models.DateTimeField(_("created"), auto_now_add=True)
    decision = models.CharField(_("decision"), max_length=10, choices=Decision)
    binding = models.UUIDField(default=uuid4, editable=False)
    sealed_words = models.BinaryField(null=True)

    words = _sealed("words")

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.transaction} {self.decision}"

    def about(self, name: str) -> str:
        """As `Transaction.about`."""
        return f"{self.binding.hex} {name}"
