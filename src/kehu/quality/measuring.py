"""Measure the quality of what the sources say: three passes over the records, each one statement."""

from datetime import date
from typing import Any

from django.db import connection, transaction

from kehu.quality.checks import EXPECTED_UNIQUE, FRESH_DAYS, INVALID_FLAGS
from kehu.quality.conditions import IS_FRESH, IS_VALID, SAID, STANDS
from kehu.quality.models import QualityFigure

# One row per source and attribute it ever sends: how many records it has, say it, say it well and lately.
_OF_VALUES = f"""
WITH said AS ({SAID}),
counted AS (SELECT source_id, count(*) AS records FROM resolve_sourcerecord WHERE kind <> 'device' GROUP BY source_id),
told AS (
    SELECT said.source_id, said.attribute, count(*) AS total, count(*) FILTER (WHERE {IS_VALID}) AS valid,
           count(*) FILTER (WHERE {IS_FRESH}) AS fresh
    FROM said GROUP BY 1, 2)
INSERT INTO quality_qualityfigure (day, source_id, attribute, check_name, good, total)
SELECT %(day)s, told.source_id, told.attribute, figure.name, figure.good, figure.total
FROM told JOIN counted USING (source_id)
CROSS JOIN LATERAL (VALUES ('completeness', told.total, counted.records), ('validity', told.valid, told.total),
                           ('timeliness', told.fresh, told.total)) AS figure(name, good, total)
"""  # noqa: S608
# One row per value of an attribute that should be unique within its source.
_UNIQUENESS = f"""
WITH said AS ({SAID}),
bearers AS (
    SELECT source_id, attribute, count(*) OVER (PARTITION BY source_id, attribute, normal) AS bearers
    FROM said WHERE attribute = ANY(%(unique)s))
INSERT INTO quality_qualityfigure (day, source_id, attribute, check_name, good, total)
SELECT %(day)s, source_id, attribute, 'uniqueness', count(*) FILTER (WHERE bearers = 1), count(*)
FROM bearers GROUP BY source_id, attribute
"""  # noqa: S608
# One row per value of a customer whom several sources know: how many values others say, and how many of them the same.
_CONSISTENCY = f"""
WITH said AS ({SAID} AND EXISTS (
    SELECT FROM profile_customer c WHERE c.id = m.customer_id AND c.record_count > 1)),
compared AS (
    SELECT source_id, attribute,
           count(*) OVER about - count(*) OVER about_here AS others,
           count(*) OVER same - count(*) OVER same_here AS agreeing
    FROM said
    WINDOW about AS (PARTITION BY customer_id, attribute),
           about_here AS (PARTITION BY customer_id, attribute, source_id),
           same AS (PARTITION BY customer_id, attribute, normal),
           same_here AS (PARTITION BY customer_id, attribute, normal, source_id))
INSERT INTO quality_qualityfigure (day, source_id, attribute, check_name, good, total)
SELECT %(day)s, source_id, attribute, 'consistency', count(*) FILTER (WHERE agreeing > 0), count(*)
FROM compared WHERE others > 0 GROUP BY source_id, attribute
"""  # noqa: S608
# What no longer stands against a record, or whose record is gone.
_FORGET_FINDINGS = f"""
DELETE FROM clean_rulefinding AS old WHERE NOT EXISTS (
    SELECT FROM clean_rulefinding f JOIN resolve_sourcerecord r ON r.id = f.record_id
    WHERE (f.record_id, f.rule, f.attribute) = (old.record_id, old.rule, old.attribute) AND {STANDS})
"""  # noqa: S608
STEPS = (_OF_VALUES, _UNIQUENESS, _CONSISTENCY)


@transaction.atomic
def measure(day: date) -> int:
    """Measure everything anew, in the place of what was measured that day; how many figures there are."""
    parameters: dict[str, Any] = {
        "day": day,
        "invalid": list(INVALID_FLAGS),
        "fresh_days": FRESH_DAYS,
        "unique": list(EXPECTED_UNIQUE),
    }
    QualityFigure.objects.filter(day=day).delete()
    figures = 0
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_FINDINGS)
        for step in STEPS:
            cursor.execute(step, parameters)
            figures += cursor.rowcount
    return figures
