"""What people decided about records, as pairs."""

from collections.abc import Collection
from itertools import product
from uuid import UUID

from kehu.core.database import Connection
from kehu.resolve.store.evidence import PairId

_TOUCHING = """
SELECT kind, left_ids, right_ids FROM resolve_decision
WHERE undone_at IS NULL AND kind = %s AND (left_ids && %s::uuid[] OR right_ids && %s::uuid[])
"""


def must_links_of(connection: Connection, records: Collection[UUID]) -> set[PairId]:
    """Pairs tied by a person with an end in `records`: every right to the first of the left."""
    return {
        _pair(left_ids[0], right)
        for left_ids, right_ids in _decisions(connection, "must_link", records)
        for right in right_ids
        if left_ids[0] in records or right in records
    }


def cannot_links_among(connection: Connection, records: Collection[UUID]) -> set[PairId]:
    """Pairs inside `records` kept apart by a person: every left from every right."""
    inside = set(records)
    return {
        _pair(left, right)
        for left_ids, right_ids in _decisions(connection, "cannot_link", records)
        for left, right in product(inside.intersection(left_ids), inside.intersection(right_ids))
    }


def survivors_among(connection: Connection, records: Collection[UUID]) -> list[tuple[UUID, UUID]]:
    """Pinned customer ids with the founding record of each, latest decision first."""
    rows = connection.execute(
        """
        SELECT d.survivor_customer_id, l.record_id
        FROM resolve_decision d JOIN resolve_ledgerentry l ON l.customer_id = d.survivor_customer_id
        WHERE d.undone_at IS NULL AND d.kind = 'must_link'
          AND (d.left_ids && %s::uuid[] OR d.right_ids && %s::uuid[])
        ORDER BY d.id DESC
        """,
        (list(records), list(records)),
    )
    return [(customer, record) for customer, record in rows]


def _decisions(connection: Connection, kind: str, records: Collection[UUID]) -> list[tuple[list[UUID], list[UUID]]]:
    ids = list(records)
    return [(left, right) for _, left, right in connection.execute(_TOUCHING, (kind, ids, ids))]


def _pair(left: UUID, right: UUID) -> PairId:
    return (left, right) if left < right else (right, left)
