"""Organisations as an actor may see them: a list with what stands behind each, and one with its orders rolled up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, LiteralString
from uuid import UUID

from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.govern.access import Actor, sees_record_of, visible_departments, visible_to
from kehu.profile.queries.lists import CustomerLine, customer_list, lines_of
from kehu.profile.queries.lookup import current_customer, members_of
from kehu.profile.relations.graph import Place, above, below
from kehu.profile.relations.kinds import HIERARCHY, WORK, Side
from kehu.profile.relations.lines import Asked, RelationPage
from kehu.profile.relations.queries import relations_of
from kehu.profile.sql import TRUE, Sql, sql

ORGANISATION = "organisation"
PEOPLE: Final = Asked(WORK, Side.RIGHT)
# Which orders count of some records: those billed to them; those of people who name no company with them.
_BILLED: Final = "(o.organisation_record_id = ANY(%(records)s) OR o.record_id = ANY(%(records)s))"
_PLACED: Final = "o.record_id = ANY(%(records)s) AND o.organisation_record_id IS NULL"


@dataclass(frozen=True, slots=True)
class OrganisationLine:
    """people: who work there or own it now. below: branches and subsidiaries, those next to it."""

    customer: CustomerLine
    people: int
    below: int
    sums: tuple["Money", ...]


@dataclass(frozen=True, slots=True)
class OrganisationList:
    lines: list[OrganisationLine]
    next: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Money:
    """Orders in one currency: how many, and their totals less refunds. Cancelled ones do not count."""

    currency: str
    orders: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class BilledOrder:
    """through: the customer who placed or carries it, "" where the actor does not see them."""

    id: UUID
    number: str
    status: str
    placed_at: datetime | None
    total: Decimal
    refunded: Decimal
    currency: str
    through: str


@dataclass(frozen=True, slots=True)
class OrganisationView:
    """own: billed to it. beneath: billed to what stands below. by_people: its people's orders that name no company."""

    line: CustomerLine
    redirected_from: UUID | None
    above: list[Place]
    below: list[Place]
    people_count: int
    own: tuple[Money, ...]
    beneath: tuple[Money, ...]
    by_people: tuple[Money, ...]
    orders: list[BilledOrder]

    @property
    def together(self) -> tuple[Money, ...]:
        sums: dict[str, Money] = {}
        for one in (*self.own, *self.beneath, *self.by_people):
            was = sums.get(one.currency, Money(one.currency, 0, Decimal(0)))
            sums[one.currency] = Money(one.currency, was.orders + one.orders, was.amount + one.amount)
        return tuple(sums.values())


def organisation_list(
    actor: Actor, *, text: str = "", after: tuple[str, str] | None = None, limit: int = 50
) -> OrganisationList:
    """By name; a search ranks by fit and gives one page."""
    found = customer_list(actor, text=text, kind=ORGANISATION, after=after, limit=limit)
    ids = [line.id for line in found.lines]
    people, beneath = _tied(actor, ids, WORK), _tied(actor, ids, HIERARCHY)
    sums = _billed_to_each(_records(actor, ids))
    return OrganisationList(
        [
            OrganisationLine(line, len(people.get(line.id, ())), len(beneath.get(line.id, ())), sums.get(line.id, ()))
            for line in found.lines
        ],
        found.next,
    )


def organisation_view(actor: Actor, customer_id: UUID) -> OrganisationView:
    """Raises NotFound for a customer that is none, or that the actor does not see."""
    current = current_customer(actor, customer_id)
    [line] = lines_of(actor, [current.id])
    if line.kind != ORGANISATION:
        raise NotFound(ORGANISATION, customer_id)
    beneath = below(actor, current.id)
    people = _tied(actor, [current.id], WORK).get(current.id, set())
    lower = [place.line.customer_id for place in beneath]
    records = _records(actor, [current.id, *lower, *people])
    own = records[current.id]
    return OrganisationView(
        line,
        current.redirected_from,
        above(actor, current.id),
        beneath,
        len(people),
        _sums(_BILLED, own),
        _sums(_BILLED, [record for one in lower for record in records[one]]),
        _sums(_PLACED, [record for one in people for record in records[one]]),
        _orders(actor, own),
    )


def people_of(
    actor: Actor, customer_id: UUID, *, after: tuple[str, str] | None = None, limit: int = 50
) -> RelationPage:
    """Contacts, employees and owners, those of the past among them."""
    return relations_of(actor, customer_id, PEOPLE, after=after, limit=limit)


# The first word on a tie is the one that decides, as in relations.combining: told before found, then trust, then time.
_TIED = """
SELECT first.own, first.other FROM (
    SELECT DISTINCT ON (own.customer_id, m.customer_id, t.kind) own.customer_id AS own, m.customer_id AS other,
           t.is_denied, t.until_on
    FROM resolve_recordcustomer own
    JOIN (SELECT left_id, right_id, kind, basis, source_id, said_at, until_on, is_denied
          FROM profile_relation WHERE kind = ANY({})
          UNION ALL
          SELECT right_id, left_id, 'subsidiary_of', basis, source_id, said_at, until_on, is_denied
          FROM profile_relation WHERE kind = 'parent_of' AND {}) t ON t.right_id = own.record_id
    JOIN resolve_recordcustomer m ON m.record_id = t.left_id AND m.customer_id <> own.customer_id
    LEFT JOIN collect_source s ON s.id = t.source_id
    WHERE own.customer_id = ANY({}) AND {}
    ORDER BY own.customer_id, m.customer_id, t.kind, (t.basis = 'told') DESC, coalesce(s.trust_rank, 0) DESC,
             t.said_at DESC NULLS LAST, t.left_id, t.right_id) first
JOIN profile_customer c ON c.id = first.other
WHERE NOT first.is_denied AND (first.until_on IS NULL OR first.until_on >= {}) AND {}
"""


def _tied(actor: Actor, organisations: Sequence[UUID], kinds: Sequence[str]) -> dict[UUID, set[UUID]]:
    """Who stands at the left end of holding ties to each organisation."""
    seen, parameters = visible_to(actor).sql("c")
    in_scope = TRUE
    if actor.is_strict:
        in_scope = sql(
            "(SELECT bool_and(coalesce(r.department_id, 0) = ANY({})) FROM resolve_sourcerecord r "
            "WHERE r.id IN (t.left_id, t.right_id))",
            list(visible_departments(actor) or ()),
        )
    statement = sql(
        _TIED,
        list(kinds),
        TRUE if "subsidiary_of" in kinds else Sql("FALSE"),
        list(organisations),
        in_scope,
        timezone.localdate(),
        Sql(seen, tuple(parameters)),
    )
    found: dict[UUID, set[UUID]] = {}
    for own, other in fetch_all(statement.text, statement.parameters):
        found.setdefault(own, set()).add(other)
    return found


def _records(actor: Actor, customers: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The records whose values the actor sees, by customer."""
    return {
        customer: [member.id for member in members if sees_record_of(actor, member.department_id)]
        for customer, members in members_of(list(dict.fromkeys(customers))).items()
    }


def _sums(whose: LiteralString, records: Sequence[UUID]) -> tuple[Money, ...]:
    if not records:
        return ()
    rows = fetch_all(
        "SELECT o.currency, count(*), sum(o.total - o.refunded) FROM profile_order o "  # noqa: S608
        f"WHERE {whose} AND o.status <> 'cancelled' GROUP BY 1 ORDER BY 3 DESC, 1",
        {"records": list(records)},
    )
    return tuple(Money(currency, count, amount) for currency, count, amount in rows)


def _billed_to_each(records: Mapping[UUID, Sequence[UUID]]) -> dict[UUID, tuple[Money, ...]]:
    pairs = [(record, customer) for customer, some in records.items() for record in some]
    rows = fetch_all(
        "SELECT b.customer, o.currency, count(*), sum(o.total - o.refunded) FROM ("
        "SELECT own.customer, o.id FROM unnest(%(records)s::uuid[], %(customers)s::uuid[]) AS own(record, customer) "
        "JOIN profile_order o ON o.organisation_record_id = own.record UNION "
        "SELECT own.customer, o.id FROM unnest(%(records)s::uuid[], %(customers)s::uuid[]) AS own(record, customer) "
        "JOIN profile_order o ON o.record_id = own.record) b JOIN profile_order o ON o.id = b.id "
        "WHERE o.status <> 'cancelled' GROUP BY 1, 2 ORDER BY 1, 4 DESC, 2",
        {"records": [record for record, _ in pairs], "customers": [customer for _, customer in pairs]},
    )
    found: dict[UUID, list[Money]] = {}
    for customer, currency, count, amount in rows:
        found.setdefault(customer, []).append(Money(currency, count, amount))
    return {customer: tuple(sums) for customer, sums in found.items()}


def _orders(actor: Actor, records: Sequence[UUID]) -> list[BilledOrder]:
    """The latest twenty billed to the records."""
    if not records:
        return []
    rows = fetch_all(
        "SELECT o.id, o.number, o.status, o.placed_at, o.total, o.refunded, o.currency, m.customer_id "  # noqa: S608
        "FROM profile_order o LEFT JOIN resolve_recordcustomer m ON m.record_id = o.record_id "
        f"WHERE {_BILLED} ORDER BY o.placed_at DESC NULLS LAST, o.id LIMIT 20",
        {"records": list(records)},
    )
    names = {line.id: line.name for line in lines_of(actor, list({row[-1] for row in rows if row[-1]}))}
    return [BilledOrder(*[*row[:-1], names.get(row[-1], "")]) for row in rows]
