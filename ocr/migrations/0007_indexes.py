"""Indexes for ten million transactions, without a lock (`./run bench rows`); those that nobody asks go.

Code of before and after runs with either: no column changes.
"""

from typing import Any

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from ocr.migrations._online import AddIndexOnline, DropColumnIndexes

NUMBERS = ("curp", "elector_key", "cic", "document_number")
INDEXES = (
    models.Index(fields=["outcome", "-id"], name="transaction_outcome_newest"),
    models.Index(fields=["review", "id"], condition=models.Q(("review", ""), _negated=True), name="transaction_review_queue"),
    models.Index(fields=["owner", "created", "id"], condition=models.Q(("erased", None)), name="transaction_kept"),
    *(models.Index(fields=[f"{name}_mark"], name=f"transaction_{name}") for name in NUMBERS),
)
PLAIN: dict[str, "models.Field[Any, Any]"] = {
    "outcome": models.PositiveSmallIntegerField("outcome", null=True),
    "owner": models.ForeignKey(
        settings.AUTH_USER_MODEL, django.db.models.deletion.PROTECT, db_index=False, related_name="transactions", verbose_name="owner"
    ),
    "review": models.CharField(
        "review",
        max_length=10,
        blank=True,
        choices=[("waiting", "waiting"), ("approved", "approved"), ("rejected", "rejected")],
    ),
    **{f"{name}_mark": models.CharField(blank=True, max_length=64) for name in NUMBERS},
}


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ocr", "0006_reviews"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        *(AddIndexOnline("transaction", index) for index in INDEXES),
        migrations.SeparateDatabaseAndState(
            [
                DropColumnIndexes(
                    ["owner_id", "outcome", "review", *(f"{name}_mark" for name in NUMBERS)],
                    kept=[index.name for index in INDEXES],
                )
            ],
            [migrations.AlterField("transaction", name, field) for name, field in PLAIN.items()],
        ),
    ]
