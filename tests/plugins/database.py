"""Databases for tests.

db               Django's connection in a transaction that is rolled back: the usual choice.
kehu_db          a database of its own for this test, for real commits, other processes, several connections;
the value
                 has .dsn(role) and .environment(). Django's connection points at it as well.
transactional_db the same as kehu_db (pytest-django's would TRUNCATE, which the application's role may not).

One server per run, started by the first test that asks, whatever the number of xdist workers.
"""

import os
import secrets
import threading
from collections.abc import Iterator
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

import pytest

from tests.plugins.test_server import RunningServer, TestDatabase, TestServer

ASK_FOR_DATABASE = {"db", "kehu_db", "transactional_db", "live_server"}
# Pages, their wording and masks, and what a fuzzer sends: made in Python of rows that other tests read on both
# servers. The access table stays with both, so that every page and operation sends its queries to either.
ONE_SERVER = frozenset(
    {
        "tests/api/test_openapi.py",
        "tests/consent/test_public_pages.py",
        "tests/feed/test_pages.py",
        "tests/govern/test_canary.py",
        "tests/imports/test_wizard_pages.py",
        "tests/lists/test_list_pages.py",
        "tests/privacy/test_pages.py",
        "tests/teamwork/test_pages.py",
        "tests/web/test_customer_conflict.py",
        "tests/web/test_customer_page.py",
        "tests/web/test_profile_pages.py",
        "tests/web/test_relations_pages.py",
        "tests/web/test_rules_pages.py",
    }
)
running = pytest.StashKey[RunningServer]()
door = pytest.StashKey["Door"]()


class Door:
    """Lets xdist's workers ask the controller for the server; its thread lives as long as the run."""

    def __init__(self, server: RunningServer) -> None:
        self._server = server
        self.key = secrets.token_bytes(16)
        self._listener = Listener(("127.0.0.1", 0), authkey=self.key)
        self.port: int = self._listener.address[1]
        threading.Thread(target=self._answer, daemon=True, name="database door").start()

    def _answer(self) -> None:
        while True:
            try:
                caller: Connection = self._listener.accept()
            except Exception:
                continue
            with caller:
                try:
                    caller.send(self._server.server())
                except Exception as error:
                    caller.send(str(error))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "one_server: shows nothing that another PostgreSQL could change")
    if not hasattr(config, "workerinput"):
        config.stash[running] = RunningServer(os.environ.get("KEHU_TESTS_DATABASE_URL"))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    stash = node.config.stash
    if door not in stash:
        stash[door] = Door(stash[running])
    node.workerinput["database_door"] = (stash[door].port, stash[door].key.hex())


def pytest_unconfigure(config: pytest.Config) -> None:
    if running in config.stash:
        config.stash[running].stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        asks = ASK_FOR_DATABASE & set(getattr(item, "fixturenames", ()))
        if asks or item.get_closest_marker("django_db"):
            item.add_marker("database")
        if item.path.relative_to(item.config.rootpath).as_posix() in ONE_SERVER:
            item.add_marker("one_server")


@pytest.fixture(scope="session")
def database_server(request: pytest.FixtureRequest) -> TestServer:
    """The run's server; starts it."""
    if running in request.config.stash:
        return request.config.stash[running].server()
    port, key = request.config.workerinput["database_door"]  # type: ignore[attr-defined]
    with Client(("127.0.0.1", port), authkey=bytes.fromhex(key)) as controller:
        answer = controller.recv()
    if isinstance(answer, str):
        pytest.fail(answer, pytrace=False)
    return answer


@pytest.fixture(scope="session")
def django_db_setup(database_server: TestServer, django_db_blocker: Any, worker_label: str) -> Iterator[None]:
    """In place of pytest-django's: this worker's clone of the migrated template."""
    database = database_server.clone(worker_label)
    with django_db_blocker.unblock():
        _point_django_at(database)
    yield
    with django_db_blocker.unblock():
        _close_connections()
    database_server.drop(database.name)


@pytest.fixture(scope="session")
def worker_label(request: pytest.FixtureRequest) -> str:
    return getattr(request.config, "workerinput", {}).get("workerid", "main")


@pytest.fixture
def kehu_db(
    database_server: TestServer, django_db_setup: None, django_db_blocker: Any, worker_label: str
) -> Iterator[TestDatabase]:
    """A database of this test's own; commits are real. Not together with `db`."""
    from django.db import connections

    before = dict(connections["default"].settings_dict)
    database = database_server.clone(worker_label)
    with django_db_blocker.unblock():
        _close_connections()
        _point_django_at(database)
        try:
            yield database
        finally:
            _close_connections()
            connections["default"].settings_dict.update(before)
    database_server.drop(database.name)


@pytest.fixture
def transactional_db(kehu_db: TestDatabase) -> TestDatabase:
    return kehu_db


def _point_django_at(database: TestDatabase) -> None:
    from django.db import connections

    from kehu.settings import database as settings_of

    connections["default"].settings_dict.update(settings_of(database.dsn("app")))


def _close_connections() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
