"""The index that a filter by reason walks holds the reasons, too: it need not look at the rows (`./run bench rows`).

Code of before and after runs with either: no column changes.
"""

from django.db import migrations, models

from ocr.migrations._online import AddIndexOnline, RemoveIndexOnline

INDEX = models.Index(
    fields=["-id", "review_reasons"], condition=models.Q(("review_reasons", ""), _negated=True), name="transaction_reasons"
)


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ocr", "0012_mismatch")]

    operations = [
        AddIndexOnline("transaction", INDEX),
        RemoveIndexOnline("transaction", "transaction_reasons_newest"),
    ]
