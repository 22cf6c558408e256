"""Customers a second through the service behind form and API: cleaned, resolved and committed before the answer."""

from dataclasses import dataclass
from time import perf_counter

from kehu.bench.people import bench_person
from kehu.govern.actor import SYSTEM
from kehu.inline import NewCustomer, create_customers
from kehu.resolve.warm_up import warm_up

GOAL_PER_SECOND = 200
WARM_UP = 50


@dataclass(frozen=True, slots=True)
class Creating:
    """at_once: records in one call. p50_ms, p99_ms: of a call."""

    at_once: int
    records: int
    per_second: float
    p50_ms: float
    p99_ms: float


def measure_creating(records: int, first: int) -> list[Creating]:
    """One caller, one call after the other: each record by itself, then 10 and 100 in a call. first: number of the
    first made-up person nobody knows yet."""
    warm_up()
    figures = []
    for at_once in (1, 10, 100):
        create_customers([_customer(first + number) for number in range(WARM_UP)], actor=SYSTEM)
        first += WARM_UP
        figures.append(_measure(at_once, records, first))
        first += records
    return figures


def _measure(at_once: int, records: int, first: int) -> Creating:
    calls = []
    began = perf_counter()
    for start in range(first, first + records, at_once):
        called = perf_counter()
        create_customers([_customer(number) for number in range(start, start + at_once)], actor=SYSTEM)
        calls.append((perf_counter() - called) * 1000)
    taken = perf_counter() - began
    calls.sort()
    return Creating(at_once, records, records / taken, calls[len(calls) // 2], calls[int(len(calls) * 0.99)])


def _customer(number: int) -> NewCustomer:
    person = bench_person(number, seed=9)
    said = {"name": person.name, "phone": person.phone, "email": person.email, "city": person.city}
    return NewCustomer(said)
