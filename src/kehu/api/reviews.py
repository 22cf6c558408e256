"""The review queue: pairs the evidence leaves open, and what a person decides of them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Query, Router
from pydantic import BaseModel, Field

from kehu.api.customer_acts import MergeReceiptOut
from kehu.api.customer_schemas import CustomerBrief, brief
from kehu.api.operations import acts, reads
from kehu.api.schemas import Cursor, Input, Limit, PageOf
from kehu.core.ids import RecordId, birth_id
from kehu.core.paging import decode_cursor, encode_cursor
from kehu.govern.access import Actor, actor_of
from kehu.profile import queries, services
from kehu.profile.queries.lists import lines_of
from kehu.profile.queries.review_pairs import PairLine, review_pairs
from kehu.resolve.explanations import explain_records

router = Router()
LIST = "review"


class PairOut(BaseModel):
    """Two records whose link is unsure, and the customers they belong to."""

    left_id: UUID
    right_id: UUID
    left: CustomerBrief
    right: CustomerBrief
    probability: float = Field(examples=[0.71])
    weight_bits: float
    since: datetime


class ContributionOut(BaseModel):
    attribute: str = Field(examples=["phone"])
    level: str = Field(examples=["exact"])
    bits: float = Field(examples=[11.2])


class ExplanationOut(BaseModel):
    """`prior_bits` plus the bits of the contributions make `total_bits`."""

    left_id: UUID
    right_id: UUID
    contributions: list[ContributionOut]
    prior_bits: float
    total_bits: float
    probability: float


class DecisionIn(Input):
    """same: the two customers become one, the elder's id stays. different: no run ties them together any more."""

    left_id: UUID
    right_id: UUID
    verdict: Literal["same", "different"]
    reason: str = Field(default="", max_length=2000)


class DecisionOut(BaseModel):
    """`merge` null: they stay two."""

    merge: MergeReceiptOut | None


@reads(router, "", needs="review.view", answers=PageOf[PairOut], summary="List review pairs")
def list_review_pairs(
    request: HttpRequest,
    customer_id: Annotated[UUID | None, Query()] = None,
    cursor: Cursor = "",
    limit: Limit = 50,
) -> PageOf[PairOut]:
    """The likeliest first; pairs of customers the caller sees both of."""
    actor = actor_of(request)
    list_name = f"{LIST}/{customer_id}"
    position = decode_cursor(list_name, cursor)
    skip = position[0] if position else 0
    pairs = review_pairs(actor, skip=skip, limit=limit + 1, customer_id=customer_id)
    more = len(pairs) > limit
    return PageOf(
        items=_out(actor, pairs[:limit]),
        next_cursor=encode_cursor(list_name, [skip + limit]) if more else None,
    )


@reads(
    router,
    "/{left_id}/{right_id}/explanation",
    needs="review.view",
    answers=ExplanationOut,
    summary="Why a pair is unsure",
)
def explain_review_pair(request: HttpRequest, left_id: UUID, right_id: UUID) -> ExplanationOut:
    """The evidence between the two records, attribute by attribute, in bits."""
    actor = actor_of(request)
    for record in (left_id, right_id):
        queries.current_customer(actor, birth_id(RecordId(record)))
    explanation = explain_records(left_id, right_id)
    return ExplanationOut(
        left_id=left_id,
        right_id=right_id,
        contributions=[
            ContributionOut(attribute=part.attribute, level=part.level, bits=part.bits)
            for part in explanation.contributions
        ],
        prior_bits=explanation.prior_bits,
        total_bits=explanation.total_bits,
        probability=explanation.probability,
    )


@acts(
    router,
    "post",
    "/decisions",
    needs="review.decide",
    answers=DecisionOut,
    summary="Decide a pair",
)
def decide_review_pair(request: HttpRequest, body: DecisionIn) -> DecisionOut:
    """Survives every re-run and rebuild; a merge is undone like any other."""
    receipt = services.decide_pair(
        body.left_id, body.right_id, body.verdict, actor=actor_of(request), reason=body.reason
    )
    return DecisionOut(merge=MergeReceiptOut.model_validate(receipt, from_attributes=True) if receipt else None)


def _out(actor: Actor, pairs: list[PairLine]) -> list[PairOut]:
    ids = [customer for pair in pairs for customer in (pair.left_customer_id, pair.right_customer_id)]
    lines = {line.id: brief(line) for line in lines_of(actor, list(dict.fromkeys(ids)))}
    return [
        PairOut(
            left_id=pair.left_id,
            right_id=pair.right_id,
            left=lines[pair.left_customer_id],
            right=lines[pair.right_customer_id],
            probability=pair.probability,
            weight_bits=pair.weight_bits,
            since=pair.since,
        )
        for pair in pairs
        if pair.left_customer_id in lines and pair.right_customer_id in lines
    ]
