"""Lifecycle and RFM of a shop's customers equal what Polars works out by itself from the same orders."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import polars as pl
import pytest

from kehu.core.database import Connection, current_connection, set_statements
from kehu.core.errors import InvalidInput
from kehu.profile.figures.rules import LifecycleRules, RatingRules, lifecycle_rules, rating_rules
from kehu.profile.figures.standing import move_lifecycles_on, rate
from kehu.profile.figures.working import refresh
from tests.profile.figures_cast import buy, happen, people, work_all

NOW = datetime(2026, 11, 1, tzinfo=UTC)
FIXED = RatingRules(method="fixed")


@pytest.fixture
def connection(db: None) -> Any:
    with set_statements(current_connection()) as connection:
        yield connection


def retail(connection: Connection, customers: int = 150, orders: int = 900) -> pl.DataFrame:
    """Orders as an online shop has them: few buy often, most once or twice, some only cancelled."""
    dice = random.Random(11)
    records = people(customers)
    rows = []
    for number in range(orders):
        record = records[min(int(dice.paretovariate(0.9)) - 1, customers - 1)]
        at = NOW - timedelta(minutes=int(dice.expovariate(1 / 200_000)))
        rows.append((record, f"R{number}", at, Decimal(dice.randrange(50, 20_000)) / 10))
    kept, cancelled = rows[: orders * 9 // 10], rows[orders * 9 // 10 :]
    buy(connection, kept)
    buy(connection, cancelled, status="cancelled")
    work_all(connection, NOW)
    mapping = dict(connection.execute("SELECT record_id, customer_id FROM resolve_recordcustomer").fetchall())
    return pl.DataFrame(
        {
            "customer": [str(mapping[record]) for record, *_ in kept],
            "at": [at for _, _, at, _ in kept],
            "money": [float(total) for *_, total in kept],
        }
    )


def scored(orders: pl.DataFrame, rules: RatingRules) -> dict[str, tuple[int, int, int, str]]:
    since = NOW - timedelta(days=rules.window_days)
    bought = (
        orders.filter(pl.col("at") > since)
        .group_by("customer")
        .agg(
            days=(pl.lit(NOW) - pl.col("at").max()).dt.total_days(),
            orders=pl.len().cast(pl.Int64),
            money=pl.col("money").sum().round(4),
        )
    )
    if rules.method == "quantile":
        place = {
            "r": (-pl.col("days")).rank("max") / pl.len(),
            "f": pl.col("orders").rank("max") / pl.len(),
            "m": pl.col("money").rank("max") / pl.len(),
        }
        scores = {name: (5 * share - 1e-9).ceil().cast(pl.Int64) for name, share in place.items()}
    else:
        steps = {"r": ("days", rules.recency_days), "f": ("orders", rules.frequency), "m": ("money", rules.money)}
        reached = {
            name: pl.sum_horizontal([(pl.col(column) >= step).cast(pl.Int64) for step in thresholds])
            for name, (column, thresholds) in steps.items()
        }
        scores = {"r": 5 - reached["r"], "f": 1 + reached["f"], "m": 1 + reached["m"]}
    total = pl.col("r") + pl.col("f") + pl.col("m")
    tier = (
        pl.when(total >= rules.high_from).then(pl.lit("high")).when(total >= rules.middle_from).then(pl.lit("middle"))
    )
    rated = bought.with_columns(**scores).with_columns(tier=tier.otherwise(pl.lit("low")))
    return {row[0]: row[1:] for row in rated.select("customer", "r", "f", "m", "tier").iter_rows()}


def ratings(connection: Connection) -> dict[str, tuple[int, int, int, str]]:
    rows = connection.execute(
        "SELECT customer_id::text, recency, frequency, money, tier FROM profile_standing WHERE tier <> ''"
    )
    return {customer: tuple(rest) for customer, *rest in rows}  # type: ignore[misc]


def lifecycles(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("SELECT customer_id::text, lifecycle FROM profile_standing").fetchall())


@pytest.mark.parametrize("rules", [RatingRules(), FIXED, RatingRules(window_days=60, high_from=10, middle_from=6)])
def test_rfm_scores_and_value_tiers_equal_an_independent_computation(
    connection: Connection, rules: RatingRules
) -> None:
    orders = retail(connection)
    rate(connection, rules, NOW)
    expected = scored(orders, rules)
    assert ratings(connection) == expected
    assert len({tier for *_, tier in expected.values()}) == 3
    assert rate(connection, rules, NOW) == 0


def test_lifecycle_equals_an_independent_computation_today_and_a_year_later(connection: Connection) -> None:
    orders, rules = retail(connection), LifecycleRules(active_days=30, dormant_days=120)
    customers = {customer for (customer,) in connection.execute("SELECT id FROM profile_customer").fetchall()}
    for now in (NOW, NOW + timedelta(days=45), NOW + timedelta(days=365)):
        move_lifecycles_on(connection, rules, now)
        days = (pl.lit(now) - pl.col("at").max()).dt.total_seconds() / 86400
        last = orders.group_by("customer").agg(days=days)
        state = pl.when(pl.col("days") < 30).then(pl.lit("active")).when(pl.col("days") < 120).then(pl.lit("dormant"))
        known = dict(last.select("customer", state.otherwise(pl.lit("lost"))).iter_rows())
        assert lifecycles(connection) == {str(one): known.get(str(one), "potential") for one in customers}
    assert set(known.values()) == {"lost"}


def test_lifecycle_by_events_counts_the_events_the_rule_names(connection: Connection) -> None:
    visitor, caller, silent = people(3)
    happen(connection, [(visitor, "Product Viewed", NOW - timedelta(days=3), {})])
    happen(connection, [(caller, "Call Received", NOW - timedelta(days=100), {})])
    ids: dict[UUID, UUID] = dict(
        connection.execute("SELECT record_id, customer_id FROM resolve_recordcustomer").fetchall()
    )
    rule = '{"basis": "events", "events": ["Product Viewed", "Call Received"]}'
    connection.execute("UPDATE profile_figurerules SET lifecycle = %s::jsonb", (rule,))
    refresh(connection, list(ids.values()), NOW)
    found = lifecycles(connection)
    assert [found[str(ids[one])] for one in (visitor, caller, silent)] == ["active", "dormant", "potential"]


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"active_days": 90, "dormant_days": 90}, "dormant_days"),
        ({"active_days": 0}, "dormant_days"),
        ({"basis": "moon"}, "lifecycle"),
        ({"basis": "events"}, "events"),
        ({"basis": "events", "events": ["\x00"]}, "events"),
        ({"days": 3}, "lifecycle"),
        ("always", "lifecycle"),
    ],
)
def test_lifecycle_rules_that_mean_nothing_are_refused(rules: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        lifecycle_rules(rules)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"window_days": 0}, "window_days"),
        ({"method": "guess"}, "rating"),
        ({"recency_days": [90, 30, 180, 365]}, "recency_days"),
        ({"frequency": [1, 2, 3]}, "rating"),
        ({"money": [1, 2, 3, float("inf")]}, "money"),
        ({"high_from": 8, "middle_from": 8}, "high_from"),
    ],
)
def test_rating_rules_that_mean_nothing_are_refused(rules: object, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        rating_rules(rules)
    assert refused.value.field == field
