"""Trade and lifecycle of customers, worked out in sets, and the rating of all who bought."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from kehu.core.database import Connection
from kehu.profile.figures.rules import LifecycleRules, RatingRules

_LIFECYCLE: Final = """CASE WHEN counted_at IS NULL THEN 'potential' WHEN counted_at > %(active)s THEN 'active'
    WHEN counted_at > %(dormant)s THEN 'dormant' ELSE 'lost' END"""
_LAST_EVENT: Final = """(SELECT max(e.occurred_at) FROM resolve_recordcustomer m
    JOIN profile_event e ON e.record_id = m.record_id WHERE m.customer_id = c.id AND e.name = ANY(%(events)s))"""

# One row per customer: their orders that were not cancelled, and the last time of what counts.
_REFRESH: Final = f"""
INSERT INTO profile_standing AS s
    (customer_id, orders, spent, first_order_at, last_order_at, counted_at, lifecycle, tier)
SELECT f.*, {_LIFECYCLE}, '' FROM (
    SELECT c.id, o.orders, o.spent, o.first_at, o.last_at,
           CASE WHEN %(by_orders)s THEN o.last_at ELSE {_LAST_EVENT} END AS counted_at
    FROM profile_customer c CROSS JOIN LATERAL (
        SELECT count(*) AS orders, coalesce(sum(o.total - o.refunded), 0) AS spent, min(o.placed_at) AS first_at,
               max(o.placed_at) AS last_at
        FROM resolve_recordcustomer m JOIN profile_order o ON o.record_id = m.record_id
        WHERE m.customer_id = c.id AND o.status <> 'cancelled') o
    WHERE c.id = ANY(%(customers)s)) f
ON CONFLICT (customer_id) DO UPDATE SET orders = excluded.orders, spent = excluded.spent,
    first_order_at = excluded.first_order_at, last_order_at = excluded.last_order_at,
    counted_at = excluded.counted_at, lifecycle = excluded.lifecycle
WHERE (s.orders, s.spent, s.first_order_at, s.last_order_at, s.counted_at, s.lifecycle) IS DISTINCT FROM
    (excluded.orders, excluded.spent, excluded.first_order_at, excluded.last_order_at, excluded.counted_at,
     excluded.lifecycle)
"""  # noqa: S608
_REMOVE: Final = """
DELETE FROM profile_standing s WHERE s.customer_id = ANY(%s)
    AND NOT EXISTS (SELECT FROM profile_customer c WHERE c.id = s.customer_id)
"""
_MOVE_ON: Final = f"""
UPDATE profile_standing SET lifecycle = {_LIFECYCLE} WHERE lifecycle <> {_LIFECYCLE}
"""  # noqa: S608

# Everybody who bought within the window, by whole days since, orders and money; ties share the better score.
_RATE: Final = """
WITH bought AS (
    SELECT m.customer_id, floor(extract(epoch FROM %(now)s - max(o.placed_at)) / 86400)::int AS days,
           count(*) AS orders, sum(o.total - o.refunded) AS money
    FROM profile_order o JOIN resolve_recordcustomer m ON m.record_id = o.record_id
    WHERE o.status <> 'cancelled' AND o.placed_at > %(since)s AND o.placed_at <= %(now)s GROUP BY 1),
scored AS (
    SELECT customer_id,
        CASE WHEN %(by_quantile)s THEN ceil(5 * cume_dist() OVER (ORDER BY days DESC) - 1e-9)
             ELSE 5 - width_bucket(days, %(recency)s::int[]) END::smallint AS r,
        CASE WHEN %(by_quantile)s THEN ceil(5 * cume_dist() OVER (ORDER BY orders) - 1e-9)
             ELSE 1 + width_bucket(orders::int, %(frequency)s::int[]) END::smallint AS f,
        CASE WHEN %(by_quantile)s THEN ceil(5 * cume_dist() OVER (ORDER BY money) - 1e-9)
             ELSE 1 + width_bucket(money, %(money)s::numeric[]) END::smallint AS m
    FROM bought),
rated AS (
    SELECT s.customer_id, n.r, n.f, n.m, CASE WHEN n.r IS NULL THEN '' WHEN n.r + n.f + n.m >= %(high)s THEN 'high'
        WHEN n.r + n.f + n.m >= %(middle)s THEN 'middle' ELSE 'low' END AS tier
    FROM profile_standing s LEFT JOIN scored n USING (customer_id))
UPDATE profile_standing s SET recency = n.r, frequency = n.f, money = n.m, tier = n.tier
FROM rated n WHERE n.customer_id = s.customer_id
    AND (s.recency, s.frequency, s.money, s.tier) IS DISTINCT FROM (n.r, n.f, n.m, n.tier)
"""


def refresh_standing(connection: Connection, customers: Collection[UUID], rules: LifecycleRules, now: datetime) -> None:
    """Work out the standing of these customers; those there are no more lose theirs. Scores stay as last rated."""
    ids = list(customers)
    connection.execute(_REMOVE, (ids,))
    connection.execute(
        _REFRESH,
        {
            "customers": ids,
            "by_orders": rules.basis == "orders",
            "events": list(rules.events),
            **_borders(rules, now),
        },
    )


def move_lifecycles_on(connection: Connection, rules: LifecycleRules, now: datetime) -> int:
    """Time alone makes active customers dormant, and dormant ones lost; returns how many."""
    return connection.execute(_MOVE_ON, _borders(rules, now)).rowcount


def rate(connection: Connection, rules: RatingRules, now: datetime) -> int:
    """Score everybody who bought in the window; the others lose their scores. Returns how many rows changed."""
    return connection.execute(
        _RATE,
        {
            "now": now,
            "since": now - timedelta(days=rules.window_days),
            "by_quantile": rules.method == "quantile",
            "recency": list(rules.recency_days),
            "frequency": list(rules.frequency),
            "money": list(rules.money),
            "high": rules.high_from,
            "middle": rules.middle_from,
        },
    ).rowcount


def _borders(rules: LifecycleRules, now: datetime) -> dict[str, datetime]:
    return {"active": now - timedelta(days=rules.active_days), "dormant": now - timedelta(days=rules.dormant_days)}
