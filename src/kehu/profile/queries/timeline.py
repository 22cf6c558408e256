"""What happened with a customer, newest first, over all of its source records."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor, sees_record_of
from kehu.govern.field_policy import present_properties
from kehu.profile.queries.lookup import MemberRecord, members_of

KINDS = ("trade", "contact", "service", "behaviour", "marketing", "consent", "merge")

# Per record the newest few, then the newest of those: however long the history, the same work.
_ROWS = """
SELECT id, kind, name, occurred_at, source_id, record_id, properties::text, amount, currency, order_id
FROM unnest(%(records)s::uuid[]) AS r(record) CROSS JOIN LATERAL (
    (SELECT e.id, e.kind, e.name, e.occurred_at, e.source_id, e.record_id, e.properties, NULL::numeric AS amount,
            NULL AS currency, e.order_id
     FROM profile_event e
     WHERE e.record_id = r.record AND e.kind <> 'identity' AND (e.order_id IS NULL OR e.kind <> 'trade')
       AND (%(kind)s::text = '' OR e.kind = %(kind)s::text)
       AND (%(before)s::timestamptz IS NULL OR (e.occurred_at, e.id) < (%(before)s::timestamptz, %(before_id)s::uuid))
     ORDER BY e.occurred_at DESC, e.id DESC LIMIT %(limit)s::bigint)
    UNION ALL
    (SELECT o.id, 'trade', 'Order', o.placed_at, (o.lineage->>'total')::int, o.record_id,
            jsonb_build_object('number', o.number, 'status', o.status, 'refunded', o.refunded), o.total, o.currency,
            o.id
     FROM profile_order o
     WHERE o.record_id = r.record AND o.placed_at IS NOT NULL AND (%(kind)s::text = '' OR %(kind)s::text = 'trade')
       AND (%(before)s::timestamptz IS NULL OR (o.placed_at, o.id) < (%(before)s::timestamptz, %(before_id)s::uuid))
     ORDER BY o.placed_at DESC, o.id DESC LIMIT %(limit)s::bigint)
    UNION ALL
    (SELECT c.id, 'consent', 'Consent', c.occurred_at, c.source_id, c.record_id,
            jsonb_build_object('purpose', c.purpose, 'channel', c.channel, 'state', c.state), NULL, NULL, NULL
     FROM profile_consent c
     WHERE c.record_id = r.record AND (%(kind)s::text = '' OR %(kind)s::text = 'consent')
       AND (%(before)s::timestamptz IS NULL OR (c.occurred_at, c.id) < (%(before)s::timestamptz, %(before_id)s::uuid))
     ORDER BY c.occurred_at DESC, c.id DESC LIMIT %(limit)s::bigint)
) happened
ORDER BY occurred_at DESC, id DESC LIMIT %(limit)s::bigint
"""


_ACTS = """
SELECT id, kind, created_at, survivor_id, absorbed_id, reason, actor_id, undone_by_id IS NOT NULL
FROM profile_mergeact
WHERE (survivor_id = %(customer)s OR absorbed_id = %(customer)s)
  AND (%(before)s::timestamptz IS NULL OR created_at < %(before)s::timestamptz)
ORDER BY created_at DESC, id DESC LIMIT %(limit)s::bigint
"""


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """kind: one of KINDS. name: the event's name, or Order, Consent, Merge, Unmerge. properties: presented."""

    id: str
    kind: str
    name: str
    occurred_at: datetime
    source_id: int | None
    record_id: UUID | None
    properties: dict[str, Any]
    amount: Decimal | None = None
    currency: str | None = None
    order_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """next: (time, id) of the last row for the next page, None at the end."""

    rows: list[TimelineRow]
    next: tuple[str, str] | None


def timeline_page(
    actor: Actor,
    customer_id: UUID,
    *,
    kind: str = "",
    before: tuple[str, str] | None = None,
    limit: int = 50,
    members: list[MemberRecord] | None = None,
) -> TimelinePage:
    """Newest first. Three queries however long the history. The caller has checked that the actor sees the customer."""
    if kind and kind not in KINDS:
        raise InvalidInput("kind", f"{kind!r} is none of {', '.join(KINDS)}")
    at, row_id = _position(before)
    members = members if members is not None else members_of([customer_id])[customer_id]
    seen = [member.id for member in members if sees_record_of(actor, member.department_id)]
    rows = [] if kind == "merge" else _happened(actor, seen, kind, at, row_id, limit + 1)
    if kind in ("", "merge") and not actor.is_strict:
        rows += _merges(customer_id, at, limit + 1)
        rows.sort(key=lambda row: (row.occurred_at, row.id), reverse=True)
    last = rows[limit - 1] if len(rows) > limit else None
    return TimelinePage(rows[:limit], (last.occurred_at.isoformat(), last.id) if last else None)


def _position(before: tuple[str, str] | None) -> tuple[datetime | None, UUID]:
    if before is None:
        return None, UUID(int=0)
    try:
        return datetime.fromisoformat(before[0]), UUID(before[1])
    except ValueError as error:
        raise InvalidInput("before", "this is no position in the timeline: start again from its top") from error


def _happened(
    actor: Actor, records: list[UUID], kind: str, at: datetime | None, row_id: UUID, limit: int
) -> list[TimelineRow]:
    parameters = {"records": records, "kind": kind, "before": at, "before_id": row_id, "limit": limit}
    return [
        TimelineRow(
            str(id_),
            row_kind,
            name,
            at_,
            source,
            record,
            present_properties(actor, msgspec.json.decode(text)),
            *rest,
        )
        for id_, row_kind, name, at_, source, record, text, *rest in fetch_all(_ROWS, parameters)
    ]


def _merges(customer_id: UUID, at: datetime | None, limit: int) -> list[TimelineRow]:
    rows = fetch_all(_ACTS, {"customer": customer_id, "before": at, "limit": limit})
    return [
        TimelineRow(
            str(UUID(int=act)),
            "merge",
            kind.capitalize(),
            created_at,
            None,
            None,
            {
                "act": act,
                "survivor": str(survivor),
                "absorbed": str(absorbed),
                "reason": reason,
                "actor": actor,
                "is_undone": undone,
            },
        )
        for act, kind, created_at, survivor, absorbed, reason, actor, undone in rows
    ]
