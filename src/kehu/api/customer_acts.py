"""What people and machines do with customers: merge and unmerge, pin, assign, reveal."""

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Query, Router
from pydantic import BaseModel, Field

from kehu.api.customer_schemas import CustomerOut, customer_out
from kehu.api.customers import router
from kehu.api.operations import acts
from kehu.api.schemas import Input, Reason, RowId
from kehu.core.errors import NotFound
from kehu.govern.access import actor_of
from kehu.govern.queries import user_is_active
from kehu.govern.reveal import reveal_value
from kehu.profile import queries, services

merges = Router()
AttributeName = Annotated[str, Path(max_length=50, pattern=r"^[a-z][a-z0-9_]*$", examples=["phone"])]


class Merge(Reason):
    absorbed_id: UUID = Field(description="The customer that goes into this one.")


class MergeReceiptOut(BaseModel):
    """`act_id` undoes it: POST /merges/{act_id}/unmerge."""

    act_id: int
    survivor_id: UUID
    absorbed_id: UUID
    records_moved: int


class Split(Reason):
    record_ids: list[UUID] = Field(min_length=1, max_length=1000)


class UnmergeReceiptOut(BaseModel):
    """`newcomers`: records that came after the merge, and the customer each belongs to now."""

    act_id: int
    customers: list[UUID]
    records_moved: int
    newcomers: dict[UUID, UUID]


class PinnedValue(Input):
    value: str = Field(min_length=1, max_length=2000, description="One of the values that sources say.")
    reason: str = Field(default="", max_length=2000)


class Owner(Input):
    owner_id: int | None = Field(ge=1, le=2**31 - 1, description="A user; null = nobody.", examples=[7])
    reason: str = Field(default="", max_length=2000)


class Reveal(Reason):
    attribute: str = Field(max_length=50, pattern=r"^[a-z][a-z0-9_]*$", examples=["phone"])


class Revealed(BaseModel):
    attribute: str
    value: str


@acts(
    router,
    "post",
    "/{customer_id}/merge",
    needs="customer.merge",
    answers=MergeReceiptOut,
    summary="Merge another customer into this one",
)
def merge_customer(request: HttpRequest, customer_id: UUID, body: Merge) -> MergeReceiptOut:
    """All source records of both under this id. The other id leads here from now on."""
    receipt = services.merge_customers(
        survivor_id=customer_id,
        absorbed_id=body.absorbed_id,
        actor=actor_of(request),
        reason=body.reason,
    )
    return MergeReceiptOut.model_validate(receipt, from_attributes=True)


@acts(
    merges,
    "post",
    "/{act_id}/unmerge",
    needs="customer.unmerge",
    answers=UnmergeReceiptOut,
    summary="Undo a merge",
)
def unmerge_customers(request: HttpRequest, act_id: RowId, body: Reason) -> UnmergeReceiptOut:
    """Records from before the merge go back exactly; no later run ties them together again by itself."""
    return _unmerged(services.unmerge(act_id, actor=actor_of(request), reason=body.reason))


@acts(
    router,
    "post",
    "/{customer_id}/split",
    needs="customer.unmerge",
    answers=UnmergeReceiptOut,
    summary="Split source records off a customer",
)
def split_customer(request: HttpRequest, customer_id: UUID, body: Split) -> UnmergeReceiptOut:
    """Whatever had brought the records together; both sides stay apart from then on."""
    return _unmerged(services.split_records(customer_id, body.record_ids, actor=actor_of(request), reason=body.reason))


@acts(
    router,
    "put",
    "/{customer_id}/pins/{attribute}",
    needs="customer.pin",
    answers=CustomerOut,
    summary="Fix a value of the golden record",
)
def pin_value(request: HttpRequest, customer_id: UUID, attribute: AttributeName, body: PinnedValue) -> CustomerOut:
    """The value wins whatever the rule says, through merges and rebuilds, until it is unpinned."""
    services.pin_value(customer_id, attribute, body.value, actor=actor_of(request), reason=body.reason)
    return _customer(request, customer_id)


@acts(
    router,
    "delete",
    "/{customer_id}/pins/{attribute}",
    needs="customer.pin",
    answers=CustomerOut,
    summary="Let the rule choose again",
)
def unpin_value(
    request: HttpRequest,
    customer_id: UUID,
    attribute: AttributeName,
    reason: Annotated[str, Query(max_length=2000)] = "",
) -> CustomerOut:
    services.unpin_value(customer_id, attribute, actor=actor_of(request), reason=reason)
    return _customer(request, customer_id)


@acts(
    router,
    "put",
    "/{customer_id}/owner",
    needs="customer.edit",
    answers=CustomerOut,
    summary="Give a customer to somebody",
)
def assign_owner(request: HttpRequest, customer_id: UUID, body: Owner) -> CustomerOut:
    """Whoever looks after a customer sees it, whatever department its records come from."""
    if body.owner_id is not None and not user_is_active(body.owner_id):
        raise NotFound("user", body.owner_id)
    services.assign_owner(customer_id, body.owner_id, actor=actor_of(request), reason=body.reason)
    return _customer(request, customer_id)


@acts(
    router,
    "post",
    "/{customer_id}/reveal",
    needs="customer.reveal",
    answers=Revealed,
    summary="See one masked value whole",
    is_one_transaction=False,
)
def reveal_customer_value(request: HttpRequest, customer_id: UUID, body: Reveal) -> Revealed:
    """Counted (30 an hour) and kept in the audit trail with the reason; the value itself is not."""
    actor = actor_of(request)
    current = queries.current_customer(actor, customer_id)
    return Revealed(attribute=body.attribute, value=reveal_value(actor, current.id, body.attribute, body.reason))


def _customer(request: HttpRequest, customer_id: UUID) -> CustomerOut:
    return customer_out(queries.customer_view(actor_of(request), customer_id, timeline_limit=1))


def _unmerged(receipt: services.UnmergeReceipt) -> UnmergeReceiptOut:
    return UnmergeReceiptOut.model_validate(receipt, from_attributes=True)
