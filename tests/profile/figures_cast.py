"""Facts put straight into the derived tables: what is due must not depend on who wrote them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.ids import order_id
from kehu.profile.facts import json_text
from kehu.profile.figures.definitions import Definition, check
from kehu.profile.figures.models import ComputedAttribute
from kehu.profile.figures.working import work_due
from tests.cast import make_customer

Happened = tuple[UUID, str, datetime, dict[str, object]]
Bought = tuple[UUID, str, datetime, Decimal]


def record_of(customer: UUID) -> UUID:
    with set_statements(current_connection()) as connection:
        row = connection.execute("SELECT record_id FROM resolve_ledgerentry WHERE customer_id = %s", (customer,))
        found = row.fetchone()
    assert found is not None
    record: UUID = found[0]
    return record


def people(count: int) -> list[UUID]:
    """Records of so many customers."""
    return [record_of(make_customer(f"客户{number}")) for number in range(count)]


def happen(connection: Connection, facts: Sequence[Happened]) -> None:
    connection.execute(
        "INSERT INTO profile_event (id, record_id, source_id, name, kind, occurred_at, received_at, properties,"
        " hangs_by) SELECT e.id, e.record_id, 1, e.name, 'behaviour', e.at, e.at, e.properties::jsonb, 'record'"
        " FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::timestamptz[], %s::text[])"
        " AS e(id, record_id, name, at, properties)",
        (
            [uuid4() for _ in facts],
            [record for record, _, _, _ in facts],
            [name for _, name, _, _ in facts],
            [at for _, _, at, _ in facts],
            [json_text(properties) for _, _, _, properties in facts],
        ),
    )


def buy(connection: Connection, facts: Sequence[Bought], status: str = "completed") -> None:
    connection.execute(
        "INSERT INTO profile_order (id, namespace, number, record_id, status, placed_at, currency, total, paid,"
        " refunded, lineage)"
        " SELECT o.id, 'shop', o.number, o.record_id, %s, o.at, 'CNY', o.total, o.total, 0, '{}'::jsonb"
        " FROM unnest(%s::uuid[], %s::text[], %s::uuid[], %s::timestamptz[], %s::numeric[])"
        " AS o(id, number, record_id, at, total)",
        (
            status,
            [order_id("shop", number) for _, number, _, _ in facts],
            [number for _, number, _, _ in facts],
            [record for record, _, _, _ in facts],
            [at for _, _, at, _ in facts],
            [total for _, _, _, total in facts],
        ),
    )


def work_all(connection: Connection, now: datetime) -> None:
    while work_due(connection, now):
        pass


def define(*definitions: Definition) -> None:
    """Enter computed attributes without a job that fills them."""
    known: dict[str, Definition] = {}
    for one in definitions:
        check(one, known)
        known[one.name] = one
        ComputedAttribute.objects.create(
            name=one.name,
            label_en=one.name,
            label_zh=one.name,
            over=one.over,
            function=one.function,
            field=one.field,
            event_names=list(one.event_names),
            window_days=one.window_days,
            formula=one.formula,
        )
