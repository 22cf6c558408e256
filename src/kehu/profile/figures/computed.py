"""Values of computed attributes, worked out in sets for the customers that are due."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, Final
from uuid import UUID

from kehu.core.database import Connection
from kehu.core.expressions import Unanswered
from kehu.profile.figures.definitions import (
    LINE_FIELDS,
    ORDER_FIELDS,
    Definition,
    Function,
    ValueKind,
    compile_formula,
)
from kehu.profile.sql import TRUE, Sql, all_of, sql

_NUMBER: Final = r"^-?[0-9]{1,15}(\.[0-9]{1,10})?$"
_LARGEST: Final = Decimal(10) ** 23

# A value's row is written only where it differs, and goes where nothing is left to tell.
_SAVE: Final = """
WITH found AS MATERIALIZED ({}),
gone AS (
    DELETE FROM profile_computedvalue v WHERE v.attribute_id = {} AND v.customer_id = ANY({})
        AND NOT EXISTS (SELECT FROM found f WHERE f.customer_id = v.customer_id))
INSERT INTO profile_computedvalue AS v (customer_id, attribute_id, number, text, at, expires_at)
SELECT customer_id, {}, number, text, at, expires_at FROM found
ON CONFLICT (customer_id, attribute_id) DO UPDATE SET number = excluded.number, text = excluded.text,
    at = excluded.at, expires_at = excluded.expires_at
WHERE (v.number, v.text, v.at, v.expires_at) IS DISTINCT FROM
    (excluded.number, excluded.text, excluded.at, excluded.expires_at)
"""


def refresh_computed(
    connection: Connection, customers: Collection[UUID], definitions: Sequence[Definition], now: datetime
) -> None:
    """Work out these attributes for these customers: aggregates first, then the formulas that name them."""
    ids = list(customers)
    if not ids:
        return
    for definition in definitions:
        if definition.over != "figures":
            _save(connection, definition, ids, _aggregate(definition, ids, now))
    by_name = {definition.name: definition for definition in definitions}
    for definition in definitions:
        if definition.over == "figures":
            answers = _answers(connection, definition, by_name, ids)
            rows = sql(
                "SELECT customer_id, number, NULL::text AS text, NULL::timestamptz AS at, "
                "NULL::timestamptz AS expires_at FROM unnest({}::uuid[], {}::numeric[]) AS a(customer_id, number)",
                list(answers),
                list(answers.values()),
            )
            _save(connection, definition, ids, rows)


def forget_values(connection: Connection, attribute_id: int) -> None:
    connection.execute("DELETE FROM profile_computedvalue WHERE attribute_id = %s", (attribute_id,))


def _save(connection: Connection, definition: Definition, ids: list[UUID], found: Sql) -> None:
    statement = sql(_SAVE, found, definition.id, ids, definition.id)
    connection.execute(statement.text, statement.parameters)


def _aggregate(definition: Definition, ids: list[UUID], now: datetime) -> Sql:
    """customer_id, number, text, at, expires_at: one row per customer with something to tell."""
    time, value, facts = _facts(definition, ids)
    since, expires = TRUE, Sql("NULL::timestamptz")
    if definition.window_days is not None:
        span = timedelta(days=definition.window_days)
        since = sql("{} > {}", Sql(time), now - span)
        expires = sql("min({}) + {}::interval", Sql(time), span)
    where = all_of([facts[1], since, Sql(f"{time} IS NOT NULL")])
    number, text, at = _figure(definition, time, value)
    return sql(
        "SELECT * FROM (SELECT m.customer_id, {} AS number, {} AS text, {} AS at, {} AS expires_at FROM {} "
        "WHERE {} GROUP BY m.customer_id) g WHERE g.number IS NOT NULL OR g.text IS NOT NULL OR g.at IS NOT NULL",
        number,
        text,
        at,
        expires,
        facts[0],
        where,
    )


def _facts(definition: Definition, ids: list[UUID]) -> tuple[str, Sql, tuple[Sql, Sql]]:
    """The time of a fact, its value, and (from, where) of the facts of these customers."""
    mine = sql("m.customer_id = ANY({})", ids)
    if definition.over == "events":
        value = sql("left(e.properties ->> {}, 200)", definition.field) if definition.field else Sql("e.occurred_at")
        named = sql("e.name = ANY({})", list(definition.event_names)) if definition.event_names else TRUE
        known = Sql("e.kind <> 'identity'")
        tables = Sql("resolve_recordcustomer m JOIN profile_event e ON e.record_id = m.record_id")
        return "e.occurred_at", value, (tables, all_of([mine, named, known]))
    orders = "resolve_recordcustomer m JOIN profile_order o ON o.record_id = m.record_id"
    if definition.field in LINE_FIELDS:
        orders += " JOIN profile_orderline l ON l.order_id = o.id"
    value = Sql(ORDER_FIELDS[definition.field][0])
    return "o.placed_at", value, (Sql(orders), all_of([mine, Sql("o.status <> 'cancelled'")]))


def _figure(definition: Definition, time: str, value: Sql) -> tuple[Sql, Sql, Sql]:
    """Expressions for number, text and at. Equal times are settled by the fact's id, equal counts by the value."""
    none = Sql("NULL::numeric"), Sql("NULL::text"), Sql("NULL::timestamptz")
    is_number = definition.kind is ValueKind.NUMBER
    if definition.over == "events" and definition.function == Function.SUM:
        value = sql("(CASE WHEN {} ~ {} THEN ({})::numeric END)", value, _NUMBER, value)
    match definition.function:
        case Function.COUNT:
            return Sql("count(*)::numeric"), none[1], none[2]
        case Function.SUM:
            return sql("sum({})", value), none[1], none[2]
        case Function.MOST_FREQUENT:
            if is_number:
                return sql("mode() WITHIN GROUP (ORDER BY {})", value), none[1], none[2]
            return none[0], sql('mode() WITHIN GROUP (ORDER BY ({})::text COLLATE "C")', value), none[2]
        case _:
            which = "ASC" if definition.function == Function.FIRST else "DESC"
            if not definition.field:
                return none[0], none[1], Sql(f"{'min' if which == 'ASC' else 'max'}({time})")
            id_ = "e.id" if definition.over == "events" else "o.id"
            if definition.over == "orders" and definition.field in LINE_FIELDS:
                id_ += f" {which}, l.key"
            chosen = sql(
                f"(array_agg({{}} ORDER BY {time} {which}, {id_} {which}) FILTER (WHERE {{}} IS NOT NULL))[1]",
                value,
                value,
            )
            return (chosen, none[1], none[2]) if is_number else (none[0], sql("({})::text", chosen), none[2])


def _answers(
    connection: Connection, definition: Definition, by_name: Mapping[str, Definition], ids: list[UUID]
) -> dict[UUID, Decimal]:
    """What the formula gives for each customer; nothing where it cannot be worked out, or gives no number."""
    formula = compile_formula(definition.formula, by_name)
    wanted = {by_name[name].id: by_name[name] for name in formula.names if name in by_name}
    rows = connection.execute(
        "SELECT customer_id, orders::float8, spent::float8 FROM profile_standing WHERE customer_id = ANY(%s)", (ids,)
    ).fetchall()
    known: dict[UUID, dict[str, Any]] = {
        customer: {"orders": orders, "spent": spent, **_nothing(wanted.values())} for customer, orders, spent in rows
    }
    values = connection.execute(
        "SELECT customer_id, attribute_id, number::float8, coalesce(text, at::text) FROM profile_computedvalue "
        "WHERE customer_id = ANY(%s) AND attribute_id = ANY(%s::bigint[])",
        (ids, list(wanted)),
    )
    for customer, attribute, number, text in values:
        if customer in known:
            known[customer][wanted[attribute].name] = text if number is None else number
    answers: dict[UUID, Decimal] = {}
    for customer, given in known.items():
        try:
            answer = formula(given)
        except Unanswered:
            continue
        if isinstance(answer, int | float) and not isinstance(answer, bool) and isfinite(answer):
            number = round(Decimal(str(answer)), 6)
            if abs(number) < _LARGEST:
                answers[customer] = number
    return answers


def _nothing(wanted: Iterable[Definition]) -> dict[str, Any]:
    """Who did nothing did it 0 times, for 0; a first or last of nothing is missing, and the formula unanswered."""
    return {one.name: 0.0 for one in wanted if one.function in (Function.COUNT, Function.SUM)}
