"""The change feed: what happened to customers, in order, from where the caller stopped."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.operations import reads
from kehu.api.schemas import Cursor, Limit
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.feed import queries
from kehu.feed.changes import KINDS
from kehu.govern.access import actor_of

router = Router()
LIST = "changes"
Kind = Literal["customer.created", "customer.updated", "customer.merged", "customer.split"]


class ChangeOut(BaseModel):
    type: str = Field(examples=["customer.merged"])
    at: datetime
    position: int = Field(examples=[4711], description="Grows in the order of handing on; webhooks name it too.")
    customer_id: str
    into: str | None = Field(description="Where a merged customer went, or the one that was split off.")


class ChangesOut(BaseModel):
    """next_cursor is always given: keep it, and ask again with it for what happens next."""

    items: list[ChangeOut]
    next_cursor: str
    is_at_end: bool = Field(description="Nothing more for now.")


@reads(router, "", needs="customer.view", answers=ChangesOut, summary="What happened to customers")
def list_changes(
    request: HttpRequest,
    start: Annotated[
        Literal["oldest", "now"], Query(alias="from", description="Without a cursor: where to begin.")
    ] = "oldest",
    kind: Annotated[Kind | None, Query(description="Only this kind of change.")] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> ChangesOut:
    """Created, updated, merged and split customers the caller may see, each at least once and in order, for 30 days
    back. Ids alone: read a customer for its values. A cursor older than that is refused (409 `cursor_expired`)."""
    position = decode_cursor(LIST, cursor)
    if position is None:
        position = [queries.newest_position() if start == "now" else queries.oldest_position(), 0]
    page = queries.changes_after(
        actor_of(request), position[0], position[1], limit=limit, kinds=(kind,) if kind else KINDS
    )
    items = [
        ChangeOut(
            type=entry.change.kind,
            at=entry.at,
            position=entry.position,
            customer_id=entry.change.customer_id,
            into=entry.change.into,
        )
        for entry in page.entries
    ]
    return ChangesOut(
        items=items, next_cursor=encode_cursor(LIST, [page.position, page.offset]), is_at_end=page.is_at_end
    )
