"""Sources: the installed instances of channels and systems."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Input, PageOf, RowId
from kehu.collect import queries, services
from kehu.collect.models import Source
from kehu.core.errors import NotFound
from kehu.govern.access import actor_of
from kehu.govern.queries import department_exists

router = Router()


class SourceOut(BaseModel):
    id: int = Field(examples=[3])
    slug: str = Field(examples=["shop"])
    name: str = Field(examples=["Online shop"])
    kind: str = Field(examples=["shop"])
    trust_rank: int = Field(examples=[50])
    is_trusted: bool
    is_enabled: bool
    time_zone: str = Field(examples=["Asia/Shanghai"])
    order_namespace: str = Field(examples=["shop"])
    unique_types: list[str] = Field(examples=[["member_id"]])
    department_id: int | None
    created_at: datetime
    waiting: int = Field(default=0, description="Messages that came in and are not worked yet.")
    lag_seconds: float = Field(default=0, description="Age of the oldest of them.")


class SourceWithKey(SourceOut):
    write_key: str = Field(examples=["wk_0f…"], description="Only shown to those who may manage sources.")


class SourceFields(Input):
    trust_rank: int | None = Field(default=None, ge=0, le=1000)
    is_trusted: bool | None = None
    is_enabled: bool | None = None
    time_zone: str | None = Field(default=None, max_length=40)
    order_namespace: str | None = Field(default=None, max_length=40)
    unique_types: list[str] | None = Field(default=None, max_length=20)
    department_id: int | None = Field(default=None, ge=1, le=2**31)


class NewSource(SourceFields):
    kind: str = Field(max_length=30, examples=["shop"])
    name: str = Field(min_length=1, max_length=100, examples=["Online shop"])
    slug: str = Field(default="", max_length=50, pattern=r"^[-a-zA-Z0-9_]*$", examples=["shop"])


class SourceChange(SourceFields):
    name: str | None = Field(default=None, min_length=1, max_length=100)
    reason: str = Field(default="", max_length=2000)


@reads(router, "", needs="source.view", answers=PageOf[SourceOut], summary="List sources")
def list_sources(request: HttpRequest) -> PageOf[SourceOut]:
    """Every source by name, with what waits to be worked."""
    lag = queries.lag_by_source()
    return PageOf(items=[_out(source, lag) for source in queries.sources(actor_of(request))])


@reads(router, "/{source_id}", needs="source.view", answers=SourceOut, summary="One source")
def get_source(request: HttpRequest, source_id: RowId) -> SourceOut:
    found = [source for source in queries.sources(actor_of(request)) if source.pk == source_id]
    if not found:
        raise NotFound("source", source_id)
    return _out(found[0], queries.lag_by_source())


@acts(
    router,
    "post",
    "",
    needs="source.manage",
    answers=SourceWithKey,
    status=201,
    summary="Add a source",
)
def create_source(request: HttpRequest, body: NewSource) -> SourceWithKey:
    """Install a source. Its `slug` names its records for good."""
    fields = body.model_dump(exclude_none=True, exclude={"kind", "name", "slug"})
    _check_department(fields)
    source = services.create_source(kind=body.kind, name=body.name, slug=body.slug, actor=actor_of(request), **fields)
    return _with_key(source)


@acts(router, "patch", "/{source_id}", needs="source.manage", answers=SourceOut, summary="Change a source")
def change_source(request: HttpRequest, source_id: RowId, body: SourceChange) -> SourceOut:
    """Only what is named changes."""
    fields = body.model_dump(exclude_none=True, exclude={"reason"})
    _check_department(fields)
    changed = services.change_source(source_id, actor=actor_of(request), reason=body.reason, **fields)
    return _out(changed, {})


@acts(
    router,
    "post",
    "/{source_id}/write-key",
    needs="source.manage",
    answers=SourceWithKey,
    summary="Renew the write key",
)
def renew_write_key(request: HttpRequest, source_id: RowId) -> SourceWithKey:
    """Another write key; the old one is refused within a few seconds."""
    return _with_key(services.renew_write_key(source_id, actor=actor_of(request)))


def _check_department(fields: dict[str, Any]) -> None:
    department_id = fields.get("department_id")
    if department_id is not None and not department_exists(department_id):
        raise NotFound("department", department_id)


def _out(source: Source, lag: dict[int, queries.Lag]) -> SourceOut:
    behind = lag.get(source.pk)
    return SourceOut(
        **_fields(source),
        waiting=behind.waiting if behind else 0,
        lag_seconds=behind.lag_for.total_seconds() if behind else 0,
    )


def _with_key(source: Source) -> SourceWithKey:
    return SourceWithKey(**_fields(source), write_key=source.write_key)


def _fields(source: Source) -> dict[str, Any]:
    names = SourceOut.model_fields.keys() - {"waiting", "lag_seconds"}
    return {name: getattr(source, name) for name in names}
