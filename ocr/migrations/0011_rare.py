"""Indexes for what a filter of the admin looks for and hardly ever finds, without a lock (`./run bench rows`).

Code of before and after runs with either: no column changes.
"""

from django.db import migrations, models

from ocr.migrations._online import AddIndexOnline

INDEXES = (
    models.Index(fields=["-id", "review_reasons"], condition=models.Q(("review_reasons", ""), _negated=True), name="transaction_reasons"),
    models.Index(fields=["-id"], condition=models.Q(("match", False)), name="transaction_mismatch_newest"),
    *(
        models.Index(fields=[name, "-id"], condition=models.Q((name, ""), _negated=True), name=f"transaction_{name}_newest")
        for name in ("device", "model")
    ),
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ocr", "0010_webhooks")]

    operations = [AddIndexOnline("transaction", index) for index in INDEXES]
