"""Jobs of this room: acts on many customers, files of lists, and the clearing away of old files."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kehu.core import jobs
from kehu.profile.services import bulk, export

CLEAR_FILES = "profile.clear_files"
EVERY = timedelta(minutes=30)


@jobs.job(bulk.RUN)
def run_bulk(context: jobs.JobContext) -> Mapping[str, Any]:
    return bulk.run_bulk(context)


@jobs.job(bulk.UNDO)
def undo_bulk(context: jobs.JobContext) -> Mapping[str, Any]:
    return bulk.run_undo(context)


def _next_clearing(payload: Mapping[str, Any], state: str, error: str) -> None:
    """Every export that is made keeps the clearing alive until nothing is left to clear."""
    if export.files_left():
        jobs.enqueue(CLEAR_FILES, {}, queueing_key=CLEAR_FILES, delay=EVERY)


@jobs.job(export.KIND, ended=_next_clearing)
def run_export(context: jobs.JobContext) -> Mapping[str, Any]:
    return export.run_export(context)


@jobs.job(CLEAR_FILES, ended=_next_clearing)
def clear_files(context: jobs.JobContext) -> Mapping[str, Any]:
    return {"files": export.delete_expired()}
