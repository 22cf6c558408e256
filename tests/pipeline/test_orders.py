"""One order, however many systems tell of it; money is never counted twice."""

import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from kehu.govern.access import SYSTEM
from kehu.profile import queries
from tests.pipeline.cast import DAY, Road3, road_of

AT = DAY.isoformat()


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def tell(road: Road3, source: str, message_id: str, external: str = "", **order: Any) -> None:
    body: dict[str, Any] = {"occurred_at": AT, "orders": [{"namespace": "shop", "number": "T100", "at": AT, **order}]}
    if external:
        body |= {"external_id": external, "attributes": {"name": "欧阳晓明", "phone": "13901754826"}}
    road.send([road.message(source, external or "T100", body, message_id)])
    road.settle()


def order_of(road: Road3) -> tuple[Any, ...]:
    row = road.connection.execute("SELECT total, paid, refunded, status FROM profile_order").fetchall()
    assert len(row) == 1, "the order must be there once"
    return tuple(row[0])


REPORTS: list[tuple[str, str, dict[str, Any]]] = [
    ("crm", "buyer", {"total": "99", "status": "placed", "placed_at": AT}),
    ("shop", "buyer", {"total": "100.50", "payments": [{"key": "1", "amount": "100.50", "method": "wechat"}]}),
    ("till", "", {"total": "100.50", "payments": [{"key": "p", "amount": "60"}, {"key": "q", "amount": "40.50"}]}),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_three_systems_tell_of_one_order_and_it_counts_once(road: Road3, order: tuple[int, ...]) -> None:
    for position in order:
        source, external, said = REPORTS[position]
        tell(road, source, f"m{position}", external, **said)
    # the till is trusted most (see the cast), so its payments count, not the sum of all
    assert order_of(road) == (Decimal("100.5"), Decimal("100.5"), Decimal(0), "placed")
    customers = queries.customer_list(SYSTEM).lines
    assert sum(line.order_count for line in customers) == 1


def test_a_full_refund_gives_back_what_was_paid(road: Road3) -> None:
    tell(road, "shop", "m1", "buyer", total="80", placed_at=AT, payments=[{"key": "1", "amount": "80"}])
    tell(road, "shop", "m2", "buyer", full_refund_at=AT, status="refunded")
    assert order_of(road) == (Decimal(80), Decimal(80), Decimal(80), "refunded")


def test_a_receipt_without_identity_is_kept_unassigned(road: Road3) -> None:
    tell(road, "till", "m1", total="12", placed_at=AT)
    assert road.connection.execute("SELECT record_id FROM profile_order").fetchall() == [(None,)]


def test_a_review_that_only_knows_the_order_finds_the_buyer_before_and_after(road: Road3) -> None:
    for key, message_id in (("before", "r1"), ("after", "r2")):
        if key == "after":
            tell(road, "shop", "m1", "buyer", total="80", placed_at=AT)
        event = {
            "key": key,
            "name": "Product Reviewed",
            "kind": "behaviour",
            "occurred_at": AT,
            "order": ["shop", "T100"],
            "properties": {"rating": 5},
        }
        road.send([road.message("crm", key, {"occurred_at": AT, "events": [event]}, message_id)])
        road.settle()
    [customer] = [line.id for line in queries.customer_list(SYSTEM).lines]
    page = queries.timeline_page(SYSTEM, customer, kind="behaviour")
    assert [row.properties["rating"] for row in page.rows] == [5, 5]


def test_an_order_that_comes_before_its_buyer_waits_for_them(road: Road3) -> None:
    buyer = {"source": "crm", "external_id": "later"}
    tell(road, "shop", "m1", total="80", placed_at=AT, buyer=buyer)
    body = {"external_id": "later", "occurred_at": AT, "attributes": {"name": "欧阳晓明"}}
    road.send([road.message("crm", "later", body, "m2")])
    road.settle()
    [line] = queries.customer_list(SYSTEM).lines
    assert (line.name, line.order_count, line.order_total) == ("欧阳晓明", 1, Decimal(80))
