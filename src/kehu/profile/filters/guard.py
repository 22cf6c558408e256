"""No list reads the whole base for minutes: a plan that promises to is refused, one that turns out to is stopped."""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from django.db import OperationalError, connection, transaction

from kehu.profile.filters.errors import FilterTooCostly
from kehu.profile.sql import Sql

Answer = TypeVar("Answer")
MOST_COST: Final = 5_000_000.0  # units of the planner; a page of the list costs some hundreds
QUICK_MS: Final = 600
LONGEST_MS: Final = 4_000
COUNTING_MS: Final = 400
_CANCELLED = "57014"


def rows_within(statement: Sql, milliseconds: int) -> list[tuple[Any, ...]]:
    """The rows, or FilterTooCostly when the planner or the clock says no."""
    if estimate(statement)[1] > MOST_COST:
        raise FilterTooCostly
    return within(milliseconds, lambda: _fetch(statement))


def within(milliseconds: int, ask: Callable[[], Answer]) -> Answer:
    """What `ask` answers, if it takes no longer. The transaction around it goes on either way."""
    try:
        with transaction.atomic():
            before = _set_timeout(f"{milliseconds}ms")
            answer = ask()
            _set_timeout(before)
            return answer
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") == _CANCELLED:
            raise FilterTooCostly from error
        raise


def estimate(statement: Sql) -> tuple[int, float]:
    """(rows, cost) as the planner sees them."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {statement.text}", statement.parameters)
        said = cursor.fetchone()[0]
    plan = (msgspec.json.decode(said) if isinstance(said, str) else said)[0]["Plan"]
    return int(plan["Plan Rows"]), float(plan["Total Cost"])


def _set_timeout(value: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), set_config('statement_timeout', %s, true)", [value]
        )
        return str(cursor.fetchone()[0])


def _fetch(statement: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement.text, statement.parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
