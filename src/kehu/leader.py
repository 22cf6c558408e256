"""The leader: one process at a time takes windows of messages down the road, and survives what kills it.

Attempts are committed before the work, so a window that kills its worker is found out: after two crashes it is halved,
and a single message that keeps crashing goes to the dead letters after three.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Final, NamedTuple

import django.db
import psycopg

from kehu import pipeline
from kehu.collect import inbox
from kehu.collect.inbox import SHARDS, Message
from kehu.config import config
from kehu.core import traffic
from kehu.core.database import AdvisoryLock, Connection, lock_in_transaction, open_connection, set_statements
from kehu.core.failpoints import failpoint
from kehu.core.garbage import collection_paused
from kehu.core.write_behind import writing_behind
from kehu.pipeline import Road, WindowReport
from kehu.read_ahead import ReadAhead
from kehu.resolve.store.evidence import take_resettle
from kehu.resolve.warm_up import warm_up

logger = logging.getLogger(__name__)

WINDOW: Final = 2000
RESETTLE_WINDOW: Final = 500
ATTEMPTS_BEFORE_HALVING: Final = 2
ATTEMPTS_OF_ONE: Final = 3
# Ends of a connection or a transaction that no message can cause: the attempt does not count against its window.
_NO_FAULT_OF_MESSAGES: Final = (
    psycopg.errors.AdminShutdown,
    psycopg.errors.CrashShutdown,
    psycopg.errors.CannotConnectNow,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.SerializationFailure,
    django.db.OperationalError,  # of Django's own connection, which reads rules and never a message
)
_PAUSE_SECONDS: Final = 0.2
_STAND_BY_SECONDS: Final = 1.0


class Deposed(Exception):
    """Another leader took over: its fencing token is newer than ours."""


class WindowFailed(Exception):
    """A window came to nothing. Its cause is the error, `shard` where it happened."""

    def __init__(self, shard: int) -> None:
        super().__init__(f"a window of shard {shard} failed")
        self.shard = shard


class Claim(NamedTuple):
    """A window as claimed: the messages, and how often it was tried before."""

    messages: list[Message]
    attempts: int


def is_free_to_lead(connection: Connection) -> bool:
    """Take the leadership for as long as the connection lives, unless another process holds it."""
    row = connection.execute("SELECT pg_try_advisory_lock(%s, 0)", (int(AdvisoryLock.LEADERSHIP),)).fetchone()
    return row is not None and bool(row[0])


def become_leader(connection: Connection) -> int:
    """Draw a fencing token: every window of an older leader is refused from now on."""
    with connection.transaction():
        row = connection.execute("UPDATE collect_leader SET fence = fence + 1 WHERE id = 1 RETURNING fence").fetchone()
    assert row is not None
    return int(row[0])


def run_window(
    connection: Connection, shard: int, road: Road, *, fence: int | None = None, limit: int = WINDOW
) -> WindowReport | None:
    """Take the next window of a shard down the road; None when there is nothing to do."""
    with set_statements(connection), collection_paused():
        claim = _claim(connection, shard, limit)
        if not claim.messages:
            return None
        failpoint("leader.claimed")
        _look_ahead(connection, shard, road, claim, limit)
        with connection.transaction():
            lock_in_transaction(connection, AdvisoryLock.LEADER)
            _check_fence(connection, fence)
            if not _is_still_ours(connection, shard, claim):
                return WindowReport()
            if len(claim.messages) == 1 and claim.attempts >= ATTEMPTS_OF_ONE:
                report = _give_up(connection, claim)
            else:
                waiting = [message for message in claim.messages if not message.is_inline]
                with writing_behind(connection):
                    report = pipeline.travel(connection, waiting, road)
            _advance(connection, shard, claim.messages[-1].seq)
            failpoint("leader.before_commit")
        failpoint("leader.after_commit")
        return report


def _look_ahead(connection: Connection, shard: int, road: Road, claim: Claim, limit: int) -> None:
    if road.ahead is not None:
        road.ahead.arrive()
        road.ahead.look(connection, shard, claim.messages[-1].seq, limit, road.sources.all(connection))


def settle_again(connection: Connection, road: Road, *, fence: int | None = None) -> int:
    """Solve again what is queued for it; returns how many records were taken from the queue."""
    with set_statements(connection), collection_paused(), connection.transaction():
        lock_in_transaction(connection, AdvisoryLock.LEADER)
        _check_fence(connection, fence)
        queued = take_resettle(connection, RESETTLE_WINDOW)
        if queued:
            with writing_behind(connection):
                pipeline.travel(connection, [], road, resettle=queued)
        return len(queued)


def run_to_quiescence(
    connection: Connection, road: Road | None = None, *, on_window: Callable[[WindowReport], None] | None = None
) -> WindowReport:
    """Work until nothing waits: no message in any shard and nothing to settle again."""
    warm_up()
    total = WindowReport()
    with ReadAhead() as ahead:
        road = replace(road or Road.today(), ahead=ahead)
        while True:
            idle = True
            for shard in range(SHARDS):
                report = run_window(connection, shard, road)
                if report is not None:
                    idle = False
                    total.add(report)
                    if on_window:
                        on_window(report)
            if idle and settle_again(connection, road) == 0:
                return total


def work_off(*, on_window: Callable[[WindowReport], None] | None = None) -> WindowReport:
    """run_to_quiescence on a connection of its own, as the worker has: Django's connection cannot write behind."""
    with open_connection(config.database_url) as connection:
        return run_to_quiescence(connection, on_window=on_window)


def lead(url: str, stop: threading.Event) -> None:
    """Be the leader until told to stop; reconnect when the database goes away. Another leader's token ends it.

    After a failed window the connection and all that was remembered beside it are made anew: the next try meets the
    message alone, not what an earlier failure left behind. In the end the culprit is buried.
    """
    warm_up()
    forgiven: int | None = None
    while not stop.is_set():
        django.db.connections.close_all()  # the rules are read by Django, whose connection died with ours
        try:
            with open_connection(url) as connection:
                if forgiven is not None:
                    _take_back_attempt(connection, forgiven)
                    forgiven = None
                _lead_on(connection, stop)
        except WindowFailed as failed:
            error = failed.__cause__
            forgiven = failed.shard if isinstance(error, _NO_FAULT_OF_MESSAGES) else None
            logger.warning("window failed", extra={"shard": failed.shard}, exc_info=error)
            stop.wait(_PAUSE_SECONDS)
        except (psycopg.OperationalError, django.db.OperationalError) as error:
            logger.warning("database gone, will try again", extra={"error": str(error).strip()})
            stop.wait(1.0)
        except Deposed:
            logger.warning("another leader took over")
            stop.wait(5.0)


def _lead_on(connection: Connection, stop: threading.Event) -> None:
    while not is_free_to_lead(connection):
        if stop.wait(_STAND_BY_SECONDS):
            return
    fence = become_leader(connection)
    logger.info("leading", extra={"fence": fence})
    with ReadAhead() as ahead:
        _work(connection, stop, replace(Road.today(), ahead=ahead), fence)


def _work(connection: Connection, stop: threading.Event, road: Road, fence: int) -> None:
    while not stop.is_set():
        worked = False
        for shard in range(SHARDS):
            try:
                worked |= run_window(connection, shard, road, fence=fence) is not None
            except Deposed:
                raise
            except Exception as error:
                raise WindowFailed(shard) from error
        if not worked and settle_again(connection, road, fence=fence) == 0:
            stop.wait(_PAUSE_SECONDS)


def _take_back_attempt(connection: Connection, shard: int) -> None:
    connection.execute(
        "UPDATE collect_shardoffset SET window_attempts = window_attempts - 1 WHERE shard = %s AND window_attempts > 0",
        (shard,),
    )


def _claim(connection: Connection, shard: int, limit: int) -> Claim:
    """Choose the next window and put the attempt on record before working on it."""
    with connection.transaction():
        row = connection.execute(
            "SELECT seq, window_until, window_attempts FROM collect_shardoffset WHERE shard = %s FOR UPDATE", (shard,)
        ).fetchone()
        assert row is not None
        seq, until, attempts = row
        messages = inbox.read_window(connection, shard, seq, limit)
        if until is not None and attempts:
            messages = [message for message in messages if message.seq <= until] or messages
            if attempts >= ATTEMPTS_BEFORE_HALVING and len(messages) > 1:
                messages, attempts = messages[: len(messages) // 2], 0
        if messages:
            connection.execute(
                "UPDATE collect_shardoffset SET window_until = %s, window_attempts = %s WHERE shard = %s",
                (messages[-1].seq, attempts + 1, shard),
            )
        return Claim(messages, attempts)


def _is_still_ours(connection: Connection, shard: int, claim: Claim) -> bool:
    row = connection.execute("SELECT seq FROM collect_shardoffset WHERE shard = %s FOR UPDATE", (shard,)).fetchone()
    return row is not None and int(row[0]) < claim.messages[0].seq


def _check_fence(connection: Connection, fence: int | None) -> None:
    if fence is None:
        return
    row = connection.execute("SELECT fence FROM collect_leader WHERE id = 1").fetchone()
    if row is None or int(row[0]) != fence:
        raise Deposed


def _advance(connection: Connection, shard: int, seq: int) -> None:
    connection.execute(
        "UPDATE collect_shardoffset SET seq = %s, window_until = NULL, window_attempts = 0, updated_at = now() "
        "WHERE shard = %s",
        (seq, shard),
    )


def _give_up(connection: Connection, claim: Claim) -> WindowReport:
    message = claim.messages[0]
    inbox.bury(connection, message, "crash", f"its window failed {claim.attempts} times: see the log of the worker")
    traffic.record_window(connection, claim.messages, [])
    logger.error("message buried", extra={"shard": message.shard, "seq": message.seq})
    report = WindowReport(messages=1)
    report.rejected["crash"] += 1
    return report
