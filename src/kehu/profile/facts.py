"""What happened, written down in sets: events, consents, relations, and which message spoke of whom."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from kehu.clean.touches import EventFact
from kehu.core.database import Connection
from kehu.core.ids import event_id, order_id, record_id
from kehu.core.write_behind import write
from kehu.resolve.window import PlacedTouch

_CONSENT = UUID("7f0b4f2e-6f0e-5c86-9b55-3b9d3a1c0005")
IDENTITY = "identity"  # kind of the events that only say who used a device

_EVENTS = """
INSERT INTO profile_event (id, record_id, device_record_id, order_id, source_id, name, kind, occurred_at, received_at,
                           properties, hangs_by)
SELECT id, record_id, device_record_id, order_id, source_id, name, kind, occurred_at, received_at, properties::jsonb,
       hangs_by
FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::timestamptz[],
            %s::timestamptz[], %s::text[], %s::text[])
     AS e(id, record_id, device_record_id, order_id, source_id, name, kind, occurred_at, received_at, properties,
          hangs_by)
ON CONFLICT (id) DO UPDATE SET
    record_id = excluded.record_id, device_record_id = excluded.device_record_id, order_id = excluded.order_id,
    name = excluded.name, kind = excluded.kind, occurred_at = excluded.occurred_at,
    received_at = excluded.received_at, properties = excluded.properties, hangs_by = excluded.hangs_by
WHERE profile_event.received_at < excluded.received_at
"""

# A device that several people used: each of its anonymous events belongs to whoever was signed in last before it,
# and what came before anybody signed in to the first who did.
_REHANG = """
UPDATE profile_event e SET record_id = coalesce(
    (SELECT a.record_id FROM profile_event a
     WHERE a.device_record_id = e.device_record_id AND a.hangs_by = 'record' AND a.occurred_at <= e.occurred_at
     ORDER BY a.occurred_at DESC, a.id DESC LIMIT 1),
    (SELECT a.record_id FROM profile_event a
     WHERE a.device_record_id = e.device_record_id AND a.hangs_by = 'record'
     ORDER BY a.occurred_at, a.id LIMIT 1),
    e.device_record_id)
WHERE e.device_record_id = ANY(%s) AND e.hangs_by = 'device'
"""
_HANG_BY_ORDER = """
UPDATE profile_event e SET record_id = o.record_id FROM profile_order o
WHERE e.order_id = o.id AND o.id = ANY(%s) AND e.hangs_by = 'order' AND e.record_id IS DISTINCT FROM o.record_id
"""


class EventRow(NamedTuple):
    id: UUID
    record_id: UUID | None
    device_record_id: UUID | None
    order_id: UUID | None
    source_id: int
    name: str
    kind: str
    occurred_at: datetime
    received_at: datetime
    properties: str
    hangs_by: str


def write_events(connection: Connection, touches: Iterable[tuple[PlacedTouch, datetime]]) -> int:
    """Write the events of touches (each with the time its message was received); returns how many."""
    rows: dict[UUID, EventRow] = {}
    for placed, received_at in touches:
        for fact in _events_of(placed):
            row = _event_row(placed, fact, received_at)
            if row.id not in rows or rows[row.id].received_at <= received_at:
                rows[row.id] = row
    if rows:
        write(connection, _EVENTS, tuple(list(column) for column in zip(*rows.values(), strict=True)))
    return len(rows)


def _events_of(placed: PlacedTouch) -> Sequence[EventFact]:
    touch = placed.touch
    if touch.events or placed.record is None or placed.device is None:
        return touch.events
    return (EventFact(f"{placed.shard}.{placed.seq}", "Identified", IDENTITY, touch.occurred_at),)


def _event_row(placed: PlacedTouch, fact: EventFact, received_at: datetime) -> EventRow:
    order = order_id(*fact.order) if fact.order else None
    hangs_by = "record" if placed.record else "device" if placed.device else "order"
    return EventRow(
        event_id(placed.source.slug, fact.key),
        placed.record or placed.device,
        placed.device,
        order,
        placed.source.id,
        fact.name,
        fact.kind,
        fact.occurred_at.astimezone(UTC),
        received_at,
        json_text(fact.properties),
        hangs_by,
    )


def json_text(value: Any) -> str:
    """JSON for a jsonb column, which cannot hold the character NUL."""
    return msgspec.json.encode(value).decode().replace("\\u0000", "")


def rehang_shared_devices(connection: Connection, devices: Iterable[UUID]) -> None:
    wanted = list(devices)
    if wanted:
        write(connection, _REHANG, (wanted,))


def hang_events_by_order(connection: Connection, orders: Iterable[UUID]) -> None:
    wanted = list(orders)
    if wanted:
        write(connection, _HANG_BY_ORDER, (wanted,))


def write_consents(connection: Connection, touches: Iterable[PlacedTouch]) -> None:
    rows = {}
    for placed in touches:
        if placed.record is None:
            continue
        for fact in placed.touch.consents:
            at = fact.occurred_at.astimezone(UTC)
            key = f"{placed.record}|{placed.source.id}|{fact.purpose}|{fact.channel}|{fact.state}|{at.isoformat()}"
            rows[uuid5(_CONSENT, key)] = (
                placed.record,
                placed.source.id,
                fact.purpose,
                fact.channel,
                fact.state,
                at,
                json_text(fact.proof),
            )
    if rows:
        write(
            connection,
            "INSERT INTO profile_consent (id, record_id, source_id, purpose, channel, state, occurred_at, proof) "
            "SELECT id, record_id, source_id, purpose, channel, state, occurred_at, proof::jsonb "
            "FROM unnest(%s::uuid[], %s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::timestamptz[], "
            "%s::text[]) AS c(id, record_id, source_id, purpose, channel, state, occurred_at, proof) "
            "ON CONFLICT (id) DO NOTHING",
            (list(rows), *(list(column) for column in zip(*rows.values(), strict=True))),
        )


def write_relations(connection: Connection, touches: Iterable[PlacedTouch]) -> set[UUID]:
    """Ties that sources report. Returns the records at both ends."""
    rows: dict[tuple[UUID, UUID, str], str] = {}
    for placed in touches:
        if placed.record is None:
            continue
        for fact in placed.touch.relations:
            other = record_id(fact.other.source, fact.other.external_id)
            rows[placed.record, other, fact.kind] = json_text(fact.detail)
    _insert_relations(connection, rows)
    return {end for left, right, _ in rows for end in (left, right)}


def replace_households(connection: Connection, subjects: Iterable[UUID], pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """The households of the subjects as they are now. subjects: those that may have had others before."""
    ids = list(subjects)
    if ids:
        write(
            connection,
            "DELETE FROM profile_relation WHERE kind = 'household' AND (left_id = ANY(%s) OR right_id = ANY(%s))",
            (ids, ids),
        )
    _insert_relations(connection, {(left, right, "household"): "{}" for left, right in pairs})


def _insert_relations(connection: Connection, rows: dict[tuple[UUID, UUID, str], str]) -> None:
    if rows:
        write(
            connection,
            "INSERT INTO profile_relation (left_id, right_id, kind, detail) "
            "SELECT left_id, right_id, kind, detail::jsonb "
            "FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[]) AS r(left_id, right_id, kind, detail) "
            "ON CONFLICT (left_id, right_id, kind) DO UPDATE SET detail = excluded.detail",
            (
                [left for left, _, _ in rows],
                [right for _, right, _ in rows],
                [kind for _, _, kind in rows],
                list(rows.values()),
            ),
        )


def write_subjects(connection: Connection, touches: Iterable[PlacedTouch]) -> None:
    """Which message speaks of which record, so that erasure finds the raw data."""
    rows = {
        (record, placed.shard, placed.seq) for placed in touches for record in (placed.record, placed.device) if record
    }
    if rows:
        ordered = sorted(rows)
        write(
            connection,
            "INSERT INTO profile_messagesubject (record_id, shard, seq) "
            "SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[]) ON CONFLICT DO NOTHING",
            tuple(list(column) for column in zip(*ordered, strict=True)),
        )
