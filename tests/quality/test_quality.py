"""The figures of each check are the ones a plain count gives, the rows behind them are the ones they count, and nobody
sees a row or a value that is not theirs to see."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from kehu.clean.canonical_records import CanonicalRecord, encode_record
from kehu.clean.rules.rule import Pattern, Rule, RuleSet
from kehu.clean.services import save_rules
from kehu.collect.inbox import NewMessage, append
from kehu.collect.services import create_source
from kehu.core import jobs
from kehu.core.database import current_connection, fetch_all
from kehu.govern.access import SYSTEM
from kehu.govern.errors import PermissionDenied
from kehu.leader import run_to_quiescence
from kehu.quality import queries, tasks
from kehu.quality.checks import EXPECTED_UNIQUE, Check
from kehu.quality.measuring import measure
from kehu.quality.services import measure_now
from tests.cast import make_actor, make_department

NOW = datetime.now(UTC)
TODAY = timezone.now().date()
LONG_AGO = NOW - timedelta(days=900)


def say(source: Any, *people: dict[str, Any]) -> None:
    with transaction.atomic():
        messages = [
            NewMessage(source.pk, "record", f"{source.slug}-{n}-{person}", encode_record(record(person)), f"{n}")
            for n, person in enumerate(people)
        ]
        append(current_connection(), messages)
    run_to_quiescence(current_connection())


def record(person: dict[str, Any]) -> CanonicalRecord:
    said = dict(person)
    return CanonicalRecord(said.pop("key"), occurred_at=said.pop("at", NOW), attributes=said)


@pytest.fixture
def sources(db: None) -> dict[str, Any]:
    """Four people: one known to two sources under two birth dates, two with one phone, one with a bad one."""
    crm, shop = (create_source(kind="crm", name=name, slug=name, is_trusted=True) for name in ("crm", "shop"))
    lin = {"name": "林晓梅", "phone": "13800131234", "email": "lin@example.org"}
    say(
        crm,
        {"key": "1", **lin, "birth_date": "1988-06-17"},
        {"key": "2", "name": "王芳", "phone": "13900139000", "at": LONG_AGO},
        {"key": "3", "name": "王强", "phone": "13900139000"},
        {"key": "4", "name": "张伟", "phone": "1380013"},
    )
    say(shop, {"key": "9", **lin, "birth_date": "1988-07-16"})
    return {"crm": crm, "shop": shop}


def figures(source: Any) -> dict[tuple[str, str], tuple[int, int]]:
    measure(TODAY)
    found = queries.latest_measurement(SYSTEM, source_id=source.pk).figures
    return {(one.attribute, str(one.check)): (one.measured.good, one.measured.total) for one in found}


def test_each_check_counts_what_its_formula_says(sources: dict[str, Any]) -> None:
    crm = figures(sources["crm"])
    assert crm["phone", "completeness"] == (4, 4)
    assert crm["email", "completeness"] == (1, 4)
    assert crm["phone", "validity"] == (3, 4)
    assert crm["phone", "uniqueness"] == (2, 4)
    assert crm["phone", "timeliness"] == (3, 4)
    assert crm["birth_date", "consistency"] == (0, 1)
    assert crm["name", "consistency"] == (1, 1)
    assert ("name", "uniqueness") not in crm, "people may share a name"
    assert ("company", "completeness") not in crm, "a source that never says an attribute does not lack it"


def test_measuring_twice_a_day_leaves_one_set_of_figures(sources: dict[str, Any]) -> None:
    assert measure(TODAY) == measure(TODAY) == len(queries.latest_measurement(SYSTEM).figures)


def test_the_figures_equal_a_plain_count_in_python(sources: dict[str, Any]) -> None:
    measure(TODAY)
    counted: dict[tuple[int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    records = fetch_all(
        "SELECT r.source_id, m.customer_id, r.attributes FROM resolve_sourcerecord r "
        "JOIN resolve_recordcustomer m ON m.record_id = r.id"
    )

    def form(value: dict[str, Any]) -> str:
        return value.get("n") or value["v"].lower()

    for source, customer, attributes in records:
        for name, value in attributes.items():
            same = [form(o[name]) for s, _, o in records if s == source and name in o]
            others = [form(o[name]) for s, c, o in records if c == customer and s != source and name in o]
            verdicts = {"validity": "invalid" not in value.get("f", ())}
            if name in EXPECTED_UNIQUE:
                verdicts["uniqueness"] = same.count(form(value)) == 1
            if others:
                verdicts["consistency"] = form(value) in others
            for check, is_good in verdicts.items():
                counted[source, name, check][0] += is_good
                counted[source, name, check][1] += 1
    measured = {
        (one.source_id, one.attribute, str(one.check)): [one.measured.good, one.measured.total]
        for one in queries.latest_measurement(SYSTEM).figures
        if one.check not in {Check.COMPLETENESS, Check.TIMELINESS}
    }
    assert measured == dict(counted)


@pytest.mark.parametrize("check", list(Check))
def test_behind_every_figure_stand_as_many_rows_as_it_counts_bad(sources: dict[str, Any], check: Check) -> None:
    measure(TODAY)
    for one in queries.latest_measurement(SYSTEM).figures:
        if one.check is check:
            rows = queries.failing_records(SYSTEM, one.source_id, one.attribute, check)
            assert len(rows) == one.measured.bad, one


def test_rows_come_in_pages_without_gaps_or_repeats(sources: dict[str, Any]) -> None:
    crm = sources["crm"].pk
    whole = queries.failing_records(SYSTEM, crm, "email", Check.COMPLETENESS)
    first = queries.failing_records(SYSTEM, crm, "email", Check.COMPLETENESS, limit=2)
    rest = queries.failing_records(SYSTEM, crm, "email", Check.COMPLETENESS, after=first[-1].record_id)
    assert [*first, *rest] == whole


def test_a_value_a_rule_holds_something_against_is_not_valid(sources: dict[str, Any]) -> None:
    save_rules(RuleSet((Rule("cn", "cn", Pattern("phone", r"\+86138.*")),)), base_version=0, actor=SYSTEM)
    say(sources["shop"], {"key": "10", "phone": "13917236654"}, {"key": "11", "phone": "13817236655"})
    assert figures(sources["shop"])["phone", "validity"] == (2, 3)
    [row] = queries.records_of_rule(SYSTEM, "cn")
    assert (row.external_id, row.note) == ("10", "phone:marked")
    assert [found.rule for found in queries.record_findings(SYSTEM, [row.record_id])[row.record_id]] == ["cn"]
    say(sources["shop"], {"key": "10", "phone": "13817236656", "at": NOW + timedelta(minutes=1)})
    assert queries.records_of_rule(SYSTEM, "cn") == [], "a later word takes it away"
    measure(TODAY)
    assert fetch_all("SELECT count(*) FROM clean_rulefinding") == [(0,)]


def test_rows_obey_visibility_and_field_policy(sources: dict[str, Any]) -> None:
    east, west = make_department("East"), make_department("West")
    measure(TODAY)
    crm, phone = sources["crm"].pk, (sources["crm"].pk, "phone", Check.UNIQUENESS)
    with transaction.atomic():
        current_connection().execute("UPDATE profile_customerscope SET department_id = %s", (east.pk,))
    auditor = make_actor("auditor")
    assert [row.value for row in queries.failing_records(auditor, *phone)] == ["139****9000"] * 2
    assert [row.value for row in queries.failing_records(SYSTEM, *phone)] == ["+8613900139000"] * 2
    assert queries.failing_records(make_actor("manager", west), crm, "email", Check.COMPLETENESS) == []
    assert len(queries.failing_records(make_actor("manager", east), crm, "email", Check.COMPLETENESS)) == 3
    with pytest.raises(PermissionDenied):
        queries.failing_records(make_actor("rep", east), *phone)


def test_the_daily_measurement_queues_its_next_and_the_asked_one_does_not(sources: dict[str, Any]) -> None:
    asked = measure_now(actor=SYSTEM)
    assert measure_now(actor=SYSTEM) == asked, "asked for twice is done once"
    jobs.run_job_here(asked)
    view = tasks.latest_measuring()
    assert view is not None
    assert (view.state, view.id) == ("done", asked)
    tasks._again({"is_daily": True}, "done", "")
    waiting = fetch_all("SELECT count(*) FROM core_job WHERE kind = %s AND state = 'queued'", [tasks.MEASURE])
    assert waiting == [(1,)]


def test_the_trend_has_an_entry_for_every_day_and_sums_what_is_asked_for(sources: dict[str, Any]) -> None:
    measure(TODAY - timedelta(days=3))
    measure(TODAY)
    trend = queries.trend(SYSTEM, source_id=sources["crm"].pk, attribute="phone")[Check.VALIDITY]
    assert len(trend) == queries.TREND_DAYS
    assert [(one.good, one.total) for one in trend if one] == [(3, 4), (3, 4)]
    assert trend[-1] is not None
    assert trend[-2] is None
