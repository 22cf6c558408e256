"""What happens elsewhere and somebody is to be told: heard from the bus, in the dispatcher's transaction, each once.

Nobody is told what they did themselves. Whether the reader still sees the customer is asked when the list is read.
"""

from collections.abc import Collection
from typing import Final, LiteralString
from uuid import UUID

from kehu.core.database import current_connection, set_statements
from kehu.core.jobs import ENDED
from kehu.core.outbox import PublishedEvent
from kehu.feed.changes import EVENT as CHANGED
from kehu.feed.changes import MERGED, SPLIT, UPDATED, changes_of
from kehu.profile.services.assign import ASSIGNED
from kehu.teamwork.kinds import NotificationKind

__all__ = ["ASSIGNED", "CHANGED", "ENDED", "hear_of_customers", "hear_of_jobs", "hear_of_owners"]

# Followers of any record of the customers, told at the customer's founding record. What a follower has not read yet is
# told again in the same line, with how often.
_TELL_FOLLOWERS: Final = """
WITH told AS (
    SELECT f.user_id, l.record_id, min(f.since) AS since
    FROM resolve_recordcustomer m JOIN teamwork_follow f ON f.record_id = m.record_id
    JOIN resolve_ledgerentry l ON l.customer_id = m.customer_id
    LEFT JOIN teamwork_notificationsettings s ON s.user_id = f.user_id
    WHERE m.customer_id = ANY(%(customers)s) AND f.user_id IS DISTINCT FROM %(actor)s
        AND NOT coalesce(s.unwanted @> ARRAY[%(kind)s]::varchar[], false)
    GROUP BY 1, 2),
again AS (
    UPDATE teamwork_notification n SET times = n.times + 1, at = %(at)s, actor_id = %(actor)s,
        cause = %(event)s || n.record_id
    FROM told WHERE n.user_id = told.user_id AND n.record_id = told.record_id AND n.kind = %(kind)s
        AND n.read_at IS NULL AND n.cause <> %(event)s || n.record_id
    RETURNING n.user_id, n.record_id)
INSERT INTO teamwork_notification (user_id, kind, cause, record_id, actor_id, at, detail, times)
SELECT user_id, %(kind)s, %(event)s || record_id, record_id, %(actor)s, %(at)s, '{}', 1 FROM told
WHERE (user_id, record_id) NOT IN (SELECT user_id, record_id FROM again) AND since <= %(at)s
ON CONFLICT (user_id, cause) DO NOTHING
"""
# One line for a customer, one for many that came together or are still unread.
_TELL_OWNER: Final = """
WITH told AS (
    SELECT %(owner)s::bigint AS user_id WHERE %(owner)s::bigint IS DISTINCT FROM %(actor)s::bigint AND NOT EXISTS (
        SELECT FROM teamwork_notificationsettings
        WHERE user_id = %(owner)s AND unwanted @> ARRAY['assigned']::varchar[])),
again AS (
    UPDATE teamwork_notification n SET times = n.times + %(times)s, at = %(at)s, cause = %(event)s
    FROM told WHERE n.user_id = told.user_id AND n.kind = 'assigned' AND n.record_id IS NULL AND n.read_at IS NULL
        AND %(record)s::uuid IS NULL AND n.cause <> %(event)s
    RETURNING n.user_id)
INSERT INTO teamwork_notification (user_id, kind, cause, record_id, actor_id, at, detail, times)
SELECT user_id, 'assigned', %(event)s, %(record)s, %(actor)s, %(at)s, '{}', %(times)s FROM told
WHERE user_id NOT IN (SELECT user_id FROM again)
ON CONFLICT (user_id, cause) DO NOTHING
"""
_TELL_OF_JOB: Final = """
INSERT INTO teamwork_notification (user_id, kind, cause, job_id, at, detail, times)
SELECT %(actor)s, 'job', %(cause)s, %(job)s, %(at)s,
       jsonb_build_object('kind', %(kind)s::text, 'state', %(state)s::text), 1
WHERE NOT EXISTS (SELECT FROM teamwork_notificationsettings
                  WHERE user_id = %(actor)s AND unwanted @> ARRAY['job']::varchar[])
ON CONFLICT (user_id, cause) DO NOTHING
"""


def hear_of_customers(event: PublishedEvent) -> None:
    """Followers hear of a merge and a split by their name; of whom that happened to, not also that they changed."""
    merged: set[UUID] = set()
    split: set[UUID] = set()
    changed: set[UUID] = set()
    for change in changes_of(event.payload):
        match change.kind:
            case kind if kind == MERGED and change.into:
                merged.add(UUID(change.into))
            case kind if kind == SPLIT and change.into:
                split |= {UUID(change.customer_id), UUID(change.into)}
            case kind if kind == UPDATED:
                changed.add(UUID(change.customer_id))
    _tell_followers(event, NotificationKind.MERGED, merged)
    _tell_followers(event, NotificationKind.SPLIT, split - merged)
    _tell_followers(event, NotificationKind.CHANGED, changed - merged - split)


def hear_of_owners(event: PublishedEvent) -> None:
    records = event.payload["records"]
    _execute(
        _TELL_OWNER,
        {
            "owner": event.payload["owner"],
            "actor": event.actor_id,
            "times": len(records),
            "record": UUID(records[0]) if len(records) == 1 else None,
            "event": f"event:{event.id}",
            "at": event.occurred_at,
        },
    )


def hear_of_jobs(event: PublishedEvent) -> None:
    """Whoever cancelled a job knows."""
    if event.payload["state"] == "cancelled":
        return
    asked = {"actor": event.actor_id, "at": event.occurred_at, "cause": f"job:{event.payload['job']}"}
    _execute(_TELL_OF_JOB, {**event.payload, **asked})


def _tell_followers(event: PublishedEvent, kind: NotificationKind, customers: Collection[UUID]) -> None:
    if customers:
        _execute(
            _TELL_FOLLOWERS,
            {
                "customers": sorted(customers),
                "kind": kind.value,
                "actor": event.actor_id,
                "event": f"event:{event.id}:",
                "at": event.occurred_at,
            },
        )


def _execute(statement: LiteralString, parameters: dict[str, object]) -> None:
    with set_statements(current_connection()) as connection:
        connection.execute(statement, parameters)
