"""A marketplace, a CRM, a loyalty club and a grocer imported as one company's systems: the counts balance."""

from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from kehu.collect.imports import services
from kehu.collect.imports.identities import identities_of
from kehu.collect.imports.queries import ImportView, import_view, problem_counts, waiting_rows
from kehu.collect.models import DeadLetter, Source
from kehu.core.database import current_connection, open_connection
from kehu.core.jobs import run_job_here
from kehu.govern.access import SYSTEM
from kehu.leader import run_to_quiescence
from kehu.profile.queries.known_rows import known_rows
from tests.acceptance.one_company import FOLDERS, SYSTEMS, events_told, records_told, tables
from tests.imports.cast import make_file_source
from tests.plugins.test_server import TestDatabase

pytestmark = pytest.mark.skipif(
    not all(folder.exists() for folder in FOLDERS), reason=f"the data sets are not at {FOLDERS[0].parent}"
)


def walk_the_wizard(slug: str, table: pl.DataFrame, folder: Path) -> ImportView:
    """Upload, look at the proposal, correct it, see the preview and who is known, start."""
    system = SYSTEMS[slug]
    source = make_file_source(slug, order_namespace=system.namespace, time_zone=system.time_zone, **system.options)
    path = folder / f"{slug}.parquet"
    table.write_parquet(path)
    import_id = services.upload(path, file_name=path.name, actor=SYSTEM, source_id=source.pk)
    proposal = services.propose(import_id, actor=SYSTEM)
    assert {column.column for column in proposal.columns} == set(table.columns)
    services.keep_draft(import_id, system.mapping, actor=SYSTEM, is_confirmed=True)
    confirmed = services.propose(import_id, actor=SYSTEM).mapping
    shown = services.preview(import_id, confirmed, actor=SYSTEM)
    assert shown.taken == len(shown.rows), f"{slug}: {shown.problem_counts}"
    known = known_rows(SYSTEM, identities_of(import_id, confirmed, actor=SYSTEM, limit=500).rows)
    assert known.known == 0, f"{slug}: the systems share no identifiers"
    run_job_here(services.start(import_id, source_id=source.pk, mapping=confirmed, actor=SYSTEM))
    return import_view(SYSTEM, import_id)


def check(found: dict[str, pl.DataFrame], database: TestDatabase, folder: Path) -> None:
    imports = {slug: walk_the_wizard(slug, found[slug], folder) for slug in SYSTEMS}
    with open_connection(database.dsn("app")) as connection:
        report = run_to_quiescence(connection)
    for slug, done in imports.items():
        assert (done.rows_total, done.rows_sent, done.rows_repeated) == (len(found[slug]), len(found[slug]), 0)
        assert [(count.code, count.field) for count in problem_counts(SYSTEM, done.id)] == [], slug
        assert waiting_rows(SYSTEM, done.id) == 0
    assert report.messages == sum(map(len, found.values()))
    assert not DeadLetter.objects.exists()
    ids = dict(Source.objects.values_list("pk", "slug"))
    check_events(found, ids)
    check_records(found, ids)
    check_tills(found)
    check_points(found)


def check_events(found: dict[str, pl.DataFrame], slugs: dict[int, str]) -> None:
    rows = current_connection().execute("SELECT source_id, count(*) FROM profile_event GROUP BY 1").fetchall()
    told = {slugs[source]: count for source, count in rows}
    assert told == {slug: count for slug, table in found.items() if (count := events_told(slug, table))}


def check_records(found: dict[str, pl.DataFrame], slugs: dict[int, str]) -> None:
    """Everybody is there once, nobody else is, and only a person of the marketplace is more than one record."""
    expected = records_told(found)
    assert count("SELECT count(*) FROM resolve_sourcerecord") == sum(map(len, expected.values()))
    keys = current_connection().execute("SELECT external_id FROM resolve_sourcerecord").fetchall()
    assert {key for (key,) in keys} == set().union(*expected.values())
    people = found["olist_customers"]["customer_unique_id"].n_unique()
    alone = sum(len(ids) for slug, ids in expected.items() if slug != "olist_customers")
    assert count("SELECT count(*) FROM profile_customer") == people + alone
    branches = found["crm_accounts"]["subsidiary_of"].drop_nulls().len()
    assert count("SELECT count(*) FROM profile_relation WHERE kind = 'branch_of'") == branches


def check_tills(found: dict[str, pl.DataFrame]) -> None:
    """Every basket and line is there, and its money; baskets of households nobody described wait for them."""
    tills = found["grocer_tills"]
    baskets = "FROM profile_order o WHERE o.namespace = 'grocer'"
    assert count(f"SELECT count(*) {baskets}") == tills["basket_id"].n_unique()
    lines = "SELECT {} FROM profile_orderline l JOIN profile_order o ON o.id = l.order_id AND o.namespace = 'grocer'"
    assert count(lines.format("count(*)")) == tills.height
    row = current_connection().execute(lines.format("coalesce(sum(l.amount), 0)")).fetchone()
    assert row is not None
    assert Decimal(row[0]).quantize(Decimal("0.01")) == sum(
        (Decimal(str(value)) for value in tills["sales_value"]), Decimal(0)
    ).quantize(Decimal("0.01"))
    described = records_told(found)["grocer_households"]
    unknown = tills.filter(~pl.col("household_id").is_in(list(described)))["basket_id"].n_unique()
    orphans = "AND NOT EXISTS (SELECT FROM resolve_recordcustomer m WHERE m.record_id = o.record_id)"
    assert count(f"SELECT count(*) {baskets} {orphans}") == unknown


def check_points(found: dict[str, pl.DataFrame]) -> None:
    """Points per member of the club, as the road keeps them and as Polars adds them up."""
    flown = found["club_flights"].unique()
    expected = {
        str(member): points
        for member, points in flown.group_by("loyalty_number").agg(pl.col("points_redeemed").sum()).iter_rows()
    }
    rows = current_connection().execute(
        "SELECT r.external_id, sum((e.properties->>'points_redeemed')::int) FROM profile_event e "
        "JOIN resolve_sourcerecord r ON r.id = e.record_id WHERE e.name = 'Flights Flown' GROUP BY 1"
    )
    assert dict(rows.fetchall()) == expected


def count(query: str) -> int:
    row = current_connection().execute(query).fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.timeout(900)
def test_a_sample_of_four_systems_balances(kehu_db: TestDatabase, tmp_path: Path) -> None:
    check(tables(share=160), kehu_db, tmp_path)


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_four_whole_systems_balance(kehu_db: TestDatabase, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "slow" not in request.config.option.markexpr:
        pytest.skip("takes minutes: pytest -m slow tests/acceptance")
    check(tables(), kehu_db, tmp_path)
