"""Two customers become one, by decision of a person."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from kehu.core.ids import CustomerId
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.errors import DifferentKinds, SameCustomer
from kehu.profile.models import Customer, MergeAct
from kehu.profile.queries.lookup import current_customer, founding_record, members_of
from kehu.profile.settling import settle_records, take_the_lead
from kehu.resolve import services as resolve


@dataclass(frozen=True, slots=True)
class MergeReceipt:
    """act_id undoes it. records_moved: how many source records changed their customer."""

    act_id: int
    survivor_id: CustomerId
    absorbed_id: CustomerId
    records_moved: int


@transaction.atomic
def merge_customers(*, survivor_id: UUID, absorbed_id: UUID, actor: Actor, reason: str) -> MergeReceipt:
    """Tie all records of both together under the survivor's id; decisions that kept them apart are taken back.

    Raises SameCustomer, DifferentKinds, NotFound, PermissionDenied.
    """
    take_the_lead()
    survivor, absorbed = current_customer(actor, survivor_id).id, current_customer(actor, absorbed_id).id
    require(actor, "customer.merge", on=(survivor, absorbed))
    if survivor == absorbed:
        raise SameCustomer(survivor)
    if len(set(Customer.objects.filter(pk__in=(survivor, absorbed)).values_list("kind", flat=True))) > 1:
        raise DifferentKinds
    audit.act_as(actor, reason)
    members = members_of([survivor, absorbed])
    records = [member.id for found in members.values() for member in found]
    before = {str(member.id): str(customer) for customer, found in members.items() for member in found}
    founding = founding_record(survivor)
    lifted = resolve.lift_cannot_links([m.id for m in members[survivor]], [m.id for m in members[absorbed]])
    decision = resolve.must_link(
        founding,
        [record for record in records if record != founding],
        survivor=survivor,
        actor_id=actor.user_id,
        reason=reason,
    )
    moves = settle_records(records)
    act = MergeAct.objects.create(
        kind=MergeAct.Kind.MERGE,
        survivor_id=survivor,
        absorbed_id=absorbed,
        decision_id=decision,
        before={"mapping": before, "lifted": lifted},
        after={str(record): str(survivor) for record in records},
        actor_id=actor.user_id,
        reason=reason,
    )
    return MergeReceipt(act.pk, survivor, absorbed, len(moves))
