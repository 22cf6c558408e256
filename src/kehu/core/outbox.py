"""Hands domain events on: one dispatcher at a time gives each waiting event a position and shows it to its subscribers.

Positions are given under one lock and committed with what subscribers wrote, so a reader that goes on from the last
position it saw misses nothing, and an effect inside the database happens exactly once. What leaves the database is
somebody else's work: a subscriber writes a row about it (a delivery, a job), no more.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Event as Stop
from typing import Any, Final

import django.db
import msgspec
import psycopg
from django.db import connection as django_connection
from django.db import transaction

from kehu.core.bus import Subscriber, subscribers
from kehu.core.database import AdvisoryLock, current_connection

logger = logging.getLogger(__name__)

AT_ONCE: Final = 200
KEPT_FOR: Final = timedelta(days=30)
MAX_ATTEMPTS: Final = 6
PAUSE_SECONDS: Final = 0.5
PRUNED_AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class PublishedEvent:
    """An event as subscribers and the change feed see it. position only grows, in the order of handing on."""

    id: int
    position: int
    name: str
    payload: Mapping[str, Any]
    actor_id: int | None
    occurred_at: datetime


def run_dispatcher(stop: Stop) -> None:
    """Hand events on until told to stop; reconnect when the database goes away."""
    while not stop.is_set():
        try:
            if dispatch() or retry_failures():
                continue
        except (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError) as error:
            logger.warning("outbox: the database is away", extra={"error": type(error).__name__})
            django_connection.close()
        except Exception:
            logger.exception("outbox: handing on failed")
            django_connection.close()
        stop.wait(PAUSE_SECONDS)
    django_connection.close()


def dispatch(limit: int = AT_ONCE) -> int:
    """Hand on the oldest waiting events, all in one transaction. Returns how many; 0 also while another does it."""
    with transaction.atomic():
        if not _is_mine():
            return 0
        rows = (
            current_connection()
            .execute(
                """WITH next AS (
                    SELECT id FROM core_outboxevent WHERE published_at IS NULL ORDER BY id LIMIT %s FOR UPDATE),
                numbered AS (
                    SELECT id, nextval('core_outbox_position') AS position FROM (SELECT id FROM next ORDER BY id) AS n)
            UPDATE core_outboxevent AS e SET published_at = now(), position = numbered.position
            FROM numbered WHERE e.id = numbered.id
            RETURNING e.id, e.position, e.name, e.payload, e.actor_id, e.occurred_at""",
                (limit,),
            )
            .fetchall()
        )
        events = sorted((_event(row) for row in rows), key=lambda event: event.position)
        for event in events:
            for subscriber in subscribers(event.name):
                if error := _show(subscriber, event):
                    _note_failure(event, subscriber.name, error)
        return len(events)


def retry_failures(limit: int = 20) -> int:
    """Show events again to subscribers that could not take them, later and later, then give up. Returns how many."""
    with transaction.atomic():
        if not _is_mine():
            return 0
        rows = (
            current_connection()
            .execute(
                """SELECT e.id, e.position, e.name, e.payload, e.actor_id, e.occurred_at, f.id, f.subscriber
                   FROM core_outboxfailure AS f JOIN core_outboxevent AS e ON e.id = f.event_id
                   WHERE f.next_at <= now() ORDER BY f.id LIMIT %s FOR UPDATE OF f""",
                (limit,),
            )
            .fetchall()
        )
        for *row, failure_id, name in rows:
            event = _event(tuple(row))
            subscriber = next((one for one in subscribers(event.name) if one.name == name), None)
            if subscriber is None or not (error := _show(subscriber, event)):
                current_connection().execute("DELETE FROM core_outboxfailure WHERE id = %s", (failure_id,))
            else:
                _note_failure(event, name, error)
        return len(rows)


def prune(older_than: timedelta = KEPT_FOR) -> int:
    """Forget events that were handed on long ago; the change feed reaches back no further."""
    total = 0
    while True:
        gone = (
            current_connection()
            .execute(
                """DELETE FROM core_outboxevent WHERE id IN (
                   SELECT id FROM core_outboxevent WHERE published_at < now() - %s
                   AND NOT EXISTS (SELECT FROM core_outboxfailure AS f WHERE f.event_id = core_outboxevent.id
                                   AND f.next_at IS NOT NULL) LIMIT %s)""",
                (older_than, PRUNED_AT_ONCE),
            )
            .rowcount
        )
        total += gone
        if gone < PRUNED_AT_ONCE:
            return total


def published_after(position: int, *, names: tuple[str, ...], limit: int) -> list[PublishedEvent]:
    """The next events of these names after a position."""
    rows = current_connection().execute(
        """SELECT id, position, name, payload, actor_id, occurred_at FROM core_outboxevent
           WHERE position > %s AND name = ANY(%s) ORDER BY position LIMIT %s""",
        (position, list(names), limit),
    )
    return [_event(row) for row in rows.fetchall()]


def reach() -> tuple[int, int]:
    """(the position before the oldest event kept, the newest position given)."""
    row = (
        current_connection()
        .execute(
            "SELECT (SELECT min(position) FROM core_outboxevent),"
            " (SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM core_outbox_position)"
        )
        .fetchone()
    )
    assert row is not None
    oldest, newest = row
    return (newest if oldest is None else oldest - 1), newest


def _is_mine() -> bool:
    row = (
        current_connection().execute("SELECT pg_try_advisory_xact_lock(%s, 0)", (int(AdvisoryLock.OUTBOX),)).fetchone()
    )
    return row is not None and bool(row[0])


def _event(row: tuple[Any, ...]) -> PublishedEvent:
    id_, position, name, payload, actor_id, occurred_at = row
    body = msgspec.json.decode(payload) if isinstance(payload, str | bytes) else payload
    return PublishedEvent(id_, position, name, body, actor_id, occurred_at)


def _show(subscriber: Subscriber, event: PublishedEvent) -> str:
    """What went wrong, or nothing. A subscriber's failure is its own: the others, and the event, go on."""
    try:
        with transaction.atomic():
            subscriber.take(event)
    except (django.db.OperationalError, django.db.InterfaceError):
        raise
    except Exception as error:
        logger.exception("a subscriber failed", extra={"subscriber": subscriber.name, "event": event.id})
        return f"{type(error).__name__}: {error}"[:2000].replace("\x00", "")
    return ""


def _note_failure(event: PublishedEvent, subscriber: str, error: str) -> None:
    """Minutes between the tries: 1, 2, 4, 8, 16; then it is given up and stays to be seen."""
    current_connection().execute(
        """INSERT INTO core_outboxfailure AS f (event_id, subscriber, error, attempts, next_at)
           VALUES (%s, %s, %s, 1, now() + interval '1 minute')
           ON CONFLICT (event_id, subscriber) DO UPDATE SET error = excluded.error, attempts = f.attempts + 1,
               next_at = CASE WHEN f.attempts + 1 < %s THEN now() + interval '1 minute' * (2 ^ f.attempts) END""",
        (event.id, subscriber, error, MAX_ATTEMPTS),
    )
