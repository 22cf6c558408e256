"""The dispatcher: every event once to every subscriber, in order, whatever a subscriber does."""

import threading
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from kehu.core import bus, outbox
from kehu.core.outbox import PublishedEvent


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> list[PublishedEvent]:
    events: list[PublishedEvent] = []
    monkeypatch.setattr(bus, "_subscribers", {})
    bus.subscribe("test", frozenset({"thing.happened"}), events.append)
    return events


def publish(*numbers: int, name: str = "thing.happened") -> None:
    with transaction.atomic():
        for number in numbers:
            bus.publish(name, {"n": number})


def numbers(events: list[PublishedEvent]) -> list[int]:
    return [event.payload["n"] for event in events]


def test_each_event_is_handed_on_once_in_order_and_to_whom_it_concerns(kehu_db: Any, heard: list[PublishedEvent]):
    publish(1, 2, 3)
    publish(9, name="something.else")
    assert outbox.dispatch(limit=2) == 2
    assert outbox.dispatch() == 2
    assert outbox.dispatch() == 0
    assert numbers(heard) == [1, 2, 3]
    assert [event.position for event in heard] == sorted(event.position for event in heard)


def test_nobody_hears_of_what_was_rolled_back(kehu_db: Any, heard: list[PublishedEvent]):
    with transaction.atomic():
        bus.publish("thing.happened", {"n": 1})
        transaction.set_rollback(True)
    assert outbox.dispatch() == 0
    assert heard == []


def test_a_subscriber_that_fails_keeps_nobody_else_from_hearing_and_is_told_again(
    kehu_db: Any, heard: list[PublishedEvent]
):
    fails = True

    def take(event: PublishedEvent) -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO core_cache VALUES (%s, '', now())", [f"half done {event.id}"])
        if fails and event.payload["n"] == 2:
            raise ValueError("no")

    bus.subscribe("clumsy", frozenset({"thing.happened"}), take)
    publish(1, 2, 3)
    outbox.dispatch()
    assert numbers(heard) == [1, 2, 3]
    assert rows("SELECT count(*) FROM core_cache") == [(2,)], "what it had done of the failed one is undone"
    assert outbox.retry_failures() == 0, "not yet"
    fails = False
    rows("UPDATE core_outboxfailure SET next_at = now() RETURNING 1")
    assert outbox.retry_failures() == 1
    assert rows("SELECT count(*) FROM core_cache") == [(3,)]
    assert rows("SELECT count(*) FROM core_outboxfailure") == [(0,)]
    assert numbers(heard) == [1, 2, 3], "the others hear nothing twice"


def test_a_subscriber_that_fails_for_ever_is_given_up_and_stays_visible(kehu_db: Any, heard: list[PublishedEvent]):
    def take(event: PublishedEvent) -> None:
        raise ValueError("never")

    bus.subscribe("broken", frozenset({"thing.happened"}), take)
    publish(1)
    outbox.dispatch()
    for _ in range(outbox.MAX_ATTEMPTS + 2):
        rows("UPDATE core_outboxfailure SET next_at = now() WHERE next_at IS NOT NULL RETURNING 1")
        outbox.retry_failures()
    assert rows("SELECT attempts, next_at, error FROM core_outboxfailure") == [
        (outbox.MAX_ATTEMPTS, None, "ValueError: never")
    ]


def test_two_dispatchers_hand_nothing_on_twice(kehu_db: Any, heard: list[PublishedEvent]):
    publish(*range(60))

    def work() -> None:
        while rows("SELECT 1 FROM core_outboxevent WHERE published_at IS NULL LIMIT 1"):
            outbox.dispatch(limit=7)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert numbers(heard) == list(range(60))


def test_an_event_that_commits_late_gets_a_later_position(kehu_db: Any, heard: list[PublishedEvent]):
    """Its id is smaller than one already handed on: a reader that goes by positions still meets it."""
    with psycopg.connect(kehu_db.dsn("app")) as late:
        late.execute("INSERT INTO core_outboxevent (name, payload) VALUES ('thing.happened', '{\"n\": 1}')")
        publish(2)
        outbox.dispatch()
        [first] = outbox.published_after(0, names=("thing.happened",), limit=10)
    outbox.dispatch()
    assert numbers(outbox.published_after(first.position, names=("thing.happened",), limit=10)) == [1]
    assert numbers(heard) == [2, 1]


def test_old_events_are_forgotten_but_for_those_somebody_still_waits_for(kehu_db: Any, heard: list[PublishedEvent]):
    publish(1, 2, 3)
    outbox.dispatch()
    publish(4)
    rows("UPDATE core_outboxevent SET published_at = now() - interval '31 days' WHERE position <= 2 RETURNING 1")
    rows(
        "INSERT INTO core_outboxfailure (event_id, subscriber, error, attempts, next_at) "
        "SELECT id, 'x', 'e', 1, now() FROM core_outboxevent WHERE position = 2 RETURNING 1"
    )
    assert outbox.prune() == 1
    assert numbers(outbox.published_after(0, names=("thing.happened",), limit=10)) == [2, 3]
    assert outbox.reach() == (1, 3)
    rows("DELETE FROM core_outboxfailure RETURNING 1")
    outbox.prune(timedelta(0))
    assert outbox.reach() == (3, 3)
    assert rows("SELECT count(*) FROM core_outboxevent") == [(1,)], "what was not handed on stays"


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
