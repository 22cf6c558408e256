"""Sealing what lies sealed anew with the newest key, in portions, while everything runs.

What is left to do is seen in the rows themselves, so a run that was stopped is gone on with by running again. A row
that somebody changed meanwhile is left for the next pass.
"""

from collections.abc import Callable
from typing import Any, Final

from django.db import transaction
from psycopg import Cursor, sql

from kehu.core.database import current_connection
from kehu.core.keyring import newest_version
from kehu.core.sealing import SEALED, NotOurSeal, SealedColumn, seal, unseal, version_of

PORTION: Final = 500


def left_to_reseal(column: SealedColumn) -> int:
    row = _execute("SELECT count(*) FROM {table} WHERE {column}::text ~ %s", column, _of_older_keys()).fetchone()
    return int(row[0]) if row else 0


def reseal(column: SealedColumn, before_each: Callable[[], None], after_each: Callable[[int], None]) -> tuple[int, int]:
    """Returns (rows sealed anew, rows nobody can open). before_each: inside every portion's transaction."""
    done = shut = last = 0
    while True:
        with transaction.atomic():
            before_each()
            rows = _execute(
                "SELECT id, {column}::text, pg_typeof({column})::text FROM {table} "
                "WHERE {column}::text ~ %s AND id > %s ORDER BY id LIMIT %s FOR UPDATE",
                column, _of_older_keys(), last, PORTION,
            ).fetchall()  # fmt: skip
            for row_id, text, kind in rows:
                try:
                    new = SEALED.sub(lambda found: _anew(found.group(), column.purpose), text)
                except NotOurSeal:
                    shut += 1
                    continue
                statement = f"UPDATE {{table}} SET {{column}} = %s::text::{kind} WHERE id = %s"  # noqa: S608  (a type, said by the database)
                _execute(statement, column, new, row_id)
                done += 1
        if not rows:
            return done, shut
        last = rows[-1][0]
        after_each(len(rows))


def _anew(sealed: str, purpose: str) -> str:
    return sealed if version_of(sealed) == newest_version() else seal(unseal(sealed, purpose), purpose)


def _of_older_keys() -> str:
    newest = newest_version()
    return f"sealed1:|sealed2:(?!{newest}:)" if newest else "sealed2:"


def _execute(statement: str, column: SealedColumn, *values: object) -> "Cursor[tuple[Any, ...]]":
    query = sql.SQL(statement).format(table=sql.Identifier(column.table), column=sql.Identifier(column.column))
    return current_connection().execute(query, values)
