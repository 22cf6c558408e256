"""Whom a comment can call."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from kehu.core.errors import NotFound
from kehu.govern.access import Actor, actor_for_user, customer_for
from kehu.govern.models import User
from kehu.teamwork.access import customer_among_colleagues

_LOOKED_AT: Final = 60


@dataclass(frozen=True, slots=True)
class Mentionable:
    """Somebody a comment on a customer may call. handle: what stands after the @."""

    user_id: int
    handle: str


def handles() -> dict[str, int]:
    """Everybody who may sign in by what stands after an @: their name, and where two share it their address too."""
    return {handle: user.pk for handle, user in _handled(User.objects.filter(is_active=True))}


def names_of_everybody() -> dict[int, str]:
    """Handle by number; who is no longer active goes by their name."""
    names = {user.pk: str(user) for user in User.objects.filter(is_active=False).only("pk", "name", "email")}
    return names | {number: handle for handle, number in handles().items()}


def mentionable(actor: Actor, customer_id: UUID, beginning: str, *, limit: int = 8) -> list[Mentionable]:
    """People whose name holds the text, or whose address begins with it, and who see the customer, by name."""
    customer = customer_among_colleagues(actor, customer_id)
    wanted = beginning.casefold().strip()
    active = User.objects.filter(is_active=True).select_related("role").order_by("name", "pk")
    near = [(h, user) for h, user in _handled(active) if wanted in h.casefold() or user.email.startswith(wanted)]
    found: list[Mentionable] = []
    for handle, user in near[:_LOOKED_AT]:
        if user.pk != actor.user_id and _may_see(user, customer):
            found.append(Mentionable(user.pk, handle))
            if len(found) == limit:
                break
    return found


def names_of_unseeing(user_ids: Collection[int], customer: UUID) -> list[str]:
    """Those of the people who may not see the customer, or are not there: by name, or by number."""
    users = User.objects.select_related("role").in_bulk(list(user_ids))
    return [
        str(users.get(user_id, user_id))
        for user_id in user_ids
        if user_id not in users or not _may_see(users[user_id], customer)
    ]


def _may_see(user: User, customer: UUID) -> bool:
    viewer = actor_for_user(user)
    if viewer.is_strict or not viewer.can("customer.view"):
        return False
    try:
        customer_for(viewer, customer)
    except NotFound:
        return False
    return True


def _handled(users: Iterable[User]) -> list[tuple[str, User]]:
    everybody = list(users)
    shared = Counter(str(user).casefold() for user in everybody)
    return [(f"{user} ({user.email})" if shared[str(user).casefold()] > 1 else str(user), user) for user in everybody]
