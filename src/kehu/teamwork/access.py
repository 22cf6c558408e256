"""Who takes part: the company's own people, about customers they see."""

from uuid import UUID

from kehu.core.ids import CustomerId
from kehu.govern.access import Actor, require
from kehu.profile.queries import current_customer
from kehu.teamwork.errors import NotForPartners


def colleague(actor: Actor) -> int:
    """The person's number. Raises NotForPartners."""
    if actor.is_strict or actor.user_id is None:
        raise NotForPartners
    return actor.user_id


def customer_among_colleagues(actor: Actor, customer_id: UUID) -> CustomerId:
    """The customer of today. Raises NotFound, PermissionDenied, and NotForPartners for strict roles: what is said of a
    customer may tell of records that are not theirs to see."""
    customer = current_customer(actor, customer_id).id
    require(actor, "customer.view", on=customer)
    colleague(actor)
    return customer
