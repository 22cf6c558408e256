"""Lists of customers as things of their own: what can be asked, saved lists, acts on many customers, files."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.authentication import BrowserSession, Token
from kehu.api.errors import Problem
from kehu.api.operations import REFUSALS, acts, reads
from kehu.api.schemas import Done, Input, RowId
from kehu.core import jobs
from kehu.govern.access import actor_of
from kehu.profile.filters.compiler import may_ask
from kehu.profile.filters.fields import fields
from kehu.profile.filters.tree import filter_from, plain_values
from kehu.profile.models import BulkAct, Export
from kehu.profile.queries.columns import DEFAULT_COLUMNS
from kehu.profile.queries.lists import ListAsked, count_customers, count_look_ups
from kehu.profile.queries.saved_views import ViewLine, view_for, views_for
from kehu.profile.services import bulk, export, views
from kehu.profile.services.views import ViewDraft

router = Router()
EXAMPLE: dict[str, Any] = {
    "match": "all",
    "conditions": [{"field": "city", "op": "one_of", "values": ["上海", "杭州"]}],
    "groups": [{"match": "any", "conditions": [{"field": "orders", "op": "at_least", "values": ["3"]}]}],
}
FilterText = Annotated[
    str, Query(max_length=8000, description="A filter as JSON: see `GET /lists/fields` for what can be asked.")
]
Tree = Annotated[dict[str, Any], Field(default_factory=dict, examples=[EXAMPLE])]
SortName = Annotated[str, Field(max_length=80, examples=["-changed"])]
ColumnNames = Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=30)]


class ListField(BaseModel):
    """Something customers can be filtered by, with the comparisons the caller may use."""

    name: str = Field(examples=["city"])
    label: str = Field(examples=["City"])
    group: str = Field(examples=["Attributes"])
    kind: str = Field(examples=["text"])
    operators: list[str] = Field(examples=[["is", "one_of", "contains"]])


class ListFields(BaseModel):
    items: list[ListField]


class CountOut(BaseModel):
    """Exact up to 10,000; beyond that at least so many (`is_least`), or as the database estimates."""

    count: int = Field(examples=[4711])
    is_exact: bool
    is_least: bool


class ViewIn(Input):
    name: str = Field(max_length=80, examples=["Shanghai, three orders"])
    filter: Tree
    sort: SortName = "-changed"
    columns: ColumnNames = list(DEFAULT_COLUMNS)
    audience: Literal["private", "department", "company"] = "private"


class ViewChange(ViewIn):
    version: int = Field(ge=1, le=2**31 - 1)


class ViewOut(BaseModel):
    """A saved list: its filter goes into `GET /customers`."""

    id: int
    name: str
    filter: dict[str, Any]
    sort: str
    columns: list[str]
    audience: str
    is_own: bool
    version: int


class ViewsOut(BaseModel):
    items: list[ViewOut]


class SelectionIn(Input):
    """Who is meant: named customers, or everybody of a list."""

    customer_ids: list[UUID] | None = Field(default=None, max_length=1000)
    q: str = Field(default="", max_length=200)
    filter: Tree


class BulkIn(Input):
    """`owner.assign` takes `owners` (user ids, in turn; empty = nobody) or a `department` whose people share.

    `tag.add` and `tag.remove` take `tag` (a slug) and perhaps a `value`; `attribute.set` takes `attribute` and `value`
    ("" takes back what was typed into Kehu).
    """

    act: str = Field(max_length=40, examples=["owner.assign"])
    parameters: dict[str, Any] = Field(examples=[{"owners": [7]}])
    selection: SelectionIn
    reason: str = Field(default="", max_length=2000)


class BulkPreviewOut(BaseModel):
    total: int
    sample: list[str] = Field(description="Names of the first few.")


class BulkOut(BaseModel):
    """An act on many customers. `counts`: customers waiting, done, skipped, undone, changed (since, so left alone)."""

    id: int
    act: str
    total: int
    state: str = Field(examples=["running"])
    counts: dict[str, int]
    created_at: datetime


class ExportIn(Input):
    format: Literal["csv", "xlsx"]
    customer_ids: list[UUID] | None = Field(default=None, max_length=1000, description="These alone.")
    q: str = Field(default="", max_length=200)
    filter: Tree
    sort: SortName = "name"
    columns: ColumnNames = list(DEFAULT_COLUMNS)
    reason: str = Field(default="", max_length=2000)
    purpose: str = Field(
        default=export.TO_SERVE,
        max_length=40,
        pattern="^[-a-z0-9_]+$",
        description="What the file is for: only people who may be used for it stand in it.",
    )


class ExportOut(BaseModel):
    """A file of customers: when `is_ready`, fetch it at `/lists/exports/{id}/file` before it expires.

    `release` is `waiting` while a large file waits for a second person to let it go.
    """

    id: int
    format: str
    state: str
    is_ready: bool
    release: str = Field(examples=["free", "waiting", "granted", "refused"])
    rows: int | None
    created_at: datetime
    expires_at: datetime | None


@reads(router, "/fields", needs="customer.view", answers=ListFields, summary="What lists can be filtered by")
def list_fields(request: HttpRequest) -> ListFields:
    """Fields the caller sees masked offer whole values only; hidden ones are missing."""
    actor = actor_of(request)
    found = []
    for field in fields().values():
        operators = [op.value for op in field.operators if may_ask(actor, field, op)]
        if operators:
            found.append(
                ListField(
                    name=field.name,
                    label=str(field.label),
                    group=str(field.group),
                    kind=field.kind,
                    operators=operators,
                )
            )
    return ListFields(items=found)


@reads(router, "/count", needs="customer.view", answers=CountOut, summary="How many customers a list holds")
def count_list(request: HttpRequest, filter: FilterText = "") -> CountOut:
    actor, group = actor_of(request), filter_from(filter)
    count_look_ups(actor, group)
    count = count_customers(actor, group)
    return CountOut(count=count.number, is_exact=count.is_exact, is_least=count.is_least)


@reads(router, "/views", needs="customer.view", answers=ViewsOut, summary="Saved lists")
def list_views(request: HttpRequest) -> ViewsOut:
    """Own ones first, then those shared with the caller."""
    return ViewsOut(items=[_view_out(view) for view in views_for(actor_of(request))])


@acts(router, "post", "/views", needs="customer.view", answers=ViewOut, status=201, summary="Save a list")
def create_view(request: HttpRequest, body: ViewIn) -> ViewOut:
    """Sharing it needs the permission `customer.share`."""
    actor = actor_of(request)
    return _view_out(view_for(actor, views.save_view(_draft(body), actor=actor)))


@acts(router, "put", "/views/{view_id}", needs="customer.view", answers=ViewOut, summary="Change a saved list")
def change_view(request: HttpRequest, view_id: RowId, body: ViewChange) -> ViewOut:
    actor = actor_of(request)
    views.change_view(view_id, _draft(body), version=body.version, actor=actor)
    return _view_out(view_for(actor, view_id))


@acts(router, "delete", "/views/{view_id}", needs="customer.view", answers=Done, summary="Delete a saved list")
def delete_view(request: HttpRequest, view_id: RowId) -> Done:
    views.delete_view(view_id, actor=actor_of(request))
    return Done()


@acts(
    router,
    "post",
    "/bulk-acts/preview",
    needs="customer.edit",
    answers=BulkPreviewOut,
    summary="Whom an act would be done to",
)
def preview_bulk_act(request: HttpRequest, body: BulkIn) -> BulkPreviewOut:
    shown = bulk.preview_bulk(body.act, body.parameters, _selection(body.selection), actor=actor_of(request))
    return BulkPreviewOut(total=shown.total, sample=[line.name for line in shown.sample])


@acts(router, "post", "/bulk-acts", needs="customer.edit", answers=BulkOut, status=201, summary="Act on many customers")
def start_bulk_act(request: HttpRequest, body: BulkIn) -> BulkOut:
    """Done by a job; at most 100,000 customers."""
    actor = actor_of(request)
    act = bulk.start_bulk(body.act, body.parameters, _selection(body.selection), actor=actor, reason=body.reason)
    return _bulk_out(bulk.bulk_of(actor, act))


@reads(router, "/bulk-acts/{bulk_id}", needs="customer.edit", answers=BulkOut, summary="How far an act is")
def get_bulk_act(request: HttpRequest, bulk_id: RowId) -> BulkOut:
    return _bulk_out(bulk.bulk_of(actor_of(request), bulk_id))


@acts(router, "post", "/bulk-acts/{bulk_id}/undo", needs="customer.edit", answers=BulkOut, summary="Undo an act")
def undo_bulk_act(request: HttpRequest, bulk_id: RowId) -> BulkOut:
    """Customers that somebody changed since stay as they are."""
    actor = actor_of(request)
    bulk.undo_bulk(bulk_id, actor=actor, reason="undone over the API")
    return _bulk_out(bulk.bulk_of(actor, bulk_id))


@acts(router, "post", "/bulk-acts/{bulk_id}/cancel", needs="customer.edit", answers=BulkOut, summary="Cancel an act")
def cancel_bulk_act(request: HttpRequest, bulk_id: RowId) -> BulkOut:
    """The act, or its undoing, stops after the customers it is at; what is done stays done until it is undone."""
    actor = actor_of(request)
    bulk.cancel_bulk(bulk_id, actor=actor, reason="cancelled over the API")
    return _bulk_out(bulk.bulk_of(actor, bulk_id))


@acts(
    router, "post", "/exports", needs="customer.export", answers=ExportOut, status=201, summary="Make a file of a list"
)
def start_export(request: HttpRequest, body: ExportIn) -> ExportOut:
    """Values as the caller may see them. Kept for a day."""
    actor = actor_of(request)
    made = export.start_export(
        ListAsked(body.q, filter_from(body.filter), body.sort),
        format=body.format,
        columns=tuple(body.columns),
        actor=actor,
        reason=body.reason,
        purpose=body.purpose,
        chosen=body.customer_ids,
    )
    return _export_out(export.export_of(actor, made))


@reads(router, "/exports/{export_id}", needs="customer.export", answers=ExportOut, summary="How far a file is")
def get_export(request: HttpRequest, export_id: RowId) -> ExportOut:
    """One's own files only."""
    return _export_out(export.export_of(actor_of(request), export_id))


@router.get(
    "/exports/{export_id}/file",
    auth=[Token("customer.export"), BrowserSession("customer.export")],
    response=dict.fromkeys((*REFUSALS, 410), Problem),
    operation_id="fetch_export",
    url_name="fetch_export",
    summary="Fetch a file of a list",
    description="CSV or XLSX. Every download is in the audit trail.\n\nPermission: `customer.export`.",
)
def fetch_export(request: HttpRequest, export_id: RowId) -> FileResponse:
    file = export.fetch_export(export_id, actor=actor_of(request))
    response = FileResponse(file.path.open("rb"), as_attachment=True, filename=file.name)
    response["Content-Type"], response["Cache-Control"] = file.content_type, "private, no-store"
    return response


def _draft(body: ViewIn) -> ViewDraft:
    return ViewDraft(body.name, filter_from(body.filter), body.sort, tuple(body.columns), body.audience)


def _selection(body: SelectionIn) -> bulk.Selection:
    ids = tuple(body.customer_ids) if body.customer_ids is not None else None
    return bulk.Selection(ListAsked(body.q, filter_from(body.filter)), ids)


def _view_out(view: ViewLine) -> ViewOut:
    return ViewOut(
        id=view.id,
        name=view.name,
        filter=plain_values(view.filter),
        sort=view.sort,
        columns=list(view.columns),
        audience=view.audience,
        is_own=view.is_own,
        version=view.version,
    )


def _bulk_out(act: BulkAct) -> BulkOut:
    job = act.undo_job_id or act.job_id
    return BulkOut(
        id=act.pk,
        act=act.act,
        total=act.total,
        state=jobs.view(job).state if job else "done",
        counts=bulk.counts_of(act),
        created_at=act.created_at,
    )


def _export_out(made: Export) -> ExportOut:
    return ExportOut(
        id=made.pk,
        format=made.format,
        state=jobs.view(made.job_id).state if made.job_id else "done",
        is_ready=bool(made.file_key) and made.release in (Export.Release.FREE, Export.Release.GRANTED),
        release=made.release,
        rows=made.rows,
        created_at=made.created_at,
        expires_at=made.expires_at,
    )
