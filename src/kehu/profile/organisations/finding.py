"""Ties between organisations that nobody told: found again whenever what one of them says changes.

Two records are compared if and only if they share a live key, so what is found follows from the records as they are:
a rebuild finds the same, whatever came first. A key too many carry is dead; the moment it dies or revives, all who
carry it are looked at again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import msgspec

from kehu.clean.touches import ORGANISATION
from kehu.core.database import Connection
from kehu.core.write_behind import write
from kehu.profile.facts import FOUND, RelationRow, json_text, replace_found
from kehu.profile.organisations.comparison import (
    BRANCH,
    BRANCH_OF,
    FOUND_KINDS,
    OrganisationFacts,
    compare,
    read_facts,
)
from kehu.resolve.window import PlacedTouch

Key = tuple[str, str]
MOST_SHARING: Final = 20
"""A switchboard, a domain or a head office's name that more carry says nothing."""

_SIZES = """
SELECT k.kind, k.value, count(*) FROM profile_organisationkey k
JOIN unnest(%s::text[], %s::text[]) AS asked(kind, value) ON k.kind = asked.kind AND k.value = asked.value
GROUP BY 1, 2
"""
_CARRIERS = """
SELECT DISTINCT k.record_id FROM unnest(%s::text[], %s::text[]) AS asked(kind, value)
JOIN profile_organisationkey k ON k.value = asked.value
    AND (k.kind = asked.kind OR k.kind = 'branch' AND asked.kind = 'head')
"""
_SHARING = """
SELECT DISTINCT least(k.record_id, o.record_id), greatest(k.record_id, o.record_id), g.kind, g.value
FROM profile_organisationkey k
JOIN profile_organisationkey o ON o.value = k.value AND o.record_id <> k.record_id
    AND (o.kind = k.kind AND k.kind <> 'branch' OR (k.kind, o.kind) IN (('head', 'branch'), ('branch', 'head')))
CROSS JOIN LATERAL (SELECT CASE WHEN k.kind = 'branch' THEN 'head' ELSE k.kind END, k.value) AS g(kind, value)
WHERE k.record_id = ANY(%s)
    AND (SELECT count(*) FROM (SELECT FROM profile_organisationkey c WHERE c.kind = g.kind AND c.value = g.value
                               LIMIT %s) AS carriers) <= %s
"""


def relate_touched(connection: Connection, touches: Iterable[PlacedTouch]) -> None:
    """Find anew the ties of the organisations a window speaks of."""
    relate_organisations(connection, {one.record for one in touches if one.record and one.touch.kind == ORGANISATION})


def relate_organisations(connection: Connection, records: Iterable[UUID]) -> None:
    """Find the ties of these records anew; those that are no organisations (any more) have none."""
    ids = list(records)
    if not ids:
        return
    before = _keys_of(connection, ids)
    now = {record: facts.keys for record, facts in _facts_of(connection, ids).items()}
    if not before and not any(now.values()):
        return
    touched = {key for keys in (*before.values(), *now.values()) for key in keys}
    sizes = _sizes(connection, touched)
    _replace_keys(connection, before, now)
    crossed = _crossed(sizes, _sizes(connection, touched))
    subjects = {*ids, *_carriers(connection, crossed)}
    replace_found(connection, list(FOUND_KINDS), subjects, _found(connection, subjects))


def _found(connection: Connection, subjects: Collection[UUID]) -> list[RelationRow]:
    rows = connection.execute(_SHARING, (list(subjects), MOST_SHARING + 1, MOST_SHARING)).fetchall()
    pairs = {(left, right) for left, right, _, _ in rows}
    facts = _facts_of(connection, {end for pair in pairs for end in pair})
    compared = (_compared(left, right, facts) for left, right in sorted(pairs))
    return [row for row in compared if row is not None]


def _compared(left: UUID, right: UUID, facts: Mapping[UUID, OrganisationFacts]) -> RelationRow | None:
    found = compare(facts[left], facts[right]) if left in facts and right in facts else None
    if found is None:
        return None
    evidence = [{"what": one.what, "value": one.value, "bits": one.bits} for one in found.evidence]
    is_turned = found.kind == BRANCH_OF and not found.is_left_first
    ends = (right, left) if is_turned else (left, right)
    return RelationRow(*ends, found.kind, FOUND, detail=json_text({"evidence": evidence, "bits": found.bits}))


def _facts_of(connection: Connection, records: Collection[UUID]) -> dict[UUID, OrganisationFacts]:
    if not records:
        return {}
    rows = connection.execute(
        "SELECT id, attributes::text FROM resolve_sourcerecord WHERE id = ANY(%s) AND kind = %s",
        (list(records), ORGANISATION),
    )
    return {record: read_facts(msgspec.json.decode(attributes)) for record, attributes in rows}


def _keys_of(connection: Connection, records: list[UUID]) -> dict[UUID, set[Key]]:
    found: dict[UUID, set[Key]] = defaultdict(set)
    rows: Iterable[tuple[Any, ...]] = connection.execute(
        "SELECT record_id, kind, value FROM profile_organisationkey WHERE record_id = ANY(%s)", (records,)
    )
    for record, kind, value in rows:
        found[record].add((kind, value))
    return found


def _replace_keys(connection: Connection, before: Mapping[UUID, set[Key]], now: Mapping[UUID, set[Key]]) -> None:
    changed = [record for record in before.keys() | now.keys() if before.get(record, set()) != now.get(record, set())]
    rows = [(record, *key) for record in changed for key in now.get(record, ())]
    if changed:
        write(connection, "DELETE FROM profile_organisationkey WHERE record_id = ANY(%s)", (changed,))
    if rows:
        write(
            connection,
            "INSERT INTO profile_organisationkey (record_id, kind, value) "
            "SELECT * FROM unnest(%s::uuid[], %s::text[], %s::text[])",
            tuple(list(column) for column in zip(*rows, strict=True)),
        )


def _sizes(connection: Connection, keys: Collection[Key]) -> dict[Key, int]:
    """How many carry a key that can die: a branch's name only counts by its head offices."""
    asked = [key for key in keys if key[0] != BRANCH]
    rows = connection.execute(_SIZES, ([kind for kind, _ in asked], [value for _, value in asked]))
    return {(kind, value): count for kind, value, count in rows}


def _crossed(before: Mapping[Key, int], now: Mapping[Key, int]) -> list[Key]:
    return [
        key
        for key in before.keys() | now.keys()
        if (before.get(key, 0) > MOST_SHARING) is not (now.get(key, 0) > MOST_SHARING)
    ]


def _carriers(connection: Connection, keys: list[Key]) -> set[UUID]:
    if not keys:
        return set()
    rows = connection.execute(_CARRIERS, ([kind for kind, _ in keys], [value for _, value in keys]))
    return {record for (record,) in rows}
