"""From any id a customer ever had, or any identifier, to the customer of today."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.core.ids import CustomerId
from kehu.govern.access import Actor, customer_for, visible_departments


class Current(NamedTuple):
    """redirected_from: the id asked for, when the customer has since been merged into another."""

    id: CustomerId
    redirected_from: UUID | None


class MemberRecord(NamedTuple):
    """A source record of a customer."""

    id: UUID
    source_id: int
    external_id: str
    kind: str
    first_at: datetime
    last_at: datetime
    department_id: int | None
    born_no: int


def current_customer(actor: Actor, customer_id: UUID) -> Current:
    """A merged id leads to its successor for ever: the record it was born with knows where it went.

    Raises NotFound for an id nobody was born with, or a customer the actor may not see.
    """
    rows = fetch_all(
        "SELECT m.customer_id FROM resolve_ledgerentry l JOIN resolve_recordcustomer m USING (record_id) "
        "WHERE l.customer_id = %s",
        [customer_id],
    )
    if not rows:
        raise NotFound("customer", customer_id)
    found: UUID = rows[0][0]
    return Current(customer_for(actor, found), customer_id if found != customer_id else None)


def customer_by_identifier(actor: Actor, type_: str, value: str) -> list[CustomerId]:
    """Customers that carry the identifier now or did before, the present holder first; only those the actor sees."""
    in_scope, scope = "", []
    if actor.is_strict:  # that another department's record carries it is not theirs to learn
        in_scope = (
            "AND EXISTS (SELECT FROM resolve_sourcerecord r WHERE r.id = b.record_id"
            " AND coalesce(r.department_id, 0) = ANY(%s)) "
        )
        scope = [list(visible_departments(actor) or ())]
    rows = fetch_all(
        "SELECT m.customer_id, bool_or(b.valid_to IS NULL) AS is_now, max(b.valid_from) AS since "  # noqa: S608
        "FROM resolve_binding b JOIN resolve_recordcustomer m USING (record_id) "
        f"WHERE b.type = %s AND b.value = %s {in_scope}GROUP BY 1 ORDER BY 2 DESC, 3 DESC, 1 LIMIT 50",
        [type_, value, *scope],
    )
    found = [row[0] for row in rows]
    visible = []
    for customer in found:
        try:
            visible.append(customer_for(actor, customer))
        except NotFound:
            continue
    return visible


def members_of(customer_ids: list[UUID]) -> dict[UUID, list[MemberRecord]]:
    """The source records of each customer, eldest first."""
    found: dict[UUID, list[MemberRecord]] = {customer: [] for customer in customer_ids}
    rows = fetch_all(
        "SELECT m.customer_id, r.id, r.source_id, r.external_id, r.kind, r.first_at, r.last_at, r.department_id, "
        "l.born_no FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id "
        "JOIN resolve_ledgerentry l ON l.record_id = r.id WHERE m.customer_id = ANY(%s) ORDER BY l.born_no",
        [list(customer_ids)],
    )
    for customer, *rest in rows:
        found[customer].append(MemberRecord(*rest))
    return found


def founding_record(customer_id: UUID) -> UUID:
    """The record whose birth id the customer bears: what people type, pin and assign hangs there."""
    rows = fetch_all("SELECT record_id FROM resolve_ledgerentry WHERE customer_id = %s", [customer_id])
    if not rows:
        raise NotFound("customer", customer_id)
    record: UUID = rows[0][0]
    return record
