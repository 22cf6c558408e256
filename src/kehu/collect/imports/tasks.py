"""The jobs that run an import and that take one back."""

from collections.abc import Mapping
from typing import Any

from django.db.models.functions import Now

from kehu.collect.imports.running import Position, run_import
from kehu.collect.imports.undoing import UNDO, run_undo, undo_ended
from kehu.collect.models import Import
from kehu.core.jobs import JobContext, job

RUN = "import.run"


def import_ended(payload: Mapping[str, Any], state: str, error: str) -> None:
    found = Import.objects.filter(pk=payload["import_id"])
    if state == Import.State.CANCELLED:
        found.filter(is_pausing=True).update(state=Import.State.PAUSED)
        found = found.filter(is_pausing=False)
    found.update(state=state, finished_at=Now())


@job(RUN, ended=import_ended)
def run_import_job(context: JobContext) -> Mapping[str, Any]:
    """Resumes where the last committed batch ended, of this job or (start_at) of the one it continues."""

    def save(position: Position) -> None:
        context.progress(position.handled, position.total)

    start_at = max(context.position, int(context.payload.get("start_at", 0)))
    return run_import(int(context.payload["import_id"]), start_at, context.checkpoint, save)


def _undo_ended(payload: Mapping[str, Any], state: str, error: str) -> None:
    undo_ended(int(payload["import_id"]), state)


@job(UNDO, ended=_undo_ended)
def undo_import_job(context: JobContext) -> Mapping[str, Any]:
    def save(position: Position) -> None:
        context.progress(position.handled, position.total)

    return run_undo(int(context.payload["import_id"]), context.checkpoint, save)
