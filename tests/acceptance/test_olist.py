"""Real input: five tables of a marketplace, imported as five sources, give per person what Polars computes."""

from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kehu.collect.imports import services
from kehu.collect.imports.queries import ImportView, import_view, problem_counts
from kehu.collect.models import DeadLetter
from kehu.core.database import current_connection, open_connection
from kehu.core.jobs import run_job_here
from kehu.govern.access import SYSTEM
from kehu.leader import run_to_quiescence
from tests.acceptance.olist import FILES, FOLDER, MAPPINGS, ZONE, Olist
from tests.imports.cast import make_file_source
from tests.plugins.test_server import TestDatabase

pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason=f"the Olist tables are not at {FOLDER}")
# Why a row may be set aside. Every Olist row can be read, so nothing is listed.
LISTED_REASONS: frozenset[str] = frozenset()


def import_all(olist: Olist, folder: Path) -> dict[str, ImportView]:
    """Reviews and payments before the orders they speak of, orders before their customers: the hard way round."""
    done = {}
    for slug, name in FILES.items():
        source = make_file_source(slug, order_namespace="olist", time_zone=ZONE, unique_types=["member_id"])
        path = folder / f"{name}.parquet"
        olist.tables[slug].write_parquet(path)
        import_id = services.upload(path, file_name=path.name, actor=SYSTEM)
        run_job_here(services.start(import_id, source_id=source.pk, mapping=MAPPINGS[slug], actor=SYSTEM))
        done[slug] = import_view(SYSTEM, import_id)
    return done


PER_CUSTOMER = """
SELECT (SELECT b.value FROM resolve_binding b JOIN resolve_recordcustomer m USING (record_id)
        WHERE m.customer_id = c.customer_id AND b.type = 'member_id' LIMIT 1) AS person,
    c.orders, c.paid, c.refunded, c.lines, c.line_sum, c.scores
FROM (
    SELECT m.customer_id, count(*) AS orders, sum(o.paid) AS paid, sum(o.refunded) AS refunded,
        sum((SELECT count(*) FROM profile_orderline l WHERE l.order_id = o.id)) AS lines,
        sum((SELECT coalesce(sum(amount), 0) FROM profile_orderline l WHERE l.order_id = o.id)) AS line_sum,
        (SELECT coalesce(array_agg((e.properties->>'score')::int ORDER BY (e.properties->>'score')::int), '{}')
         FROM profile_event e JOIN resolve_recordcustomer r ON r.record_id = e.record_id
         WHERE r.customer_id = m.customer_id AND e.name = 'Product Reviewed') AS scores
    FROM profile_order o JOIN resolve_recordcustomer m ON m.record_id = o.record_id
    GROUP BY m.customer_id) AS c
"""


def per_customer() -> dict[str, tuple[Any, ...]]:
    rows = current_connection().execute(PER_CUSTOMER).fetchall()
    found = {row[0]: _comparable(row[1:]) for row in rows}
    assert len(found) == len(rows), "two customers for one person"
    return found


def _comparable(row: Any) -> tuple[Any, ...]:
    orders, paid, refunded, lines, line_sum, scores = row
    cents = Decimal("0.01")
    return (
        int(orders), Decimal(paid).quantize(cents), Decimal(refunded).quantize(cents), int(lines),
        Decimal(line_sum).quantize(cents), list(scores or ()),
    )  # fmt: skip


def check(olist: Olist, database: TestDatabase, folder: Path) -> None:
    imports = import_all(olist, folder)
    with open_connection(database.dsn("app")) as connection:
        report = run_to_quiescence(connection)
    for slug, done in imports.items():
        reasons = {count.code for count in problem_counts(SYSTEM, done.id)}
        assert reasons <= LISTED_REASONS, f"{slug}: {problem_counts(SYSTEM, done.id)}"
        assert (done.rows_total, done.rows_sent) == (len(olist.tables[slug]), len(olist.tables[slug]))
    assert Counter(DeadLetter.objects.values_list("reason", flat=True)).keys() <= LISTED_REASONS
    assert report.messages == sum(len(table) for table in olist.tables.values())
    expected = {row[0]: _comparable(row[1:]) for row in olist.per_person().iter_rows()}
    found = per_customer()
    wrong = {
        person: (expected[person], found.get(person)) for person in expected if found.get(person) != expected[person]
    }
    assert not wrong, f"{len(wrong)} of {len(expected)} people differ, e.g. {dict(list(wrong.items())[:3])}"
    assert found.keys() == expected.keys()
    _check_times(olist)


def _check_times(olist: Olist) -> None:
    """Naive times are the marketplace's own clock; those that its clock skipped are left out."""
    at = pl.col("order_purchase_timestamp").dt.replace_time_zone(ZONE, ambiguous="earliest", non_existent="null")
    expected = dict(olist.tables["olist_orders"].select("order_id", at.dt.convert_time_zone("UTC")).iter_rows())
    rows = current_connection().execute("SELECT number, placed_at FROM profile_order").fetchall()
    wrong = [number for number, placed_at in rows if expected[number] is not None and expected[number] != placed_at]
    assert not wrong
    assert len(rows) == len(expected)


@pytest.mark.timeout(600)
def test_a_sample_of_the_marketplace_adds_up_per_person(kehu_db: TestDatabase, tmp_path: Path) -> None:
    check(Olist.whole().sample(40), kehu_db, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_the_whole_marketplace_adds_up_per_person(
    kehu_db: TestDatabase, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if "slow" not in request.config.option.markexpr:
        pytest.skip("takes minutes: pytest -m slow tests/acceptance")
    check(Olist.whole(), kehu_db, tmp_path)
