"""What the worker does by the clock: chores once a day."""

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import psycopg
from django.db import OperationalError, connection

from kehu.core import jobs
from kehu.core.background import chores

logger = logging.getLogger(__name__)
CHORES: Final = "operate.chores"
EVERY: Final = timedelta(hours=24)


def ensure_schedules() -> None:
    """Have the jobs in the queue, each once. A worker asks for it when it starts."""
    try:
        jobs.enqueue(CHORES, {}, queueing_key=CHORES)
    except (OperationalError, psycopg.OperationalError):
        logger.warning("schedules: the database is away")
    finally:
        connection.close()


def _tomorrow(payload: Mapping[str, Any], state: str, error: str) -> None:
    jobs.enqueue(CHORES, {}, queueing_key=CHORES, delay=EVERY)


@jobs.job(CHORES, ended=_tomorrow)
def do_chores(context: jobs.JobContext) -> Mapping[str, Any]:
    """Every room's daily tidying; one that fails keeps none of the others from being done."""
    done: dict[str, Any] = {}
    for name, chore in chores().items():
        context.checkpoint()
        try:
            done[name] = chore()
        except (OperationalError, psycopg.OperationalError):
            raise
        except Exception as error:
            logger.exception("a chore failed", extra={"chore": name})
            done[name] = f"failed: {type(error).__name__}"
    return done
