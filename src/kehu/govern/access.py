"""The guard: who acts, may they, on whose customers. Every room asks here and nowhere else.

require(actor, "customer.merge", on=(survivor, absorbed))      in a service
@requires("customer.view")                                     on a view or an API operation
visible_to(actor).filter(Customer.objects.all())               in a query
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from kehu.govern.actor import (
    ANONYMOUS,
    SHARED,
    SYSTEM,
    Actor,
    actor_for_token,
    actor_for_user,
)
from kehu.govern.errors import NotSignedIn, PermissionDenied, RateLimited
from kehu.govern.routes import public, requires, signed_in
from kehu.govern.visibility import (
    Visibility,
    customer_for,
    sees_record_of,
    visible_departments,
    visible_to,
)

__all__ = [
    "ANONYMOUS",
    "SHARED",
    "SYSTEM",
    "Actor",
    "NotSignedIn",
    "PermissionDenied",
    "RateLimited",
    "Visibility",
    "actor_for_token",
    "actor_for_user",
    "actor_of",
    "customer_for",
    "public",
    "require",
    "requires",
    "sees_record_of",
    "signed_in",
    "visible_departments",
    "visible_to",
]


def actor_of(request: HttpRequest) -> Actor:
    """Who is behind a request; ANONYMOUS when nobody signed in."""
    return getattr(request, "actor", ANONYMOUS)


def require(actor: Actor, action: str, on: Any = None) -> None:
    """Go on only if the actor may. Raises NotSignedIn, PermissionDenied, or NotFound for a customer unseen.

    on: one or several customers, as ids or as anything with an `id`.
    """
    if not actor.can(action):
        if not actor.is_signed_in:
            raise NotSignedIn
        raise PermissionDenied(action, actor.name)
    for customer_id in _customer_ids(on):
        customer_for(actor, customer_id)


def _customer_ids(on: Any) -> Iterable[UUID]:
    if on is None:
        return ()
    if isinstance(on, UUID):
        return (on,)
    if isinstance(on, Iterable):
        return [customer_id for one in on for customer_id in _customer_ids(one)]
    return (on.id,)
