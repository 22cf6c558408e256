"""Who follows a customer, and the customers somebody follows or looked at lately."""

from dataclasses import dataclass
from datetime import datetime
from typing import LiteralString
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.govern.access import Actor
from kehu.profile.queries import CustomerLine
from kehu.profile.queries.lists import lines_of
from kehu.teamwork.access import customer_among_colleagues


@dataclass(frozen=True, slots=True)
class FollowerView:
    user_id: int
    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class RememberedCustomer:
    """at: when the actor looked at the customer last, or began to follow it."""

    line: CustomerLine
    at: datetime


def followers_of(actor: Actor, customer_id: UUID) -> list[FollowerView]:
    """Those who may still sign in, the first to follow first. A strict actor learns of none."""
    if actor.is_strict:
        return []
    customer = customer_among_colleagues(actor, customer_id)
    rows = fetch_all(
        "SELECT u.id, coalesce(nullif(u.name, ''), u.email), min(f.since) FROM teamwork_follow f "
        "JOIN resolve_recordcustomer m USING (record_id) JOIN govern_user u ON u.id = f.user_id AND u.is_active "
        "WHERE m.customer_id = %s GROUP BY 1, 2 ORDER BY 3, 1",
        [customer],
    )
    return [FollowerView(*row) for row in rows]


def followed_customers(actor: Actor, *, limit: int = 200) -> list[RememberedCustomer]:
    """Those the actor sees, the last followed first."""
    return _remembered(
        actor,
        "SELECT m.customer_id, max(f.since) AS at FROM teamwork_follow f JOIN resolve_recordcustomer m "
        "USING (record_id) WHERE f.user_id = %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
        limit,
    )


def visited_customers(actor: Actor, *, limit: int = 30) -> list[RememberedCustomer]:
    """Those the actor sees, the last looked at first. A merged one stands under the customer it is today."""
    return _remembered(
        actor,
        "SELECT m.customer_id, max(v.at) AS at FROM teamwork_visit v JOIN resolve_recordcustomer m "
        "USING (record_id) WHERE v.user_id = %s GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s",
        limit,
    )


def _remembered(actor: Actor, statement: LiteralString, limit: int) -> list[RememberedCustomer]:
    times = dict(fetch_all(statement, [actor.user_id or 0, limit]))
    return [RememberedCustomer(line, times[line.id]) for line in lines_of(actor, list(times))]
