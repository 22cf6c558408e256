"""How long a page of the customers list and its count take: by name, far down, filtered, for those who see little."""

from collections.abc import Callable, Iterable
from random import Random
from typing import Any

from kehu.bench.people import CITIES, bench_person
from kehu.bench.reading import Timing, time_calls
from kehu.govern.access import Actor
from kehu.govern.actor import SYSTEM
from kehu.profile.filters.errors import FilterTooCostly
from kehu.profile.filters.operators import Op
from kehu.profile.filters.tree import EVERYBODY, Condition, Group, Match
from kehu.profile.queries.lists import CustomerList, count_customers, customer_list

LIST_GOAL_MS = 60.0
NOBODY = "00000000-0000-0000-0000-000000000000"
PARTNER = Actor(
    user_id=0,
    name="partner",
    permissions=frozenset({"customer.view"}),
    department_ids=(1,),
    is_strict=True,
)


def measure_lists(pages: int, customers: int, seed: int) -> list[Timing]:
    """Each line is asked `pages` times, with other values each time where it has values."""
    rng = Random(seed)
    some = [bench_person(rng.randrange(customers)) for _ in range(pages)]
    by_city = [_test("city", Op.IS, person.city) for person in some]
    by_email = [_test("email", Op.IS, person.email) for person in some]
    by_name = [_test("name", Op.IS, person.name) for person in some]
    containing = [_test("email", Op.CONTAINS, f"{person.number}@") for person in some[: max(5, pages // 10)]]
    several = [
        Group(
            Match.ALL,
            (Condition("city", Op.ONE_OF, tuple(rng.sample(CITIES, 2))), Condition("orders", Op.AT_LEAST, ("1",))),
            (Group(Match.ANY, (Condition("source", Op.ONE_OF, ("1",)), Condition("seen", Op.LAST_DAYS, ("9000",)))),),
        )
        for _ in some
    ]
    surname = [_test("name", Op.STARTS, person.surname) for person in some]
    everybody = [EVERYBODY] * pages
    lines: list[tuple[str, Callable[[Any], Iterable[Any]], list[Any]]] = [
        ("page by change", lambda _: customer_list(SYSTEM, sort="changed").lines, everybody),
        ("page by name", lambda _: customer_list(SYSTEM, sort="name").lines, everybody),
        ("page far down", lambda after: customer_list(SYSTEM, sort="name", after=after).lines, _positions(rng, pages)),
        ("page, partner's 2 %", lambda _: customer_list(PARTNER, sort="name").lines, everybody),
        ("city is", _page, by_city),
        ("e-mail is", _page, by_email),
        ("name is", _page, by_name),
        ("city, orders, source", _page, several),
        ("name starts", _page, surname[: max(5, pages // 5)]),
        ("contains, rare", _page, containing),
        ("count of everybody", lambda _: [count_customers(SYSTEM)], everybody),
        ("count, city is", lambda group: [count_customers(SYSTEM, group)], by_city),
        ("count, name is", lambda group: [count_customers(SYSTEM, group)], by_name),
        ("count, partner", lambda _: [count_customers(PARTNER)], everybody),
    ]
    return [time_calls(name, call, arguments) for name, call, arguments in lines]


def _page(group: Group) -> list[Any]:
    """Nothing for a filter that the guard refuses as too costly."""
    try:
        found: CustomerList = customer_list(SYSTEM, filter=group, sort="name")
    except FilterTooCostly:
        return []
    return found.lines


def _positions(rng: Random, count: int) -> list[tuple[str, str]]:
    """Places all over the list by name."""
    letters = "abcdefghjklmnpqrstwxyz"
    return [(rng.choice(letters) + rng.choice(letters[:8]), NOBODY) for _ in range(count)]


def _test(field: str, op: Op, *values: str) -> Group:
    return Group(Match.ALL, (Condition(field, op, values),))
