"""What must hold of a PostgreSQL server before Kehu trusts it with a customer's word."""

import logging
from collections.abc import Mapping

from kehu.operate.errors import NotDurable, WrongDatabaseVersion
from kehu.operate.postgres.roles import Connection

logger = logging.getLogger(__name__)

OLDEST_VERSION = 15
REQUIRED: Mapping[str, frozenset[str]] = {
    "fsync": frozenset({"on"}),
    "full_page_writes": frozenset({"on"}),
    "synchronous_commit": frozenset({"on", "local", "remote_write", "remote_apply"}),
    "data_checksums": frozenset({"on"}),
}


def durability_problems(connection: Connection) -> tuple[str, ...]:
    """Each setting that lets an acknowledged commit be lost or damaged: `fsync is off, must be on`."""
    rows = connection.execute("SELECT name, setting FROM pg_settings WHERE name = ANY(%s)", [list(REQUIRED)]).fetchall()
    found = {str(name): str(value) for name, value in rows}
    return tuple(
        f"{name} is {found.get(name, 'unknown')}, must be on"
        for name, allowed in REQUIRED.items()
        if found.get(name) not in allowed
    )


def assert_durable(connection: Connection) -> None:
    """Raise NotDurable or WrongDatabaseVersion unless this session's server keeps what it acknowledges."""
    version = connection.info.server_version
    if version < OLDEST_VERSION * 10_000:
        raise WrongDatabaseVersion("The server", f"{version // 10_000}", f"{OLDEST_VERSION} or newer")
    problems = durability_problems(connection)
    if problems:
        raise NotDurable(problems)
