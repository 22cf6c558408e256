"""Blocked values: identifiers that, by decision of a person, identify nobody."""

from datetime import datetime
from typing import Literal

from django.http import HttpRequest
from ninja import Router
from pydantic import BaseModel, Field

from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Done, Input, Limit, PageOf, Reason, RowId
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.profile import services
from kehu.profile.queries.blocked_values import BlockedLine, blocked_values

router = Router()
LIST = "blocked_values"


class BlockedValueOut(BaseModel):
    id: int = Field(examples=[3])
    type: str = Field(examples=["phone"])
    value: str = Field(examples=["+864001234567"])
    reason: str = Field(examples=["the shop's own number"])
    bearers: int = Field(examples=[214], description="How many source records carry it.")
    created_at: datetime


class NewBlockedValue(Input):
    type: Literal["member_id", "unionid", "openid", "id_number", "erp_no", "crm_id", "tax_no", "phone", "email"]
    value: str = Field(min_length=1, max_length=300, examples=["400-123-4567"])
    reason: str = Field(min_length=1, max_length=2000, examples=["the shop's own number"])


@reads(router, "", needs="review.view", answers=PageOf[BlockedValueOut], summary="List blocked values")
def list_blocked_values(request: HttpRequest, cursor: Cursor = "", limit: Limit = 50) -> PageOf[BlockedValueOut]:
    """Newest first, masked as the caller's role demands."""
    position = decode_cursor(LIST, cursor)
    lines = blocked_values(actor_of(request), before_id=position[0] if position else None, limit=limit + 1)
    shown = lines[:limit]
    more = len(lines) > limit
    return PageOf(
        items=[_out(line) for line in shown], next_cursor=encode_cursor(LIST, [shown[-1].id]) if more else None
    )


@acts(router, "post", "", needs="profile.manage", answers=Done, status=201, summary="Block a value")
def block_value(request: HttpRequest, body: NewBlockedValue) -> Done:
    """It identifies nobody from now on; its bearers are settled again. `count` is the id of the block."""
    return Done(count=services.block_identifier(body.type, body.value, actor=actor_of(request), reason=body.reason))


@acts(router, "post", "/{blocked_id}/lift", needs="profile.manage", answers=Done, summary="Lift a block")
def lift_block(request: HttpRequest, blocked_id: RowId, body: Reason) -> Done:
    """The value identifies again; its bearers are settled again."""
    services.unblock_identifier(blocked_id, actor=actor_of(request), reason=body.reason)
    return Done()


def _out(line: BlockedLine) -> BlockedValueOut:
    return BlockedValueOut.model_validate(line, from_attributes=True)
