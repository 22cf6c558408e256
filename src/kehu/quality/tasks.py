"""The measurement as a job: once a day, and whenever somebody asks."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import psycopg
from django.db import OperationalError, connection
from django.utils import timezone

from kehu.core import jobs
from kehu.core.models import Job
from kehu.quality.measuring import measure

logger = logging.getLogger(__name__)
MEASURE = "quality.measure"
EVERY = timedelta(days=1)
_NOW, _DAILY = f"{MEASURE}.now", f"{MEASURE}.daily"


def ensure_measuring() -> None:
    """Have the daily measurement in the queue, once. A worker asks for it when it starts."""
    try:
        jobs.enqueue(MEASURE, {"is_daily": True}, queueing_key=_DAILY)
    except (OperationalError, psycopg.OperationalError):
        logger.warning("quality: the database is away")
    finally:
        connection.close()


def request_measuring(actor_id: int | None) -> int:
    """Queue a measurement beside the daily one; the id of the job. Asked for twice is done once."""
    return jobs.enqueue(MEASURE, {"is_daily": False}, queueing_key=_NOW, actor_id=actor_id)


def latest_measuring() -> jobs.JobView | None:
    """The job somebody asked for last."""
    found = (
        Job.objects.filter(kind=MEASURE, payload__is_daily=False).order_by("-pk").values_list("pk", flat=True).first()
    )
    return jobs.view(found) if found else None


def _again(payload: Mapping[str, Any], state: str, error: str) -> None:
    if payload.get("is_daily"):
        jobs.enqueue(MEASURE, {"is_daily": True}, queueing_key=_DAILY, delay=EVERY)


@jobs.job(MEASURE, ended=_again)
def run(context: jobs.JobContext) -> Mapping[str, Any]:
    return {"figures": measure(timezone.now().date())}
