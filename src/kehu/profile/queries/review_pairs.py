"""The review queue: pairs that a person should look at, as far as the actor sees both customers."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from kehu.govern.access import Actor, require, visible_to


@dataclass(frozen=True, slots=True)
class PairLine:
    """left_id, right_id: the records whose link is unsure. Customers are those of today."""

    left_id: UUID
    right_id: UUID
    left_customer_id: UUID
    right_customer_id: UUID
    probability: float
    weight_bits: float
    since: datetime


def review_pairs(actor: Actor, *, skip: int = 0, limit: int = 1, customer_id: UUID | None = None) -> list[PairLine]:
    """The likeliest first. customer_id: only pairs with this customer on one side."""
    require(actor, "review.view")
    left, left_parameters = visible_to(actor).sql("a")
    right, right_parameters = visible_to(actor).sql("b")
    of_customer = ""
    parameters: list[Any] = []
    if customer_id is not None:
        of_customer = "AND (p.left_customer_id = %s OR p.right_customer_id = %s)"
        parameters = [customer_id, customer_id]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT p.left_id, p.right_id, p.left_customer_id, p.right_customer_id, p.probability, p.weight_bits, p.since
            FROM resolve_reviewpair p
            JOIN profile_customer a ON a.id = p.left_customer_id
            JOIN profile_customer b ON b.id = p.right_customer_id
            WHERE {left} AND {right} {of_customer}
            ORDER BY p.probability DESC, p.left_id, p.right_id OFFSET %s LIMIT %s
            """,  # noqa: S608
            [*left_parameters, *right_parameters, *parameters, skip, limit],
        )
        return [PairLine(*row) for row in cursor.fetchall()]
