"""Computed attributes follow their facts, whoever writes them, and always equal what a look at all facts would give."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.errors import InvalidInput
from kehu.profile.figures.definitions import Definition, check
from kehu.profile.figures.working import fill, pages, work_due
from tests.profile.figures_cast import buy, define, happen, people, work_all

NOW = datetime(2026, 11, 1, tzinfo=UTC)
NAMES = ("Product Viewed", "Order Completed", "Call Received")
PRODUCTS = ("推车", "奶瓶", "湿巾", "")
VIEWS = Definition("views", "events", "count", event_names=("Product Viewed",))
RECENT = Definition("recent", "events", "count", window_days=30)
PRICES = Definition("prices", "events", "sum", "price", window_days=90)
FIRST = Definition("first_thing", "events", "first", "product")
LAST = Definition("last_at", "events", "last")
FAVORITE = Definition("favorite", "events", "most_frequent", "product", ("Product Viewed", "Order Completed"))
WORTH = Definition("worth", "orders", "sum", "net", window_days=365)
PER_VIEW = Definition("per_view", "figures", formula="views > 0.0 ? worth / views : 0.0")
ALL = (VIEWS, RECENT, PRICES, FIRST, LAST, FAVORITE, WORTH, PER_VIEW)
Values = dict[tuple[UUID, str], Any]


@pytest.fixture
def connection(db: None) -> Any:
    with set_statements(current_connection()) as connection:
        yield connection


def days_ago(days: int) -> datetime:
    return NOW - timedelta(days=days)


def told(connection: Connection) -> Values:
    rows = connection.execute(
        "SELECT v.customer_id, a.name, v.number, v.text, v.at FROM profile_computedvalue v "
        "JOIN profile_computedattribute a ON a.id = v.attribute_id"
    )
    return {
        (customer, name): number if number is not None else text if text is not None else at.astimezone(UTC)
        for customer, name, number, text, at in rows
    }


def expected(connection: Connection, now: datetime) -> Values:
    """The same from scratch, in Python, by the words of the definitions."""
    mapping: dict[UUID, UUID] = dict(
        connection.execute("SELECT record_id, customer_id FROM resolve_recordcustomer").fetchall()
    )
    events, worth = defaultdict(list), defaultdict(Decimal)
    for id_, record, name, at, price, product in connection.execute(
        "SELECT id, record_id, name, occurred_at, properties->>'price', properties->>'product' FROM profile_event"
    ):
        events[mapping[record]].append((at.astimezone(UTC), id_, name, price, product))
    for record, at, total, refunded, status in connection.execute(
        "SELECT record_id, placed_at, total, refunded, status FROM profile_order"
    ):
        if status != "cancelled" and at > now - timedelta(days=365):
            worth[mapping[record]] += total - refunded
    values: Values = {}
    for customer, found in events.items():
        found.sort()
        views = sum(name == "Product Viewed" for _, _, name, _, _ in found)
        recent = sum(at > now - timedelta(days=30) for at, *_ in found)
        prices = [Decimal(price) for at, _, _, price, _ in found if price not in (None, "gratis") and at > days_ago(90)]
        products = [product for *_, product in found if product is not None]
        named = [product for _, _, name, _, product in found if name in FAVORITE.event_names]
        likes = Counter(product for product in named if product is not None)
        values |= {(customer, "views"): Decimal(views)} if views else {}
        values |= {(customer, "recent"): Decimal(recent)} if recent else {}
        values |= {(customer, "prices"): sum(prices)} if prices else {}
        values |= {(customer, "first_thing"): products[0]} if products else {}
        values[customer, "last_at"] = found[-1][0]
        if likes:
            values[customer, "favorite"] = min(likes, key=lambda one: (-likes[one], one.encode()))
    [everybody] = pages(connection)
    for customer in everybody:
        if customer in worth:
            values[customer, "worth"] = worth[customer]
        views = values.get((customer, "views"), 0)
        values[customer, "per_view"] = round(worth[customer] / views, 6) if views else Decimal(0)
    return values


def close(found: Values, wanted: Values) -> None:
    assert found.keys() == wanted.keys()
    for key, value in wanted.items():
        if key[1] == "per_view":  # a formula counts in binary fractions
            assert abs(found[key] - value) <= Decimal("0.00001"), key
        else:
            assert found[key] == value, key


def random_event(random: random.Random, records: list[UUID]) -> Any:
    properties: dict[str, object] = {"product": random.choice(PRODUCTS)} if random.random() < 0.8 else {}
    if random.random() < 0.6:
        properties["price"] = random.choice([12, 19.5, "7.25", "gratis", -3, None])
    at = NOW - timedelta(minutes=random.randrange(200_000))
    return random.choice(records), random.choice(NAMES), at, properties


def test_ten_thousand_random_events_give_what_a_look_at_all_of_them_gives(connection: Connection) -> None:
    dice = random.Random(7)
    records = people(60)
    define(*ALL)
    work_all(connection, NOW)
    [customers] = pages(connection)
    for step in range(20):
        happen(connection, [random_event(dice, records) for _ in range(500)])
        buy(
            connection,
            [
                (
                    dice.choice(records),
                    f"{step}-{n}",
                    days_ago(dice.randrange(500)),
                    Decimal(dice.randrange(900)),
                )
                for n in range(20)
            ],
        )
        moved = dice.choice(records)  # merges and unmerges: a record goes to another customer
        connection.execute(
            "UPDATE resolve_recordcustomer SET customer_id = %s WHERE record_id = %s", (dice.choice(customers), moved)
        )
        if dice.random() < 0.5:
            connection.execute("DELETE FROM profile_event WHERE id IN (SELECT id FROM profile_event LIMIT 3)")
        if dice.random() < 0.5:
            connection.execute("UPDATE profile_order SET status = 'cancelled' WHERE number = %s", (f"{step}-0",))
        if dice.random() < 0.7:
            work_due(connection, NOW, limit=dice.randrange(1, 200))
    work_all(connection, NOW)
    incremental = told(connection)
    close(incremental, expected(connection, NOW))
    connection.execute("DELETE FROM profile_computedvalue")
    fill(connection, NOW)
    assert told(connection) == incremental


def test_time_alone_takes_facts_out_of_a_window(connection: Connection) -> None:
    [record] = people(1)
    define(VIEWS, RECENT, PRICES, FIRST, LAST, FAVORITE, WORTH, PER_VIEW)
    happen(connection, [(record, "Product Viewed", NOW - timedelta(days=29), {"price": 5})])
    buy(connection, [(record, "1", NOW - timedelta(days=364), Decimal(10))])
    work_all(connection, NOW)
    later = NOW + timedelta(days=2)
    assert work_due(connection, later) == 1
    assert work_due(connection, later) == 0
    assert {name: value for (_, name), value in told(connection).items()} == {
        "views": 1, "prices": 5, "last_at": NOW - timedelta(days=29), "per_view": 0,
    }  # fmt: skip


def test_a_customer_who_is_gone_leaves_no_values(connection: Connection) -> None:
    one, other = people(2)
    define(VIEWS)
    happen(connection, [(record, "Product Viewed", NOW, {}) for record in (one, other)])
    work_all(connection, NOW)
    [(kept,), (gone,)] = connection.execute("SELECT id FROM profile_customer ORDER BY id").fetchall()
    connection.execute("UPDATE resolve_recordcustomer SET customer_id = %s", (kept,))
    connection.execute("DELETE FROM profile_customer WHERE id = %s", (gone,))
    work_all(connection, NOW)
    assert told(connection) == {(kept, "views"): 2}
    assert connection.execute("SELECT customer_id, orders FROM profile_standing").fetchall() == [(kept, 0)]


def test_pages_walk_over_everybody_once(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kehu.profile.figures.working.PAGE", 2)
    people(5)
    walked = [customer for page in pages(connection) for customer in page]
    assert len(walked) == len(set(walked)) == 5


@pytest.mark.parametrize(
    ("definition", "field"),
    [
        (Definition("Views", "events", "count"), "name"),
        (Definition("spent", "events", "count"), "name"),
        (Definition("x", "tickets", "count"), "over"),
        (Definition("x", "events", "median", "price"), "function"),
        (Definition("x", "events", "sum"), "field"),
        (Definition("x", "events", "count", "price"), "field"),
        (Definition("x", "events", "first", "a" * 101), "field"),
        (Definition("x", "events", "count", event_names=("a\x00",)), "event_names"),
        (Definition("x", "events", "count", window_days=0), "window_days"),
        (Definition("x", "events", "count", window_days=10**9), "window_days"),
        (Definition("x", "orders", "sum", "status"), "field"),
        (Definition("x", "orders", "sum", "total; DROP TABLE profile_order"), "field"),
        (Definition("x", "orders", "count", event_names=("a",)), "event_names"),
        (Definition("x", "figures", "count", formula="views"), "over"),
        (Definition("x", "figures", formula="views +"), "formula"),
        (Definition("x", "figures", formula="nobody * 2.0"), "formula"),
        (Definition("x", "figures", formula="'text'"), "formula"),
        (Definition("x", "figures", formula="per_view * 2.0"), "formula"),
        (Definition("x", "figures", formula=""), "formula"),
    ],
)
def test_a_definition_that_means_nothing_is_refused_by_field(definition: Definition, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        check(definition, {one.name: one for one in ALL})
    assert refused.value.field == field


def test_a_formula_without_an_answer_tells_nothing(connection: Connection) -> None:
    [record] = people(1)
    share = Definition("share", "figures", formula="spent / views")
    define(VIEWS, LAST, share, Definition("since", "figures", formula="views > 0.0 ? 1.0 : double(last_at)"))
    work_all(connection, NOW)
    assert told(connection) == {}
    happen(connection, [(record, "Product Viewed", NOW, {})])
    work_all(connection, NOW)
    assert {name for _, name in told(connection)} == {"views", "last_at", "share", "since"}
