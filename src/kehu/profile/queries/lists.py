"""The list of customers: searched, filtered, sorted, paged by cursor."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput
from kehu.govern.access import Actor, sees_record_of, visible_to
from kehu.govern.field_policy import PresentedField, present_golden, present_text
from kehu.profile.models import Customer
from kehu.profile.queries.lookup import members_of
from kehu.profile.queries.search import search

SORTS = ("name", "changed")
KINDS = ("person", "organisation")


@dataclass(frozen=True, slots=True)
class CustomerLine:
    """A customer in a list, as the actor may see it."""

    id: UUID
    kind: str
    name: str
    golden: dict[str, PresentedField]
    source_ids: tuple[int, ...]
    record_count: int
    order_count: int
    order_total: Decimal
    currency: str
    owner_id: int | None
    last_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class CustomerList:
    """next: position after the last line for the next page, None at the end."""

    lines: list[CustomerLine]
    next: tuple[str, str] | None


def customer_list(
    actor: Actor,
    *,
    text: str = "",
    kind: str = "",
    source_id: int | None = None,
    owner_id: int | None = None,
    sort: str = "name",
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> CustomerList:
    """Customers the actor sees. Searching ranks by fit and gives one page; otherwise `after` continues the order."""
    if sort not in SORTS:
        raise InvalidInput("sort", f"{sort!r} is none of {', '.join(SORTS)}")
    query = visible_to(actor).filter(Customer.objects.filter(is_anonymous=False))
    if kind:
        query = query.filter(kind=kind)
    if owner_id is not None:
        query = query.filter(owner_id=owner_id)
    if source_id is not None:
        query = query.extra(
            where=[
                "EXISTS (SELECT FROM resolve_recordcustomer m JOIN resolve_sourcerecord r ON r.id = m.record_id "
                "WHERE m.customer_id = profile_customer.id AND r.source_id = %s)"
            ],
            params=[source_id],
        )
    if text.strip():
        ids = search(actor, text, limit)
        found = {customer.id: customer for customer in query.filter(id__in=ids)}
        return CustomerList(_lines(actor, [found[i] for i in ids if i in found]), None)
    rows = list(_page(query, sort, after)[: limit + 1])
    last = rows[limit - 1] if len(rows) > limit else None
    position = None
    if last is not None:
        position = (last.sort_key if sort == "name" else last.updated_at.isoformat(), str(last.id))
    return CustomerList(_lines(actor, rows[:limit]), position)


def _page(query: Any, sort: str, after: tuple[str, str] | None) -> Any:
    try:
        if sort == "name":
            if after:
                query = query.filter(Q(sort_key__gt=after[0]) | Q(sort_key=after[0], id__gt=UUID(after[1])))
            return query.order_by("sort_key", "id")
        if after:
            at = datetime.fromisoformat(after[0])
            query = query.filter(Q(updated_at__lt=at) | Q(updated_at=at, id__gt=UUID(after[1])))
        return query.order_by("-updated_at", "id")
    except ValueError as error:
        raise InvalidInput("after", "this is no position in the list: start again from its first page") from error


def lines_of(actor: Actor, customer_ids: list[UUID]) -> list[CustomerLine]:
    """The named customers, as far as the actor sees them, in the order given."""
    found = visible_to(actor).filter(Customer.objects.filter(id__in=customer_ids)).in_bulk(customer_ids)
    return _lines(actor, [found[one] for one in customer_ids if one in found])


def _lines(actor: Actor, customers: list[Customer]) -> list[CustomerLine]:
    ids = [customer.id for customer in customers]
    members = members_of(ids)
    seen = {one: [m for m in found if sees_record_of(actor, m.department_id)] for one, found in members.items()}
    in_scope = [member.id for found in seen.values() for member in found]
    totals = order_totals(ids, in_scope if actor.is_strict else None)
    lines = []
    for customer in customers:
        departments = {str(m.id): m.department_id for m in members[customer.id]}
        count, total, currency = totals.get(customer.id, (0, Decimal(0), "CNY"))
        golden = present_golden(actor, customer.golden, departments)
        lines.append(
            CustomerLine(
                customer.id,
                customer.kind,
                shown_name(actor, customer.display_name, golden),
                golden,
                tuple(dict.fromkeys(m.source_id for m in seen[customer.id])),
                len(seen[customer.id]) if actor.is_strict else customer.record_count,
                count,
                total,
                currency,
                customer.owner_id,
                customer.last_at,
                customer.updated_at,
            )
        )
    return lines


def shown_name(actor: Actor, name: str, golden: dict[str, PresentedField]) -> str:
    """The name as the actor may see it; for a strict actor only what its own records say."""
    if not actor.is_strict:
        return present_text(actor, name)
    return next((golden[a].value for a in ("name", "nickname", "company") if a in golden), "")


def order_totals(
    customer_ids: list[UUID], only_records: list[UUID] | None = None
) -> dict[UUID, tuple[int, Decimal, str]]:
    """(orders, sum of totals less refunds, currency) by customer; cancelled orders do not count.

    only_records: what hangs on other records is left out, for those who may not see it.
    """
    if not customer_ids:
        return {}
    in_scope = "" if only_records is None else "AND m.record_id = ANY(%s) "
    rows = fetch_all(
        "SELECT m.customer_id, count(*), coalesce(sum(o.total - o.refunded), 0), min(o.currency) "  # noqa: S608
        "FROM resolve_recordcustomer m JOIN profile_order o ON o.record_id = m.record_id "
        f"WHERE m.customer_id = ANY(%s) {in_scope}AND o.status <> 'cancelled' GROUP BY 1",
        [customer_ids] if only_records is None else [customer_ids, only_records],
    )
    return {customer: (count, total, currency) for customer, count, total, currency in rows}
