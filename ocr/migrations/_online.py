"""Indexes that come and go while the service writes: PostgreSQL builds them without a lock, SQLite is quick and has no
other way. A migration of these is not atomic: stopped half-way, it is run again from its start.
"""

from collections.abc import Sequence
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import AddIndex, RunPython
from django.db.migrations.state import ProjectState, StateApps
from django.db.models import Model

TABLE = "ocr_transaction"


class AddIndexOnline(AddIndexConcurrently):
    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        if schema_editor.connection.vendor != "postgresql":
            AddIndex.database_forwards(self, app_label, schema_editor, from_state, to_state)
            return
        # One whose building was stopped stays, invalid (postgresql.org/docs/15/sql-createindex.html).
        _drop(schema_editor, self.index.name)
        super().database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        _drop(schema_editor, self.index.name)


class DropColumnIndexes(RunPython):
    """Drop what `db_index` made of columns of the transaction: the names hold a hash, so they are looked for. `kept` are
    names that the model gives."""

    def __init__(self, columns: Sequence[str], kept: Sequence[str]) -> None:
        def drop(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            for name in _of_single_columns(editor, TABLE, columns):
                if name not in kept:
                    _drop(editor, name)

        def restore(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
            model = apps.get_model("ocr", "Transaction")
            for field in model._meta.local_fields:
                if field.column in columns:
                    _index(editor, model, field)

        super().__init__(drop, restore, atomic=False)


def _index(editor: Any, model: type[Model], field: Any) -> None:
    """As Django makes the indexes of a new column; it has no public name for it."""
    for statement in editor._field_indexes_sql(model, field):
        editor.execute(statement)


def _of_single_columns(editor: BaseDatabaseSchemaEditor, table: str, columns: Sequence[str]) -> list[str]:
    with editor.connection.cursor() as cursor:
        found = editor.connection.introspection.get_constraints(cursor, table)
    return [
        name
        for name, one in found.items()
        if one["index"] and not one["unique"] and one["columns"] in [[column] for column in columns]
    ]


def _drop(editor: BaseDatabaseSchemaEditor, name: str) -> None:
    concurrently = "CONCURRENTLY " if editor.connection.vendor == "postgresql" else ""
    editor.execute(f"DROP INDEX {concurrently}IF EXISTS {editor.quote_name(name)}")
