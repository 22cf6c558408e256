"""The loop that does the jobs: claim, beat, run, end. Any number of workers may run it side by side."""

import logging
import random
from collections.abc import Mapping
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import django.db
import psycopg
from django.db import close_old_connections, connection, transaction
from django.utils.module_loading import autodiscover_modules

from kehu.core import bus
from kehu.core.database import current_connection
from kehu.core.errors import DomainError
from kehu.core.jobs import queue
from kehu.core.jobs.context import JobContext
from kehu.core.jobs.errors import Cancelled, JobNotRunnable, LeaseLost, WorkerStopping
from kehu.core.jobs.registry import kind_of, known_kinds

logger = logging.getLogger(__name__)
ENDED = "job.ended"
"""The event of a job that a person began: its number, kind and state."""
LEASE = timedelta(seconds=30)
POLL_SECONDS = 0.5
SWEEP_EVERY_SECONDS = 5.0
LONGEST_BEAT_SECONDS = 2.0
_DATABASE_ERRORS = (django.db.OperationalError, django.db.InterfaceError, psycopg.OperationalError)


def run_jobs(stop: Event, *, threads: int = 2, lease: timedelta = LEASE) -> None:
    """Do jobs until `stop` is set; running ones then go back to the queue at their next checkpoint."""
    autodiscover_modules("tasks")
    others = [Thread(target=_loop, args=(stop, lease), name=f"jobs-{n}") for n in range(1, threads)]
    for thread in others:
        thread.start()
    try:
        _loop(stop, lease)
    finally:
        for thread in others:
            thread.join()


def run_job_here(job_id: int, stop: Event | None = None, *, lease: timedelta = LEASE) -> None:
    """Do one job in this process, for the command line. Raises JobNotRunnable if somebody else has it."""
    autodiscover_modules("tasks")
    claimed = queue.claim(current_connection(), known_kinds(), lease, job_id)
    if claimed is None:
        raise JobNotRunnable(job_id)
    _run(claimed, stop or Event(), lease)


def _loop(stop: Event, lease: timedelta) -> None:
    since_sweep = SWEEP_EVERY_SECONDS
    while not stop.is_set():
        try:
            close_old_connections()
            if since_sweep >= SWEEP_EVERY_SECONDS:
                sweep_jobs()
                since_sweep = 0.0
            claimed = queue.claim(current_connection(), known_kinds(), lease)
            if claimed is not None:
                since_sweep = SWEEP_EVERY_SECONDS
                _run(claimed, stop, lease)
                continue
        except _DATABASE_ERRORS as error:
            logger.warning("jobs: the database is away", extra={"error": type(error).__name__})
            connection.close()
            stop.wait(1.0 + random.random())
        stop.wait(POLL_SECONDS)
        since_sweep += POLL_SECONDS
    connection.close()


def sweep_jobs() -> int:
    """End the jobs no worker will end, and tell their rooms. Returns how many."""
    with transaction.atomic():
        ended = queue.sweep(current_connection())
        for job in ended:
            _tell(job)
    return len(ended)


def _run(claimed: queue.Claimed, stop: Event, lease: timedelta) -> None:
    context = JobContext(claimed, lease, stop)
    silence = Event()
    heart = Thread(target=_beat, args=(context, silence, lease), name=f"heart-{claimed.id}", daemon=True)
    heart.start()
    try:
        result = kind_of(claimed.kind).handler(context)
    except LeaseLost:
        logger.warning("job lost its lease", extra={"job": claimed.id, "fence": claimed.fence})
    except Cancelled:
        _end(claimed, queue.CANCELLED)
    except WorkerStopping:
        _give_back(claimed, timedelta(0), "", counts=False)
    except DomainError as error:
        _end(claimed, queue.FAILED, error=str(error))
    except Exception as error:
        logger.exception("job failed", extra={"job": claimed.id, "kind": claimed.kind})
        _retry(claimed, error)
    else:
        _end(claimed, queue.DONE, result=result)
    finally:
        silence.set()
        heart.join()


def _retry(claimed: queue.Claimed, error: Exception) -> None:
    connection.close()
    text = f"{type(error).__name__}: {error}"
    if claimed.attempts >= claimed.max_attempts:
        _end(claimed, queue.FAILED, error=f"Tried {claimed.attempts} times. {text}")
    else:
        _give_back(claimed, timedelta(seconds=2**claimed.attempts + random.random()), text, counts=True)


def _end(claimed: queue.Claimed, state: str, *, result: Mapping[str, Any] | None = None, error: str = "") -> None:
    """One transaction with what the room does about it; again on a new connection when the database was away."""

    def close() -> None:
        with transaction.atomic():
            if queue.end(current_connection(), claimed, state, result=result, error=error):
                _tell(queue.Ended(claimed.id, claimed.kind, claimed.payload, state, error, claimed.actor_id))

    _with_patience(close)


def _give_back(claimed: queue.Claimed, delay: timedelta, error: str, *, counts: bool) -> None:
    _with_patience(lambda: queue.give_back(current_connection(), claimed, delay=delay, error=error, counts=counts))


def _with_patience(write: Any, tries: int = 5) -> None:
    """The write names the fence, so doing it twice is harmless; giving up leaves it to the lease."""
    for attempt in range(1, tries + 1):
        try:
            write()
            return
        except _DATABASE_ERRORS:
            connection.close()
            if attempt == tries:
                logger.warning("jobs: could not say how the job ended; its lease will run out")
                return
            Event().wait(attempt * 0.5)


def _tell(job: queue.Ended) -> None:
    """The room it belongs to, and whoever listens for jobs of people."""
    ended = kind_of(job.kind).ended if job.kind in known_kinds() else None
    if ended is not None:
        ended(job.payload, job.state, job.error)
    if job.actor_id is not None:
        bus.publish(ENDED, {"job": job.id, "kind": job.kind, "state": job.state}, actor_id=job.actor_id)


def _beat(context: JobContext, silence: Event, lease: timedelta) -> None:
    """At most a third of the lease between beats: two may fail before it is lost. A beat also hears of a cancel."""
    try:
        while not silence.wait(min(lease.total_seconds() / 3, LONGEST_BEAT_SECONDS)):
            try:
                if not context.beat(current_connection()):
                    return
            except _DATABASE_ERRORS:
                connection.close()
    finally:
        connection.close()
