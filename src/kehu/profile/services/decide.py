"""What a steward says of a review pair: one customer, or two."""

from typing import Literal
from uuid import UUID

from django.db import transaction

from kehu.core.errors import NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, customer_for, require
from kehu.profile.queries.lookup import members_of
from kehu.profile.services.merge import MergeReceipt, merge_customers
from kehu.profile.settling import settle_records, take_the_lead
from kehu.resolve import services as resolve
from kehu.resolve.models import LedgerEntry, RecordCustomer

Verdict = Literal["same", "different"]


@transaction.atomic
def decide_pair(
    left_record: UUID, right_record: UUID, verdict: Verdict, *, actor: Actor, reason: str = ""
) -> MergeReceipt | None:
    """same: the customers of the two records merge, the elder's id stays. different: they are kept apart for good."""
    take_the_lead()
    found = dict(
        RecordCustomer.objects.filter(record_id__in=(left_record, right_record)).values_list("record_id", "customer_id")
    )
    if len(found) < 2:
        raise NotFound("review pair", f"{left_record} {right_record}")
    left, right = found[left_record], found[right_record]
    for customer in (left, right):
        customer_for(actor, customer)
    require(actor, "review.decide", on=(left, right))
    if verdict == "same":
        born = dict(LedgerEntry.objects.filter(customer_id__in=(left, right)).values_list("customer_id", "born_no"))
        survivor, absorbed = sorted((left, right), key=lambda customer: born[customer])
        return merge_customers(survivor_id=survivor, absorbed_id=absorbed, actor=actor, reason=reason or "review")
    audit.act_as(actor, reason)
    members = members_of([left, right])
    sides = [[member.id for member in members[customer]] for customer in (left, right)]
    if left != right:
        resolve.cannot_link(*sides, actor_id=actor.user_id, reason=reason or "review")
        settle_records([record for side in sides for record in side])
    return None
