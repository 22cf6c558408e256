"""Working figures out beside the road: what is due at once, what compares customers on a timer."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from threading import Event
from typing import Any

import psycopg
from django.db import connection as django_connection
from django.db import transaction
from django.db.utils import DatabaseError
from django.utils import timezone

from kehu.core import jobs
from kehu.core.database import AdvisoryLock, current_connection, lock_in_transaction, set_statements
from kehu.profile.figures import services
from kehu.profile.figures.standing import move_lifecycles_on, rate
from kehu.profile.figures.working import definitions_of, pages, refresh, rules_of, work_due
from kehu.profile.tags.rules import run_rules

logger = logging.getLogger(__name__)
EVERY = timedelta(hours=6)
_PAUSE_SECONDS = 2.0
_AFTER_TROUBLE_SECONDS = 10.0


def work_figures(stop: Event) -> None:
    """Until stopped: work out what is due, in short transactions."""
    is_entered = False
    while not stop.is_set():
        try:
            if not is_entered:
                jobs.enqueue(services.RATE, {}, queueing_key=services.RATE)
                is_entered = True
            with transaction.atomic(), set_statements(current_connection()) as connection:
                worked = work_due(connection, timezone.now())
        except (DatabaseError, psycopg.Error) as error:
            logger.warning("figures wait", extra={"error": type(error).__name__})
            django_connection.close()
            stop.wait(_AFTER_TROUBLE_SECONDS)
        else:
            if not worked:
                django_connection.close()
                stop.wait(_PAUSE_SECONDS)
    django_connection.close()


@jobs.job(services.FILL)
def fill_figures(context: jobs.JobContext) -> Mapping[str, Any]:
    """Everybody's figures anew, a page at a time, then a rating. May begin again: each page is what it is."""
    done = 0
    with set_statements(current_connection()) as connection:
        names = [one.name for one in definitions_of(connection)]
        row = connection.execute("SELECT count(*) FROM profile_customer").fetchone()
        total = int(row[0]) if row else 0
        for page in pages(connection):
            context.checkpoint()
            with transaction.atomic():
                lock_in_transaction(connection, AdvisoryLock.FIGURES)
                refresh(connection, page, timezone.now())
                done += len(page)
                context.progress(done, max(total, done), connection=connection)
    services.mark_filled(names)
    return {"customers": done, **_rate()}


def _next(payload: Mapping[str, Any], state: str, error: str) -> None:
    jobs.enqueue(services.RATE, {}, queueing_key=services.RATE, delay=EVERY)


@jobs.job(services.RATE, ended=_next)
def rate_customers(context: jobs.JobContext) -> Mapping[str, Any]:
    """Move lifecycles on, score RFM anew, give and take the tags that follow a rule."""
    result = _rate()
    context.checkpoint()
    return {**result, "tags": run_rules(context.checkpoint)}


def _rate() -> dict[str, int]:
    now = timezone.now()
    with transaction.atomic(), set_statements(current_connection()) as connection:
        lock_in_transaction(connection, AdvisoryLock.FIGURES)
        lifecycle, rating = rules_of(connection)
        moved, rated = move_lifecycles_on(connection, lifecycle, now), rate(connection, rating, now)
    services.mark_rated()
    return {"lifecycles": moved, "rated": rated}
