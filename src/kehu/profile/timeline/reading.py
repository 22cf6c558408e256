"""Rows of a timeline from the database: per record the next few of each kind, then the next of those.

However long the history, the same work: indexes give the rows of a record in the order of time.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

import msgspec

from kehu.core.database import fetch_all
from kehu.govern.access import Actor
from kehu.govern.field_policy import present_properties
from kehu.profile.sql import TRUE, Sql, all_of, any_of, sql
from kehu.profile.tellings import names_called
from kehu.profile.timeline.asked import Position, TimelineAsked, TimelineRow

_EVENTS = """
SELECT e.id, e.kind, e.name, e.occurred_at, e.source_id, e.record_id, {} AS properties, NULL::numeric AS amount,
       NULL AS currency, e.order_id
FROM profile_event e
WHERE e.record_id = r.record AND e.kind <> 'identity' AND (e.order_id IS NULL OR e.kind <> 'trade') AND {}
ORDER BY e.occurred_at {}, e.id {} LIMIT {}::bigint
"""
_ORDERS = """
SELECT o.id, 'trade', 'Order', o.placed_at, (o.lineage->>'total')::int, o.record_id,
       jsonb_build_object('number', o.number, 'status', o.status, 'refunded', o.refunded), o.total, o.currency, o.id
FROM profile_order o
WHERE o.record_id = r.record AND o.placed_at IS NOT NULL AND {}
ORDER BY o.placed_at {}, o.id {} LIMIT {}::bigint
"""
_CONSENTS = """
SELECT c.id, 'consent', 'Consent', c.occurred_at, c.source_id, c.record_id,
       jsonb_build_object('purpose', c.purpose, 'channel', c.channel, 'state', c.state), NULL, NULL, NULL
FROM profile_consent c
WHERE c.record_id = r.record AND {}
ORDER BY c.occurred_at {}, c.id {} LIMIT {}::bigint
"""
_WHOLE = """
SELECT id, kind, name, occurred_at, source_id, record_id, properties::text, amount, currency, order_id
FROM unnest({}::uuid[]) AS r(record) CROSS JOIN LATERAL ({}) happened
ORDER BY occurred_at {}, id {} LIMIT {}::bigint
"""
_ACTS = """
SELECT id, kind, created_at, survivor_id, absorbed_id, reason, actor_id, undone_by_id IS NOT NULL
FROM profile_mergeact a WHERE (survivor_id = {} OR absorbed_id = {}) AND {}
ORDER BY created_at {}, id {} LIMIT {}::bigint
"""
_NO_PROPERTIES: Final = Sql("'{}'::jsonb")
_LARGEST_ACT: Final = 2**63 - 1


class Span(NamedTuple):
    """Which way, and from where: older than a position (newest first), or newer than one (nearest first)."""

    start: Position | None = None
    is_newer: bool = False
    takes_start: bool = False

    @property
    def order(self) -> Sql:
        return Sql("ASC") if self.is_newer else Sql("DESC")

    @property
    def comparison(self) -> Sql:
        return Sql(f"{'>' if self.is_newer else '<'}{'=' if self.takes_start else ''}")


def happened(
    actor: Actor, records: Sequence[UUID], asked: TimelineAsked, span: Span, limit: int, *, is_light: bool = False
) -> list[TimelineRow]:
    """Events, orders and consents of the records, in the direction of the span. is_light: events without properties."""
    branches = [branch for branch in _branches(asked, span, limit, is_light) if branch]
    if not branches or not records:
        return []
    joined = Sql(
        " UNION ALL ".join(f"({branch.text})" for branch in branches),
        tuple(value for branch in branches for value in branch.parameters),
    )
    statement = sql(_WHOLE, list(records), joined, span.order, span.order, limit)
    return _rows(actor, statement)


def merges(customer_id: UUID, asked: TimelineAsked, span: Span, limit: int) -> list[TimelineRow]:
    """Merges and unmerges by people, in the direction of the span."""
    if asked.kind not in ("", "merge") or asked.source_id is not None or asked.name:
        return []
    conditions = [_within(asked, Sql("a.created_at"))]
    if span.start is not None:
        place = sql("({}::timestamptz, {}::bigint)", span.start.at, min(span.start.id.int, _LARGEST_ACT))
        conditions.append(sql("(a.created_at, a.id) {} {}", span.comparison, place))
    conditions += [sql("a.reason ILIKE {}", _pattern(word)) for word in asked.words]
    statement = sql(_ACTS, customer_id, customer_id, all_of(conditions), span.order, span.order, limit)
    return [_merge(*row) for row in _fetch(statement)]


def with_properties(actor: Actor, rows: Sequence[TimelineRow]) -> dict[str, dict[str, Any]]:
    """The properties of the events among light rows, by id, as the actor may see them."""
    wanted = [UUID(row.id) for row in rows if row.name not in ("Order", "Consent", "Merge", "Unmerge")]
    if not wanted:
        return {}
    found = fetch_all("SELECT id, properties::text FROM profile_event WHERE id = ANY(%s)", [wanted])
    return {str(id_): present_properties(actor, msgspec.json.decode(text)) for id_, text in found}


def _branches(asked: TimelineAsked, span: Span, limit: int, is_light: bool) -> list[Sql]:
    tail = (span.order, span.order, limit)
    branches = []
    if asked.kind not in ("consent", "merge"):
        properties = _NO_PROPERTIES if is_light else Sql("e.properties")
        branches.append(sql(_EVENTS, properties, _event_conditions(asked, span), *tail))
    if asked.kind in ("", "trade") and not asked.name:
        branches.append(sql(_ORDERS, _order_conditions(asked, span), *tail))
    if asked.kind in ("", "consent") and not asked.name:
        branches.append(sql(_CONSENTS, _consent_conditions(asked, span), *tail))
    return branches


def _event_conditions(asked: TimelineAsked, span: Span) -> Sql:
    conditions = [_within(asked, Sql("e.occurred_at")), _beyond(span, Sql("e.occurred_at"), Sql("e.id"))]
    if asked.kind:
        conditions.append(sql("e.kind = {}::text", asked.kind))
    if asked.name:
        conditions.append(sql("e.name = {}::text", asked.name))
    if asked.source_id is not None:
        conditions.append(sql("e.source_id = {}::int", asked.source_id))
    for word in asked.words:
        told = sql("lower(replace(e.name, '_', ' ')) = ANY({}::text[])", names_called(word))
        conditions.append(any_of([sql("(e.name || ' ' || e.properties::text) ILIKE {}", _pattern(word)), told]))
    return all_of(conditions)


def _order_conditions(asked: TimelineAsked, span: Span) -> Sql:
    conditions = [_within(asked, Sql("o.placed_at")), _beyond(span, Sql("o.placed_at"), Sql("o.id"))]
    if asked.source_id is not None:
        conditions.append(sql("(o.lineage->>'total')::int = {}::int", asked.source_id))
    for word in asked.words:
        goods = sql(
            "EXISTS (SELECT FROM profile_orderline l WHERE l.order_id = o.id AND (l.name || ' ' || l.sku) ILIKE {})",
            _pattern(word),
        )
        conditions.append(any_of([sql("(o.number || ' ' || o.status) ILIKE {}", _pattern(word)), goods]))
    return all_of(conditions)


def _consent_conditions(asked: TimelineAsked, span: Span) -> Sql:
    conditions = [_within(asked, Sql("c.occurred_at")), _beyond(span, Sql("c.occurred_at"), Sql("c.id"))]
    if asked.source_id is not None:
        conditions.append(sql("c.source_id = {}::int", asked.source_id))
    conditions += [
        sql("(c.purpose || ' ' || c.channel || ' ' || c.state) ILIKE {}", _pattern(word)) for word in asked.words
    ]
    return all_of(conditions)


def _within(asked: TimelineAsked, column: Sql) -> Sql:
    since = sql("{} >= {}::timestamptz", column, asked.since) if asked.since else TRUE
    until = sql("{} <= {}::timestamptz", column, asked.until) if asked.until else TRUE
    return all_of([since, until])


def _beyond(span: Span, at: Sql, id_: Sql) -> Sql:
    if span.start is None:
        return TRUE
    return sql("({}, {}) {} ({}::timestamptz, {}::uuid)", at, id_, span.comparison, *span.start)


def _pattern(word: str) -> str:
    return "%" + word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"


def _rows(actor: Actor, statement: Sql) -> list[TimelineRow]:
    return [
        TimelineRow(
            str(id_), kind, name, at, source, record, present_properties(actor, msgspec.json.decode(text)), *rest
        )
        for id_, kind, name, at, source, record, text, *rest in _fetch(statement)
    ]


def _merge(act: int, kind: str, at: Any, survivor: UUID, absorbed: UUID, *rest: Any) -> TimelineRow:
    reason, actor_id, is_undone = rest
    told = {
        "act": act,
        "survivor": str(survivor),
        "absorbed": str(absorbed),
        "reason": reason,
        "actor": actor_id,
        "is_undone": is_undone,
    }
    return TimelineRow(str(UUID(int=act)), "merge", kind.capitalize(), at, None, None, told)


def _fetch(statement: Sql) -> list[tuple[Any, ...]]:
    return fetch_all(statement.text, statement.parameters)
