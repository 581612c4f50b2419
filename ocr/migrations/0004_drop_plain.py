"""Drops what `0003_seal` has sealed; SQLite writes its file anew, so that no page of it holds what was there before."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PLAIN = ("answer", "cic", "curp", "document_number", "elector_key", "reading")


def vacuum(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    if editor.connection.vendor == "sqlite":
        editor.execute("VACUUM")
        editor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ocr", "0003_seal")]  # noqa: RUF012

    operations = [  # noqa: RUF012
        *(migrations.RemoveField("transaction", name) for name in PLAIN),
        migrations.RunPython(vacuum, migrations.RunPython.noop),
    ]
