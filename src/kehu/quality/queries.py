"""The figures with their trend, the rows behind each of them, and what rules hold against records."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Max, Sum
from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.core.ids import CustomerId
from kehu.govern.access import Actor, require, visible_to
from kehu.govern.field_policy import present_text, present_value
from kehu.govern.visibility import visible_departments
from kehu.quality.checks import EXPECTED_UNIQUE, FRESH_DAYS, INVALID_FLAGS, Check
from kehu.quality.conditions import IS_FRESH, IS_VALID, SAID_OF_ONE, STANDS
from kehu.quality.models import QualityFigure

TREND_DAYS = 30


@dataclass(frozen=True, slots=True)
class Measured:
    """good of total. total 0: there was nothing to measure."""

    good: int
    total: int

    @property
    def share(self) -> float:
        return self.good / self.total if self.total else 1.0

    @property
    def bad(self) -> int:
        return self.total - self.good


@dataclass(frozen=True, slots=True)
class Figure:
    source_id: int
    attribute: str
    check: Check
    measured: Measured


@dataclass(frozen=True, slots=True)
class Measurement:
    """The latest day with figures; day None = never measured."""

    day: date | None
    measured_at: datetime | None
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class FailingRow:
    """A record behind a figure or a finding; value as the actor may see it, "" where it is missing."""

    record_id: UUID
    customer_id: CustomerId
    customer_name: str
    source_id: int
    external_id: str
    value: str
    at: datetime | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecordFinding:
    """Something a rule did to a record's value, or holds against it, as the record stands now."""

    record_id: UUID
    rule: str
    attribute: str
    effect: str
    was: str
    at: datetime


def latest_measurement(actor: Actor, *, source_id: int | None = None) -> Measurement:
    """Every figure of the latest day, or those of one source."""
    require(actor, "source.view")
    latest = QualityFigure.objects.aggregate(day=Max("day"), at=Max("measured_at"))
    if latest["day"] is None:
        return Measurement(None, None, ())
    rows = QualityFigure.objects.filter(day=latest["day"]).order_by("source_id", "attribute", "check_name")
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    figures = tuple(
        Figure(row.source_id, row.attribute, Check(row.check_name), Measured(row.good, row.total)) for row in rows
    )
    return Measurement(latest["day"], latest["at"], figures)


def trend(
    actor: Actor, *, source_id: int | None = None, attribute: str = "", days: int = TREND_DAYS
) -> dict[Check, list[Measured | None]]:
    """Per check one entry a day, oldest first, None where nothing was measured; sums of what is asked for."""
    require(actor, "source.view")
    today = timezone.now().date()
    rows = QualityFigure.objects.filter(day__gt=today - timedelta(days=days))
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    if attribute:
        rows = rows.filter(attribute=attribute)
    found: dict[tuple[Check, date], Measured] = {
        (Check(row["check_name"]), row["day"]): Measured(row["good"], row["total"])
        for row in rows.values("check_name", "day").annotate(good=Sum("good"), total=Sum("total"))
    }
    span = [today - timedelta(days=n) for n in range(days - 1, -1, -1)]
    return {check: [found.get((check, day)) for day in span] for check in Check}


_ROWS = """
SELECT r.id, c.id, c.display_name, r.source_id, r.external_id, found.v, found.at
FROM ({found}) AS found
JOIN resolve_sourcerecord r ON r.id = found.record_id
JOIN resolve_recordcustomer m ON m.record_id = r.id
JOIN profile_customer c ON c.id = m.customer_id
WHERE r.id > %(after)s AND {seen} AND (NOT %(is_strict)s OR coalesce(r.department_id, 0) = ANY(%(departments)s))
ORDER BY r.id LIMIT %(limit)s
"""
_OF_SOURCE = f"({SAID_OF_ONE} AND r.source_id = %(source_id)s)"
# One row is one record that fails the check: its id, the value (NULL where it is missing) and when it was true.
_FAILING: dict[Check, str] = {
    Check.COMPLETENESS: """
        SELECT r.id AS record_id, NULL::text AS v, r.last_at AS at FROM resolve_sourcerecord r
        WHERE r.source_id = %(source_id)s AND r.kind <> 'device'
            AND coalesce(r.attributes->%(attribute)s->>'v', '') = ''""",
    Check.VALIDITY: f"SELECT said.record_id, said.v, said.at FROM {_OF_SOURCE} AS said WHERE NOT ({IS_VALID})",  # noqa: S608
    Check.TIMELINESS: f"SELECT said.record_id, said.v, said.at FROM {_OF_SOURCE} AS said WHERE NOT ({IS_FRESH})",  # noqa: S608
    Check.UNIQUENESS: f"""
        SELECT record_id, v, at FROM (
            SELECT said.record_id, said.v, said.at, count(*) OVER (PARTITION BY said.normal) AS bearers
            FROM {_OF_SOURCE} AS said) AS borne WHERE bearers > 1""",  # noqa: S608
    Check.CONSISTENCY: f"""
        SELECT said.record_id, said.v, said.at FROM {_OF_SOURCE} AS said
        JOIN LATERAL (
            SELECT bool_or(coalesce(nullif(o.attributes->%(attribute)s->>'n', ''),
                                    lower(o.attributes->%(attribute)s->>'v')) = said.normal) AS agrees
            FROM resolve_recordcustomer om JOIN resolve_sourcerecord o ON o.id = om.record_id
            WHERE om.customer_id = said.customer_id AND o.source_id <> said.source_id AND o.kind <> 'device'
                AND coalesce(o.attributes->%(attribute)s->>'v', '') <> '') AS others ON others.agrees = false""",  # noqa: S608
}
_OF_RULE = f"""
SELECT f.record_id, f.was AS v, f.at, f.attribute, f.effect FROM clean_rulefinding f
JOIN resolve_sourcerecord r ON r.id = f.record_id WHERE f.rule = %(rule)s AND {STANDS}
"""  # noqa: S608
_FIRST = UUID(int=0)


def failing_records(
    actor: Actor, source_id: int, attribute: str, check: Check, *, after: UUID | None = None, limit: int = 50
) -> list[FailingRow]:
    """Records behind a figure as they are now, by id, as far as the actor may see their customers."""
    require(actor, "source.view")
    require(actor, "customer.view")
    if check is Check.UNIQUENESS and attribute not in EXPECTED_UNIQUE:
        return []
    parameters = {
        "source_id": source_id,
        "attribute": attribute,
        "invalid": list(INVALID_FLAGS),
        "fresh_days": FRESH_DAYS,
    }
    rows = _visible_rows(actor, _FAILING[check], parameters, after, limit)
    return [_failing(actor, row, attribute) for row in rows]


def records_of_rule(actor: Actor, rule: str, *, after: UUID | None = None, limit: int = 50) -> list[FailingRow]:
    """Records that a rule changed or holds something against now. note: "attribute:effect"; value: what it was."""
    require(actor, "source.view")
    require(actor, "customer.view")
    query = _ROWS.replace("found.v, found.at", "found.v, found.at, found.attribute, found.effect")
    rows = _visible_rows(actor, _OF_RULE, {"rule": rule}, after, limit, query)
    return [_failing(actor, row[:7], row[7], note=f"{row[7]}:{row[8]}") for row in rows]


def record_findings(actor: Actor, records: Iterable[UUID]) -> dict[UUID, list[RecordFinding]]:
    """What stands against each of the records now. Whoever asks has made sure that the actor may see them."""
    found: dict[UUID, list[RecordFinding]] = defaultdict(list)
    rows = fetch_all(
        "SELECT f.record_id, f.rule, f.attribute, f.effect, f.was, f.at FROM clean_rulefinding f "  # noqa: S608
        f"JOIN resolve_sourcerecord r ON r.id = f.record_id WHERE f.record_id = ANY(%s) AND {STANDS} "
        "ORDER BY f.at DESC, f.rule, f.attribute LIMIT 500",
        [list(records)],
    )
    for record_id, rule, attribute, effect, was, at in rows:
        shown = str(present_value(actor, attribute, was).value) if was else ""
        found[record_id].append(RecordFinding(record_id, rule, attribute, effect, shown, at))
    return found


def _visible_rows(
    actor: Actor,
    found: str,
    parameters: dict[str, Any],
    after: UUID | None,
    limit: int,
    query: str = _ROWS,
) -> Sequence[tuple[Any, ...]]:
    condition, values = visible_to(actor).sql("c")
    for number, value in enumerate(values):
        condition = condition.replace("%s", f"%(seen{number})s", 1)
        parameters[f"seen{number}"] = value
    parameters |= {
        "after": after or _FIRST,
        "limit": limit,
        "is_strict": actor.is_strict,
        "departments": list(visible_departments(actor) or ()),
    }
    return fetch_all(query.format(found=found, seen=condition), parameters)


def _failing(actor: Actor, row: Sequence[Any], attribute: str, note: str = "") -> FailingRow:
    record_id, customer_id, name, source_id, external_id, value, at = row
    shown = str(present_value(actor, attribute, value).value) if value else ""
    return FailingRow(
        record_id,
        CustomerId(customer_id),
        "" if actor.is_strict else present_text(actor, name),
        source_id,
        present_text(actor, external_id),
        shown,
        at,
        note,
    )
