"""Fills a migrated PostgreSQL with transactions that never were: two years of one service, by `generate_series`.

Half of them, the older, are erased, as after a year's retention. Of the rest, most were read and are valid; people come
back, some cards are posted again and again, and a few values hardly ever occur: those are what a filter is slow by.
Indexes are dropped meanwhile and made afterwards, exactly as they were.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import psycopg

OWNERS: Final = 40
"""Accounts; the first has two fifths of all transactions, the last thirty one in a thousand together."""
CARDS_IN_BATCH: Final = 250
PROMISES: Final = 10_000
"""As many as the service promises at most (APPTENTICATE_PROMISES)."""
_CHUNK: Final = 1_000_000

_TRANSACTIONS: Final = Path(__file__).with_suffix(".sql")
_BATCHES: Final = (
    """INSERT INTO ocr_batch (id, owner_id, created, finished)
    SELECT n, %(first_owner)s + mod(n, 10), now() - interval '1 day' * n, CASE WHEN n > 3 THEN now() END
    FROM generate_series(1, %(batches)s::int) AS n""",
    """INSERT INTO ocr_batchcard (transaction_id, batch_id, sealed_names)
    SELECT n, 1 + (n - 1) / %(cards)s, decode(repeat('bb', 120), 'hex')
    FROM generate_series(1, %(batches)s::int * %(cards)s) AS n""",
    """INSERT INTO ocr_promise (transaction_id, behind, due, attempts, worker, language, request)
    SELECT %(total)s::int - n, mod(n, 10) > 0, now() - interval '1 second' * n, 0, '', 'es', md5(n::text)
    FROM generate_series(0, %(promises)s::int - 1) AS n""",
    """UPDATE ocr_transaction SET outcome = NULL, finished = NULL, status = NULL, sealed_answer = NULL, valid = NULL,
    match = NULL, review = '', review_reasons = '' WHERE id > %(total)s::int - %(promises)s""",
)


def fill(address: str, total: int, first_owner: int, step: Callable[[], None]) -> None:
    """So many transactions; `step` is told of each million."""
    with psycopg.connect(address, autocommit=True) as connection:
        made_again = _without_indexes(connection)
        insert = _TRANSACTIONS.read_bytes()
        for first in range(1, total + 1, _CHUNK):
            last = min(first + _CHUNK - 1, total)
            connection.execute(insert, {"first": first, "last": last, "total": total, "first_owner": first_owner})
            step()
        connection.execute("SET maintenance_work_mem = '1GB'")
        for statement in made_again:
            connection.execute(statement)
        for statement in _BATCHES:
            connection.execute(statement, _counts(total, first_owner))
        for table in ("ocr_transaction", "ocr_batch"):
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
        connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def _counts(total: int, first_owner: int) -> dict[str, int]:
    promises = min(PROMISES, total // 100)
    batches = total // 10 // CARDS_IN_BATCH
    return {
        "total": total,
        "first_owner": first_owner,
        "batches": batches,
        "cards": CARDS_IN_BATCH,
        "promises": promises,
    }


_INDEXES: Final = """SELECT c.relname, pg_get_indexdef(i.indexrelid), pg_get_constraintdef(k.oid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid
 AND k.conrelid = i.indrelid WHERE i.indrelid = 'ocr_transaction'::regclass AND NOT i.indisprimary"""


def _without_indexes(connection: "psycopg.Connection[Any]") -> list[str]:
    """Drop them; how they are made again."""
    made_again = []
    for name, index, constraint in connection.execute(_INDEXES).fetchall():
        if constraint is None:
            connection.execute(f'DROP INDEX "{name}"')
            made_again.append(index)
        else:
            connection.execute(f'ALTER TABLE ocr_transaction DROP CONSTRAINT "{name}"')
            made_again.append(f'ALTER TABLE ocr_transaction ADD CONSTRAINT "{name}" {constraint}')
    return made_again
