"""An event belongs to who was signed in on the device when it happened, in whatever order we hear of it."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from kehu.collect.inbox import NewMessage
from kehu.core.ids import record_id
from tests.collect.cast import make_source
from tests.pipeline.cast import DAY, Road3, road_of


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        road.sources["web"] = make_source(road.connection, "web", is_trusted=True)
        yield road


def call(road: Road3, minute: int, type_: str, user: str | None = None, **fields: Any) -> NewMessage:
    at = (DAY + timedelta(minutes=minute)).isoformat()
    body = {"type": type_, "anonymousId": "tablet", "timestamp": at, "messageId": f"m{minute}", **fields}
    if user:
        body["userId"] = user
    return NewMessage(
        source_id=road.sources["web"],
        kind="segment",
        message_id=f"m{minute}",
        payload=msgspec.json.encode(body),
        shard_key="tablet",
    )


def whose(road: Road3) -> dict[str, str]:
    """Event name → external id of the record it hangs on."""
    return dict(
        road.connection.execute(
            "SELECT e.name, r.external_id FROM profile_event e JOIN resolve_sourcerecord r ON r.id = e.record_id "
            "WHERE e.kind <> 'identity'"
        ).fetchall()
    )


def a_day_at_the_shop(road: Road3) -> list[NewMessage]:
    return [
        call(road, 0, "track", event="Before anybody"),
        call(road, 1, "identify", "A", traits={"name": "林晓梅"}),
        call(road, 2, "track", event="While A"),
        call(road, 3, "identify", "B", traits={"name": "陈国庆"}),
        call(road, 4, "track", event="While B"),
    ]


EXPECTED = {"Before anybody": "user:A", "While A": "user:A", "While B": "user:B"}


def test_a_shared_tablet_hands_events_to_who_was_signed_in(road: Road3) -> None:
    road.send(a_day_at_the_shop(road))
    road.settle()
    assert whose(road) == EXPECTED
    customers = road.connection.execute(
        "SELECT count(DISTINCT customer_id) FROM resolve_recordcustomer WHERE record_id = ANY(%s)",
        ([record_id("web", "user:A"), record_id("web", "user:B")],),
    ).fetchone()
    assert customers == (2,), "one device must not make two people one"


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[7::29])
def test_in_whatever_order_the_calls_arrive(road: Road3, order: tuple[int, ...]) -> None:
    calls = a_day_at_the_shop(road)
    for position in order:
        road.send([calls[position]])
        road.settle()
    assert whose(road) == EXPECTED


def test_what_an_anonymous_visitor_did_is_on_the_timeline_once_they_sign_in(road: Road3) -> None:
    road.send([call(road, 0, "track", event="Browsed")])
    road.settle()
    road.send([call(road, 5, "identify", "A", traits={"name": "林晓梅"})])
    road.settle()
    rows = road.connection.execute(
        "SELECT m.customer_id FROM resolve_recordcustomer m WHERE record_id = ANY(%s)",
        ([record_id("web", "user:A"), record_id("web", "anon:tablet")],),
    ).fetchall()
    assert len(rows) == 2
    assert len(set(rows)) == 1


def test_a_browser_cannot_claim_a_phone(road: Road3) -> None:
    road.connection.execute("UPDATE collect_source SET is_trusted = false WHERE slug = 'web'")
    body = {
        "external_id": "a",
        "occurred_at": DAY.isoformat(),
        "attributes": {"name": "林晓梅", "phone": "13901754826", "email": "lin@example.org"},
    }
    road.send([road.message("crm", "a", body, "m")])
    claim = {"name": "林晓梅", "phone": "13901754826", "email": "lin@example.org"}
    road.send([call(road, 1, "identify", "thief", traits=claim)])
    road.settle()
    customers = road.connection.execute("SELECT count(*) FROM profile_customer WHERE NOT is_anonymous").fetchone()
    assert customers == (2,)


def test_a_track_recomputes_nothing_golden(road: Road3) -> None:
    road.send([call(road, 1, "identify", "A", traits={"name": "林晓梅"})])
    road.settle()
    before = road.connection.execute("SELECT id, version, updated_at FROM profile_customer ORDER BY id").fetchall()
    road.send([call(road, 0, "track", "A", event="Earlier than all, so that not even a time moves on")])
    road.settle()
    road.send([call(road, 1000 + n, "track", "A", event=f"Looked {n}") for n in range(3)])
    road.settle()
    after = road.connection.execute("SELECT id, version, updated_at FROM profile_customer ORDER BY id").fetchall()
    assert after == before
    seen = road.connection.execute("SELECT max(last_at) FROM profile_customer").fetchone()
    assert seen == (DAY + timedelta(minutes=1002),), "but when they were last seen is known"
