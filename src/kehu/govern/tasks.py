"""What keeps the guard-rails in order: a small job every few minutes, which puts the next one in the queue."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
from django.contrib.sessions.models import Session
from django.db import OperationalError, connection
from django.db.models.functions import Now

from kehu.core import idempotency, jobs
from kehu.core.models import Job
from kehu.govern import rate_limits
from kehu.govern.audit_chain import chain_audit

logger = logging.getLogger(__name__)
UPKEEP = "govern.upkeep"
EVERY = timedelta(minutes=5)
_HISTORY_FOR = timedelta(days=1)


def ensure_upkeep() -> None:
    """Have the job in the queue, once. A worker asks for it when it starts; without a database the next one will."""
    try:
        jobs.enqueue(UPKEEP, {}, queueing_key=UPKEEP)
    except (OperationalError, psycopg.OperationalError):
        logger.warning("upkeep: the database is away")
    finally:
        connection.close()


def _next(payload: Mapping[str, Any], state: str, error: str) -> None:
    jobs.enqueue(UPKEEP, {}, queueing_key=UPKEEP, delay=EVERY)


@jobs.job(UPKEEP, ended=_next)
def keep_in_order(context: jobs.JobContext) -> Mapping[str, Any]:
    """Chain the audit trail; forget answers, counts, sessions and jobs of this kind that nobody asks for again."""
    chained = chain_audit()
    context.checkpoint()
    answers = idempotency.forget_old()
    counts = rate_limits.forget_old()
    sessions, _ = Session.objects.filter(expire_date__lt=Now()).delete()
    Job.objects.filter(kind=UPKEEP, finished_at__lt=Now() - _HISTORY_FOR).delete()
    return {"chained": chained, "answers": answers, "counts": counts, "sessions": sessions}
