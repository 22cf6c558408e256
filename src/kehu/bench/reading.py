"""How long the customer page, a search and a page of the list take, customer by customer and word by word."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random
from time import perf_counter, process_time
from typing import Any
from uuid import UUID

import psutil
from django.db import connection

from kehu.bench.people import bench_person
from kehu.demo.name_stock import spell_given, spell_surname
from kehu.demo.road.outcome import percentile
from kehu.govern.actor import SYSTEM
from kehu.profile.queries.search import search
from kehu.profile.queries.view import customer_view

WARM_UP = 20
VIEW_GOAL_MS = 25.0
SEARCH_GOAL_MS = 60.0


@dataclass(frozen=True, slots=True)
class Timing:
    """Milliseconds. hits: how many of the measured calls found something. cpu_ms: of a call, here and in the database
    together, which a busy machine does not blur as it does the clock."""

    name: str
    calls: int
    hits: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    cpu_ms: float


def measure_view(views: int, seed: int) -> list[Timing]:
    """The page of the customers with most records, and of random ones."""
    heavy = _ids("SELECT id FROM profile_customer ORDER BY record_count DESC, id LIMIT 20", ())
    some = _ids("SELECT id FROM profile_customer ORDER BY md5(id::text || %s) LIMIT %s", (str(seed), views))
    per_heavy = max(1, views // 5 // max(1, len(heavy)))
    view = lambda customer: customer_view(SYSTEM, customer).records  # noqa: E731
    return [time_calls("heavy customers", view, heavy * per_heavy), time_calls("all customers", view, some)]


def measure_search(searches: int, customers: int, seed: int) -> list[Timing]:
    """Words that half the country answers to, and words that find one person."""
    rng = Random(seed)
    some = [bench_person(rng.randrange(customers)) for _ in range(searches)]
    words: dict[str, list[str]] = {
        "王": ["王"] * searches,
        "w": ["w"] * searches,
        "last four digits": [person.phone[-4:] for person in some],
        "full phone": [person.phone for person in some],
        "full name": [person.name for person in some],
        "pinyin": [f"{spell_surname(p.surname)} {spell_given(p.given)}" for p in some],
        "initials": [f"{spell_surname(p.surname)[0]}{spell_given(p.given)[0]}" for p in some],
        "e-mail": [person.email for person in some],
        "王 and last four": [f"王 {person.phone[-4:]}" for person in some],
        "two common words": ["wang w"] * searches,
        "name and city": [f"{person.name} {person.city}" for person in some],
        "beginning": [person.email[: len(person.email) // 2] for person in some],
        "word and beginning": [f"王 {spell_given(p.given)[:4]}" for p in some],
        "mistyped pinyin": [_mistyped(rng, spell_surname(p.surname) + spell_given(p.given)) for p in some],
        "mistyped phone": [p.phone[:5] + p.phone[6] + p.phone[5] + p.phone[7:] for p in some],
        "another character": [p.surname + spell_given(p.given) for p in some],
        "order number": [f"SO-{p.number - p.number % 3}" for p in some],
        "nobody": [f"qx{p.number}zk" for p in some],
    }
    return [time_calls(name, lambda word: search(SYSTEM, word), texts) for name, texts in words.items()]


def _mistyped(rng: Random, word: str) -> str:
    """Two letters swapped."""
    place = rng.randrange(1, max(2, len(word) - 1))
    return word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]


def time_calls(name: str, call: Callable[[Any], Iterable[Any]], arguments: list[Any]) -> Timing:
    for argument in arguments[:WARM_UP]:
        call(argument)
    taken, hits = [], 0
    cpu_began = _cpu_seconds()
    for argument in arguments:
        began = perf_counter()
        found = call(argument)
        taken.append((perf_counter() - began) * 1000)
        hits += bool(list(found))
    cpu_ms = (_cpu_seconds() - cpu_began) * 1000 / max(1, len(taken))
    return Timing(
        name, len(taken), hits, percentile(taken, 0.5), percentile(taken, 0.99), max(taken, default=0), cpu_ms
    )


def _cpu_seconds() -> float:
    """Of this process and of the server process that answers it, when that runs on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return process_time()
    return process_time() + float(times.user) + float(times.system)


def _ids(statement: str, parameters: tuple[Any, ...]) -> list[UUID]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return [row[0] for row in cursor.fetchall()]
