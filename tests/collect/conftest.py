"""A database per module with real commits, and the collector in-process on an event loop of its own."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from kehu.collect import inbox
from kehu.collect.disk_space import DiskWatch
from kehu.collect.door import Door
from tests.collect.cast import connected, make_source
from tests.plugins.test_server import TestDatabase, TestServer


@pytest.fixture(scope="module")
def inbox_db(database_server: TestServer) -> Iterator[TestDatabase]:
    database = database_server.clone("inbox")
    yield database
    database_server.drop(database.name)


class Collector:
    """The door, called as a server would call it, and a look at what it stored."""

    def __init__(self, dsn: str, **options: Any) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.door = Door(dsn, **{"disk": DiskWatch(Path("/nowhere")), **options})
        self.connection = psycopg.connect(dsn, autocommit=True)
        self._seen = {shard: inbox.last_seq(self.connection, shard) for shard in range(inbox.SHARDS)}

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.door, client=("203.0.113.9", 4711))
            async with httpx.AsyncClient(transport=transport, base_url="http://collector.example") as client:
                return await client.request(method, path, **options)

        response: httpx.Response = self.run(send())
        return response

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def new_messages(self) -> list[inbox.Message]:
        """What was stored since the last call, by sequence number."""
        found = []
        for shard, seen in self._seen.items():
            window = inbox.read_window(self.connection, shard, seen, 100_000)
            self._seen[shard] = window[-1].seq if window else seen
            found += window
        return found

    def close(self) -> None:
        if self.door._commit is not None:
            self.run(self.door._commit.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self.connection.close()


@pytest.fixture(scope="module")
def module_collector(inbox_db: TestDatabase) -> Iterator[Collector]:
    with connected(inbox_db.dsn("app")) as connection:
        make_source(connection, "web", kind="web")
        make_source(connection, "server", kind="server", is_trusted=True)
        make_source(connection, "off", is_enabled=False)
    collector = Collector(inbox_db.dsn("app"))
    yield collector
    collector.close()


@pytest.fixture
def collector(module_collector: Collector) -> Collector:
    module_collector.new_messages()  # what earlier tests stored is none of this one's business
    return module_collector
