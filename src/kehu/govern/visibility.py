"""Which customers an actor sees: the only door to a list, and object look-ups go through it as well.

The scope table (`profile_customerscope`) says in whose scope a customer lies; 0 is the whole company. A
customer is visible if any of its records or its assignment is in scope; the values and timeline rows of a
strict actor are cut down to the records in scope (`visible_departments`).
"""

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL

from kehu.core.errors import NotFound
from kehu.core.ids import CustomerId
from kehu.govern.actor import SHARED, Actor

M = TypeVar("M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Visibility:
    """departments None = everything. Otherwise what lies in one of them, is assigned to one of `owner_ids`, is in
    one of `places`, or is shared with `sharer` (user, teams, department), who is None where shares do not count.
    """

    departments: tuple[int, ...] | None
    owner_ids: tuple[int, ...]
    places: tuple[str, ...] = ()
    sharer: tuple[int, tuple[int, ...], int | None] | None = None

    @property
    def is_everything(self) -> bool:
        return self.departments is None

    def sql(self, customer: str = "profile_customer") -> tuple[str, list[Any]]:
        """A condition on the customer table under the given alias (a name from code), and its parameters."""
        if self.departments is None:
            return "TRUE", []
        ways = self.ways(customer)
        return f"({' OR '.join(way.condition for way in ways)})", [value for way in ways for value in way.parameters]

    def ways(self, customer: str) -> list["Way"]:
        """Each way a customer can come into sight, as a condition of its own: also what "why visible" asks."""
        ways = [
            Way("owner", f"{customer}.owner_id = ANY(%s)", [list(self.owner_ids)]),
            Way(
                "department",
                "EXISTS (SELECT 1 FROM profile_customerscope AS seen"  # noqa: S608
                f" WHERE seen.customer_id = {customer}.id AND seen.department_id = ANY(%s))",
                [list(self.departments or ())],
            ),
        ]
        if self.places:
            beginnings = [f"{_escaped(place)}%" for place in self.places]
            ways.append(
                Way(
                    "territory",
                    f"({customer}.golden #>> '{{address,v}}' LIKE ANY(%s)"
                    f" OR {customer}.golden #>> '{{city,v}}' LIKE ANY(%s))",
                    [beginnings, beginnings],
                )
            )
        if self.sharer is not None:
            ways.append(
                Way(
                    "share",
                    "EXISTS (SELECT 1 FROM govern_share AS shared JOIN resolve_recordcustomer AS member"  # noqa: S608
                    f" ON member.record_id = shared.record_id WHERE member.customer_id = {customer}.id"
                    " AND (shared.user_id = %s OR shared.team_id = ANY(%s) OR shared.department_id = %s)"
                    " AND (shared.expires_at IS NULL OR shared.expires_at > now()))",
                    [self.sharer[0], list(self.sharer[1]), self.sharer[2]],
                )
            )
        return ways

    def filter(self, customers: "models.QuerySet[M]") -> "models.QuerySet[M]":
        """The same condition on a queryset of Customer."""
        if self.departments is None:
            return customers
        condition, parameters = self.sql()
        is_seen = RawSQL(condition, parameters, output_field=models.BooleanField())  # noqa: S611
        return customers.filter(is_seen)


@dataclass(frozen=True, slots=True)
class Way:
    """One way into sight: department, owner, territory or share."""

    name: str
    condition: str
    parameters: list[Any]


def visible_to(actor: Actor) -> Visibility:
    """Shares and territories do not reach a strict actor: values of records out of scope stay unseen anyhow."""
    if actor.is_strict or actor.user_id is None:
        owners = actor.owner_ids or (() if actor.user_id is None else (actor.user_id,))
        return Visibility(visible_departments(actor), owners)
    return Visibility(
        visible_departments(actor),
        actor.owner_ids or (actor.user_id,),
        actor.places,
        (actor.user_id, actor.team_ids, actor.home_department_id),
    )


def visible_departments(actor: Actor) -> tuple[int, ...] | None:
    """Departments whose records the actor sees, 0 (company-shared) among them unless strict; None = all."""
    if not actor.is_signed_in:
        return ()
    if actor.department_ids is None:
        return None if not actor.is_strict else ()
    return actor.department_ids if actor.is_strict else (SHARED, *actor.department_ids)


def sees_record_of(actor: Actor, department_id: int | None) -> bool:
    """Whether values and timeline rows of a record may be shown. department_id None = company-shared."""
    if not actor.is_strict:
        return actor.is_signed_in
    return (department_id or SHARED) in (visible_departments(actor) or ())


def _escaped(place: str) -> str:
    return place.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def customer_for(actor: Actor, customer_id: UUID) -> CustomerId:
    """The id, if there is such a customer and the actor sees it; NotFound otherwise, the two looking alike.

    Takes current ids only: a merged id is led to its successor by `profile` before.
    """
    condition, parameters = visible_to(actor).sql("c")
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM profile_customer AS c WHERE c.id = %s AND {condition}",  # noqa: S608
            [customer_id, *parameters],
        )
        if cursor.fetchone() is None:
            raise NotFound("customer", customer_id)
    return CustomerId(customer_id)
