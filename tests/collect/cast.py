"""The small cast of the collect tests: a source, a message, a connection whose commits are real."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from kehu.collect.inbox import NewMessage


def make_source(connection: psycopg.Connection[Any], slug: str = "web", **fields: Any) -> int:
    """A source by plain SQL, so that tests of the inbox need nothing above it. Returns its id."""
    values: dict[str, Any] = {
        "slug": slug,
        "name": slug,
        "kind": "segment",
        "write_key": f"wk_{slug}",
        "trust_rank": 50,
        "is_trusted": False,
        "is_enabled": True,
        "time_zone": "Asia/Shanghai",
        "order_namespace": "",
        "unique_types": "[]",
        "mapping": "{}",
        **fields,
    }
    columns, marks = ", ".join(values), ", ".join(["%s"] * len(values))
    row = connection.execute(
        f"INSERT INTO collect_source ({columns}) VALUES ({marks}) RETURNING id", list(values.values())
    ).fetchone()
    assert row is not None
    return int(row[0])


def make_message(source_id: int, message_id: str, **fields: Any) -> NewMessage:
    return NewMessage(
        **{
            "source_id": source_id,
            "kind": "segment",
            "message_id": message_id,
            "payload": b'{"type":"track"}',
            "shard_key": message_id,
            **fields,
        }
    )


@contextmanager
def connected(dsn: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection
