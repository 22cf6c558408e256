"""Source records and their bindings, read and written in sets."""

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

import msgspec

from kehu.core.database import Connection
from kehu.core.write_behind import write
from kehu.resolve.records import Attr, BindingKey, Bound, RecordState

_ATTRIBUTES = msgspec.json.Decoder(dict[str, Attr])

_LOAD = """
SELECT id, source_id, external_id, kind, attributes::text, match_keys, first_shard, first_seq, first_at, last_at,
       department_id
FROM resolve_sourcerecord WHERE id = ANY(%s)
"""
_LOAD_BINDINGS = """
SELECT record_id, type, value, valid_from, valid_to, is_trusted FROM resolve_binding WHERE record_id = ANY(%s)
"""
_SAVE = """
INSERT INTO resolve_sourcerecord (id, source_id, external_id, kind, attributes, match_keys, first_shard, first_seq,
                                  first_at, last_at, department_id)
SELECT id, source_id, external_id, kind, attributes::jsonb,
       CASE WHEN match_keys = '' THEN '{}' ELSE string_to_array(match_keys, ',')::bigint[] END,
       first_shard, first_seq, first_at, last_at, department_id
FROM unnest(%s::uuid[], %s::int[], %s::text[], %s::text[], %s::text[], %s::text[], %s::smallint[], %s::bigint[],
            %s::timestamptz[], %s::timestamptz[], %s::bigint[])
     AS r(id, source_id, external_id, kind, attributes, match_keys, first_shard, first_seq, first_at, last_at,
          department_id)
ON CONFLICT (id) DO UPDATE SET
    kind = excluded.kind, attributes = excluded.attributes, match_keys = excluded.match_keys,
    first_at = excluded.first_at, last_at = excluded.last_at, department_id = excluded.department_id
"""
_SAVE_BINDINGS = """
INSERT INTO resolve_binding (record_id, type, value, valid_from, valid_to, is_trusted)
SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[], %s::boolean[])
ON CONFLICT (record_id, type, value) DO UPDATE SET valid_from = excluded.valid_from, valid_to = excluded.valid_to
"""


def load_records(connection: Connection, ids: Iterable[UUID]) -> dict[UUID, RecordState]:
    """The records that exist among `ids`, with their bindings."""
    wanted = list(ids)
    if not wanted:
        return {}
    records = {
        row[0]: RecordState(
            id=row[0],
            source_id=row[1],
            external_id=row[2],
            kind=row[3],
            attributes=_ATTRIBUTES.decode(row[4]),
            match_keys=row[5],
            first_shard=row[6],
            first_seq=row[7],
            first_at=row[8],
            last_at=row[9],
            department_id=row[10],
        )
        for row in connection.execute(_LOAD, (wanted,)).fetchall()
    }
    if records:
        bindings = connection.execute(_LOAD_BINDINGS, (list(records),)).fetchall()
        for record_id, type_, value, start, end, trusted in bindings:
            records[record_id].bindings[type_, value] = Bound(start, end, trusted)
    return records


def existing(connection: Connection, ids: Iterable[UUID]) -> set[UUID]:
    """Which of the ids are records."""
    wanted = list(ids)
    if not wanted:
        return set()
    return {row[0] for row in connection.execute("SELECT id FROM resolve_sourcerecord WHERE id = ANY(%s)", (wanted,))}


def save_records(connection: Connection, records: Collection[RecordState]) -> None:
    """Write the records that changed, and the times of those only seen again."""
    _save_times(connection, [r for r in records if r.seen_again and not r.changed])
    changed = sorted((r for r in records if r.changed), key=lambda r: r.id.int)
    if changed:
        write(
            connection,
            _SAVE,
            (
                [r.id for r in changed],
                [r.source_id for r in changed],
                [r.external_id for r in changed],
                [r.kind for r in changed],
                [msgspec.json.encode(r.attributes).decode() for r in changed],
                [",".join(map(str, r.match_keys)) for r in changed],
                [r.first_shard for r in changed],
                [r.first_seq for r in changed],
                [r.first_at for r in changed],
                [r.last_at for r in changed],
                [r.department_id for r in changed],
            ),
        )


def _save_times(connection: Connection, records: Sequence[RecordState]) -> None:
    if records:
        write(
            connection,
            "UPDATE resolve_sourcerecord r SET first_at = t.first_at, last_at = t.last_at "
            "FROM unnest(%s::uuid[], %s::timestamptz[], %s::timestamptz[]) AS t(id, first_at, last_at) "
            "WHERE r.id = t.id",
            ([r.id for r in records], [r.first_at for r in records], [r.last_at for r in records]),
        )


def save_bindings(connection: Connection, records: Iterable[RecordState]) -> None:
    """Write the bindings that changed."""
    held = sorted(((r, key) for r in records for key in r.new_bindings), key=lambda pair: (pair[0].id.int, pair[1]))
    if held:
        write(
            connection,
            _SAVE_BINDINGS,
            (
                [r.id for r, _ in held],
                [key[0] for _, key in held],
                [key[1] for _, key in held],
                [r.bindings[key].valid_from for r, key in held],
                [r.bindings[key].valid_to for r, key in held],
                [r.bindings[key].is_trusted for r, key in held],
            ),
        )


def bearers_of(connection: Connection, keys: Iterable[BindingKey], limit: int) -> dict[BindingKey, list[UUID]]:
    """Up to `limit` records bound to each identifier."""
    wanted = list(keys)
    found: dict[BindingKey, list[UUID]] = {key: [] for key in wanted}
    if not wanted:
        return found
    rows = connection.execute(
        """
        SELECT k.type, k.value, b.record_id
        FROM unnest(%s::text[], %s::text[]) AS k(type, value)
        CROSS JOIN LATERAL (
            SELECT record_id FROM resolve_binding b
            WHERE b.type = k.type AND b.value = k.value ORDER BY record_id LIMIT %s
        ) b
        """,
        ([key[0] for key in wanted], [key[1] for key in wanted], limit),
    ).fetchall()
    for type_, value, record_id in rows:
        found[type_, value].append(record_id)
    return found
