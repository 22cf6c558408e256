"""From a customer to everything by which their data is found. Reads the derived tables as `visibility` does."""

from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.registries import Subject
from kehu.govern.consent.people import records_of

_ORDERS = """
SELECT id FROM profile_order
WHERE record_id = ANY(%(r)s::uuid[])
  AND (organisation_record_id IS NULL OR organisation_record_id = ANY(%(r)s::uuid[]))
ORDER BY 1
"""
# What only this person carries: a telephone or a flat a family shares, a tablet two people use, gives nobody away.
_CARRIED = """
SELECT DISTINCT b.value FROM resolve_binding b WHERE b.record_id = ANY(%(r)s::uuid[])
AND b.type NOT IN ('native', 'id_number')
AND NOT EXISTS (SELECT FROM resolve_binding o WHERE o.type = b.type AND o.value = b.value
                AND o.record_id <> ALL(%(r)s::uuid[]))
"""
_SAID = """
WITH said AS (
    SELECT DISTINCT one.key, one.value->>'v' AS v, one.value->>'n' AS n
    FROM resolve_sourcerecord r, jsonb_each(r.attributes) AS one
    WHERE r.id = ANY(%(r)s::uuid[]) AND one.key IN ('phone', 'email', 'address') AND one.value->>'v' NOT LIKE '%%*%%')
SELECT v FROM said
EXCEPT
SELECT said.v FROM resolve_sourcerecord o JOIN said ON strpos(o.attributes #>> ARRAY[said.key, 'v'], said.v) > 0
    OR (said.key <> 'address' AND o.attributes #>> ARRAY[said.key, 'n'] = said.n)
WHERE o.id <> ALL(%(r)s::uuid[])
"""
_KEYS = """
SELECT r.external_id FROM resolve_sourcerecord r WHERE r.id = ANY(%(r)s::uuid[])
EXCEPT
SELECT r.external_id FROM resolve_sourcerecord r JOIN resolve_binding o
    ON o.value IN (r.external_id, r.source_id || ':' || r.external_id)
WHERE r.id = ANY(%(r)s::uuid[]) AND o.record_id <> ALL(%(r)s::uuid[])
"""
_PLACES = """
SELECT DISTINCT shard, seq FROM profile_messagesubject WHERE record_id = ANY(%(r)s::uuid[] || %(o)s::uuid[])
ORDER BY 1, 2
"""
_SYSTEMS = """
SELECT s.name, r.external_id FROM resolve_sourcerecord r JOIN collect_source s ON s.id = r.source_id
WHERE r.id = ANY(%(r)s::uuid[]) AND s.kind NOT IN ('native', 'web', 'app') AND r.kind <> 'device' ORDER BY 1, 2
"""


def find_subject(customer_id: UUID) -> Subject:
    """Raises NotFound."""
    records = records_of(customer_id)
    asked = {"r": records}
    born = fetch_all("SELECT customer_id FROM resolve_ledgerentry WHERE record_id = ANY(%(r)s::uuid[])", asked)
    orders = [row[0] for row in fetch_all(_ORDERS, asked)]
    values = {row[0] for query in (_CARRIED, _SAID, _KEYS) for row in fetch_all(query, asked) if row[0]}
    places = fetch_all(_PLACES, {"r": records, "o": orders})
    return Subject(
        customer_ids=tuple(sorted({customer_id, *(row[0] for row in born)})),
        record_ids=tuple(records),
        order_ids=tuple(orders),
        places=tuple((shard, seq) for shard, seq in places),
        values=tuple(sorted(values)),
    )


def devices_among(records: tuple[UUID, ...]) -> set[UUID]:
    rows = fetch_all(
        "SELECT id FROM resolve_sourcerecord WHERE kind = 'device' AND id = ANY(%s::uuid[])", [list(records)]
    )
    return {row[0] for row in rows}


def systems_that_know(records: tuple[UUID, ...]) -> list[tuple[str, str]]:
    """(name of the source, the person's key there): the systems that must be told."""
    return [(name, key) for name, key in fetch_all(_SYSTEMS, {"r": list(records)})]


def shared_messages(subject: Subject) -> int:
    """Messages that speak of others too: their part lives on in the derived tables, a rebuild no longer hears it."""
    shards, seqs = [place[0] for place in subject.places], [place[1] for place in subject.places]
    rows = fetch_all(
        "SELECT count(DISTINCT (shard, seq)) FROM profile_messagesubject "
        "WHERE (shard, seq) IN (SELECT * FROM unnest(%s::smallint[], %s::bigint[])) "
        "AND record_id IN (SELECT id FROM resolve_sourcerecord) AND record_id <> ALL(%s::uuid[])",
        [shards, seqs, list(subject.record_ids)],
    )
    return int(rows[0][0])
