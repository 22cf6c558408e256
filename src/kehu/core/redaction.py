"""The connection of the one role that may blank what is otherwise append-only: messages and audit entries."""

from collections.abc import Iterator
from contextlib import contextmanager

from kehu.config import config
from kehu.core.database import Connection, open_connection


def address() -> str:
    return config.redact_database_url


@contextmanager
def redacting() -> Iterator[Connection]:
    """A connection of its own, in autocommit: what it blanks stays blank whatever becomes of the caller's work."""
    with open_connection(address()) as connection:
        yield connection
