"""Who looks after a customer."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from django.db import transaction

from kehu.core import bus
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.models import Assignment
from kehu.profile.queries.lookup import current_customer, founding_record
from kehu.profile.settling import refresh_now, take_the_lead

ASSIGNED: Final = "customers.assigned"


@transaction.atomic
def assign_owner(customer_id: UUID, owner_id: int | None, *, actor: Actor, reason: str = "") -> None:
    """Give the customer to a user, or to nobody."""
    take_the_lead()
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.edit", on=(customer,))
    audit.act_as(actor, reason)
    record = founding_record(customer)
    if owner_id is None:
        Assignment.objects.filter(record_id=record).delete()
    else:
        Assignment.objects.update_or_create(record_id=record, defaults={"owner_id": owner_id})
        announce_owners({record: owner_id})
    refresh_now([customer])


def announce_owners(owners: Mapping[UUID, int]) -> None:
    """One event per owner, with the founding records of the customers that are theirs to look after from now on."""
    by_owner: dict[int, list[str]] = {}
    for record, owner in owners.items():
        by_owner.setdefault(owner, []).append(str(record))
    bus.publish_all(ASSIGNED, [{"owner": owner, "records": records} for owner, records in by_owner.items()])
