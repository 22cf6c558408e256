"""Match keys, demoted identifiers and links, read and written in sets."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple
from uuid import UUID

from kehu.core.database import Connection
from kehu.core.ids import by_uuid, by_uuids
from kehu.core.write_behind import write
from kehu.resolve.identity_rules import Strength
from kehu.resolve.records import BindingKey, Proof

PairId = tuple[UUID, UUID]  # left < right


class LinkRow(NamedTuple):
    kind: str
    reason: str
    weight_bits: float
    probability: float


class KeyMembers(NamedTuple):
    """members: of keys that live and have several. crossed: members of keys that just died or came back to life."""

    members: dict[int, list[UUID]]
    crossed: set[UUID]


def replace_match_keys(
    connection: Connection, removed: Sequence[tuple[int, UUID]], added: Sequence[tuple[int, UUID]], cap: int
) -> KeyMembers:
    """Move records between keys and tell who shares which key now. A key with more than `cap` members is dead.

    The pairs removed are there, the pairs added are not. The members are read first, so that the writes can run behind.
    """
    gained, lost = _records_by_key(added), _records_by_key(removed)
    touched = gained.keys() | lost.keys()
    held = _members(connection, touched, cap + 1 + max(map(len, lost.values()), default=0))
    _write_match_keys(connection, removed, added)
    alive: dict[int, list[UUID]] = {}
    crossed: set[UUID] = set()
    for key in touched:
        before, gone = held.get(key, []), lost.get(key)
        if not before and len(gained.get(key, ())) == 1:
            continue
        members = [record for record in before if record not in gone] if gone else before
        members = members + gained.get(key, [])
        if len(members) <= cap:
            alive[key] = members
        if (len(members) <= cap) != (len(before) <= cap):
            crossed.update(members)
    return KeyMembers(alive, crossed)


def _records_by_key(pairs: Sequence[tuple[int, UUID]]) -> dict[int, list[UUID]]:
    found: dict[int, list[UUID]] = {}
    for key, record in pairs:
        found.setdefault(key, []).append(record)
    return found


def _write_match_keys(
    connection: Connection, removed: Sequence[tuple[int, UUID]], added: Sequence[tuple[int, UUID]]
) -> None:
    if removed:
        write(
            connection,
            "DELETE FROM resolve_matchkey m USING unnest(%s::bigint[], %s::uuid[]) AS d(key, record_id) "
            "WHERE m.key = d.key AND m.record_id = d.record_id",
            ([key for key, _ in removed], [record for _, record in removed]),
        )
    if added:
        ordered = sorted(added, key=itemgetter(0))  # by key alone: comparing ids would cost more than it helps
        write(
            connection,
            "INSERT INTO resolve_matchkey (key, record_id) SELECT * FROM unnest(%s::bigint[], %s::uuid[]) "
            "ON CONFLICT DO NOTHING",
            ([key for key, _ in ordered], [record for _, record in ordered]),
        )


def live_members(connection: Connection, keys: Iterable[int], cap: int) -> dict[int, list[UUID]]:
    """Members of those of the keys that are alive."""
    return {key: members for key, members in _members(connection, keys, cap + 1).items() if len(members) <= cap}


def _members(connection: Connection, keys: Iterable[int], limit: int) -> dict[int, list[UUID]]:
    wanted = sorted(keys)
    found: dict[int, list[UUID]] = {}
    if not wanted:
        return found
    rows = connection.execute(
        """
        SELECT k.key, m.record_id FROM unnest(%s::bigint[]) AS k(key)
        CROSS JOIN LATERAL (SELECT record_id FROM resolve_matchkey m WHERE m.key = k.key LIMIT %s) m
        """,
        (wanted, limit),
    ).fetchall()
    for key, record_id in rows:
        found.setdefault(key, []).append(record_id)
    return found


def proof_of(connection: Connection, keys: Iterable[BindingKey]) -> Proof:
    """Those of the identifiers that fan-out weakened or a person blocked."""
    wanted = list(keys)
    if not wanted:
        return Proof(set(), set())
    rows = connection.execute(
        """
        WITH k AS (SELECT * FROM unnest(%s::text[], %s::text[]) AS k(type, value))
        SELECT type, value, strength FROM k JOIN resolve_identifierstatus USING (type, value)
        UNION ALL SELECT type, value, 'weak' FROM k JOIN resolve_blockedvalue USING (type, value)
        """,
        ([key[0] for key in wanted], [key[1] for key in wanted]),
    ).fetchall()
    return Proof(
        {(type_, value) for type_, value, strength in rows if strength == Strength.WEAK},
        {(type_, value) for type_, value, strength in rows if strength == Strength.SHARED},
    )


def strengths_of(connection: Connection, keys: Iterable[BindingKey]) -> dict[BindingKey, Strength]:
    """What fan-out made of the identifiers; those at full strength are left out."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = connection.execute(
        "SELECT type, value, strength FROM resolve_identifierstatus "
        "JOIN unnest(%s::text[], %s::text[]) AS k(type, value) USING (type, value)",
        ([key[0] for key in wanted], [key[1] for key in wanted]),
    ).fetchall()
    return {(type_, value): Strength(strength) for type_, value, strength in rows}


def set_strength(connection: Connection, lowered: Sequence[tuple[BindingKey, Strength, int]]) -> None:
    """lowered: identifier, its strength now, how many records carry it."""
    write(
        connection,
        "INSERT INTO resolve_identifierstatus (type, value, strength, fan_out) "
        "SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::int[]) "
        "ON CONFLICT (type, value) DO UPDATE SET strength = excluded.strength, fan_out = excluded.fan_out",
        (
            [key[0] for key, _, _ in lowered],
            [key[1] for key, _, _ in lowered],
            [strength.value for _, strength, _ in lowered],
            [count for _, _, count in lowered],
        ),
    )


def restore_strength(connection: Connection, keys: Sequence[BindingKey]) -> None:
    write(
        connection,
        "DELETE FROM resolve_identifierstatus s USING unnest(%s::text[], %s::text[]) AS d(type, value) "
        "WHERE s.type = d.type AND s.value = d.value",
        ([k[0] for k in keys], [k[1] for k in keys]),
    )


def links_of(connection: Connection, records: Iterable[UUID]) -> dict[PairId, LinkRow]:
    """Every link with an end in `records`."""
    wanted = list(records)
    if not wanted:
        return {}
    rows = connection.execute(
        """
        SELECT left_id, right_id, kind, reason, weight_bits, probability FROM resolve_link WHERE left_id = ANY(%s)
        UNION
        SELECT left_id, right_id, kind, reason, weight_bits, probability FROM resolve_link WHERE right_id = ANY(%s)
        """,
        (wanted, wanted),
    ).fetchall()
    return {(left, right): LinkRow(kind, reason, weight, p) for left, right, kind, reason, weight, p in rows}


def replace_links(
    connection: Connection, removed: Iterable[PairId], kept: dict[PairId, LinkRow], model_version: str
) -> None:
    gone = list(removed)
    if gone:
        write(
            connection,
            "DELETE FROM resolve_link l USING unnest(%s::uuid[], %s::uuid[]) AS d(left_id, right_id) "
            "WHERE l.left_id = d.left_id AND l.right_id = d.right_id",
            ([left for left, _ in gone], [right for _, right in gone]),
        )
    if not kept:
        return
    pairs = sorted(kept, key=by_uuids)
    write(
        connection,
        """
        INSERT INTO resolve_link (model_version, left_id, right_id, kind, reason, weight_bits, probability)
        SELECT %s, l.* FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::text[], %s::float8[], %s::float8[]) AS l
        ON CONFLICT (left_id, right_id) DO UPDATE SET kind = excluded.kind, reason = excluded.reason,
            weight_bits = excluded.weight_bits, probability = excluded.probability,
            model_version = excluded.model_version
        """,
        (
            model_version,
            [left for left, _ in pairs],
            [right for _, right in pairs],
            [kept[p].kind for p in pairs],
            [kept[p].reason for p in pairs],
            [kept[p].weight_bits for p in pairs],
            [kept[p].probability for p in pairs],
        ),
    )


def queue_resettle(connection: Connection, records: Iterable[UUID], reason: str) -> None:
    wanted = sorted(records, key=by_uuid)
    if wanted:
        write(
            connection,
            "INSERT INTO resolve_resettle (record_id, reason) SELECT unnest(%s::uuid[]), %s ON CONFLICT DO NOTHING",
            (wanted, reason),
        )


def take_resettle(connection: Connection, limit: int) -> list[UUID]:
    rows = connection.execute(
        "DELETE FROM resolve_resettle WHERE record_id IN "
        "(SELECT record_id FROM resolve_resettle ORDER BY record_id LIMIT %s) RETURNING record_id",
        (limit,),
    ).fetchall()
    return [record_id for (record_id,) in rows]
