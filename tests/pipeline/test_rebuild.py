"""A rebuild from the log, the decisions and the ledger gives the same customers with the same ids, and tells nobody."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from kehu import rebuild
from kehu.govern.access import SYSTEM
from kehu.profile import queries
from kehu.profile.models import Rebuild
from kehu.profile.services import assign_owner, merge_customers, pin_value, unmerge
from tests.cast import make_user
from tests.pipeline.cast import Road3, Town, road_of

PEOPLE, MERGES, UNMERGES, PINS, OWNED = 250, 50, 20, 10, 10


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def fill(road: Road3, count: int, people: int = 90) -> None:
    bodies = list(Town(seed=3, people=people).bodies(count))
    road.send([road.message(*body, message_id=f"m{number}") for number, body in enumerate(bodies)])
    road.settle()


def outbox(road: Road3) -> int:
    row = road.connection.execute("SELECT count(*) FROM core_outboxevent").fetchone()
    assert row is not None
    return int(row[0])


def owners(road: Road3) -> dict[Any, Any]:
    """Whose customer the rows are on that hang on records, as tickets will: by their record's customer of today."""
    rows = road.connection.execute(
        "SELECT a.record_id, m.customer_id, a.owner_id FROM profile_assignment a "
        "JOIN resolve_recordcustomer m ON m.record_id = a.record_id"
    )
    return {record: (customer, owner) for record, customer, owner in rows}


@pytest.mark.timeout(900)
def test_rebuild_after_merges_unmerges_and_pins_changes_nothing_and_tells_nobody(road: Road3, kehu_db: Any) -> None:
    fill(road, PEOPLE * 3, PEOPLE)
    chance = random.Random(1)
    customers = sorted(
        {row[0] for row in road.connection.execute("SELECT id FROM profile_customer WHERE kind = 'person'")}
    )
    chance.shuffle(customers)
    acts = [
        merge_customers(survivor_id=left, absorbed_id=right, actor=SYSTEM, reason="test").act_id
        for left, right in zip(customers[0 : 2 * MERGES : 2], customers[1 : 2 * MERGES : 2], strict=True)
    ]
    for act in acts[:UNMERGES]:
        unmerge(act, actor=SYSTEM, reason="test")
    for customer in customers[2 * MERGES : 2 * MERGES + PINS]:
        current = queries.current_customer(SYSTEM, customer).id
        golden = queries.customer_view(SYSTEM, current).golden
        attribute, field = next(iter(golden.items()))
        pin_value(current, attribute, field.others[0].value if field.others else field.value, actor=SYSTEM)
    owner = make_user("rep").pk
    for customer in customers[:OWNED]:
        assign_owner(queries.current_customer(SYSTEM, customer).id, owner, actor=SYSTEM)
    assert len(acts) == MERGES
    assert 0 < len(owned := owners(road)) <= OWNED
    before, told = road.fingerprint(), outbox(road)
    generation = rebuild.start(actor_id=None)
    comparison = rebuild.build(kehu_db.dsn("migrate"), generation)
    assert comparison["after"] == comparison["before"]
    assert (comparison["records_moved"], comparison["customers_with_other_values"]) == (0, 0)
    rebuild.swap(kehu_db.dsn("migrate"), generation)
    assert road.fingerprint() == before
    assert owners(road) == owned
    assert outbox(road) == told
    assert Rebuild.objects.get(pk=generation.pk).state == Rebuild.State.SWAPPED


def test_messages_that_come_in_while_a_rebuild_runs_are_in_it_after_the_swap(road: Road3, kehu_db: Any) -> None:
    fill(road, 60)
    generation = rebuild.start(actor_id=None)
    rebuild.build(kehu_db.dsn("migrate"), generation)
    late = list(Town(seed=9, people=10).bodies(20))
    road.send([road.message(*body, message_id=f"late{number}") for number, body in enumerate(late)])
    rebuild.swap(kehu_db.dsn("migrate"), generation)
    records = road.fingerprint()["records"]
    road.settle()
    assert road.fingerprint()["records"] == records
    assert road.connection.execute("SELECT count(*) FROM profile_event").fetchone() == (80,), (
        "every message once: not lost between the generations, not worked in twice"
    )


def test_only_a_built_generation_is_swapped_in(road: Road3, kehu_db: Any) -> None:
    generation = rebuild.start(actor_id=None)
    with pytest.raises(rebuild.RebuildRefused):
        rebuild.swap(kehu_db.dsn("migrate"), generation)
    with pytest.raises(rebuild.RebuildRefused):
        rebuild.start(actor_id=None)
