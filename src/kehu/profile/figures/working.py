"""Take what is due and work it out; one at a time, beside the leader, in short transactions."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from kehu.core.database import AdvisoryLock, Connection, lock_in_transaction, set_statements
from kehu.profile.figures.computed import refresh_computed
from kehu.profile.figures.definitions import Definition
from kehu.profile.figures.rules import LifecycleRules, RatingRules, lifecycle_rules, rating_rules
from kehu.profile.figures.standing import rate, refresh_standing
from kehu.profile.preferences.working import refresh_preferences

BATCH: Final = 500
PAGE: Final = 5000

_TAKE: Final = """
WITH taken AS (
    DELETE FROM profile_figuredue WHERE id IN (SELECT id FROM profile_figuredue ORDER BY id LIMIT %s)
    RETURNING subject_id),
expired AS (
    (SELECT customer_id FROM profile_computedvalue WHERE expires_at <= %s ORDER BY expires_at LIMIT %s)
    UNION (SELECT customer_id FROM profile_preference WHERE expires_at <= %s ORDER BY expires_at LIMIT %s))
SELECT m.customer_id FROM taken t JOIN resolve_recordcustomer m ON m.record_id = t.subject_id
UNION SELECT subject_id FROM taken UNION SELECT customer_id FROM expired
"""
_FORGET: Final = """
DELETE FROM profile_computedvalue v WHERE v.customer_id = ANY(%s)
    AND NOT EXISTS (SELECT FROM profile_customer c WHERE c.id = v.customer_id)
"""


def work_due(connection: Connection, now: datetime, limit: int = BATCH) -> int:
    """Work out what is due, in the caller's transaction; returns how many customers were looked at.

    What facts mark meanwhile is marked anew and taken next time; the lock keeps an older answer from coming last.
    """
    lock_in_transaction(connection, AdvisoryLock.FIGURES)
    due = [customer for (customer,) in connection.execute(_TAKE, (limit * 4, now, limit, now, limit)).fetchall()]
    if due:
        refresh(connection, due, now)
    return len(due)


def refresh(connection: Connection, customers: Sequence[UUID], now: datetime) -> None:
    """All figures of these customers, from their facts."""
    rules, _ = rules_of(connection)
    refresh_standing(connection, customers, rules, now)
    connection.execute(_FORGET, (list(customers),))
    refresh_computed(connection, customers, definitions_of(connection), now)
    refresh_preferences(connection, customers, now)


def fill(connection: Connection, now: datetime, on_page: Callable[[int], None] = lambda done: None) -> int:
    """Every customer's figures, page by page (each in the caller's transaction), and a rating at the end."""
    lock_in_transaction(connection, AdvisoryLock.FIGURES)
    done = 0
    for page in pages(connection):
        refresh(connection, page, now)
        done += len(page)
        on_page(done)
    connection.execute("DELETE FROM profile_figuredue")
    rate(connection, rules_of(connection)[1], now)
    return done


def fill_generation(connection: Connection) -> None:
    """Work out everybody in a generation that has just been built, in one transaction."""
    with set_statements(connection), connection.transaction():
        fill(connection, datetime.now(UTC))


def catch_up(connection: Connection) -> None:
    """Work out all that is due, in the caller's transaction."""
    with set_statements(connection):
        while work_due(connection, datetime.now(UTC)):
            pass


def pages(connection: Connection, after: UUID | None = None) -> Iterator[list[UUID]]:
    """Ids of all customers, in pages, in the order of the ids."""
    last = after or UUID(int=0)
    while True:
        rows = connection.execute(
            "SELECT id FROM profile_customer WHERE id > %s ORDER BY id LIMIT %s", (last, PAGE)
        ).fetchall()
        if not rows:
            return
        yield [customer for (customer,) in rows]
        last = rows[-1][0]


def rules_of(connection: Connection) -> tuple[LifecycleRules, RatingRules]:
    row = connection.execute("SELECT lifecycle::text, rating::text FROM profile_figurerules WHERE id = 1").fetchone()
    if row is None:
        return LifecycleRules(), RatingRules()
    return lifecycle_rules(_json(row[0])), rating_rules(_json(row[1]))


def definitions_of(connection: Connection) -> list[Definition]:
    rows = connection.execute(
        "SELECT name, over, function, field, array_to_json(event_names)::text, window_days, formula, id "
        "FROM profile_computedattribute ORDER BY id"
    ).fetchall()
    return [
        Definition(name, over, function, field, tuple(_json(names)), days, formula, id_)
        for name, over, function, field, names, days, formula, id_ in rows
    ]


def _json(text: str) -> Any:
    return msgspec.json.decode(text)
