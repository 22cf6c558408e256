"""What came in is what became of it: the sums balance after every kind of traffic, and stay when they are rolled up."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kehu import leader, pipeline
from kehu.collect import inbox, outcomes
from kehu.collect.inbox import NewMessage
from kehu.core import histograms, traffic
from kehu.core.traffic import Tally
from kehu.inline import create_customer
from tests.cast import SYSTEM
from tests.collect.conftest import Collector
from tests.pipeline.cast import DAY, Road3, road_of

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def said(road: Road3, source: str, number: int, payload: bytes | None = None) -> NewMessage:
    body = f'{{"external_id":"c{number}","occurred_at":"{DAY.isoformat()}","attributes":{{"name":"林晓梅"}}}}'
    return NewMessage(
        road.sources[source], "record", f"m{number}", body.encode() if payload is None else payload, f"k{number % 5}"
    )


def waiting(road: Road3) -> dict[int, int]:
    rows = road.connection.execute(
        "SELECT source_id, count(*) FROM collect_inbox AS i JOIN collect_shardoffset AS done USING (shard) "
        "WHERE i.seq > done.seq GROUP BY 1"
    )
    return dict(rows.fetchall())


def unexplained(road: Road3) -> dict[int, int]:
    left = waiting(road)
    tallies = traffic.tallies(connection=road.connection)
    return {source: tally.unsettled - left.get(source, 0) for source, tally in tallies.items()}


def test_the_sums_balance_while_mixed_traffic_comes_in_and_when_it_is_worked(road: Road3, kehu_db: Any) -> None:
    road.send([said(road, "crm", n) for n in range(30)] + [said(road, "crm", n) for n in range(10)])
    road.send([said(road, "crm", n) for n in range(20, 40)] + [said(road, "shop", n) for n in range(5)])
    road.send([said(road, "shop", n, b"no json") for n in range(100, 103)])
    assert set(unexplained(road).values()) == {0}, "all of it waits"
    for shard in range(inbox.SHARDS):
        leader.run_window(road.connection, shard, road.road, limit=4)
        assert set(unexplained(road).values()) == {0}, "part of it is worked"
    create_customer(actor=SYSTEM, attributes={"name": "王芳"})
    road.settle()
    tallies = traffic.tallies(connection=road.connection)
    assert tallies[road.sources["crm"]] == Tally(received=60, deduplicated=20, processed=40)
    assert tallies[road.sources["shop"]] == Tally(received=8, processed=5, quarantined=3)
    assert len(tallies) == 3, "what was typed in counts as well"
    assert set(unexplained(road).values()) == {0}
    assert waiting(road) == {}


def test_a_replayed_and_a_redacted_message_are_explained_too(road: Road3, kehu_db: Any) -> None:
    road.send([said(road, "crm", 1, b"broken"), said(road, "crm", 2), said(road, "crm", 3)])
    places = road.connection.execute("SELECT shard, seq FROM collect_inbox WHERE message_id = 'm3'").fetchall()
    with kehu_db_as(kehu_db, "redact") as redactor:
        inbox.redact(redactor, places)
    road.settle()
    [(shard, seq)] = road.connection.execute("SELECT shard, seq FROM collect_deadletter").fetchall()
    with road.connection.transaction():
        inbox.edit_and_replay(road.connection, shard, seq, said(road, "crm", 1).payload)
    road.settle()
    tally = traffic.tallies(connection=road.connection)[road.sources["crm"]]
    assert tally == Tally(received=4, processed=2, quarantined=1, redacted=1)
    assert tally.unsettled == 0


def test_a_message_that_kills_its_worker_is_counted_once(
    road: Road3, kehu_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    road.send([said(road, "crm", n) for n in range(6)] + [said(road, "crm", 99, b"{}")])
    travel = pipeline.travel

    def refuses_the_culprit(connection: Any, messages: Any, *rest: Any, **named: Any) -> Any:
        if any(message.message_id == "m99" for message in messages):
            raise RuntimeError("the window is lost")
        return travel(connection, messages, *rest, **named)

    monkeypatch.setattr(pipeline, "travel", refuses_the_culprit)
    for _ in range(40):
        for shard in range(inbox.SHARDS):
            try:
                leader.run_window(road.connection, shard, road.road)
            except RuntimeError:
                assert set(unexplained(road).values()) == {0}
    tally = traffic.tallies(connection=road.connection)[road.sources["crm"]]
    assert tally == Tally(received=7, processed=6, quarantined=1)


def test_a_rebuild_counts_nothing_again(road: Road3) -> None:
    road.send([said(road, "crm", n) for n in range(5)])
    road.settle()
    before = traffic.tallies(connection=road.connection)
    with road.connection.transaction():
        messages = [m for shard in range(inbox.SHARDS) for m in inbox.read_window(road.connection, shard, 0, 100)]
        pipeline.travel(road.connection, messages, pipeline.Road.today(is_replay=True))
    assert traffic.tallies(connection=road.connection) == before


def test_what_the_door_refuses_is_received_and_rejected(road: Road3, kehu_db: Any) -> None:
    with road.connection.transaction():
        outcomes.write_refused(road.connection)  # what others were refused in this process before
    before = traffic.tallies(connection=road.connection).get(traffic.UNKNOWN_SOURCE, Tally())
    collector = Collector(kehu_db.dsn("app"))
    try:
        good = {"type": "track", "event": "E", "userId": "u", "messageId": "a"}
        batch = {"batch": [good, {"type": "track", "event": "no one's", "messageId": "b"}]}
        assert post(collector, "wk_crm", batch).status_code == 200
        assert post(collector, "nobody's", batch).status_code == 401
        with road.connection.transaction():
            collector.door._read_sources()
    finally:
        collector.close()
    tallies = traffic.tallies(connection=road.connection)
    assert tallies[road.sources["crm"]] == Tally(received=2, rejected=1)
    assert tallies[traffic.UNKNOWN_SOURCE] == before + Tally(received=1, rejected=1)
    assert set(unexplained(road).values()) == {0}


def test_rolling_up_keeps_the_sums_and_the_times(road: Road3) -> None:
    road.send([said(road, "crm", n) for n in range(12)])
    road.settle()
    sums, times = (
        traffic.tallies(connection=road.connection),
        traffic.latency_by_source(since=LONG_AGO, connection=road.connection),
    )
    assert sum(times[road.sources["crm"]]) == 12
    for days in (3, 100):
        road.connection.execute("UPDATE core_traffic SET minute = minute - make_interval(days => %s)", (days,))
        road.connection.execute(
            "INSERT INTO core_traffic SELECT minute + interval '7 minutes', stage, source_id, shard, 0, 0, 0, 0, 0, 0,"
            " array_fill(0, ARRAY[14]) FROM core_traffic ON CONFLICT DO NOTHING"
        )
        traffic.roll_up(road.connection)
        assert traffic.tallies(connection=road.connection) == sums
        assert traffic.latency_by_source(since=LONG_AGO, connection=road.connection) == times
    rows = road.connection.execute("SELECT DISTINCT minute::time FROM core_traffic").fetchall()
    assert len(rows) == 1, "days by now"
    assert traffic.roll_up(road.connection) == 0


def test_a_series_has_one_step_for_each_span_with_traffic(road: Road3) -> None:
    road.send([said(road, "crm", n) for n in range(3)])
    road.settle()
    since = datetime.now(UTC) - timedelta(hours=1)
    spans = traffic.series(since=since, step=timedelta(hours=2), connection=road.connection)
    assert [(span.tally.received, span.tally.processed, sum(span.latency)) for span in spans] == [(3, 3, 3)]


@given(st.lists(st.floats(0, 4000), min_size=1, max_size=200), st.sampled_from([0.5, 0.95, 0.99]))
def test_a_quantile_lies_in_the_bucket_of_the_true_one(seconds: list[float], share: float) -> None:
    counts = [0] * histograms.BUCKETS
    for one in seconds:
        counts[histograms.bucket_of(one)] += 1
    told = histograms.quantile(counts, share)
    true = sorted(seconds)[max(0, -(-int(len(seconds) * share * 1000) // 1000) - 1)]
    assert told is not None
    assert abs(histograms.bucket_of(told) - histograms.bucket_of(true)) <= 1


def test_a_histogram_without_counts_has_no_quantile() -> None:
    assert histograms.quantile([], 0.5) is None
    assert histograms.add([[], [1, 2]])[:3] == [1, 2, 0]


def post(collector: Collector, key: str, body: dict[str, Any]) -> httpx.Response:
    return collector.post("/v1/batch", json=body, auth=(key, ""))


def kehu_db_as(database: Any, role: Any) -> Any:
    import psycopg

    return psycopg.connect(database.dsn(role), autocommit=True)
