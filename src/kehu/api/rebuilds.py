"""Rebuilds: every customer made anew from the inbox, compared with today's, swapped in or thrown away."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from kehu import rebuild_jobs
from kehu.api.operations import acts, reads
from kehu.api.schemas import Input, PageOf, RowId
from kehu.govern.access import actor_of

router = Router()


class RebuildOut(BaseModel):
    """`comparison`: before and after, and what would change; empty until it is built."""

    id: int
    state: str = Field(examples=["built"])
    comparison: dict[str, Any] = Field(examples=[{"records_moved": 0, "customers_with_other_values": 0}])
    created_at: datetime
    created_by_id: int | None
    swapped_at: datetime | None
    job_id: int | None


class Why(Input):
    reason: str = Field(default="", max_length=2000, examples=["new address rules"])


@reads(router, "", needs="rebuild.view", answers=PageOf[RebuildOut], summary="The latest rebuilds")
def list_rebuilds(request: HttpRequest) -> PageOf[RebuildOut]:
    """The latest twenty, newest first."""
    return PageOf(items=[_out(view) for view in rebuild_jobs.rebuilds(actor_of(request))])


@reads(router, "/{rebuild_id}", needs="rebuild.view", answers=RebuildOut, summary="One rebuild")
def get_rebuild(request: HttpRequest, rebuild_id: RowId) -> RebuildOut:
    return _out(rebuild_jobs.rebuild_for(actor_of(request), rebuild_id))


@acts(router, "post", "", needs="rebuild.run", answers=RebuildOut, status=202, summary="Start a rebuild")
def start_rebuild(request: HttpRequest, body: Why) -> RebuildOut:
    """Beside the live customers, who stay as they are. Nothing is announced to anybody. One at a time."""
    return _out(rebuild_jobs.request_rebuild(actor=actor_of(request), reason=body.reason))


@acts(router, "post", "/{rebuild_id}/swap", needs="rebuild.run", answers=RebuildOut, status=202, summary="Swap it in")
def swap_rebuild(request: HttpRequest, rebuild_id: RowId, body: Why) -> RebuildOut:
    """Brought up to date and put in the place of the live customers, in one transaction."""
    return _out(rebuild_jobs.request_swap(rebuild_id, actor=actor_of(request), reason=body.reason))


@acts(
    router,
    "post",
    "/{rebuild_id}/discard",
    needs="rebuild.run",
    answers=RebuildOut,
    summary="Throw a rebuild away",
    is_one_transaction=False,
)
def discard_rebuild(request: HttpRequest, rebuild_id: RowId, body: Why) -> RebuildOut:
    """One that is still being built is cancelled first."""
    return _out(rebuild_jobs.discard_rebuild(rebuild_id, actor=actor_of(request), reason=body.reason))


def _out(view: rebuild_jobs.RebuildView) -> RebuildOut:
    return RebuildOut.model_validate(view, from_attributes=True)
