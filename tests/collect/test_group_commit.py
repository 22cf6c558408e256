"""Durable before answered, bounded while waiting, patient while the database is away."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import psycopg
import pytest

from kehu.collect import group_commit, inbox
from kehu.collect.disk_space import DiskWatch, refuses_at, warns_at
from kehu.collect.group_commit import GroupCommit
from kehu.core.errors import Busy
from tests.collect.cast import connected, make_message, make_source
from tests.collect.conftest import Collector
from tests.plugins.test_server import TestDatabase


@pytest.fixture(scope="module")
def source(inbox_db: TestDatabase) -> int:
    with connected(inbox_db.dsn("app")) as connection:
        return make_source(connection, "grouped")


def with_group_commit(dsn: str, work: Callable[[GroupCommit], Coroutine[Any, Any, Any]], **options: Any) -> Any:
    async def run() -> Any:
        commit = GroupCommit(dsn, **options)
        try:
            return await work(commit)
        finally:
            await commit.stop()

    return asyncio.run(run())


def count(dsn: str, source: int, prefix: str) -> int:
    with connected(dsn) as connection:
        row = connection.execute(
            "SELECT count(*) FROM collect_inbox WHERE source_id = %s AND message_id LIKE %s", (source, prefix + "%")
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_what_was_awaited_is_committed_and_seen_by_others(inbox_db: TestDatabase, source: int) -> None:
    dsn = inbox_db.dsn("app")

    async def work(commit: GroupCommit) -> int:
        await commit.append([make_message(source, f"seen-{n}") for n in range(40)])
        return await asyncio.to_thread(count, dsn, source, "seen-")

    assert with_group_commit(dsn, work) == 40


def test_requests_that_arrive_together_share_transactions(
    inbox_db: TestDatabase, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[int] = []
    append = inbox.append

    def counted(connection: Any, messages: Any) -> Any:
        calls.append(len(messages))
        return append(connection, messages)

    monkeypatch.setattr(inbox, "append", counted)

    async def work(commit: GroupCommit) -> None:
        await asyncio.gather(*(commit.append([make_message(source, f"together-{n}")]) for n in range(400)))

    with_group_commit(inbox_db.dsn("app"), work)
    assert sum(calls) == 400
    assert len(calls) < 60
    assert count(inbox_db.dsn("app"), source, "together-") == 400


def test_a_lost_connection_is_repeated_and_nothing_is_doubled(
    inbox_db: TestDatabase, source: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first two transactions of each shard end with a killed backend: once before, once after the commit."""
    dsn = inbox_db.dsn("app")
    passages: dict[tuple[str, int], int] = {}

    def cut(name: str) -> None:
        key = (name, threading.get_ident())
        passages[key] = passages.get(key, 0) + 1
        if passages[key] == 1:
            raise psycopg.OperationalError(f"the connection was cut at {name}")

    monkeypatch.setattr(group_commit, "failpoint", cut)

    async def work(commit: GroupCommit) -> None:
        await asyncio.gather(*(commit.append([make_message(source, f"cut-{n}")]) for n in range(100)))

    with_group_commit(dsn, work)
    assert count(dsn, source, "cut-") == 100
    assert {name for name, _ in passages} == {"inbox.before_commit", "inbox.after_commit"}


def test_killed_backends_are_survived(inbox_db: TestDatabase, source: int) -> None:
    dsn = inbox_db.dsn("app")

    def kill_backends() -> None:
        with connected(dsn) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'kehu collector' AND datname = current_database()"
            )

    async def work(commit: GroupCommit) -> None:
        for turn in range(10):
            await asyncio.gather(*(commit.append([make_message(source, f"killed-{turn}-{n}")]) for n in range(20)))
            await asyncio.to_thread(kill_backends)

    with_group_commit(dsn, work)
    assert count(dsn, source, "killed-") == 200


def test_what_cannot_be_stored_does_not_take_its_neighbors_along(inbox_db: TestDatabase, source: int) -> None:
    async def work(commit: GroupCommit) -> list[BaseException | None]:
        poison = make_message(source, "poison-1", kind="a\0b", shard_key="same")
        good = [make_message(source, f"neighbor-{n}", shard_key="same") for n in range(20)]
        return await asyncio.gather(
            *(commit.append([message]) for message in [*good[:10], poison, *good[10:]]), return_exceptions=True
        )

    outcomes = with_group_commit(inbox_db.dsn("app"), work)
    assert [isinstance(outcome, psycopg.Error) for outcome in outcomes if outcome is not None] == [True]
    assert count(inbox_db.dsn("app"), source, "neighbor-") == 20


def test_a_database_that_is_away_makes_callers_come_back(source: int) -> None:
    async def work(commit: GroupCommit) -> None:
        with pytest.raises(Busy) as busy:
            await commit.append([make_message(source, "away")])
        assert busy.value.retry_after_seconds > 0

    with_group_commit("postgresql://nobody@127.0.0.1:1/none", work, patience_seconds=0.5)


def test_more_than_may_wait_is_refused_before_memory_grows(inbox_db: TestDatabase, source: int) -> None:
    """Somebody else holds the locks of all shards, so that nothing can be written."""
    dsn = inbox_db.dsn("app")

    async def work(commit: GroupCommit) -> int:
        with connected(dsn) as blocker:
            with blocker.transaction():
                for shard in range(inbox.SHARDS):
                    inbox.lock_shard(blocker, shard)
                waiting = [
                    asyncio.ensure_future(commit.append([make_message(source, f"full-{n}")])) for n in range(100)
                ]
                await asyncio.sleep(0.2)
                refused = 0
                for n in range(20):
                    try:
                        await commit.append([make_message(source, f"late-{n}")])
                    except Busy:
                        refused += 1
            await asyncio.gather(*waiting)
        await commit.append([make_message(source, "full-again")])
        return refused

    assert with_group_commit(dsn, work, max_waiting_messages=100) == 20
    assert count(dsn, source, "full-") == 101
    assert count(dsn, source, "late-") == 0


class FullDisk(DiskWatch):
    def is_full(self) -> bool:
        return True


@pytest.mark.parametrize("trouble", ["full disk", "lost database"])
def test_what_cannot_be_taken_now_is_answered_with_503(inbox_db: TestDatabase, trouble: str) -> None:
    options = {"disk": FullDisk(Path("/nowhere"))} if trouble == "full disk" else {}
    collector = Collector(inbox_db.dsn("app"), **options)
    if trouble == "lost database":
        collector.door._database_url = "postgresql://nobody@127.0.0.1:1/none"
    response = collector.post("/v1/track", json={"userId": "u", "event": "e", "writeKey": "wk_web"})
    collector.close()
    assert (response.status_code, response.json()["code"]) == (503, "busy")
    assert int(response.headers["retry-after"]) > 0
    assert response.headers["access-control-allow-origin"] == "*"


@pytest.mark.parametrize(
    ("total", "refuse", "warn"),
    [(256 * 2**20, 21_474_836, 40_265_318), (2**40, 2 * 2**30, 10 * 2**30)],
    ids=["256 MB", "1 TB"],
)
def test_the_watermarks_leave_room_on_small_disks_and_waste_none_on_large_ones(
    total: int, refuse: int, warn: int
) -> None:
    assert (refuses_at(total), warns_at(total)) == (refuse, warn)


def test_the_disk_is_looked_at_once_a_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now, free = [0.0], [10]
    usage = type("Usage", (), {"total": 1000, "free": property(lambda self: free[0])})()
    monkeypatch.setattr("shutil.disk_usage", lambda folder: usage)
    watch = DiskWatch(tmp_path, clock=lambda: now[0])
    assert watch.is_full()
    free[0], now[0] = 900, 0.5
    assert watch.is_full()
    now[0] = 1.5
    assert not watch.is_full()
