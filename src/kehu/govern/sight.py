"""Why somebody sees a customer: each way into sight that holds for them, and what makes it hold."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, customer_for, require
from kehu.govern.actor import SHARED, actor_for_user
from kehu.govern.models import Department, Share, User
from kehu.govern.visibility import Visibility, visible_to


@dataclass(frozen=True, slots=True)
class Reason:
    """way: all, department ("" among the names is the whole company), owner, territory or share."""

    way: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """reasons () = they do not see it. Without the right to see customers no reason helps."""

    user_id: int
    name: str
    role: str
    scope: str
    may_view: bool
    is_strict: bool
    reasons: tuple[Reason, ...]

    @property
    def sees(self) -> bool:
        return self.may_view and bool(self.reasons)


@dataclass(frozen=True, slots=True)
class ShareLine:
    id: int
    whom: str
    reason: str
    shared_by: str
    created_at: datetime
    expires_at: datetime | None


def sight_of(actor: Actor, customer_id: UUID, user_id: int) -> Sight:
    """Why this person sees the customer, or that they do not. Of others only for who may see people.

    Raises NotFound for a customer the actor does not see.
    """
    customer_for(actor, customer_id)
    if user_id != actor.user_id:
        require(actor, "user.view")
    user = User.objects.select_related("role").filter(pk=user_id).first()
    if user is None:
        raise NotFound("user", user_id)
    viewer = actor_for_user(user)
    reasons = reasons_to_see(viewer, customer_id) if viewer.is_signed_in else ()
    return Sight(
        user_id, str(user), str(user.role), user.role.scope, viewer.can("customer.view"), viewer.is_strict, reasons
    )


def reasons_to_see(viewer: Actor, customer_id: UUID) -> tuple[Reason, ...]:
    """Exactly the ways `visible_to` lets them in by: the same conditions, asked one by one."""
    seen = visible_to(viewer)
    if seen.is_everything:
        return (Reason("all"),)
    return tuple(
        Reason(way.name, _names(way.name, seen, customer_id))
        for way in seen.ways("c")
        if _holds(way.condition, way.parameters, customer_id)
    )


def shares_of(actor: Actor, customer_id: UUID) -> list[ShareLine]:
    """The shares that count today, newest first. A strict actor learns of none."""
    customer_for(actor, customer_id)
    if actor.is_strict:
        return []
    records = [row[0] for row in fetch_all(_RECORDS, [customer_id])]
    found = Share.objects.select_related("user", "team", "department", "shared_by").filter(
        Q(expires_at=None) | Q(expires_at__gt=timezone.now()), record_id__in=records
    )
    return [
        ShareLine(
            one.pk,
            str(one.user or one.team or one.department),
            one.reason,
            str(one.shared_by) if one.shared_by else "",
            one.created_at,
            one.expires_at,
        )
        for one in found.order_by("-id")
    ]


def _holds(condition: str, parameters: list[Any], customer_id: UUID) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM profile_customer AS c WHERE c.id = %s AND {condition}",  # noqa: S608
            [customer_id, *parameters],
        )
        return cursor.fetchone() is not None


def _names(way: str, seen: Visibility, customer_id: UUID) -> tuple[str, ...]:
    match way:
        case "department":
            ids = [row[0] for row in fetch_all(_DEPARTMENTS, [customer_id, list(seen.departments or ())])]
            named = tuple(Department.objects.filter(pk__in=ids).order_by("name").values_list("name", flat=True))
            return ("", *named) if SHARED in ids else named
        case "owner":
            rows = fetch_all("SELECT owner_id FROM profile_customer WHERE id = %s", [customer_id])
            return tuple(str(user) for user in User.objects.filter(pk__in=[row[0] for row in rows]))
        case "territory":
            return seen.places
        case _:
            return ()


_RECORDS = "SELECT record_id FROM resolve_recordcustomer WHERE customer_id = %s"
_DEPARTMENTS = "SELECT department_id FROM profile_customerscope WHERE customer_id = %s AND department_id = ANY(%s)"
