"""Preferences worked out in sets for the customers that are due, from their events and orders of the window."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from kehu.config import config
from kehu.core.database import Connection
from kehu.profile.preferences.evidence import (
    ANSWERS,
    BOUGHT,
    LEAST_FACTS,
    LEAST_SHARE,
    LOOKS,
    MOST_PLACES,
    NAMED_CHANNELS,
    SOURCE_CHANNELS,
    WINDOW,
    part_of_day,
)

# said: one row per fact and value it speaks for. weighed: per value. A row is written only where it differs.
_REFRESH: Final = """
WITH mine AS MATERIALIZED (
    SELECT customer_id, record_id FROM resolve_recordcustomer WHERE customer_id = ANY(%(customers)s)),
happened AS MATERIALIZED (
    SELECT m.customer_id, lower(e.name) AS word, e.kind, e.occurred_at AS at, e.properties AS said, s.kind AS source
    FROM mine m JOIN profile_event e ON e.record_id = m.record_id LEFT JOIN collect_source s ON s.id = e.source_id
    WHERE e.kind <> 'identity' AND e.occurred_at > %(since)s
        AND (e.kind <> 'marketing' OR lower(e.name) ~ %(answers)s)),
bought AS MATERIALIZED (
    SELECT m.customer_id, o.id, o.placed_at AS at, s.kind AS source, EXISTS (
        SELECT FROM profile_event e WHERE e.order_id = o.id AND e.record_id = o.record_id) AS is_an_event_too
    FROM mine m JOIN profile_order o ON o.record_id = m.record_id
    LEFT JOIN collect_source s ON s.id = (o.lineage ->> 'total')::int
    WHERE o.status <> 'cancelled' AND o.placed_at > %(since)s),
moments AS (
    SELECT customer_id, word, kind, at, source FROM happened
    UNION ALL SELECT customer_id, '', 'trade', at, source FROM bought WHERE NOT is_an_event_too),
looks AS (SELECT * FROM unnest(%(look_words)s::text[], %(look_hows)s::text[], %(look_weights)s::int[])
    AS l(word, how, weight)),
sources AS (SELECT * FROM unnest(%(source_kinds)s::text[], %(source_channels)s::text[]) AS c(source, channel)),
names AS (SELECT * FROM unnest(%(name_beginnings)s::text[], %(name_channels)s::text[]) AS n(beginning, channel)),
said AS (
    SELECT b.customer_id, 'product' AS kind, left(l.name, 200) AS value, %(bought)s AS how,
           %(bought_weight)s AS weight, b.at
    FROM bought b JOIN profile_orderline l ON l.order_id = b.id
    UNION ALL
    SELECT h.customer_id, 'product', left(coalesce(h.said ->> 'name', h.said ->> 'product'), 200), l.how, l.weight, h.at
    FROM happened h JOIN looks l USING (word)
    UNION ALL
    SELECT customer_id, 'content', left(coalesce(said ->> 'category', said ->> 'topic'), 100), kind, 1, at
    FROM happened WHERE kind IN ('behaviour', 'marketing')
    UNION ALL
    SELECT m.customer_id, 'channel', coalesce(n.channel, c.channel), m.kind, 1, m.at
    FROM moments m LEFT JOIN names n ON starts_with(m.word, n.beginning) LEFT JOIN sources c USING (source)
    WHERE m.word <> 'call made'
    UNION ALL
    SELECT customer_id, 'hours', (%(parts)s::text[])[1 + extract(hour FROM at AT TIME ZONE %(zone)s)::int], kind, 1, at
    FROM moments),
counted AS (
    SELECT customer_id, kind, value, how, sum(weight) AS weight, count(*) AS facts, min(at) AS first_at,
           max(at) AS last_at
    FROM said WHERE value <> '' GROUP BY 1, 2, 3, 4),
weighed AS (
    SELECT customer_id, kind, value, sum(weight) AS weight, sum(facts)::int AS facts,
           jsonb_object_agg(how, facts) AS evidence, min(first_at) AS first_at, max(last_at) AS last_at
    FROM counted GROUP BY 1, 2, 3),
ranked AS (
    SELECT *, weight / sum(weight) OVER own AS share, min(first_at) OVER own + %(window)s::interval AS expires_at,
           row_number() OVER (own ORDER BY weight DESC, last_at DESC, value COLLATE "C") AS place
    FROM weighed WINDOW own AS (PARTITION BY customer_id, kind)),
judged AS (
    SELECT customer_id, kind, place::smallint AS place, value, round(share, 4) AS share, facts, evidence, last_at,
           expires_at, facts >= %(least_facts)s AND share >= (%(least_shares)s::jsonb ->> kind)::numeric AS is_clear
    FROM ranked WHERE place <= %(most)s),
found AS MATERIALIZED (SELECT * FROM judged WHERE is_clear OR place = 1),
gone AS (
    DELETE FROM profile_preference p WHERE p.customer_id = ANY(%(customers)s) AND NOT EXISTS (
        SELECT FROM found f WHERE (f.customer_id, f.kind, f.place) = (p.customer_id, p.kind, p.place)))
INSERT INTO profile_preference AS p
    (customer_id, kind, place, value, share, facts, evidence, last_at, is_clear, expires_at)
SELECT customer_id, kind, place, value, share, facts, evidence, last_at, is_clear, expires_at FROM found
ON CONFLICT (customer_id, kind, place) DO UPDATE SET value = excluded.value, share = excluded.share,
    facts = excluded.facts, evidence = excluded.evidence, last_at = excluded.last_at, is_clear = excluded.is_clear,
    expires_at = excluded.expires_at
WHERE (p.value, p.share, p.facts, p.evidence, p.last_at, p.is_clear, p.expires_at) IS DISTINCT FROM
    (excluded.value, excluded.share, excluded.facts, excluded.evidence, excluded.last_at, excluded.is_clear,
     excluded.expires_at)
"""


def refresh_preferences(connection: Connection, customers: Collection[UUID], now: datetime) -> None:
    """Work out what these customers like; those there are no more like nothing."""
    if customers:
        connection.execute(_REFRESH, {**_TERMS, "customers": list(customers), "since": now - WINDOW})


_TERMS: Final[dict[str, Any]] = {
    "answers": ANSWERS,
    "look_words": list(LOOKS),
    "look_hows": [how for how, _ in LOOKS.values()],
    "look_weights": [weight for _, weight in LOOKS.values()],
    "source_kinds": list(SOURCE_CHANNELS),
    "source_channels": list(SOURCE_CHANNELS.values()),
    "name_beginnings": list(NAMED_CHANNELS),
    "name_channels": list(NAMED_CHANNELS.values()),
    "bought": BOUGHT[0],
    "bought_weight": BOUGHT[1],
    "parts": [part_of_day(hour) for hour in range(24)],
    "zone": config.time_zone,
    "window": WINDOW,
    "least_facts": LEAST_FACTS,
    "least_shares": "{" + ", ".join(f'"{kind}": {share}' for kind, share in LEAST_SHARE.items()) + "}",
    "most": MOST_PLACES,
}
