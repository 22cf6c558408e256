"""What a customer likes follows from what it did, with the evidence, and always equals a look at all of it."""

import random
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from kehu.core.database import Connection, current_connection, set_statements
from kehu.govern.access import SYSTEM
from kehu.profile.figures.working import work_due
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import filter_from
from kehu.profile.preferences.evidence import part_of_day
from kehu.profile.preferences.queries import preferences_of
from tests.cast import make_actor, make_customer, make_department
from tests.profile.figures_cast import happen, people, record_of, work_all

NOW = datetime(2026, 11, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
GOODS = ("推车", "奶瓶", "湿巾", "连体衣")
Told = dict[tuple[UUID, str], list[tuple[str, int, bool]]]


@pytest.fixture
def connection(db: None) -> Any:
    with set_statements(current_connection()) as connection:
        yield connection


def order(connection: Connection, record: UUID, number: int, at: datetime, goods: list[str]) -> None:
    found = connection.execute(
        "INSERT INTO profile_order (id, namespace, number, record_id, status, placed_at, currency, total, paid,"
        " refunded, lineage) VALUES (gen_random_uuid(), 'shop', %s, %s, 'completed', %s, 'CNY', 1, 1, 0, '{}')"
        " RETURNING id",
        (str(number), record, at),
    ).fetchone()
    assert found is not None
    for place, name in enumerate(goods):
        connection.execute(
            "INSERT INTO profile_orderline (order_id, key, sku, name, quantity, unit_price, amount)"
            " VALUES (%s, %s, '', %s, 1, 1, 1)",
            (found[0], str(place), name),
        )


def told(connection: Connection) -> Told:
    lines: Told = defaultdict(list)
    for customer, kind, *line in connection.execute(
        "SELECT customer_id, kind, value, facts, is_clear FROM profile_preference ORDER BY customer_id, kind, place"
    ):
        lines[customer, kind].append((line[0], line[1], line[2]))
    return dict(lines)


def expected(connection: Connection, now: datetime) -> Told:
    """The same from scratch, in Python: weights 5 bought, 2 put into the cart, 1 viewed; hours of Shanghai."""
    said: dict[tuple[UUID, str], list[tuple[str, int, datetime]]] = defaultdict(list)
    since = now - timedelta(days=365)
    for customer, name, at, product in connection.execute(
        "SELECT m.customer_id, e.name, e.occurred_at, e.properties ->> 'name' FROM profile_event e "
        "JOIN resolve_recordcustomer m ON m.record_id = e.record_id"
    ):
        if at > since:
            said[customer, "product"].append((product, 2 if name == "Product Added" else 1, at))
            said[customer, "hours"].append((part_of_day(at.astimezone(SHANGHAI).hour), 1, at))
    orders = set()
    for customer, id_, at, product in connection.execute(
        "SELECT m.customer_id, o.id, o.placed_at, l.name FROM profile_order o JOIN profile_orderline l ON "
        "l.order_id = o.id JOIN resolve_recordcustomer m ON m.record_id = o.record_id WHERE o.status <> 'cancelled'"
    ):
        if at > since:
            said[customer, "product"].append((product, 5, at))
            if id_ not in orders:
                said[customer, "hours"].append((part_of_day(at.astimezone(SHANGHAI).hour), 1, at))
            orders.add(id_)
    return {key: places for key, facts in said.items() if (places := _places(key[1], facts))}


def _places(kind: str, facts: list[tuple[str, int, datetime]]) -> list[tuple[str, int, bool]]:
    weights: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    last: dict[str, datetime] = {}
    for value, weight, at in facts:
        weights[value] += weight
        counts[value] += 1
        last[value] = max(at, last.get(value, at))
    ranked = sorted(weights, key=lambda value: (-weights[value], -last[value].timestamp(), value.encode()))[:3]
    whole, least = sum(weights.values()), Decimal("0.2") if kind == "product" else Decimal("0.4")
    judged = [(v, counts[v], counts[v] >= 2 and Decimal(weights[v]) / whole >= least) for v in ranked]
    return [line for place, line in enumerate(judged) if place == 0 or line[2]]


def test_preferences_follow_any_change_and_equal_a_look_at_all_facts(connection: Connection) -> None:
    luck, records = random.Random(7), people(12)
    for chunk in range(4):
        happen(
            connection,
            [
                (
                    luck.choice(records),
                    luck.choice(["Product Viewed", "Product Added"]),
                    NOW - timedelta(days=luck.randrange(500), minutes=luck.randrange(1440)),
                    {"name": luck.choice(GOODS)},
                )
                for _ in range(60)
            ],
        )
        for number in range(8):
            at = NOW - timedelta(days=luck.randrange(500), minutes=luck.randrange(1440))
            order(connection, luck.choice(records), chunk * 10 + number, at, luck.sample(GOODS, luck.randrange(1, 3)))
        if chunk == 2:
            connection.execute("UPDATE profile_order SET status = 'cancelled' WHERE number LIKE '1%%'")
            connection.execute("DELETE FROM profile_event WHERE id < 'a0000000-0000-0000-0000-000000000000'")
        work_all(connection, NOW)
        assert told(connection) == expected(connection, NOW)
    later = NOW + timedelta(days=60)
    work_all(connection, later)
    assert told(connection) == expected(connection, later), "what left the window speaks no more"
    assert work_due(connection, later) == 0


def test_channel_and_content_come_from_what_the_customer_did_not_from_what_was_sent(connection: Connection) -> None:
    customer = make_customer("王芳")
    connection.execute(
        "INSERT INTO collect_source (id, slug, name, kind, write_key, trust_rank, is_trusted, is_enabled, time_zone,"
        " order_namespace, unique_types, mapping) VALUES (1, 's', 's', 'wechat', 'w', 50, true, true, 'UTC', '', '[]',"
        " '{}') ON CONFLICT (id) DO UPDATE SET kind = 'wechat'"
    )
    record = record_of(customer)
    happen(
        connection,
        [(record, "Article Read", NOW - timedelta(hours=one), {"category": "辅食"}) for one in range(4)]
        + [(record, "Email Delivered", NOW, {"category": "广告"})] * 9
        + [(record, "Email Opened", NOW - timedelta(days=1), {})] * 2
        + [(record, "Call Made", NOW, {})] * 9,
    )
    connection.execute("UPDATE profile_event SET kind = 'marketing' WHERE name LIKE 'Email%%'")
    connection.execute("UPDATE profile_event SET kind = 'contact' WHERE name LIKE 'Call%%'")
    work_all(connection, NOW)
    found = told(connection)
    assert found[customer, "channel"] == [("wechat", 4, True)]
    assert found[customer, "content"] == [("辅食", 4, True)]


def test_lists_ask_for_preferences_and_partners_learn_nothing(db: None) -> None:
    fond, other = make_customer("王芳"), make_customer("李静")
    partner = make_actor("partner", make_department())
    seen = [(record_of(fond), "Product Viewed", NOW - timedelta(days=n), {"name": "奶瓶"}) for n in range(3)]
    with set_statements(current_connection()) as connection:
        happen(connection, [*seen, *[(record_of(other), "Product Viewed", NOW, {"name": "Bottle"})] * 2])
        work_all(connection, NOW)

    def found_by(op: str, *values: str, actor: Any = SYSTEM) -> set[UUID]:
        asked = {"conditions": [{"field": "preference.product", "op": op, "values": list(values)}]}
        made, _ = compile_filter(actor, filter_from(asked))
        with set_statements(current_connection()) as connection:
            rows = connection.execute(f"SELECT c.id FROM profile_customer c WHERE {made.text}", made.parameters)
            return {row[0] for row in rows}

    assert found_by("is", "bottle") == {other}
    assert found_by("contains", "奶") == {fond}
    assert found_by("empty") == set()
    assert found_by("set", actor=partner) == set()


def test_a_number_in_a_product_s_name_is_masked_and_partners_are_told_nothing(db: None) -> None:
    customer = make_customer("李静")
    with set_statements(current_connection()) as connection:
        happen(connection, [(record_of(customer), "Product Viewed", NOW, {"name": "13800138000 的奶瓶"})] * 2)
        work_all(connection, NOW)
    agent, partner = make_actor("agent"), make_actor("partner", make_department())
    [line] = [line for line in preferences_of(agent, customer) if line.kind == "product"]
    assert (line.value, line.share, line.facts, line.evidence) == ("138****8000 的奶瓶", 1, 2, {"viewed": 2})
    assert preferences_of(partner, customer) == []


def test_parts_of_the_day() -> None:
    assert [part_of_day(hour) for hour in (0, 5, 6, 10, 11, 13, 14, 17, 18, 22, 23)] == [
        "night", "night", "morning", "morning", "noon", "noon", "afternoon", "afternoon", "evening", "evening", "night",
    ]  # fmt: skip
