from collections.abc import Callable, Iterator

import psycopg
import pytest

from kehu.core.database import Connection, open_connection, set_statements
from kehu.core.write_behind import LaggingConnection, write, writing_behind
from tests.plugins.test_server import TestDatabase

pytestmark = pytest.mark.database

INSERT = "INSERT INTO behind (n) SELECT * FROM unnest(%s::int[])"


@pytest.fixture
def connection(kehu_db: TestDatabase) -> Iterator[Connection]:
    with open_connection(kehu_db.dsn("app")) as connection, set_statements(connection):
        connection.execute("CREATE TEMPORARY TABLE behind (n int PRIMARY KEY)")
        yield connection


def numbers(connection: Connection) -> list[int]:
    return [n for (n,) in connection.execute("SELECT n FROM behind ORDER BY n").fetchall()]


def test_a_read_sees_every_write_before_it(connection: Connection) -> None:
    with connection.transaction(), writing_behind(connection):
        for start in range(0, 1000, 100):
            write(connection, INSERT, (list(range(start, start + 100)),))
            assert len(numbers(connection)) == start + 100
        write(connection, "DELETE FROM behind WHERE n >= %s", (5,))
    assert numbers(connection) == [0, 1, 2, 3, 4]


def in_a_transaction(connection: Connection, work: Callable[[], object]) -> None:
    with connection.transaction(), writing_behind(connection):
        work()


def insert(connection: Connection, *values: int) -> None:
    for value in values:
        write(connection, INSERT, ([value],))


def test_a_write_that_fails_takes_the_transaction_with_it(connection: Connection) -> None:
    with pytest.raises(psycopg.errors.UniqueViolation):
        in_a_transaction(connection, lambda: insert(connection, 1, 1, 2))
    assert numbers(connection) == []
    assert isinstance(connection, LaggingConnection)
    write(connection, INSERT, ([3],))
    assert numbers(connection) == [3]


def test_the_first_failure_is_told_by_the_next_read(connection: Connection) -> None:
    told: list[str] = []

    def insert_and_read() -> None:
        insert(connection, 1, 1)
        try:
            numbers(connection)
        except psycopg.errors.UniqueViolation:
            told.append("by the read")
            raise

    with pytest.raises(psycopg.errors.UniqueViolation):
        in_a_transaction(connection, insert_and_read)
    assert told == ["by the read"]


def test_an_error_of_the_caller_is_not_hidden_by_the_writes(connection: Connection) -> None:
    with pytest.raises(ZeroDivisionError):
        in_a_transaction(connection, lambda: (insert(connection, 1), 1 // 0))
    assert numbers(connection) == []


def test_any_other_connection_writes_at_once(kehu_db: TestDatabase) -> None:
    with psycopg.connect(kehu_db.dsn("app")) as plain, writing_behind(plain):
        plain.execute("CREATE TEMPORARY TABLE behind (n int PRIMARY KEY)")
        write(plain, "INSERT INTO behind VALUES (%s)", (1,))
        assert plain.execute("SELECT count(*) FROM behind").fetchone() == (1,)
