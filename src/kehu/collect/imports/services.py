"""Importing a file, step by step: upload, propose, preview, start; pause, cancel, resume, undo.

Rows already imported are recognised by their content's address (file, row, mapping): nothing is ever added twice.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from django.db import transaction

from kehu.clean.row_mapping import FilePart, RowMapping, Step, check_mapping, mapping_hash, parse_mapping
from kehu.collect.imports import proposing
from kehu.collect.imports.drafts import with_guessed, with_step
from kehu.collect.imports.errors import ImportRunning, NothingToResume
from kehu.collect.imports.proposing import SHAPES, Preview, Proposal
from kehu.collect.imports.readers import FileRefused, FileShape, look
from kehu.collect.imports.stored import import_by_id, locked_import, source_by_id
from kehu.collect.imports.tasks import RUN
from kehu.collect.imports.undoing import undo
from kehu.collect.models import Import, ImportProblem, Source
from kehu.core import jobs
from kehu.core.errors import InvalidInput
from kehu.core.files import chunks_of, file_store
from kehu.govern import audit
from kehu.govern.access import Actor, require

__all__ = [
    "add_step",
    "cancel",
    "keep_draft",
    "pause",
    "preview",
    "propose",
    "read_as",
    "resume",
    "start",
    "undo",
    "upload",
]

_LONGEST_NAME = 200
_DRAFTED = frozenset({Import.State.UPLOADED, Import.State.MAPPED})
_RESUMABLE = frozenset({Import.State.PAUSED, Import.State.CANCELLED, Import.State.FAILED})


def upload(file: BinaryIO | Path, *, file_name: str, actor: Actor, source_id: int | None = None) -> int:
    """Keep the file and look at it. Returns the import's id. Raises FileRefused, FileTooLarge."""
    require(actor, "import.run")
    if isinstance(file, Path):
        with file.open("rb") as opened:
            stored = file_store().put(chunks_of(opened))
    else:
        stored = file_store().put(chunks_of(file))
    try:
        shape = look(file_store().path(stored.key))
    except FileRefused:
        if not Import.objects.filter(file_path=stored.key).exists():
            file_store().delete(stored.key)
        raise
    with transaction.atomic():
        audit.act_as(actor, f"upload of {file_name[:100]}")
        imported = Import.objects.create(
            source_id=source_id,
            file_name=Path(file_name.replace("\x00", "")).name[:_LONGEST_NAME] or "file",
            file_path=stored.key,
            file_hash=stored.digest,
            format=shape.format,
            encoding=shape.encoding,
            rows_total=shape.row_count,
            created_by_id=actor.user_id,
        )
    return imported.pk


def propose(
    import_id: int, *, actor: Actor, source_id: int | None = None, file: Mapping[str, Any] | None = None
) -> Proposal:
    """Columns with samples and a mapping to confirm: the draft, else the one last used for such a file, else a guess.

    file: how to read it when finding out went wrong (sheet, encoding, delimiter, header_row); a draft is left aside.
    """
    require(actor, "import.run")
    imported = import_by_id(import_id)
    chosen = source_id or imported.source_id
    source = source_by_id(chosen) if chosen else None
    wanted = _file_part(file)
    proposal = proposing.propose(
        import_id,
        file_store().path(imported.file_path),
        file=wanted,
        draft=imported.mapping if wanted is None and imported.state in _DRAFTED else None,
        source_mapping=source.mapping if source else None,
    )
    if wanted is not None:
        proposal.mapping["file"] = {**proposal.mapping.get("file", {}), **dict(file or {})}
    return proposal


def keep_draft(import_id: int, mapping: Mapping[str, Any], *, actor: Actor, is_confirmed: bool = False) -> None:
    """Keep a mapping that is being worked on, so that it can be left and come back to.

    is_confirmed: what is left is to look at the result and to start. Raises InvalidInput, ImportRunning.
    """
    require(actor, "import.run")
    state = Import.State.MAPPED if is_confirmed else Import.State.UPLOADED
    parsed = _storable(parse_mapping(mapping))
    with transaction.atomic():
        if locked_import(import_id).state not in _DRAFTED:
            raise ImportRunning(import_id)
        audit.act_as(actor, "import drafted")
        Import.objects.filter(pk=import_id).update(mapping=parsed.to_json(), state=state)


def read_as(import_id: int, file: Mapping[str, Any], *, actor: Actor) -> Proposal:
    """Read the file another way; what was drafted for the columns it seemed to have is dropped. Raises FileRefused."""
    proposal = propose(import_id, actor=actor, file=file)
    keep_draft(import_id, proposal.mapping, actor=actor)
    return proposal


def add_step(import_id: int, mapping: Mapping[str, Any], step: Step, *, actor: Actor) -> None:
    """Put a transform behind those of the draft; columns it makes get the meaning guessed from their values."""
    imported = import_by_id(import_id)
    draft = with_step(mapping, step)
    keep_draft(import_id, draft, actor=actor)
    proposal = proposing.propose(import_id, file_store().path(imported.file_path), draft=draft)
    known = {column.column for column in proposal.columns if column.role}
    made = [column for column in step.makes if column not in known]
    guessed = proposing.guess_columns_of(proposal, made)
    if guessed:
        keep_draft(import_id, with_guessed(draft, guessed), actor=actor)


def preview(
    import_id: int, mapping: Mapping[str, Any] | RowMapping, *, actor: Actor, source_id: int | None = None, n: int = 20
) -> Preview:
    """What the first n rows would become under the mapping; nothing is written. Raises InvalidInput."""
    require(actor, "import.run")
    imported = import_by_id(import_id)
    parsed = mapping if isinstance(mapping, RowMapping) else parse_mapping(mapping)
    path = file_store().path(imported.file_path)
    _check(parsed, look(path, parsed.file))
    chosen = source_id or imported.source_id
    source = source_by_id(chosen) if chosen else None
    return proposing.preview(path, parsed, proposing.source_view(source), n)


@transaction.atomic
def start(
    import_id: int, *, source_id: int, mapping: Mapping[str, Any] | RowMapping, actor: Actor, reason: str = ""
) -> int:
    """Fix source and mapping, remember the mapping for files of these columns, and queue the job. Returns its id.

    Raises InvalidInput for a mapping that does not fit the file, ImportRunning.
    """
    require(actor, "import.run")
    parsed = _storable(mapping if isinstance(mapping, RowMapping) else parse_mapping(mapping))
    imported = locked_import(import_id)
    if imported.state in (Import.State.RUNNING, Import.State.UNDOING):
        raise ImportRunning(import_id)
    shape = look(file_store().path(imported.file_path), parsed.file)
    _check(parsed, shape)
    audit.act_as(actor, reason or f"import of {imported.file_name}")
    _remember(source_id, parsed, shape)
    ImportProblem.objects.filter(imported=imported).delete()
    job_id = jobs.enqueue(RUN, {"import_id": import_id}, queueing_key=f"import:{import_id}", actor_id=actor.user_id)
    Import.objects.filter(pk=import_id).update(
        source_id=source_id,
        mapping=parsed.to_json(),
        encoding=shape.encoding,
        state=Import.State.RUNNING,
        rows_total=shape.row_count,
        rows_sent=0,
        rows_repeated=0,
        rows_problem=0,
        rows_taken_back=0,
        is_pausing=False,
        job_id=job_id,
        finished_at=None,
        undone_at=None,
    )
    return job_id


def cancel(import_id: int, *, actor: Actor) -> bool:
    """Stop a running import after its current batch. What was appended stays. False when it was over already."""
    return _stop(import_id, actor, Import.State.CANCELLED)


def pause(import_id: int, *, actor: Actor) -> bool:
    """Like cancel, but meant to be resumed: the list says so."""
    return _stop(import_id, actor, Import.State.PAUSED)


@transaction.atomic
def _stop(import_id: int, actor: Actor, state: Import.State) -> bool:
    require(actor, "import.run")
    imported = locked_import(import_id)
    if imported.state != Import.State.RUNNING or imported.job_id is None:
        return False
    audit.act_as(actor, f"import {state.value}")
    Import.objects.filter(pk=import_id).update(is_pausing=state == Import.State.PAUSED)
    stopped = jobs.cancel(imported.job_id)
    if stopped and jobs.view(imported.job_id).is_over:  # it had not begun: no worker will say so
        Import.objects.filter(pk=import_id).update(state=state)
    return stopped


@transaction.atomic
def resume(import_id: int, *, actor: Actor) -> int:
    """Go on with a paused, cancelled or failed import after its last committed batch. Returns the new job's id."""
    require(actor, "import.run")
    imported = locked_import(import_id)
    if imported.state not in _RESUMABLE or imported.job_id is None:
        raise NothingToResume(import_id, imported.state)
    audit.act_as(actor, "import resumed")
    start_at = jobs.view(imported.job_id).done
    payload = {"import_id": import_id, "start_at": start_at}
    job_id = jobs.enqueue(RUN, payload, queueing_key=f"import:{import_id}", actor_id=actor.user_id)
    Import.objects.filter(pk=import_id).update(
        state=Import.State.RUNNING, job_id=job_id, finished_at=None, is_pausing=False
    )
    return job_id


def _remember(source_id: int, mapping: RowMapping, shape: FileShape) -> None:
    source = Source.objects.select_for_update().get(pk=source_id)
    key = mapping_hash(mapping)
    shapes = {**source.mapping.get(SHAPES, {}), proposing.shape_key(shape.columns): key}
    source.mapping = {**source.mapping, key: mapping.to_json(), SHAPES: shapes}
    source.save(update_fields=["mapping"])


def _storable(mapping: RowMapping) -> RowMapping:
    """A JSON column cannot hold the character NUL."""
    if b"\\u0000" in msgspec.json.encode(mapping.to_json()):
        raise InvalidInput("mapping", "holds the character NUL.")
    return mapping


def _check(mapping: RowMapping, shape: FileShape) -> None:
    check_mapping(mapping, {*shape.columns, *shape.lists})


def _file_part(file: Mapping[str, Any] | None) -> FilePart | None:
    return parse_mapping({"file": dict(file)}).file if file else None
