"""To whom a customer is tied: look, say, end, deny; and the graph around it."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query
from pydantic import BaseModel, Field

from kehu import inline
from kehu.api.customers import router
from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Input, Limit, PageOf
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import actor_of
from kehu.profile.relations.graph import relation_graph
from kehu.profile.relations.kinds import Side
from kehu.profile.relations.lines import Asked, RelationLine
from kehu.profile.relations.queries import relations_of
from kehu.profile.relations.typed import SaidRelation

Kind = Literal[
    "contact_of",
    "employee_of",
    "owner_of",
    "subsidiary_of",
    "branch_of",
    "partner_of",
    "household",
    "affiliate_of",
    "same_as",
]
KIND = Field(examples=["contact_of"], description="Told from left to right: a person is `contact_of` a company.")


class EvidenceOut(BaseModel):
    """`source_id` null: found by comparing; `detail.evidence` then says what the two share and what it weighs."""

    source_id: int | None
    said_at: datetime | None
    role: str
    since: date | None
    until: date | None
    detail: dict[str, Any]


class TieOut(BaseModel):
    """`side`: where the customer asked about stands; `customer_id` is the other one. Evidence: most trusted first."""

    customer_id: UUID
    name: str = Field(examples=["远恒智能科技有限公司"])
    customer_kind: str = Field(examples=["organisation"])
    kind: str = KIND
    side: Literal["left", "right"]
    role: str = Field(examples=["采购经理"])
    since: date | None
    until: date | None
    is_over: bool
    is_found: bool = Field(description="Nobody told it: comparing found it.")
    evidence: list[EvidenceOut]


class TieIn(Input):
    """`side`: where the customer of the address stands, `other` being at the other end."""

    other: UUID
    kind: Kind = KIND
    side: Literal["left", "right"] = "left"
    role: str = Field(default="", max_length=100, examples=["采购经理"])
    since: date | None = None
    until: date | None = Field(default=None, description="The last day it held; null = it holds.")
    reason: str = Field(default="", max_length=2000)


class TieEnd(Input):
    """`until` null: it never was, whatever sources say."""

    other: UUID
    kind: Kind = KIND
    side: Literal["left", "right"] = "left"
    until: date | None = None
    reason: str = Field(default="", max_length=2000)


class TieSaved(BaseModel):
    """record_id: the record that says it, one of the left customer's."""

    customer_id: UUID
    record_id: UUID


class NodeOut(BaseModel):
    id: UUID
    name: str
    kind: str
    distance: int = Field(description="Steps from the customer asked about.")


class EdgeOut(BaseModel):
    left_id: UUID
    right_id: UUID
    kind: str
    role: str
    is_over: bool
    is_found: bool


class GraphOut(BaseModel):
    """`is_whole` false: more stand around than are in it."""

    nodes: list[NodeOut]
    edges: list[EdgeOut]
    is_whole: bool


@reads(
    router, "/{customer_id}/relations", needs="customer.view", answers=PageOf[TieOut], summary="A customer's relations"
)
def list_relations(
    request: HttpRequest,
    customer_id: UUID,
    kind: Kind | Literal[""] = "",
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[TieOut]:
    """By the name of the other one. Those that are over, and those found by comparing, say so."""
    name = f"relations/{customer_id}/{kind}"
    position = decode_cursor(name, cursor)
    page = relations_of(
        actor_of(request),
        customer_id,
        Asked((kind,) if kind else ()),
        after=(position[0], position[1]) if position else None,
        limit=limit,
    )
    next_cursor = encode_cursor(name, page.next) if page.next else None
    return PageOf(items=[tie_out(line) for line in page.lines], next_cursor=next_cursor)


@reads(
    router,
    "/{customer_id}/relations/graph",
    needs="customer.view",
    answers=GraphOut,
    summary="The relations around a customer",
)
def get_relation_graph(
    request: HttpRequest,
    customer_id: UUID,
    steps: Annotated[int, Query(ge=1, le=4)] = 2,
    most: Annotated[int, Query(ge=2, le=500)] = 60,
) -> GraphOut:
    """Nearest first, as far and as many as asked for."""
    graph = relation_graph(actor_of(request), customer_id, steps=steps, most=most)
    return GraphOut.model_validate(graph, from_attributes=True)


@acts(
    router,
    "post",
    "/{customer_id}/relations",
    needs="customer.edit",
    answers=TieSaved,
    status=201,
    summary="Relate two customers",
)
def add_relation(request: HttpRequest, customer_id: UUID, body: TieIn) -> TieSaved:
    """Kept as said by the caller, beside what the sources say; saying it again replaces what was said before."""
    said = SaidRelation(body.kind, body.role, body.since, body.until)
    return _say(request, customer_id, body.other, body.side, said, body.reason)


@acts(
    router,
    "post",
    "/{customer_id}/relations/end",
    needs="customer.edit",
    answers=TieSaved,
    summary="End a relation, or deny it",
)
def end_relation(request: HttpRequest, customer_id: UUID, body: TieEnd) -> TieSaved:
    said = SaidRelation(body.kind, until=body.until, is_denied=body.until is None)
    return _say(request, customer_id, body.other, body.side, said, body.reason)


def tie_out(line: RelationLine) -> TieOut:
    return TieOut(
        customer_id=line.customer_id,
        name=line.name,
        customer_kind=line.customer_kind,
        kind=line.kind,
        side=line.side.value,
        role=line.role,
        since=line.since_on,
        until=line.until_on,
        is_over=line.is_over,
        is_found=line.is_found,
        evidence=[
            EvidenceOut(
                source_id=one.source_id,
                said_at=one.said_at,
                role=one.role,
                since=one.since_on,
                until=one.until_on,
                detail=one.detail,
            )
            for one in line.evidence
        ],
    )


def _say(request: HttpRequest, customer_id: UUID, other: UUID, side: str, said: SaidRelation, reason: str) -> TieSaved:
    ends = (customer_id, other) if side == Side.LEFT else (other, customer_id)
    saved = inline.relate_customers(*ends, said, actor=actor_of(request), reason=reason)
    return TieSaved(customer_id=saved.customer_id, record_id=saved.record_id)
