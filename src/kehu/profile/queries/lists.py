"""The list of customers: searched, filtered, sorted, paged by cursor."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db import DataError

from kehu.core.database import fetch_all
from kehu.core.errors import InvalidInput
from kehu.govern import rate_limits
from kehu.govern.access import Actor, sees_record_of, visible_to
from kehu.govern.field_policy import PresentedField, present_golden, present_text
from kehu.profile.filters.compiler import compile_filter, sums_differ
from kehu.profile.filters.errors import FilterTooCostly
from kehu.profile.filters.guard import COUNTING_MS, LONGEST_MS, QUICK_MS, estimate, rows_within, within
from kehu.profile.filters.operators import Op
from kehu.profile.filters.tree import EVERYBODY, Condition, Group, Match
from kehu.profile.models import Customer
from kehu.profile.queries.lookup import members_of
from kehu.profile.queries.search import find, own_customers
from kehu.profile.queries.sorts import sort_named
from kehu.profile.sql import TRUE, Sql, all_of, sql

KINDS = ("person", "organisation")
COUNTED: Final = 10_000
MOST_SEARCHED: Final = 500
FEW_SEEN: Final = 20_000
LONG_WORK_MS: Final = 60_000


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
    """next: position after the last line for the next page, None at the end. words, is_guess: of a search, what was
    looked for, and whether nobody is written so and these are merely alike."""

    lines: list[CustomerLine]
    next: tuple[str, str] | None
    words: tuple[str, ...] = ()
    is_guess: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    """How many a list holds. is_exact False: at least so many (is_least), or about so many."""

    number: int
    is_exact: bool = True
    is_least: bool = False


@dataclass(frozen=True, slots=True)
class ListAsked:
    """A list as it is asked for: text, filter and order. The same for a page, a count, a bulk act and an export."""

    text: str = ""
    filter: Group = EVERYBODY
    sort: str = "name"


def customer_list(
    actor: Actor,
    *,
    text: str = "",
    kind: str = "",
    source_id: int | None = None,
    owner_id: int | None = None,
    filter: Group = EVERYBODY,
    sort: str = "name",
    after: tuple[str, str] | None = None,
    limit: int = 50,
) -> CustomerList:
    """Customers the actor sees. Searching ranks by fit and gives one page; otherwise `after` continues the order.

    Raises FilterTooCostly for what would read the whole base, FieldNotReadable for what the actor may not ask.
    """
    asked = ListAsked(text, _narrowed(filter, kind, source_id, owner_id), sort)
    order = sort_named(actor, sort)
    if text.strip():
        return _found(actor, asked, limit)
    count_look_ups(actor, asked.filter)
    statement = lambda known: sql(  # noqa: E731
        "SELECT c.id, ({})::text FROM profile_customer c WHERE {} AND {} {} LIMIT {}",
        order.value, known, order.after(after), order.order, limit + 1,
    )  # fmt: skip
    try:
        rows = _quick_or_summed(actor, asked.filter, statement)
    except DataError as error:
        raise InvalidInput("after", "this is no position in the list: start again from its first page") from error
    position = (rows[limit - 1][1], str(rows[limit - 1][0])) if len(rows) > limit else None
    return CustomerList(lines_in_order(actor, [row[0] for row in rows[:limit]]), position)


def count_customers(actor: Actor, filter: Group = EVERYBODY) -> Count:
    """Counted up to 10,000; beyond that as the planner of the database estimates. Grows with no base."""
    compiled = condition_for(actor, filter)
    everything = sql("SELECT FROM profile_customer c WHERE {}", compiled)
    estimated = estimate(everything)[0] if visible_to(actor).is_everything else 0
    if estimated > 2 * COUNTED:
        return Count(_rounded(estimated), is_exact=False)
    few = sql("SELECT count(*) FROM ({} LIMIT {}) counted", everything, COUNTED + 1)
    try:
        [(number,)] = rows_within(few, COUNTING_MS)
    except FilterTooCostly:
        return Count(_rounded(estimated), is_exact=False)
    return Count(min(number, COUNTED), is_exact=number <= COUNTED, is_least=number > COUNTED)


def ids_of(actor: Actor, asked: ListAsked) -> list[UUID]:
    """Every customer of a list in its order at one moment, for work that goes through all of them in pieces.

    16 bytes and an object each: a million take about 100 MB.
    """
    if asked.text.strip():
        return find(actor, asked.text, MOST_SEARCHED, where=condition_for(actor, asked.filter)).ids
    order = sort_named(actor, asked.sort).order
    statement = lambda known: sql("SELECT c.id FROM profile_customer c WHERE {} {}", known, order)  # noqa: E731
    return [row[0] for row in _quick_or_summed(actor, asked.filter, statement, LONG_WORK_MS)]


def condition_for(actor: Actor, filter: Group, *, is_set_based: bool = False) -> Sql:
    """The filter within what the actor sees: known customers only, as c."""
    compiled = compile_filter(actor, filter, is_set_based=is_set_based)
    return all_of([Sql("NOT c.is_anonymous"), _seen_by(actor), compiled.condition])


def _seen_by(actor: Actor) -> Sql:
    """Who sees few customers is led from those to the list, instead of from the list to those."""
    seen = visible_to(actor)
    if seen.is_everything:
        return TRUE
    own = own_customers(seen)
    if estimate(own)[0] <= FEW_SEEN:
        return sql("c.id IN ({})", own)
    condition, parameters = seen.sql("c")
    return Sql(condition, tuple(parameters))


def count_look_ups(actor: Actor, filter: Group) -> None:
    """A filter may ask what a search by number may: against the same limit."""
    for _ in range(compile_filter(actor, filter).look_ups):
        rate_limits.count(rate_limits.LOOK_UP, actor)


def _narrowed(filter: Group, kind: str, source_id: int | None, owner_id: int | None) -> Group:
    tests = [
        Condition(field, Op.ONE_OF, (str(value),))
        for field, value in (("kind", kind), ("source", source_id), ("owner", owner_id))
        if value not in ("", None)
    ]
    if not tests:
        return filter
    return Group(Match.ALL, tuple(tests), () if filter.is_empty else (filter,))


def _found(actor: Actor, asked: ListAsked, limit: int) -> CustomerList:
    count_look_ups(actor, asked.filter)
    found = within(LONGEST_MS, lambda: find(actor, asked.text, limit, where=condition_for(actor, asked.filter)))
    return CustomerList(lines_in_order(actor, found.ids), None, tuple(found.words), found.is_guess)


def _quick_or_summed(
    actor: Actor, filter: Group, statement: Callable[[Sql], Sql], longest_ms: int = LONGEST_MS
) -> list[tuple[Any, ...]]:
    """First one customer after the other, which is quick when many meet the filter; else sums over everybody."""
    single = statement(condition_for(actor, filter))
    if not sums_differ(filter):
        return rows_within(single, longest_ms)
    try:
        return rows_within(single, QUICK_MS)
    except FilterTooCostly:
        return rows_within(statement(condition_for(actor, filter, is_set_based=True)), longest_ms)


def _rounded(number: int) -> int:
    """Two digits of an estimate are what it is worth."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return round(number / unit) * unit


def lines_in_order(actor: Actor, customer_ids: list[UUID]) -> list[CustomerLine]:
    """Lines of customers a query of this actor has just found."""
    found = Customer.objects.in_bulk(customer_ids)
    return _lines(actor, [found[one] for one in customer_ids if one in found])


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
                max((m.last_at for m in seen[customer.id]), default=customer.first_at)
                if actor.is_strict
                else customer.last_at,
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
