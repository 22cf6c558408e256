"""Reads of imports: the list, one with its job, its problems."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count

from kehu.collect.models import Import, ImportProblem
from kehu.collect.retractions import waiting_of_import
from kehu.core.database import current_connection
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, require

PROBLEMS_PER_PAGE = 50
_OVER = frozenset(
    {Import.State.DONE, Import.State.FAILED, Import.State.CANCELLED, Import.State.PAUSED, Import.State.UNDONE}
)


@dataclass(frozen=True, slots=True)
class ImportView:
    """done/total: rows handled while it runs. error: why the job failed, for people."""

    id: int
    file_name: str
    format: str
    encoding: str
    state: str
    source_id: int | None
    source_name: str
    mapping: Mapping[str, Any]
    rows_total: int | None
    rows_sent: int
    rows_repeated: int
    rows_problem: int
    rows_taken_back: int
    job_id: int | None
    done: int
    total: int | None
    error: str
    is_cancelling: bool
    created_by_id: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        return self.state in _OVER


@dataclass(frozen=True, slots=True)
class ProblemCount:
    """field "" = the rows were not taken."""

    code: str
    field: str
    count: int


@dataclass(frozen=True, slots=True)
class ProblemView:
    id: int
    row: int
    field: str
    code: str
    detail: str
    raw: Mapping[str, Any]


def import_list(actor: Actor, *, before_id: int | None = None, limit: int = 50) -> list[ImportView]:
    """Newest first; before_id: the last id of the page before."""
    require(actor, "import.view")
    found = Import.objects.select_related("source", "job").order_by("-pk")
    if before_id is not None:
        found = found.filter(pk__lt=before_id)
    return [_view(imported) for imported in found[:limit]]


def import_view(actor: Actor, import_id: int) -> ImportView:
    require(actor, "import.view")
    try:
        return _view(Import.objects.select_related("source", "job").get(pk=import_id))
    except Import.DoesNotExist as error:
        raise NotFound("import", import_id) from error


def waiting_rows(actor: Actor, import_id: int) -> int:
    """Rows of the import, or of its undoing, that are in the inbox and not yet worked in."""
    require(actor, "import.view")
    return waiting_of_import(current_connection(), import_id)


def problem_counts(actor: Actor, import_id: int) -> list[ProblemCount]:
    """Most frequent first."""
    require(actor, "import.view")
    rows = (
        ImportProblem.objects.filter(imported_id=import_id)
        .values_list("code", "field")
        .annotate(count=Count("pk"))
        .order_by("-count", "code", "field")
    )
    return [ProblemCount(*row) for row in rows]


def problem_page(
    actor: Actor, import_id: int, *, after_id: int = 0, code: str = "", limit: int = PROBLEMS_PER_PAGE
) -> list[ProblemView]:
    """In the order of the file. raw holds personal data as it stood in the file: only for who may run imports."""
    require(actor, "import.run")
    found = ImportProblem.objects.filter(imported_id=import_id, pk__gt=after_id).order_by("pk")
    if code:
        found = found.filter(code=code)
    return [ProblemView(p.pk, p.row, p.field, p.code, p.detail, p.raw) for p in found[:limit]]


def _view(imported: Import) -> ImportView:
    job = imported.job
    is_running = imported.state == Import.State.RUNNING and job is not None
    return ImportView(
        id=imported.pk,
        file_name=imported.file_name,
        format=imported.format,
        encoding=imported.encoding,
        state=imported.state,
        source_id=imported.source_id,
        source_name=imported.source.name if imported.source else "",
        mapping=imported.mapping,
        rows_total=imported.rows_total,
        rows_sent=imported.rows_sent,
        rows_repeated=imported.rows_repeated,
        rows_problem=imported.rows_problem,
        rows_taken_back=imported.rows_taken_back,
        job_id=imported.job_id,
        done=job.progress_done if job else 0,
        total=(job.progress_total if job else None) or imported.rows_total,
        error=job.error if job and imported.state == Import.State.FAILED else "",
        is_cancelling=bool(is_running and job and job.cancel_requested),
        created_by_id=imported.created_by_id,
        created_at=imported.created_at,
        finished_at=imported.finished_at,
    )
