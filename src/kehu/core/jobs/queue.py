"""The queue in SQL: put in, take out under a lease, end. Whatever changes a running job names its fence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec

from kehu.core.database import Connection, current_connection
from kehu.core.errors import NotFound

QUEUED, RUNNING, DONE, FAILED, CANCELLED = "queued", "running", "done", "failed", "cancelled"
MAX_ATTEMPTS = 5
_MAX_ERROR = 2000


@dataclass(frozen=True, slots=True)
class Claimed:
    id: int
    kind: str
    payload: Mapping[str, Any]
    fence: int
    attempts: int
    max_attempts: int
    progress_done: int
    actor_id: int | None


@dataclass(frozen=True, slots=True)
class JobView:
    """What anybody may watch. error is for people; result is whatever the handler returned."""

    id: int
    kind: str
    state: str
    done: int
    total: int | None
    note: str
    result: Mapping[str, Any] | None
    error: str
    attempts: int
    cancel_requested: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in (DONE, FAILED, CANCELLED)


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    queueing_key: str | None = None,
    actor_id: int | None = None,
    delay: timedelta = timedelta(0),
    connection: Connection | None = None,
) -> int:
    """Put a job in the queue, in the caller's transaction. Returns its id.

    queueing_key: at most one waiting or running job per key; a second call returns the id of the first.
    """
    connection = connection or current_connection()
    body = msgspec.json.encode(payload).decode()
    while True:
        row = connection.execute(
            """
            INSERT INTO core_job (kind, payload, state, run_at, attempts, max_attempts, fence, progress_done,
                progress_note, error, cancel_requested, queueing_key, created_by_id)
            VALUES (%s, %s, 'queued', now() + %s, 0, %s, 0, 0, '', '', false, %s, %s)
            ON CONFLICT (queueing_key) WHERE state IN ('queued', 'running') DO NOTHING RETURNING id
            """,
            (kind, body, delay, MAX_ATTEMPTS, queueing_key, actor_id),
        ).fetchone()
        if row is None:
            row = connection.execute(
                "SELECT id FROM core_job WHERE queueing_key = %s AND state IN ('queued', 'running')",
                (queueing_key,),
            ).fetchone()
        if row is not None:  # else the live one ended between the two statements
            return int(row[0])


def cancel(job_id: int, connection: Connection | None = None) -> bool:
    """Ask a job to stop: at once if it waits, at its next checkpoint if it runs. False if it was over."""
    row = (connection or current_connection()).execute(
        """
        UPDATE core_job SET cancel_requested = true,
            state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
            finished_at = CASE WHEN state = 'queued' THEN now() ELSE finished_at END
        WHERE id = %s AND state IN ('queued', 'running') RETURNING state
        """,
        (job_id,),
    )
    return row.fetchone() is not None


def view(job_id: int, connection: Connection | None = None) -> JobView:
    row = (
        (connection or current_connection())
        .execute(
            """
            SELECT id, kind, state, progress_done, progress_total, progress_note, result, error, attempts,
                cancel_requested, created_at, started_at, finished_at
            FROM core_job WHERE id = %s
            """,
            (job_id,),
        )
        .fetchone()
    )
    if row is None:
        raise NotFound("job", job_id)
    fields: list[Any] = list(row)
    fields[6] = _object(row[6])
    return JobView(*fields)


def claim(connection: Connection, kinds: Sequence[str], lease: timedelta, job_id: int | None = None) -> Claimed | None:
    """Take the job that has waited longest, or one whose worker's lease ran out. One transaction by itself."""
    row = connection.execute(
        """
        WITH due AS (
            SELECT id FROM core_job
            WHERE state IN ('queued', 'running') AND run_at <= now() AND kind = ANY(%(kinds)s)
                AND (state = 'queued' OR lease_until < now())
                AND attempts < max_attempts AND NOT cancel_requested
                AND (%(job_id)s::bigint IS NULL OR id = %(job_id)s)
            ORDER BY run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE core_job SET state = 'running', attempts = attempts + 1, fence = fence + 1,
            lease_until = now() + %(lease)s, started_at = coalesce(started_at, now()), error = ''
        FROM due WHERE core_job.id = due.id
        RETURNING core_job.id, kind, payload, fence, attempts, max_attempts, progress_done, created_by_id
        """,
        {"kinds": list(kinds), "lease": lease, "job_id": job_id},
    ).fetchone()
    if row is None:
        return None
    return Claimed(row[0], row[1], _object(row[2]) or {}, *row[3:])


def extend_lease(connection: Connection, claimed: Claimed, lease: timedelta) -> bool | None:
    """None: the lease is another's now. Else whether somebody asked to cancel."""
    row = connection.execute(
        "UPDATE core_job SET lease_until = now() + %s WHERE id = %s AND fence = %s AND state = 'running' "
        "RETURNING cancel_requested",
        (lease, claimed.id, claimed.fence),
    ).fetchone()
    return None if row is None else bool(row[0])


def save_progress(connection: Connection, claimed: Claimed, done: int, total: int | None, note: str) -> bool | None:
    """None when the fence moved on, else whether somebody asked to cancel. Locks the job's row until the caller's
    transaction ends.

    Getting further than the attempts before counts the attempts anew: the cap is for jobs that die at one place, not
    for long ones that live through many restarts.
    """
    row = connection.execute(
        "UPDATE core_job SET progress_done = %s, progress_total = %s, progress_note = %s, "
        "attempts = CASE WHEN %s THEN 1 ELSE attempts END "
        "WHERE id = %s AND fence = %s AND state = 'running' RETURNING cancel_requested",
        (done, total, note[:200], done > claimed.progress_done, claimed.id, claimed.fence),
    ).fetchone()
    return None if row is None else bool(row[0])


def end(
    connection: Connection,
    claimed: Claimed,
    state: str,
    *,
    result: Mapping[str, Any] | None = None,
    error: str = "",
) -> bool:
    """Close a running job. False (and nothing changed) when the fence moved on."""
    body = None if result is None else msgspec.json.encode(result).decode()
    updated = connection.execute(
        "UPDATE core_job SET state = %s, result = %s, error = %s, lease_until = NULL, finished_at = now() "
        "WHERE id = %s AND fence = %s AND state = 'running'",
        (state, body, _storable(error), claimed.id, claimed.fence),
    )
    return updated.rowcount == 1


def give_back(connection: Connection, claimed: Claimed, *, delay: timedelta, error: str, counts: bool) -> bool:
    """Back into the queue. counts False: the attempt was not the job's fault."""
    updated = connection.execute(
        "UPDATE core_job SET state = 'queued', lease_until = NULL, run_at = now() + %s, error = %s, "
        "attempts = attempts - %s WHERE id = %s AND fence = %s AND state = 'running'",
        (delay, _storable(error), 0 if counts else 1, claimed.id, claimed.fence),
    )
    return updated.rowcount == 1


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that is over, for those who are to hear of it."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    state: str
    error: str
    actor_id: int | None


def sweep(connection: Connection) -> list[Ended]:
    """End what no worker will end: leases that ran out at the last attempt, and jobs cancelled meanwhile.

    Runs beside the claims; SKIP LOCKED keeps sweepers apart.
    """
    rows = connection.execute(
        """
        WITH stuck AS (
            SELECT id FROM core_job
            WHERE (state = 'running' AND lease_until < now() AND (attempts >= max_attempts OR cancel_requested))
                OR (state = 'queued' AND (attempts >= max_attempts OR cancel_requested))
            FOR UPDATE SKIP LOCKED)
        UPDATE core_job SET
            state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'failed' END,
            error = CASE WHEN cancel_requested THEN error ELSE
                'Its worker died or hung ' || attempts || ' times; it will not be tried again. ' || error END,
            fence = fence + 1, lease_until = NULL, finished_at = now()
        FROM stuck WHERE core_job.id = stuck.id
        RETURNING core_job.id, kind, payload, state, error, created_by_id
        """
    ).fetchall()
    return [Ended(id_, kind, _object(payload) or {}, *rest) for id_, kind, payload, *rest in rows]


def _object(value: Any) -> Mapping[str, Any] | None:
    """A jsonb cell; Django's connections hand it over as text, plain ones as an object."""
    decoded: Mapping[str, Any] | None = msgspec.json.decode(value) if isinstance(value, str | bytes) else value
    return decoded


def _storable(error: str) -> str:
    return error.replace("\x00", "")[:_MAX_ERROR]
