"""What the worker does by the clock: chores once a day, a backup every night where one is wanted."""

import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import psycopg
from django.db import OperationalError, connection

from kehu.config import backup_key, config
from kehu.core import jobs
from kehu.core.background import backup_notes, chores
from kehu.operate.backup import make_backup, verify_backup
from kehu.operate.backup.making import backup_name, remove_old

logger = logging.getLogger(__name__)
CHORES: Final = "operate.chores"
BACKUP: Final = "operate.backup"
EVERY: Final = timedelta(hours=24)
BACKUP_HOUR: Final = 3


def ensure_schedules() -> None:
    """Have the jobs in the queue, each once. A worker asks for it when it starts."""
    try:
        jobs.enqueue(CHORES, {}, queueing_key=CHORES)
        if config.backup_dir is not None:
            jobs.enqueue(BACKUP, {}, queueing_key=BACKUP, delay=until_night(datetime.now(UTC)))
    except (OperationalError, psycopg.OperationalError):
        logger.warning("schedules: the database is away")
    finally:
        connection.close()


def until_night(now: datetime) -> timedelta:
    """Until the next three o'clock where the company is."""
    local = now.astimezone(ZoneInfo(config.time_zone))
    night = local.replace(hour=BACKUP_HOUR, minute=0, second=0, microsecond=0)
    return (night if night > local else night + timedelta(days=1)).astimezone(UTC) - now


def _again(kind: str, delay: Callable[[], timedelta]) -> Callable[[Mapping[str, Any], str, str], None]:
    def enqueue(payload: Mapping[str, Any], state: str, error: str) -> None:
        jobs.enqueue(kind, {}, queueing_key=kind, delay=delay())

    return enqueue


@jobs.job(CHORES, ended=_again(CHORES, lambda: EVERY))
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


@jobs.job(BACKUP, ended=_again(BACKUP, lambda: until_night(datetime.now(UTC))))
def back_up(context: jobs.JobContext) -> Mapping[str, Any]:
    """Make a backup, prove it, and only then let go of old ones. A backup that does not restore alike is kept apart."""
    folder = config.backup_dir
    if folder is None:
        return {"skipped": "KEHU_BACKUP_DIR is not set"}
    path = folder / backup_name(datetime.now(UTC))
    make_backup(
        dsn=config.backup_database_url,
        target=path,
        key=backup_key(),
        files=config.data_dir / "files",
        notes=backup_notes,
    )
    context.checkpoint()
    unlike = verify_backup(path, backup_key())
    if unlike:
        path = path.replace(path.with_suffix(".unproved"))
        logger.error("a backup does not restore alike", extra={"path": str(path), "differences": unlike[:20]})
        return {"path": str(path), "verified": False, "differences": unlike[:100]}
    removed = remove_old(folder, config.backup_keep)
    return {"path": str(path), "bytes": path.stat().st_size, "verified": True, "removed": len(removed)}
