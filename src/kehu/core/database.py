"""The psycopg connection under Django's, for COPY and set statements inside the same transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntEnum
from typing import Any, LiteralString

import psycopg
from django.db import connection as django_connection
from psycopg.pq import Format
from psycopg.rows import tuple_row

from kehu.core.array_literals import ColumnDumper
from kehu.core.write_behind import LaggingConnection

Connection = psycopg.Connection[tuple[Any, ...]]


class AdvisoryLock(IntEnum):
    """The first key of every advisory lock, so that no two rooms take the same one."""

    SHARD = 1
    LEADER = 2
    LEADERSHIP = 3
    OUTBOX = 4
    ALERTER = 5
    CONSENT = 8
    FIGURES = 12


def current_connection() -> Connection:
    """Django's own connection: what runs on it commits and rolls back with the surrounding `atomic`."""
    django_connection.ensure_connection()
    connection: Connection = django_connection.connection
    return connection


def open_connection(url: str, search_path: str = "live,public") -> Connection:
    """A connection for a process that works beside Django: in UTC, and given up when the other side is gone."""
    return LaggingConnection.connect(
        url,
        options=f"-c search_path={search_path} -c timezone=UTC",
        keepalives_idle=10,
        keepalives_interval=5,
        keepalives_count=3,
        autocommit=True,
    )


class SetCursor(psycopg.Cursor[tuple[Any, ...]]):
    """Parameters bound by the server, lists as column arrays, results in binary."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.format = Format.BINARY
        self.adapters.register_dumper(list, ColumnDumper)


def fetch_all(query: LiteralString, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[tuple[Any, ...]]:
    """Rows of a statement on Django's connection, prepared by the server once it recurs: for what screens ask often."""
    with SetCursor(current_connection(), row_factory=tuple_row) as cursor:
        return cursor.execute(query, parameters).fetchall()


@contextmanager
def set_statements(connection: Connection) -> Iterator[Connection]:
    """Parameters bound by the server and rows as tuples, also on Django's connection, which prefers otherwise."""
    before = connection.cursor_factory, connection.row_factory
    connection.cursor_factory, connection.row_factory = SetCursor, tuple_row
    try:
        yield connection
    finally:
        connection.cursor_factory, connection.row_factory = before


def lock_in_transaction(connection: Connection, lock: AdvisoryLock, key: int = 0) -> None:
    connection.execute("SELECT pg_advisory_xact_lock(%s, %s)", (int(lock), key))


def copy_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows into a table; table and column names come from code, never from input."""
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
