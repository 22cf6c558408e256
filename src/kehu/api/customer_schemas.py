"""Customers as the API tells them. Values come through the field policy: what the caller may not see is masked."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from kehu.govern.field_policy import PresentedField
from kehu.profile.queries import CustomerLine, CustomerView, TimelineRow
from kehu.profile.tellings import tell


class _FromRoom(BaseModel):
    """Read off a frozen dataclass of a room, field by field."""

    model_config = ConfigDict(from_attributes=True)


class OtherValue(_FromRoom):
    """A value that did not win."""

    value: str
    is_masked: bool
    source_id: int | None
    record_id: UUID | None
    at: datetime | None
    is_verified: bool = Field(description="The person confirmed it, to a system or to one of the staff.")


class FieldOut(OtherValue):
    """One attribute of the golden record with its lineage: which source and record, since when, by which rule."""

    rule: str = Field(examples=["recency"])
    others: list[OtherValue] = []


class CustomerBrief(BaseModel):
    """A customer in a list."""

    id: UUID
    kind: str = Field(examples=["person"])
    name: str = Field(examples=["张伟"])
    attributes: dict[str, str] = Field(examples=[{"name": "张伟", "phone": "138****1234"}])
    source_ids: list[int]
    record_count: int
    order_count: int
    order_total: Decimal
    currency: str = Field(examples=["CNY"])
    owner_id: int | None
    last_at: datetime
    updated_at: datetime


class CustomerOut(BaseModel):
    """A customer: the golden record with its lineage. `version` goes into a change."""

    id: UUID
    redirected_from: UUID | None = Field(description="The id asked for, when it was merged into this one.")
    kind: str = Field(examples=["person"])
    name: str = Field(examples=["张伟"])
    version: int = Field(examples=[3])
    is_anonymous: bool
    owner_id: int | None
    golden: dict[str, FieldOut]
    first_at: datetime
    last_at: datetime


class IdentifierOut(BaseModel):
    type: str = Field(examples=["phone"])
    value: str = Field(examples=["138****1234"])
    is_masked: bool
    strength: str = Field(examples=["strong"])
    source_ids: list[int]
    valid_from: datetime
    valid_to: datetime | None


class LinkOut(_FromRoom):
    """How a record came to this customer: its strongest link to another one of it."""

    left_id: UUID
    right_id: UUID
    kind: str = Field(examples=["identifier"])
    reason: str
    probability: float
    weight_bits: float


class RecordOut(BaseModel):
    """The customer as one source knows it."""

    id: UUID
    source_id: int
    external_id: str
    kind: str
    attributes: dict[str, str]
    first_at: datetime
    last_at: datetime
    why: LinkOut | None


class OrderOut(_FromRoom):
    id: UUID
    number: str = Field(examples=["SO-20260301-17"])
    status: str
    placed_at: datetime | None
    total: Decimal
    paid: Decimal
    refunded: Decimal
    currency: str
    source_id: int | None


class ConsentOut(_FromRoom):
    purpose: str = Field(examples=["marketing"])
    channel: str = Field(examples=["email"])
    state: str = Field(examples=["granted"])
    occurred_at: datetime
    source_id: int


class RelationOut(BaseModel):
    customer_id: UUID
    name: str
    kind: str = Field(examples=["household"])


class MergeOut(_FromRoom):
    id: int
    kind: str = Field(examples=["merge"])
    survivor_id: UUID
    absorbed_id: UUID
    actor_id: int | None
    reason: str
    at: datetime
    is_undone: bool


class TimelineRowOut(BaseModel):
    id: str
    kind: str = Field(examples=["trade"])
    name: str = Field(examples=["Order"])
    occurred_at: datetime
    source_id: int | None
    record_id: UUID | None
    order_id: UUID | None
    amount: Decimal | None
    currency: str | None
    properties: dict[str, Any]
    told: str = Field(description="In words.", examples=["Viewed Pram"])


class CustomerWhole(CustomerOut):
    """The 360."""

    identifiers: list[IdentifierOut]
    records: list[RecordOut]
    orders: list[OrderOut]
    order_count: int
    order_total: Decimal
    currency: str
    consents: list[ConsentOut]
    relations: list[RelationOut]
    merges: list[MergeOut]
    timeline: list[TimelineRowOut]
    timeline_cursor: str | None = Field(description="Goes on at /customers/{id}/timeline.")


def field_out(field: PresentedField) -> FieldOut:
    return FieldOut.model_validate(field)


def brief(line: CustomerLine) -> CustomerBrief:
    return CustomerBrief(
        id=line.id,
        kind=line.kind,
        name=line.name,
        attributes={name: field.value for name, field in line.golden.items()},
        source_ids=list(line.source_ids),
        record_count=line.record_count,
        order_count=line.order_count,
        order_total=line.order_total,
        currency=line.currency,
        owner_id=line.owner_id,
        last_at=line.last_at,
        updated_at=line.updated_at,
    )


def customer_out(view: CustomerView) -> CustomerOut:
    return CustomerOut(**_fields(view))


def whole(view: CustomerView, timeline_cursor: str | None) -> CustomerWhole:
    return CustomerWhole(
        **_fields(view),
        identifiers=[
            IdentifierOut(
                type=line.type,
                value=str(line.value),
                is_masked=line.value.is_masked,
                strength=line.strength,
                source_ids=list(line.source_ids),
                valid_from=line.valid_from,
                valid_to=line.valid_to,
            )
            for line in view.identifiers
        ],
        records=[
            RecordOut(
                id=line.record.id,
                source_id=line.record.source_id,
                external_id=line.record.external_id,
                kind=line.record.kind,
                attributes={name: str(value) for name, value in line.attributes.items()},
                first_at=line.record.first_at,
                last_at=line.record.last_at,
                why=LinkOut.model_validate(line.why) if line.why else None,
            )
            for line in view.records
        ],
        orders=[OrderOut.model_validate(order) for order in view.orders],
        order_count=view.order_count,
        order_total=view.order_total,
        currency=view.currency,
        consents=[ConsentOut.model_validate(consent) for consent in view.consents],
        relations=[RelationOut(customer_id=r.customer_id, name=r.name, kind=r.kind) for r in view.relations],
        merges=[MergeOut.model_validate(merge) for merge in view.merges],
        timeline=timeline_rows(view.timeline.rows),
        timeline_cursor=timeline_cursor,
    )


def timeline_rows(rows: list[TimelineRow]) -> list[TimelineRowOut]:
    return [
        TimelineRowOut(
            id=row.id,
            kind=row.kind,
            name=row.name,
            occurred_at=row.occurred_at,
            source_id=row.source_id,
            record_id=row.record_id,
            order_id=row.order_id,
            amount=row.amount,
            currency=row.currency,
            properties=row.properties,
            told=str(tell(row.name, row.kind, row.properties)),
        )
        for row in rows
    ]


def _fields(view: CustomerView) -> dict[str, Any]:
    return {
        "id": view.id,
        "redirected_from": view.redirected_from,
        "kind": view.kind,
        "name": view.name,
        "version": view.version,
        "is_anonymous": view.is_anonymous,
        "owner_id": view.owner_id,
        "golden": {name: field_out(field) for name, field in view.golden.items()},
        "first_at": view.first_at,
        "last_at": view.last_at,
    }
