"""A value people fix as the golden one, whatever the rule says."""

from uuid import UUID

from django.db import transaction

from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import require_writable
from kehu.profile.errors import ValueNotSaid
from kehu.profile.models import Customer, Pin
from kehu.profile.queries.lookup import current_customer, founding_record
from kehu.profile.settling import refresh_now, take_the_lead


@transaction.atomic
def pin_value(customer_id: UUID, attribute: str, value: str, *, actor: Actor, reason: str = "") -> None:
    """Pin one of the values that sources say. Raises ValueNotSaid for any other."""
    take_the_lead()
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.pin", on=(customer,))
    require_writable(actor, [attribute])
    golden = Customer.objects.get(pk=customer).golden.get(attribute, {})
    said = {golden.get("v"), *(other["v"] for other in golden.get("others", ()))}
    if value not in said:
        raise ValueNotSaid(attribute)
    audit.act_as(actor, reason)
    Pin.objects.update_or_create(
        record_id=founding_record(customer),
        attribute=attribute,
        defaults={"value": {"v": value}, "actor_id": actor.user_id, "reason": reason},
    )
    refresh_now([customer])


@transaction.atomic
def unpin_value(customer_id: UUID, attribute: str, *, actor: Actor, reason: str = "") -> None:
    take_the_lead()
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.pin", on=(customer,))
    audit.act_as(actor, reason)
    Pin.objects.filter(record_id=founding_record(customer), attribute=attribute).delete()
    refresh_now([customer])
