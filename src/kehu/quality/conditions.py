"""The SQL of the checks. Every text here is written in code; only parameters come from elsewhere.

`said` is one value of one record: record_id, source_id, customer_id, attribute, v, normal, at, f (flags).
"""

from typing import Final

# A later word of the source on the attribute takes away what a rule held against the one before.
STANDS: Final = """
CASE WHEN f.attribute = '' THEN f.at >= r.last_at
     WHEN f.effect = 'missing' THEN coalesce(r.attributes->f.attribute->>'v', '') = ''
     ELSE f.at >= coalesce((r.attributes->f.attribute->>'at')::timestamptz, '-infinity') END
"""
_SAID: Final = """
SELECT r.id AS record_id, r.source_id, m.customer_id, e.key AS attribute, e.value->>'v' AS v,
       coalesce(nullif(e.value->>'n', ''), lower(e.value->>'v')) AS normal,
       (e.value->>'at')::timestamptz AS at, coalesce(e.value->'f', '[]'::jsonb) AS f
FROM resolve_sourcerecord r
JOIN resolve_recordcustomer m ON m.record_id = r.id
CROSS JOIN LATERAL {entries} AS e(key, value)
WHERE r.kind <> 'device' AND coalesce(e.value->>'v', '') <> ''
"""
SAID: Final = _SAID.replace("{entries}", "jsonb_each(r.attributes)")
# Of one attribute: looked up, not unfolded.
SAID_OF_ONE: Final = _SAID.replace("{entries}", "(VALUES (%(attribute)s::text, r.attributes->%(attribute)s))")
IS_VALID: Final = """
NOT (said.f ?| %(invalid)s::text[]) AND NOT EXISTS (
    SELECT FROM clean_rulefinding f WHERE f.record_id = said.record_id AND f.attribute = said.attribute
        AND f.effect IN ('marked', 'distrusted') AND f.at >= said.at)
"""
IS_FRESH: Final = "said.at > now() - make_interval(days => %(fresh_days)s)"
