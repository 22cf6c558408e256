"""Who looks after a customer."""

from uuid import UUID

from django.db import transaction

from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.models import Assignment
from kehu.profile.queries.lookup import current_customer, founding_record
from kehu.profile.settling import refresh_now, take_the_lead


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
    refresh_now([customer])
