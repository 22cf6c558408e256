"""Undoing a whole import: every message it put into the inbox is taken back, batch by batch.

What then happens to customers is the road's business (kehu/retraction.py): afterwards they are as if the file had
never been imported, and what was imported, typed or decided since stays.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now

from kehu.collect import retractions
from kehu.collect.imports.errors import NothingToUndo
from kehu.collect.imports.running import Position
from kehu.collect.imports.stored import locked_import
from kehu.collect.models import Import
from kehu.core import jobs
from kehu.core.database import current_connection
from kehu.govern import audit
from kehu.govern.access import Actor, require

UNDO = "import.undo"
BATCH_MESSAGES = 1_000
_UNDOABLE = frozenset({Import.State.DONE, Import.State.FAILED, Import.State.CANCELLED, Import.State.PAUSED})


@transaction.atomic
def undo(import_id: int, *, actor: Actor, reason: str) -> int:
    """Queue the job that takes the import back. Returns its id. Raises NothingToUndo.

    An undo that was interrupted goes on where it stopped when it is asked for again.
    """
    require(actor, "import.run")
    imported = locked_import(import_id)
    is_stuck = imported.state == Import.State.UNDOING and (
        imported.job_id is None or jobs.view(imported.job_id).is_over
    )
    if imported.state not in _UNDOABLE and not is_stuck:
        raise NothingToUndo(import_id, imported.state)
    audit.act_as(actor, reason)
    job_id = jobs.enqueue(UNDO, {"import_id": import_id}, queueing_key=f"import:{import_id}", actor_id=actor.user_id)
    Import.objects.filter(pk=import_id).update(
        state=Import.State.UNDOING, job_id=job_id, undone_by_id=actor.user_id, is_pausing=False
    )
    return job_id


def run_undo(import_id: int, checkpoint: Callable[[], None], save: Callable[[Position], None]) -> dict[str, int]:
    """Take back what is left of the import's messages. Doing it twice takes nothing back twice."""
    total = retractions.messages_to_retract(current_connection(), import_id)
    done = 0
    while True:
        checkpoint()
        with transaction.atomic():
            taken = retractions.retract_next(current_connection(), import_id, BATCH_MESSAGES)
            done += taken
            Import.objects.filter(pk=import_id).update(rows_taken_back=F("rows_taken_back") + taken)
            save(Position(done, max(total, done)))
        if not taken:
            return {"taken_back": done}


def undo_ended(import_id: int, state: str) -> None:
    """One that failed or was stopped leaves the import half taken back, in its state: to be asked for again."""
    if state == Import.State.DONE:
        Import.objects.filter(pk=import_id).update(state=Import.State.UNDONE, undone_at=Now())
