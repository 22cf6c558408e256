"""A merge taken back, or records split off a customer: every record returns to where it came from."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from uuid import UUID

from django.db import transaction

from kehu.core.errors import InvalidInput, NotFound
from kehu.core.ids import CustomerId
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.errors import NotMergedThere
from kehu.profile.models import MergeAct
from kehu.profile.queries.lookup import current_customer, members_of
from kehu.profile.settling import settle_records, take_the_lead
from kehu.resolve import services as resolve
from kehu.resolve.models import RecordCustomer


@dataclass(frozen=True, slots=True)
class UnmergeReceipt:
    """customers: who came out of it. newcomers: records that arrived after the merge, and where each is now."""

    act_id: int
    customers: tuple[CustomerId, ...]
    records_moved: int
    newcomers: dict[UUID, UUID]


@transaction.atomic
def unmerge(act_id: int, *, actor: Actor, reason: str) -> UnmergeReceipt:
    """Undo a merge: records from before it go back exactly; no later run ties them together again by itself."""
    take_the_lead()
    act = MergeAct.objects.select_for_update().filter(pk=act_id, kind=MergeAct.Kind.MERGE).first()
    if act is None:
        raise NotFound("merge", act_id)
    if act.undone_by_id is not None:
        raise NotMergedThere(f"merge {act_id} was undone before.")
    current = current_customer(actor, act.survivor_id).id
    require(actor, "customer.unmerge", on=(current,))
    audit.act_as(actor, reason)
    groups: dict[str, list[UUID]] = defaultdict(list)
    for record, customer in act.before["mapping"].items():
        groups[customer].append(UUID(record))
    present = [member.id for member in members_of([current])[current]]
    resolve.undo_decision(act.decision_id)
    resolve.restore_decisions(act.before["lifted"])
    for left, right in combinations(groups.values(), 2):
        resolve.cannot_link(left, right, actor_id=actor.user_id, reason=reason)
    records = sorted({*(record for group in groups.values() for record in group), *present})
    moves = settle_records(records)
    undo = _record_act(act.survivor_id, act.absorbed_id, records, actor, reason)
    MergeAct.objects.filter(pk=act.pk).update(undone_by=undo)
    newcomers = set(present) - {UUID(record) for record in act.before["mapping"]}
    return _receipt(undo, len(moves), newcomers)


@transaction.atomic
def split_records(customer_id: UUID, records: Sequence[UUID], *, actor: Actor, reason: str) -> UnmergeReceipt:
    """Split source records off a customer (whatever had brought them together); both sides stay whole from then on."""
    take_the_lead()
    current = current_customer(actor, customer_id).id
    require(actor, "customer.unmerge", on=(current,))
    members = [member.id for member in members_of([current])[current]]
    leaving = [record for record in members if record in set(records)]
    staying = [record for record in members if record not in set(records)]
    if len(leaving) != len(set(records)):
        raise InvalidInput("records", "some of them are not records of this customer: load the page again")
    if not leaving or not staying:
        raise InvalidInput("records", "choose at least one record, and leave at least one")
    audit.act_as(actor, reason)
    resolve.lift_must_links(leaving, staying)
    resolve.cannot_link(leaving, staying, actor_id=actor.user_id, reason=reason)
    for side in (leaving, staying):
        if len(side) > 1:
            resolve.must_link(side[0], side[1:], survivor=None, actor_id=actor.user_id, reason=reason)
    moves = settle_records(members)
    after = _customers_of(members)
    other = next((after[record] for record in leaving if after[record] != current), current)
    undo = _record_act(current, other, members, actor, reason)
    return _receipt(undo, len(moves), set())


def _record_act(survivor: UUID, absorbed: UUID, records: Sequence[UUID], actor: Actor, reason: str) -> MergeAct:
    after = _customers_of(records)
    return MergeAct.objects.create(
        kind=MergeAct.Kind.UNMERGE,
        survivor_id=survivor,
        absorbed_id=absorbed,
        before={},
        after={str(record): str(customer) for record, customer in after.items()},
        actor_id=actor.user_id,
        reason=reason,
    )


def _customers_of(records: Sequence[UUID]) -> dict[UUID, UUID]:
    return dict(RecordCustomer.objects.filter(record_id__in=records).values_list("record_id", "customer_id"))


def _receipt(act: MergeAct, moved: int, newcomers: set[UUID]) -> UnmergeReceipt:
    after = {UUID(record): UUID(customer) for record, customer in act.after.items()}
    return UnmergeReceipt(
        act.pk,
        tuple(CustomerId(customer) for customer in sorted(set(after.values()))),
        moved,
        {record: after[record] for record in sorted(newcomers)},
    )
