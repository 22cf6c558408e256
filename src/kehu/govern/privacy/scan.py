"""Every text, JSON and byte column of every table, searched for traces of a person: what erasure is measured by."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from kehu.core.database import Connection, current_connection
from kehu.govern.privacy.traces import Traces

_AT_MOST = 5_000
_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, t.typname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
  AND (n.nspname IN ('public', 'live') OR starts_with(n.nspname, 'gen_'))
  AND (t.typcategory = 'S' OR t.typname IN ('json', 'jsonb', 'bytea', '_text', '_varchar', '_jsonb', 'inet'))
ORDER BY 1, 2, a.attnum
"""


class Table(NamedTuple):
    """columns: those that can hold a text, with their types."""

    schema: str
    name: str
    columns: tuple[tuple[str, str], ...]


class Finding(NamedTuple):
    """A row that tells of the person. ctid: where it lies, good within the transaction."""

    ctid: str
    column: str


def tables(connection: Connection | None = None) -> list[Table]:
    found: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for schema, table, column, kind in _cursor(connection).execute(_COLUMNS).fetchall():
        found[schema, table].append((column, kind))
    return [Table(schema, name, tuple(columns)) for (schema, name), columns in found.items()]


def rows_that_tell(table: Table, traces: Traces, *, connection: Connection | None = None) -> Iterator[Finding]:
    """Rows of a table that tell of the person, found by the server, confirmed here."""
    for column, kind in table.columns if traces.needles else ():
        name = sql.Identifier(column)
        if kind == "bytea":
            told = sql.SQL(" OR ").join(
                sql.SQL("position({} in {}) > 0").format(sql.Literal(needle.encode()), name)
                for needle in traces.needles
            )
        else:
            likes = [f"%{_escaped(needle)}%" for needle in traces.needles]
            told = sql.SQL("{}::text LIKE ANY({}::text[])").format(name, sql.Literal(likes))
        shown = name if kind == "bytea" else sql.SQL("{}::text").format(name)
        query = sql.SQL("SELECT tableoid || '/' || ctid::text, {} FROM {} WHERE {} LIMIT {}").format(
            shown, sql.Identifier(table.schema, table.name), told, sql.Literal(_AT_MOST)
        )
        for ctid, value in _cursor(connection).execute(query).fetchall():
            if traces.are_in_bytes(bytes(value)) if kind == "bytea" else traces.are_in(value):
                yield Finding(ctid, column)


def where_told(traces: Traces, *, without: Sequence[str] = ()) -> list[str]:
    """`schema.table.column: rows` of everything that still tells of the person. without: tables that may."""
    counts: dict[str, int] = defaultdict(int)
    for table in tables():
        if table.name not in without:
            for finding in rows_that_tell(table, traces):
                counts[f"{table.schema}.{table.name}.{finding.column}"] += 1
    return [f"{place}: {count}" for place, count in sorted(counts.items())]


def _cursor(connection: Connection | None) -> psycopg.Cursor[tuple[Any, ...]]:
    """The driver's own cursor: it binds by the server, and what stands in a literal is no placeholder."""
    return psycopg.Cursor(connection or current_connection(), row_factory=tuple_row)


def _escaped(needle: str) -> str:
    return needle.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
