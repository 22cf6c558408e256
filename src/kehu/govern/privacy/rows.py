"""Rows of registered tables that hang on a person: copied and deleted by the registry alone, whatever the room."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import msgspec
import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from kehu.core.database import current_connection
from kehu.core.registries import Subject, SubjectKey, SubjectTable, subject_tables

_HANGS = (SubjectKey.RECORD, SubjectKey.CUSTOMER, SubjectKey.ORDER)


def tables_that_hang(*, is_derived: bool) -> list[SubjectTable]:
    return [table for table in subject_tables() if table.key in _HANGS and table.is_derived == is_derived]


def copy_rows_of(table: SubjectTable, subject: Subject) -> list[dict[str, Any]]:
    """The rows as objects, at most 10,000, for the person to read."""
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} LIMIT 10000").format(
        sql.Identifier(table.table), _condition(table)
    )
    rows = _cursor().execute(query, {"ids": _ids(table, subject)}).fetchall()
    return [msgspec.json.decode(row[0]) for row in rows]


def delete_rows_of(table: SubjectTable, subject: Subject, schema: str | None = None) -> int:
    """Rows whose key points at the person. From a list of records the person is taken out, and the row goes when
    one of its lists is empty then."""
    ids = {"ids": _ids(table, subject)}
    name = sql.Identifier(schema, table.table) if schema else sql.Identifier(table.table)
    arrays = [column for column in table.columns if _is_array(table.table, column)]
    cursor = _cursor()
    if arrays:
        without = sql.SQL("ARRAY(SELECT one FROM unnest({0}) AS one WHERE one <> ALL(%(ids)s::uuid[]))")
        changes = sql.SQL(", ").join(
            sql.SQL("{} = ").format(sql.Identifier(column)) + without.format(sql.Identifier(column))
            for column in arrays
        )
        cursor.execute(sql.SQL("UPDATE {} SET {} WHERE {}").format(name, changes, _condition(table)), ids)
        touched = cursor.rowcount
        empty = sql.SQL(" OR ").join(sql.SQL("cardinality({}) = 0").format(sql.Identifier(c)) for c in arrays)
        cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(name, empty))
        return touched
    cursor.execute(sql.SQL("DELETE FROM {} WHERE {}").format(name, _condition(table)), ids)
    return cursor.rowcount


def delete_by_ctid(schema: str, table: str, ctids: Iterable[str]) -> int:
    found = [one.partition("/") for one in sorted(set(ctids))]
    if not found:
        return 0
    cursor = _cursor()
    cursor.execute(
        sql.SQL("DELETE FROM {} WHERE (tableoid, ctid) IN (SELECT * FROM unnest(%s::oid[], %s::tid[]))").format(
            sql.Identifier(schema, table)
        ),
        ([int(oid) for oid, _, _ in found], [ctid for _, _, ctid in found]),
    )
    return cursor.rowcount


def _condition(table: SubjectTable) -> sql.Composable:
    return sql.SQL(" OR ").join(
        sql.SQL("{} && %(ids)s::uuid[]" if _is_array(table.table, column) else "{} = ANY(%(ids)s::uuid[])").format(
            sql.Identifier(column)
        )
        for column in table.columns
    )


def _ids(table: SubjectTable, subject: Subject) -> list[UUID]:
    match table.key:
        case SubjectKey.CUSTOMER:
            return list(subject.customer_ids)
        case SubjectKey.ORDER:
            return list(subject.order_ids)
        case _:
            return list(subject.record_ids)


def _is_array(table: str, column: str) -> bool:
    row = _cursor().execute(
        "SELECT atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
        (table, column),
    )
    found = row.fetchone()
    return found is not None and str(found[0]).endswith("[]")


def _cursor() -> psycopg.Cursor[tuple[Any, ...]]:
    return psycopg.Cursor(current_connection(), row_factory=tuple_row)
