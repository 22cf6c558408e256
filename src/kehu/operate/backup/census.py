"""What a database holds, table by table: rows and a checksum over their text, and where the sequences stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

# The text of a value depends on these.
_SETTINGS = """SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO'; SET LOCAL intervalstyle = 'postgres';
SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'"""
# Each row's text is hashed and the hashes are summed up: the order of rows does not matter, every column does.
_COUNT = sql.SQL("SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text FROM {} AS t")


@dataclass(frozen=True, slots=True)
class Census:
    """tables: name → (rows, checksum). sequences: name → next value."""

    tables: Mapping[str, tuple[int, str]]
    sequences: Mapping[str, int]

    @property
    def rows(self) -> int:
        return sum(count for count, _ in self.tables.values())

    def as_json(self) -> dict[str, Any]:
        return {"tables": {name: list(held) for name, held in self.tables.items()}, "sequences": dict(self.sequences)}

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> "Census":
        return cls({name: (int(n), str(c)) for name, (n, c) in said["tables"].items()}, dict(said["sequences"]))


def take_census(connection: "psycopg.Connection[Any]") -> Census:
    """In the caller's transaction, whose snapshot it describes."""
    connection.execute(_SETTINGS)
    tables = connection.execute(
        """SELECT n.nspname, c.relname FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
           WHERE c.relkind = 'r' AND n.nspname IN ('public', 'live') ORDER BY 1, 2"""
    ).fetchall()
    held: dict[str, tuple[int, str]] = {}
    for schema, name in tables:
        row = connection.execute(_COUNT.format(sql.Identifier(schema, name))).fetchone()
        assert row is not None
        held[f"{schema}.{name}"] = (row[0], row[1])
    sequences = connection.execute(
        "SELECT schemaname || '.' || sequencename, coalesce(last_value, 0) FROM pg_sequences "
        "WHERE schemaname IN ('public', 'live') ORDER BY 1"
    ).fetchall()
    return Census(held, dict(sequences))


def differences(wanted: Census, found: Census) -> list[str]:
    """What is not as it was, in words; empty when both hold the same."""
    said = []
    for name in sorted(wanted.tables.keys() | found.tables.keys()):
        was, is_now = wanted.tables.get(name), found.tables.get(name)
        if was is None or is_now is None:
            said.append(f"{name} is {'missing' if is_now is None else 'new'}")
        elif was[0] != is_now[0]:
            said.append(f"{name} has {is_now[0]} rows instead of {was[0]}")
        elif was[1] != is_now[1]:
            said.append(f"{name} has the same number of rows with other content")
    for name in sorted(wanted.sequences.keys() | found.sequences.keys()):
        if wanted.sequences.get(name) != found.sequences.get(name):
            said.append(f"{name} stands at {found.sequences.get(name)} instead of {wanted.sequences.get(name)}")
    return said
