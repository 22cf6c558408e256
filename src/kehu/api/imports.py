"""Imports: upload a file, confirm how it is read, watch it run, fetch the rows that could not be taken."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, BinaryIO, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import BaseModel, Field

from kehu.api.jobs import job_out
from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Done, Input, JobOut, Limit, PageOf, RowId
from kehu.collect.imports import queries, services
from kehu.collect.imports.identities import identities_of
from kehu.collect.models import Source
from kehu.core.errors import NotFound
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.profile.queries.known_rows import known_rows

router = Router()
SourceId = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


class ImportOut(BaseModel):
    id: int
    file_name: str = Field(examples=["会员.csv"])
    format: str = Field(examples=["csv"])
    encoding: str = Field(examples=["gb18030"])
    state: str = Field(examples=["running"])
    source_id: int | None
    source_name: str
    mapping: dict[str, Any]
    rows_total: int | None
    rows_sent: int
    rows_repeated: int
    rows_problem: int
    rows_taken_back: int
    job_id: int | None
    done: int
    total: int | None
    error: str
    created_at: datetime
    finished_at: datetime | None


class FileOut(BaseModel):
    """How the file was read. What went wrong can be said in the query, and in `mapping.file`."""

    format: str = Field(examples=["csv"])
    encoding: str = Field(examples=["gb18030"])
    delimiter: str = Field(examples=[","])
    sheet: str
    sheets: list[str]
    header_row: int = Field(examples=[1])
    row_count: int | None


class ProposalOut(BaseModel):
    """How the file could be read: confirm `mapping`, or change it, and start."""

    import_id: int
    columns: list[dict[str, Any]]
    mapping: dict[str, Any] = Field(
        examples=[{"record": {"key": ["会员号"]}, "attributes": {"姓名": "name", "手机": "phone"}}]
    )
    confidence: float
    is_remembered: bool
    file: FileOut


class KnownExampleOut(BaseModel):
    row: int
    customer_id: UUID
    by: str = Field(examples=["phone"])


class KnownOut(BaseModel):
    """Rows by what is known of them, counting only customers you see. `by`: by what the known ones are known."""

    rows: int
    is_whole: bool
    new: int
    updates: int
    known: int
    repeated: int
    by: dict[str, int] = Field(examples=[{"phone": 12, "record": 3}])
    examples: list[KnownExampleOut]


class ReasonToUndo(Input):
    reason: str = Field(min_length=1, max_length=2000, examples=["last year's file"])


class MappingToTry(Input):
    mapping: dict[str, Any]
    source_id: int | None = Field(default=None, ge=1, le=2**31 - 1)


class MappingToRun(Input):
    mapping: dict[str, Any]
    source_id: int = Field(ge=1, le=2**31 - 1)
    reason: str = Field(default="", max_length=2000)


class PreviewOut(BaseModel):
    """What the first rows would become; nothing is written."""

    taken: int
    problem_counts: dict[str, int]
    rows: list[dict[str, Any]]


class ProblemOut(BaseModel):
    """A row, or a cell of it (`field`), that could not be taken as it is."""

    id: int
    row: int
    field: str
    code: str = Field(examples=["not_a_phone"])
    detail: str
    raw: dict[str, Any]


@reads(router, "", needs="import.view", answers=PageOf[ImportOut], summary="List imports")
def list_imports(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> PageOf[ImportOut]:
    """Newest first."""
    position = decode_cursor("imports", cursor)
    found = queries.import_list(actor_of(request), before_id=position[0] if position else None, limit=limit + 1)
    more = len(found) > limit
    return PageOf(
        items=[_out(one) for one in found[:limit]],
        next_cursor=encode_cursor("imports", [found[limit - 1].id]) if more else None,
    )


@acts(router, "post", "", needs="import.run", answers=ImportOut, status=201, summary="Upload a file")
def upload_import(
    request: HttpRequest,
    file: Annotated[UploadedFile, File(description="CSV, JSON lines, XLSX or Parquet.")],
    source_id: Annotated[int | None, Form(ge=1, le=2**31 - 1)] = None,
) -> ImportOut:
    """The file is kept and looked at; nothing is imported before it is started."""
    actor = actor_of(request)
    if source_id is not None:
        _check_source(source_id)
    import_id = services.upload(cast("BinaryIO", file), file_name=file.name or "file", actor=actor, source_id=source_id)
    return _out(queries.import_view(actor, import_id))


@reads(router, "/{import_id}", needs="import.view", answers=ImportOut, summary="One import")
def get_import(request: HttpRequest, import_id: RowId) -> ImportOut:
    return _out(queries.import_view(actor_of(request), import_id))


@reads(
    router,
    "/{import_id}/proposal",
    needs="import.run",
    answers=ProposalOut,
    summary="How the file could be read",
)
def propose_mapping(
    request: HttpRequest,
    import_id: RowId,
    source_id: SourceId = None,
    encoding: Annotated[str, Query(max_length=40)] = "",
    delimiter: Annotated[str, Query(max_length=1)] = "",
    sheet: Annotated[str, Query(max_length=200)] = "",
    header_row: Annotated[int | None, Query(ge=0, le=1_000_000)] = None,
) -> ProposalOut:
    """The mapping last used for a file of these columns, else one guessed from headings and values."""
    said = {"encoding": encoding, "delimiter": delimiter, "sheet": sheet}
    file: dict[str, Any] = {name: value for name, value in said.items() if value}
    if header_row is not None:
        file["header_row"] = header_row
    proposal = services.propose(import_id, actor=actor_of(request), source_id=source_id, file=file or None)
    shape = proposal.shape
    return ProposalOut(
        import_id=proposal.import_id,
        columns=[asdict(column) for column in proposal.columns],
        mapping=proposal.mapping,
        confidence=proposal.confidence,
        is_remembered=proposal.is_remembered,
        file=FileOut(
            format=shape.format,
            encoding=shape.encoding,
            delimiter=shape.delimiter,
            sheet=shape.sheet,
            sheets=list(shape.sheets),
            header_row=shape.header_row,
            row_count=shape.row_count,
        ),
    )


@acts(
    router,
    "post",
    "/{import_id}/preview",
    needs="import.run",
    answers=PreviewOut,
    summary="Try a mapping",
)
def preview_import(request: HttpRequest, import_id: RowId, body: MappingToTry) -> PreviewOut:
    """What the first twenty rows would become."""
    shown = services.preview(import_id, body.mapping, actor=actor_of(request), source_id=body.source_id)
    return PreviewOut(
        taken=shown.taken,
        problem_counts=shown.problem_counts,
        rows=[
            {
                "row": row.number,
                "problems": [asdict(problem) for problem in row.problems],
                "records": [
                    {
                        "external_id": touch.record.external_id if touch.record else None,
                        "kind": touch.kind,
                        "attributes": {name: value.v for name, value in touch.attributes.items()},
                        "identifiers": [[one.type, one.value] for one in touch.identifiers],
                        "orders": [order.number for order in touch.orders],
                        "events": [event.name for event in touch.events],
                    }
                    for touch in row.touches
                ],
            }
            for row in shown.rows
        ],
    )


@acts(router, "post", "/{import_id}/known", needs="import.run", answers=KnownOut, summary="Who of the file is known")
def compare_with_the_base(request: HttpRequest, import_id: RowId, body: MappingToTry) -> KnownOut:
    """How many of the first 20,000 rows speak of customers you see, and by what. Nothing is written."""
    actor = actor_of(request)
    found = identities_of(import_id, body.mapping, actor=actor)
    known = known_rows(actor, found.rows)
    return KnownOut(
        rows=known.rows,
        is_whole=found.is_whole,
        new=known.new,
        updates=known.updates,
        known=known.known,
        repeated=known.repeated,
        by=dict(known.by_type),
        examples=[KnownExampleOut(row=one.row, customer_id=one.customer_id, by=one.by) for one in known.examples],
    )


@acts(router, "post", "/{import_id}/start", needs="import.run", answers=JobOut, summary="Start an import")
def start_import(request: HttpRequest, import_id: RowId, body: MappingToRun) -> JobOut:
    """Every row goes into the inbox once, however often the file is imported under the same mapping."""
    actor = actor_of(request)
    _check_source(body.source_id)
    job_id = services.start(import_id, source_id=body.source_id, mapping=body.mapping, actor=actor, reason=body.reason)
    return job_out(actor, job_id)


@acts(router, "post", "/{import_id}/cancel", needs="import.run", answers=Done, summary="Cancel an import")
def cancel_import(request: HttpRequest, import_id: RowId) -> Done:
    """After its current batch; what was appended stays. `count` 0: it was over already."""
    return Done(count=int(services.cancel(import_id, actor=actor_of(request))))


@acts(router, "post", "/{import_id}/pause", needs="import.run", answers=Done, summary="Pause an import")
def pause_import(request: HttpRequest, import_id: RowId) -> Done:
    """After its current batch; resume goes on from there. `count` 0: it was over already."""
    return Done(count=int(services.pause(import_id, actor=actor_of(request))))


@acts(router, "post", "/{import_id}/undo", needs="import.run", answers=JobOut, summary="Undo an import")
def undo_import(request: HttpRequest, import_id: RowId, body: ReasonToUndo) -> JobOut:
    """Takes every row of it back: afterwards customers are as if the file had never come in."""
    actor = actor_of(request)
    return job_out(actor, services.undo(import_id, actor=actor, reason=body.reason))


@acts(router, "post", "/{import_id}/resume", needs="import.run", answers=JobOut, summary="Resume an import")
def resume_import(request: HttpRequest, import_id: RowId) -> JobOut:
    """Goes on after the last committed batch of a paused, cancelled or failed import."""
    actor = actor_of(request)
    return job_out(actor, services.resume(import_id, actor=actor))


@reads(
    router,
    "/{import_id}/problems",
    needs="import.run",
    answers=PageOf[ProblemOut],
    summary="Rows that could not be taken",
)
def list_import_problems(
    request: HttpRequest,
    import_id: RowId,
    code: Annotated[str, Query(max_length=60)] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[ProblemOut]:
    """In the order of the file, each row as it stood there."""
    actor = actor_of(request)
    queries.import_view(actor, import_id)
    list_name = f"problems/{import_id}/{code}"
    position = decode_cursor(list_name, cursor)
    found = queries.problem_page(actor, import_id, after_id=position[0] if position else 0, code=code, limit=limit + 1)
    more = len(found) > limit
    return PageOf(
        items=[ProblemOut.model_validate(one, from_attributes=True) for one in found[:limit]],
        next_cursor=encode_cursor(list_name, [found[limit - 1].id]) if more else None,
    )


def _out(view: queries.ImportView) -> ImportOut:
    return ImportOut.model_validate(view, from_attributes=True)


def _check_source(source_id: int) -> None:
    if not Source.objects.filter(pk=source_id).exists():
        raise NotFound("source", source_id)
