"""What happened, written down in sets: events, consents, relations, and which message spoke of whom."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from kehu.clean.touches import EventFact, RelationFact
from kehu.core.database import Connection
from kehu.core.ids import event_id, order_id, record_id
from kehu.core.write_behind import write
from kehu.resolve.window import PlacedTouch

_CONSENT = UUID("7f0b4f2e-6f0e-5c86-9b55-3b9d3a1c0005")
TOLD, FOUND = "told", "found"  # the basis of a relation
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
# The latest word counts; of two of one moment the greater text, so that the order of arrival leaves no trace.
_RELATIONS = """
INSERT INTO profile_relation AS old (left_id, right_id, kind, basis, source_id, said_at, role, since_on, until_on,
                                     is_denied, detail)
SELECT DISTINCT ON (left_id, right_id, kind, basis) left_id, right_id, kind, basis, source_id, said_at, role, since_on,
       until_on, is_denied, detail::jsonb
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::int[], %s::timestamptz[], %s::text[], %s::date[],
            %s::date[], %s::boolean[], %s::text[])
     AS r(left_id, right_id, kind, basis, source_id, said_at, role, since_on, until_on, is_denied, detail)
ORDER BY left_id, right_id, kind, basis, said_at DESC,
         concat_ws('|', is_denied, since_on, until_on, role, detail::jsonb) COLLATE "C" DESC
ON CONFLICT (left_id, right_id, kind, basis) DO UPDATE SET
    source_id = excluded.source_id, said_at = excluded.said_at, role = excluded.role, since_on = excluded.since_on,
    until_on = excluded.until_on, is_denied = excluded.is_denied, detail = excluded.detail
WHERE old.said_at IS NULL OR old.said_at < excluded.said_at OR old.said_at = excluded.said_at
    AND concat_ws('|', old.is_denied, old.since_on, old.until_on, old.role, old.detail) COLLATE "C"
      < concat_ws('|', excluded.is_denied, excluded.since_on, excluded.until_on, excluded.role, excluded.detail)
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


class RelationRow(NamedTuple):
    left_id: UUID
    right_id: UUID
    kind: str
    basis: str
    source_id: int | None = None
    said_at: datetime | None = None
    role: str = ""
    since_on: date | None = None
    until_on: date | None = None
    is_denied: bool = False
    detail: str = "{}"


def write_relations(connection: Connection, touches: Iterable[PlacedTouch]) -> None:
    """Ties that sources report; of each the latest word by the time it was true."""
    insert_relations(connection, [_told(placed, fact) for placed in touches for fact in placed.touch.relations
                                  if placed.record is not None])  # fmt: skip


def _told(placed: PlacedTouch, fact: RelationFact) -> RelationRow:
    assert placed.record is not None
    return RelationRow(
        placed.record,
        record_id(fact.other.source, fact.other.external_id),
        fact.kind,
        TOLD,
        placed.source.id,
        placed.touch.occurred_at.astimezone(UTC),
        fact.role.replace("\0", ""),
        fact.since,
        fact.until,
        fact.is_denied,
        json_text(fact.detail),
    )


def replace_households(connection: Connection, subjects: Iterable[UUID], pairs: Iterable[tuple[UUID, UUID]]) -> None:
    """The households of the subjects as they are now. subjects: those that may have had others before."""
    replace_found(
        connection, ["household"], subjects, [RelationRow(left, right, "household", FOUND) for left, right in pairs]
    )


def replace_found(
    connection: Connection, kinds: list[str], subjects: Iterable[UUID], rows: Sequence[RelationRow]
) -> None:
    """What comparing finds between the subjects and anybody, in place of what it found before."""
    ids = list(subjects)
    if ids:
        write(
            connection,
            "DELETE FROM profile_relation WHERE basis = 'found' AND kind = ANY(%s) "
            "AND (left_id = ANY(%s) OR right_id = ANY(%s))",
            (kinds, ids, ids),
        )
    insert_relations(connection, rows)


def insert_relations(connection: Connection, rows: Sequence[RelationRow]) -> None:
    if rows:
        write(connection, _RELATIONS, tuple(list(column) for column in zip(*rows, strict=True)))


def write_subjects(connection: Connection, touches: Iterable[PlacedTouch]) -> None:
    """Which message speaks of which record, so that erasure finds the raw data."""
    rows = {
        (record, placed.shard, placed.seq) for placed in touches for record in (placed.record, placed.device) if record
    }
    if rows:
        ordered = sorted(rows, key=lambda row: row[0].int)
        write(
            connection,
            "INSERT INTO profile_messagesubject (record_id, shard, seq) "
            "SELECT * FROM unnest(%s::uuid[], %s::smallint[], %s::bigint[]) ON CONFLICT DO NOTHING",
            tuple(list(column) for column in zip(*ordered, strict=True)),
        )
