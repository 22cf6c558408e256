"""The floor: the same JSON copied into the inbox's tables with their indexes, durably, and nothing else done to it."""

from collections.abc import Sequence
from time import perf_counter

import psycopg

from kehu.collect.inbox import message_hash

ROWS_PER_COMMIT = 2_000

_TABLES = """
CREATE SCHEMA bench_floor;
CREATE TABLE bench_floor.inbox (LIKE public.collect_inbox INCLUDING ALL);
CREATE TABLE bench_floor.dedupe (LIKE public.collect_dedupe INCLUDING ALL);
"""


def copy_rate(migrate_url: str, payloads: Sequence[tuple[str, bytes]]) -> float:
    """Rows a second of COPY into inbox and dedupe table, committed every 2,000 rows with fsync.

    payloads: (message id, JSON). migrate_url: the role that may make the two tables, which are dropped again.
    """
    with psycopg.connect(migrate_url) as connection:
        connection.execute("DROP SCHEMA IF EXISTS bench_floor CASCADE")
        connection.execute(_TABLES)
        connection.commit()
        [(fsync, synchronous)] = connection.execute(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit')"
        ).fetchall()
        if (fsync, synchronous) != ("on", "on"):
            raise RuntimeError(f"the floor must be durable: fsync {fsync}, synchronous_commit {synchronous}")
        began = perf_counter()
        for start in range(0, len(payloads), ROWS_PER_COMMIT):
            _copy(connection, start, payloads[start : start + ROWS_PER_COMMIT])
            connection.commit()
        seconds = perf_counter() - began
        connection.execute("DROP SCHEMA bench_floor CASCADE")
    return len(payloads) / seconds


def _copy(connection: "psycopg.Connection[tuple[object, ...]]", start: int, rows: Sequence[tuple[str, bytes]]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY bench_floor.dedupe (source_id, message_hash) FROM STDIN") as copy:
            for message_id, _ in rows:
                copy.write_row((1, message_hash(message_id)))
        with cursor.copy(
            "COPY bench_floor.inbox (shard, seq, source_id, kind, message_id, received_at, payload) FROM STDIN"
        ) as copy:
            for offset, (message_id, payload) in enumerate(rows):
                copy.write_row((0, start + offset, 1, "segment", message_id, "now", payload))
