"""Taking messages back: each gets a message of its own that supersedes it. The log itself never changes."""

from collections.abc import Sequence
from typing import Any

import psycopg
from psycopg.rows import tuple_row

from kehu.collect import inbox
from kehu.collect.inbox import Message, NewMessage, message_hash
from kehu.core.database import Connection

RETRACTION = "retraction"  # the kind of such a message

_OF_IMPORT = """
SELECT shard, seq, source_id, message_id FROM collect_inbox AS inbox
WHERE import_id = %s AND kind <> 'retraction' AND NOT EXISTS (
    SELECT FROM collect_inbox AS later
    WHERE later.shard = inbox.shard AND later.supersedes = inbox.seq AND later.kind = 'retraction')
ORDER BY shard, seq LIMIT %s
"""
_FORGET_IDS = """
DELETE FROM collect_dedupe AS known USING unnest(%s::integer[], %s::uuid[]) AS gone (source_id, message_hash)
WHERE known.source_id = gone.source_id AND known.message_hash = gone.message_hash
"""
_MESSAGES = """
SELECT shard, seq, source_id, kind, message_id, coalesce(first_received_at, received_at), sent_at, client_ip, payload,
       supersedes, is_inline, import_id
FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (shard, seq) JOIN collect_inbox USING (shard, seq)
"""


def retract_next(connection: Connection, import_id: int, limit: int) -> int:
    """Take back the next messages of an import, in the caller's transaction; how many. 0: none is left.

    Their ids are forgotten with them: the same rows may be imported again afterwards.
    """
    with _cursor(connection) as cursor:
        found = cursor.execute(_OF_IMPORT, (import_id, limit)).fetchall()
        inbox.append(
            connection,
            [
                NewMessage(
                    source_id=source_id,
                    kind=RETRACTION,
                    message_id=f"retraction:{shard}.{seq}",
                    payload=b"{}",
                    shard_key="",
                    import_id=import_id,
                    supersedes=(shard, seq),
                )
                for shard, seq, source_id, _ in found
            ],
        )
        sources, hashes = [row[2] for row in found], [message_hash(row[3]) for row in found]
        cursor.execute(_FORGET_IDS, (sources, hashes))
    return len(found)


def messages_to_retract(connection: Connection, import_id: int) -> int:
    """How many messages of the import are in the inbox and not taken back."""
    with _cursor(connection) as cursor:
        row = cursor.execute(
            "SELECT count(*) FILTER (WHERE kind <> 'retraction') - count(*) FILTER (WHERE kind = 'retraction') "
            "FROM collect_inbox WHERE import_id = %s",
            (import_id,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def waiting_of_import(connection: Connection, import_id: int) -> int:
    """Messages of the import, its retractions included, that the leader has yet to work in."""
    with _cursor(connection) as cursor:
        row = cursor.execute(
            "SELECT count(*) FROM collect_inbox AS inbox JOIN collect_shardoffset AS done USING (shard) "
            "WHERE import_id = %s AND inbox.seq > done.seq",
            (import_id,),
        ).fetchone()
    assert row is not None
    return int(row[0])


def read_messages(connection: Connection, places: Sequence[tuple[int, int]]) -> list[Message]:
    """The messages at (shard, seq), in no particular order; a redacted one has an empty payload."""
    if not places:
        return []
    with _cursor(connection) as cursor:
        wanted = ([shard for shard, _ in places], [seq for _, seq in places])
        return [Message(*row) for row in cursor.execute(_MESSAGES, wanted, binary=True)]


def _cursor(connection: Connection) -> psycopg.Cursor[tuple[Any, ...]]:
    """psycopg's own cursor even on Django's connection: parameters bound by the server, results in binary."""
    return psycopg.Cursor(connection, row_factory=tuple_row)
