"""`manage.py migrate`, Django's own, one at a time: of several machines that start at once, one migrates on PostgreSQL
and the others wait for it, and find nothing left to do.

Who waits asks again and again, and holds no statement open meanwhile: an index that is built while old code serves
waits for every statement that began before it, and would wait for those that wait for it.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from django.core.management.commands.migrate import Command as DjangosOwn
from django.db import connections
from django.db.backends.utils import CursorWrapper

_LOCK: Final = 0x41505054  # any number, the same for all
_PAUSE: Final = 0.5  # seconds


class Command(DjangosOwn):
    def handle(self, *args: Any, **options: Any) -> None:  # noqa: ANN401
        with self._alone(options["database"]):
            super().handle(*args, **options)

    @contextmanager
    def _alone(self, database: str) -> Iterator[None]:
        if connections[database].vendor != "postgresql":
            yield
            return
        own = connections[database].copy()  # the lock ends with it, however that ends: it is not lent by a pool
        own.settings_dict["OPTIONS"].pop("pool", None)
        try:
            with own.cursor() as cursor:
                while not _is_mine(cursor):
                    time.sleep(_PAUSE)
            yield
        finally:
            own.close()


def _is_mine(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
    return bool(cursor.fetchone()[0])
