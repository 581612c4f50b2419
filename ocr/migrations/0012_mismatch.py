"""An index for the transactions whose sides do not match, which are few, without a lock (`./run bench rows`).

Code of before and after runs with either: no column changes.
"""

from django.db import migrations, models

from ocr.migrations._online import AddIndexOnline

INDEX = models.Index(fields=["-id"], condition=models.Q(("match", False)), name="transaction_mismatch_newest")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ocr", "0011_rare")]

    operations = [AddIndexOnline("transaction", INDEX)]
