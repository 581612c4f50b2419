"""Seals what earlier versions kept plain. Safe to stop: what is sealed already is left alone."""

import json
from typing import Any
from uuid import uuid4

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from ocr.vault import vault

NUMBERS = ("curp", "elector_key", "cic", "document_number")


def seal(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:  # noqa: ARG001
    for row in apps.get_model("ocr", "Transaction").objects.iterator():
        row.binding = uuid4()
        row.sealed_answer = _sealed(row, "answer", row.answer)
        row.sealed_reading = _sealed(row, "reading", row.reading)
        for name in NUMBERS:
            setattr(row, f"{name}_mark", vault().mark(name, getattr(row, name)))
        row.save()


def _sealed(row: Any, name: str, value: Any) -> bytes | None:  # noqa: ANN401
    if value is None:
        return None
    return vault().seal(json.dumps(value, ensure_ascii=False).encode(), f"{row.binding.hex} {name}")


class Migration(migrations.Migration):
    dependencies = [("ocr", "0002_sealed")]  # noqa: RUF012

    operations = [migrations.RunPython(seal, migrations.RunPython.noop)]  # noqa: RUF012
