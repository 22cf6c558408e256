"""Sequence order is commit order: a reader that goes on from the last number it saw misses nothing."""

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from kehu.collect import inbox
from tests.collect.cast import connected, make_message, make_source
from tests.plugins.test_server import TestDatabase

SHARD_KEY = "one customer"


def append_slowly(dsn: str, source: int, has_drawn: threading.Event, go_on: threading.Event) -> None:
    """A writer that has its number and dawdles before it commits."""
    with connected(dsn) as connection, connection.transaction():
        inbox.append(connection, [make_message(source, "slow", shard_key=SHARD_KEY)])
        has_drawn.set()
        go_on.wait(10)


def seen_by_a_reader_beside_a_delayed_committer(dsn: str, source: int) -> list[str]:
    """What a reader has seen in the end that polls while a slow and a quick writer append to one shard."""
    has_drawn, go_on = threading.Event(), threading.Event()
    shard = inbox.shard_of(source, SHARD_KEY)
    seen: list[str] = []
    with connected(dsn) as reader:
        after = inbox.last_seq(reader, shard)  # of other tests' messages

        def poll() -> None:
            nonlocal after
            for message in inbox.read_window(reader, shard, after, 100):
                seen.append(message.message_id)
                after = message.seq

        slow = threading.Thread(target=append_slowly, args=(dsn, source, has_drawn, go_on))
        slow.start()
        assert has_drawn.wait(10)
        quick = threading.Thread(target=append_quickly, args=(dsn, source))
        quick.start()
        time.sleep(0.4)
        poll()
        go_on.set()
        slow.join(10)
        quick.join(10)
        poll()
    return seen


def append_quickly(dsn: str, source: int) -> None:
    with connected(dsn) as connection, connection.transaction():
        inbox.append(connection, [make_message(source, "quick", shard_key=SHARD_KEY)])


def test_a_reader_misses_nothing_of_a_delayed_committer(inbox_db: TestDatabase) -> None:
    with connected(inbox_db.dsn("app")) as connection:
        source = make_source(connection, "ordered")
    assert seen_by_a_reader_beside_a_delayed_committer(inbox_db.dsn("app"), source) == ["slow", "quick"]


def test_without_the_lock_the_reader_loses_a_message(inbox_db: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: it shows that the test above would notice."""
    monkeypatch.setattr(inbox, "lock_shard", lambda connection, shard: None)
    monkeypatch.setattr(inbox.traffic, "record_arrivals", lambda connection, arrivals: None)  # it locks a row
    with connected(inbox_db.dsn("app")) as connection:
        source = make_source(connection, "unordered")
    assert seen_by_a_reader_beside_a_delayed_committer(inbox_db.dsn("app"), source) == ["quick"]


def in_parallel(count: int, work: Callable[[int], None]) -> None:
    errors: list[BaseException] = []

    def guarded(number: int) -> None:
        try:
            work(number)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert errors == []


def test_many_writers_of_many_shards_do_not_deadlock_and_keep_order(inbox_db: TestDatabase) -> None:
    dsn = inbox_db.dsn("app")
    with connected(dsn) as connection:
        source = make_source(connection, "many")

    def write(writer: int) -> None:
        with connected(dsn) as connection:
            for turn in range(20):
                with connection.transaction():
                    inbox.append(
                        connection,
                        [make_message(source, f"{writer}-{turn}-{n}", shard_key=f"k-{n * writer}") for n in range(20)],
                    )

    in_parallel(8, write)
    with connected(dsn) as connection:
        total = 0
        for shard in range(inbox.SHARDS):
            times = [
                row[0]
                for row in connection.execute(
                    "SELECT received_at FROM collect_inbox WHERE shard = %s AND source_id = %s ORDER BY seq",
                    (shard, source),
                )
            ]
            assert times == sorted(times)
            total += len(times)
    assert total == 8 * 20 * 20


def test_two_copies_at_the_same_moment_give_one_message(inbox_db: TestDatabase) -> None:
    """Each writer offers the same ids in another order, under another customer, hence to another shard."""
    dsn = inbox_db.dsn("app")
    with connected(dsn) as connection:
        source = make_source(connection, "race")
    answers: dict[int, list[inbox.Appended]] = {}

    def write(writer: int) -> None:
        ids = [f"id-{(n * (2 * writer + 1)) % 500}" for n in range(500)]
        with connected(dsn) as connection:
            got: list[inbox.Appended] = []
            for start in range(0, 500, 100):
                with connection.transaction():
                    got += inbox.append(
                        connection,
                        [make_message(source, name, shard_key=f"{writer}-{name}") for name in ids[start : start + 100]],
                    )
            answers[writer] = got

    in_parallel(8, write)
    with connected(dsn) as connection:
        assert stored_ids(connection, source) == sorted(f"id-{n}" for n in range(500))
    assert sum(place.seq is not None for got in answers.values() for place in got) == 500


def stored_ids(connection: psycopg.Connection[Any], source: int) -> list[str]:
    return sorted(
        row[0] for row in connection.execute("SELECT message_id FROM collect_inbox WHERE source_id = %s", (source,))
    )
