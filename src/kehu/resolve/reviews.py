"""What people are asked: pairs of customers that a link speaks for and the evidence does not join."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from uuid import UUID

from kehu.core.database import Connection
from kehu.core.write_behind import write
from kehu.resolve.identity_rules import ONE_FACT
from kehu.resolve.models import Link
from kehu.resolve.store.evidence import LinkRow, PairId


class ReviewCandidate(NamedTuple):
    pair: PairId
    left_customer: UUID
    right_customer: UUID
    probability: float
    weight_bits: float


def questions(
    links: Mapping[PairId, LinkRow], customer_of: Mapping[UUID, UUID], cannot: set[PairId]
) -> list[ReviewCandidate]:
    """One question for each two customers that a link speaks for: their strongest pair of records.

    Not asked: what people decided, and what agrees in one fact alone, where nobody can know more than the model.
    """
    decided = {frozenset((customer_of[left], customer_of[right])) for left, right in cannot}
    strongest: dict[frozenset[UUID], ReviewCandidate] = {}
    for (left, right), row in links.items():
        customers = frozenset((customer_of[left], customer_of[right]))
        if row.kind != Link.Kind.MODEL or row.reason == ONE_FACT or len(customers) == 1 or customers in decided:
            continue
        found = ReviewCandidate((left, right), customer_of[left], customer_of[right], row.probability, row.weight_bits)
        best = strongest.get(customers)
        if best is None or (found.weight_bits, found.pair) > (best.weight_bits, best.pair):
            strongest[customers] = found
    return list(strongest.values())


def write_reviews(connection: Connection, records: set[UUID], reviews: Sequence[ReviewCandidate]) -> None:
    """Replace the questions about the records. records: those of which some may have been written before."""
    ids = list(records)
    if ids:
        write(connection, "DELETE FROM resolve_reviewpair WHERE left_id = ANY(%s) OR right_id = ANY(%s)", (ids, ids))
    if reviews:
        write(
            connection,
            "INSERT INTO resolve_reviewpair (left_id, right_id, left_customer_id, right_customer_id, probability, "
            "weight_bits, since) SELECT *, now() FROM unnest(%s::uuid[], %s::uuid[], %s::uuid[], %s::uuid[], "
            "%s::float8[], %s::float8[])",
            (
                [review.pair[0] for review in reviews],
                [review.pair[1] for review in reviews],
                [review.left_customer for review in reviews],
                [review.right_customer for review in reviews],
                [review.probability for review in reviews],
                [review.weight_bits for review in reviews],
            ),
        )
