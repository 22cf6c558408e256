"""A message that cannot be read, or that kills its worker, ends among the dead letters; the others pass."""

import threading
import time
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection as django_connection

from kehu import leader, pipeline
from kehu.collect import inbox
from kehu.collect.inbox import NewMessage
from kehu.collect.models import Source
from kehu.core.database import open_connection
from tests.pipeline.cast import DAY, Road3, road_of


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


def raw(road: Road3, message_id: str, payload: bytes) -> NewMessage:
    return NewMessage(road.sources["crm"], "record", message_id, payload, shard_key="same shard")


def good(road: Road3, number: int) -> NewMessage:
    body = f'{{"external_id":"c{number}","occurred_at":"{DAY.isoformat()}","attributes":{{"name":"林晓梅"}}}}'
    return raw(road, f"good{number}", body.encode())


def dead_letters(road: Road3) -> dict[str, int]:
    return dict(road.connection.execute("SELECT reason, count(*) FROM collect_deadletter GROUP BY 1").fetchall())


@pytest.mark.parametrize(
    "payload",
    [
        b"\xff\xfe not UTF-8",
        b"[" * 5000,
        b'{"external_id": 5}',
        b'{"attributes": {"name": "\\u0000"}, "surprise": 1}',
        b'{"external_id":"x","occurred_at":"yesterday"}',
        b'{"external_id":"x","orders":[{"namespace":"s","number":"1","at":"2026-01-01T00:00:00Z","total":"NaNny"}]}',
        b"",
        b"null",
    ],
    ids=["not utf-8", "deep", "wrong type", "unknown field", "bad time", "bad money", "empty", "null"],
)
def test_what_cannot_be_read_is_buried_with_a_reason_and_holds_nobody_up(road: Road3, payload: bytes) -> None:
    road.send([good(road, 1), raw(road, "bad", payload), good(road, 2)])
    road.settle()
    assert road.fingerprint()["records"] == 2
    assert sum(dead_letters(road).values()) == (1 if payload else 0)


def test_nul_and_infinity_in_properties_do_not_stop_the_road(road: Road3) -> None:
    event = (
        '{"key":"e","name":"x","kind":"behaviour","occurred_at":"2026-01-01T00:00:00Z","properties":{"a":"\\u0000"}}'
    )
    road.send([raw(road, "nul", f'{{"external_id":"n","events":[{event}]}}'.encode()), good(road, 1)])
    road.settle()
    assert road.fingerprint()["records"] == 2


def test_a_message_that_kills_its_worker_is_found_and_buried(
    road: Road3, kehu_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    road.send(
        [good(road, n) for n in range(40)] + [raw(road, "killer", b"{}")] + [good(road, n) for n in range(40, 60)]
    )
    travel = pipeline.travel
    crashes = 0

    class Killed(BaseException):
        """The process is gone: its connection drops, nothing is handled."""

    def dies_of_the_killer(connection: Any, messages: list[inbox.Message], *rest: Any, **named: Any) -> Any:
        if any(message.message_id == "killer" for message in messages):
            raise Killed
        return travel(connection, messages, *rest, **named)

    monkeypatch.setattr(pipeline, "travel", dies_of_the_killer)
    for _ in range(100):
        try:
            with open_connection(kehu_db.dsn("app")) as connection:
                leader.run_to_quiescence(connection, road.road)
            break
        except Killed:
            crashes += 1
    assert dead_letters(road) == {"crash": 1}
    assert road.fingerprint()["records"] == 60, "everybody else passed"
    assert crashes < 30, "a window is halved, so the culprit is found in a few tries"


@pytest.mark.parametrize(
    ("error", "times", "buried"),
    [
        (psycopg.errors.DeadlockDetected("two waited for each other"), 9, {}),
        (psycopg.errors.AdminShutdown("somebody ended the session"), 9, {}),
        (RuntimeError("what the connection remembered was wrong"), 2, {}),
        (RuntimeError("the message is to blame"), 9, {"crash": 1}),
    ],
    ids=["deadlock", "shutdown", "sick for a moment", "poison"],
)
def test_a_leader_whose_windows_fail_begins_anew_and_buries_only_a_culprit(
    road: Road3, kehu_db: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, times: int, buried: dict[str, int]
) -> None:
    road.send([good(road, 1)])
    travel, stop, failures, connections = pipeline.travel, threading.Event(), 0, set()

    def fails_at_first(connection: Any, messages: list[inbox.Message], *rest: Any, **named: Any) -> Any:
        nonlocal failures
        connections.add(connection.info.backend_pid)
        if messages and failures < times:
            failures += 1
            raise error
        stop.set()
        return travel(connection, messages, *rest, **named)

    monkeypatch.setattr(pipeline, "travel", fails_at_first)
    monkeypatch.setattr(leader, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(leader, "_STAND_BY_SECONDS", 0.001)
    leading = threading.Thread(target=leader.lead, args=(kehu_db.dsn("app"), stop))
    leading.start()
    if buried:
        until = time.monotonic() + 20
        while not dead_letters(road):
            assert time.monotonic() < until
        stop.set()
    leading.join(20)
    assert dead_letters(road) == buried
    assert road.fingerprint()["records"] == (0 if buried else 1)
    assert len(connections) >= min(times, leader.ATTEMPTS_OF_ONE), "each try has a connection of its own"


def test_a_connection_of_django_that_died_does_not_hold_the_leader_up(
    road: Road3, kehu_db: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    road.send([good(road, 1)])
    travel, stop, tries = pipeline.travel, threading.Event(), 0

    def reads_a_rule_first(connection: Any, messages: list[inbox.Message], *rest: Any, **named: Any) -> Any:
        nonlocal tries
        if messages:
            tries += 1
            django_connection.ensure_connection()
            if tries == 1:
                django_connection.connection.close()  # as when the server dies: Django has not noticed
            Source.objects.count()
            stop.set()
        return travel(connection, messages, *rest, **named)

    monkeypatch.setattr(pipeline, "travel", reads_a_rule_first)
    monkeypatch.setattr(leader, "_PAUSE_SECONDS", 0.001)
    monkeypatch.setattr(leader, "_STAND_BY_SECONDS", 0.001)
    leading = threading.Thread(target=leader.lead, args=(kehu_db.dsn("app"), stop))
    leading.start()
    leading.join(20)
    stop.set()
    leading.join(20)
    assert (tries, dead_letters(road), road.fingerprint()["records"]) == (2, {}, 1)


def test_an_edited_dead_letter_is_worked_in_and_a_rebuild_honours_it(road: Road3) -> None:
    road.send([raw(road, "bad", b'{"external_id":"x","attributes":{"name":7}}')])
    road.settle()
    [(shard, seq)] = road.connection.execute("SELECT shard, seq FROM collect_deadletter").fetchall()
    with road.connection.transaction():
        inbox.edit_and_replay(road.connection, shard, seq, b'{"external_id":"x","attributes":{"name":"\xe6\x9e\x97"}}')
    road.settle()
    assert road.fingerprint()["records"] == 1
    assert [m.seq for m in inbox.read_window(road.connection, shard, 0, 10, without_superseded=True)] != [seq]


def test_a_second_worker_stands_by_until_the_leader_is_gone(road: Road3, kehu_db: Any) -> None:
    with open_connection(kehu_db.dsn("app")) as first:
        assert leader.is_free_to_lead(first)
        assert not leader.is_free_to_lead(road.connection)
    until = time.monotonic() + 10  # the server hears of a closed connection a moment later
    while not leader.is_free_to_lead(road.connection):
        assert time.monotonic() < until


def test_a_deposed_leader_works_no_window(road: Road3) -> None:
    old = leader.become_leader(road.connection)
    leader.become_leader(road.connection)
    road.send([good(road, 1)])
    shard = inbox.shard_of(road.sources["crm"], "same shard")
    with pytest.raises(leader.Deposed):
        leader.run_window(road.connection, shard, road.road, fence=old)
    assert road.fingerprint()["records"] == 0
