"""What is read before its turn is the same as what is read in its turn, and never hides what kills a worker."""

from collections.abc import Iterator
from typing import Any

import pytest

from kehu import read_ahead
from kehu.clean.messages import touches_of
from kehu.collect import inbox
from kehu.read_ahead import ReadAhead, context_of
from tests.pipeline.cast import Road3, Town, road_of

SHARD = 0


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    with road_of(kehu_db) as road:
        yield road


@pytest.fixture
def ahead() -> Iterator[ReadAhead]:
    with ReadAhead() as ahead:
        yield ahead


def waiting(road: Road3) -> list[inbox.Message]:
    return inbox.read_window(road.connection, SHARD, 0, 100)


def send_some(road: Road3) -> None:
    bodies = Town(seed=3, people=20).bodies(80)
    road.send([road.message(*body, message_id=f"m{n}") for n, body in enumerate(bodies)])


def look(road: Road3, ahead: ReadAhead) -> None:
    """As the leader does while the last shard's window is at work."""
    ahead.look(road.connection, inbox.SHARDS - 1, 10**9, 100, road.road.sources.all(road.connection))
    ahead.begin()
    ahead.arrive()


def test_touches_read_ahead_are_those_read_in_turn_and_given_away_once(road: Road3, ahead: ReadAhead) -> None:
    send_some(road)
    look(road, ahead)
    message = waiting(road)[0]
    source = road.road.sources.by_id(road.connection, message.source_id)
    touches = ahead.touches_of(message)
    assert touches == touches_of(message, source, context_of(message))
    assert ahead.touches_of(message) is None


def test_a_message_redacted_since_is_not_read_from_memory(road: Road3, ahead: ReadAhead) -> None:
    send_some(road)
    look(road, ahead)
    message = waiting(road)[0]
    message.payload = b""
    assert ahead.touches_of(message) is None


def test_after_a_crash_nothing_is_read_ahead(road: Road3, ahead: ReadAhead) -> None:
    send_some(road)
    road.connection.execute("UPDATE collect_shardoffset SET window_until = 9, window_attempts = 1 WHERE shard = 1")
    look(road, ahead)
    assert ahead.touches_of(waiting(road)[0]) is None


def test_what_fails_ahead_of_its_turn_is_read_in_its_turn(road: Road3, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: Any) -> Any:
        raise RuntimeError("dictionary changed size during iteration")

    monkeypatch.setattr(read_ahead, "touches_of", fails)
    send_some(road)
    road.settle()
    assert road.connection.execute("SELECT count(*) FROM collect_deadletter").fetchone() == (0,)
    assert road.fingerprint()["records"] > 0
    assert road.connection.execute("SELECT sum(window_attempts) FROM collect_shardoffset").fetchone() == (0,)


def test_the_leader_reads_ahead_and_comes_to_the_same_customers(road: Road3, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[bool] = []
    ask = ReadAhead.touches_of

    def counted(self: ReadAhead, message: inbox.Message) -> Any:
        touches = ask(self, message)
        given.append(touches is not None)
        return touches

    monkeypatch.setattr(ReadAhead, "touches_of", counted)
    send_some(road)
    road.settle()
    assert any(given)
    assert not all(given), "the first window had nobody before it"
