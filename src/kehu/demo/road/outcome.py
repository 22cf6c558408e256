"""What the road made of the exports: the mapping, the counts and the time a customer page takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

from django.db import connection

from kehu.govern.actor import SYSTEM
from kehu.profile.queries.view import customer_view

VIEWS_MEASURED = 400
HEAVY_SHARE = 0.1  # of the customers viewed, those with most records

_MAPPING = """
SELECT s.slug, r.external_id, m.customer_id::text
FROM resolve_sourcerecord r
JOIN resolve_recordcustomer m ON m.record_id = r.id
JOIN collect_source s ON s.id = r.source_id
WHERE r.kind = 'person'
"""
_COUNTS = """
SELECT (SELECT count(*) FROM resolve_sourcerecord WHERE kind = 'person'),
       (SELECT count(*) FROM resolve_sourcerecord WHERE kind = 'organisation'),
       (SELECT count(*) FROM resolve_sourcerecord WHERE kind = 'device'),
       (SELECT count(DISTINCT m.customer_id) FROM resolve_recordcustomer m
        JOIN resolve_sourcerecord r ON r.id = m.record_id WHERE r.kind = 'person'),
       (SELECT count(*) FROM resolve_reviewpair)
"""
_LINKS = "SELECT kind || ': ' || reason, count(*) FROM resolve_link GROUP BY 1"
_DEAD = "SELECT reason, count(*) FROM collect_deadletter WHERE state = 'open' GROUP BY 1"
# Every tenth customer viewed is one with very many records; the others are spread evenly over all.
_TO_VIEW = """
(SELECT id FROM profile_customer ORDER BY record_count DESC, id LIMIT %s)
UNION
(SELECT id FROM profile_customer ORDER BY md5(id::text) LIMIT %s)
"""


@dataclass(frozen=True, slots=True)
class Counts:
    people_records: int
    organisations: int
    devices: int
    customers: int
    review_pairs: int


def read_partition() -> dict[tuple[str, str], str]:
    """(source, external id) → customer, for every person record."""
    with connection.cursor() as cursor:
        cursor.execute(_MAPPING)
        return {(source, key): customer for source, key, customer in cursor.fetchall()}


def read_counts() -> Counts:
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS)
        return Counts(*cursor.fetchone())


def read_links() -> Mapping[str, int]:
    return _grouped(_LINKS)


def read_dead_letters() -> Mapping[str, int]:
    return _grouped(_DEAD)


def measure_view() -> tuple[float, float]:
    """p50 and p99 in milliseconds of all a customer page shows; the first views, which fill caches, are left out."""
    heavy = round(VIEWS_MEASURED * HEAVY_SHARE)
    with connection.cursor() as cursor:
        cursor.execute(_TO_VIEW, (heavy, VIEWS_MEASURED - heavy))
        ids: list[UUID] = [row[0] for row in cursor.fetchall()]
    for customer_id in ids[:10]:
        customer_view(SYSTEM, customer_id)
    taken = []
    for customer_id in ids:
        began = perf_counter()
        customer_view(SYSTEM, customer_id)
        taken.append((perf_counter() - began) * 1000)
    return percentile(taken, 0.5), percentile(taken, 0.99)


def percentile(values: list[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed; 0 when there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _grouped(statement: str) -> Mapping[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return dict(cursor.fetchall())
