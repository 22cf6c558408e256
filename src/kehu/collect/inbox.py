"""The inbox: an append-only, durable log of raw messages in shards, whose sequence order is commit order.

A sequence number is given before its transaction commits, so a reader that has passed N could miss an N−1
that commits later. Every writer therefore takes the shard's advisory lock, draws its numbers under it and
keeps it until commit: what a reader sees of a shard never gets a row in front of something already seen.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from hashlib import blake2b
from zlib import crc32

import msgspec
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from kehu.collect import inbox_rows
from kehu.core import traffic
from kehu.core.database import AdvisoryLock, Connection, lock_in_transaction

SHARDS = 4  # as many as there are sequences and offsets, see the migration that makes the inbox
MAX_MESSAGE_ID = 200


class NewMessage(msgspec.Struct):
    """A raw message on its way in.

    shard_key: whose message it is (one customer's messages keep their order). supersedes: (shard, seq) of
    the message it stands for; it goes to the same shard. received_at: when it first came in, if that was
    earlier than now (a replay, an old log): the source's clock is corrected by it.
    """

    source_id: int
    kind: str
    message_id: str
    payload: bytes
    shard_key: str
    sent_at: datetime | None = None
    client_ip: str | None = None
    import_id: int | None = None
    supersedes: tuple[int, int] | None = None
    is_inline: bool = False
    received_at: datetime | None = None


class Appended(msgspec.Struct):
    """Where a message went. seq None: it was there already and has been dropped."""

    shard: int
    seq: int | None
    received_at: datetime


class Message(msgspec.Struct):
    """A message as it lies in the inbox.

    received_at: when it first came in; supersedes: a seq of the same shard.
    """

    shard: int
    seq: int
    source_id: int
    kind: str
    message_id: str
    received_at: datetime
    sent_at: datetime | None
    client_ip: str | None
    payload: bytes
    supersedes: int | None = None
    is_inline: bool = False
    import_id: int | None = None


class NotInTransaction(Exception):
    """append() was called where each statement commits by itself: the lock would be gone at once."""


def shard_of(source_id: int, shard_key: str) -> int:
    return crc32(f"{source_id}\x1f{shard_key}".encode()) % SHARDS


def message_hash(message_id: str) -> str:
    """128 bits of the message id as the hex of a uuid: what the dedupe table keeps."""
    return blake2b(message_id.encode(), digest_size=16).hexdigest()


def append(connection: Connection, messages: Sequence[NewMessage]) -> list[Appended]:
    """Append what is new, in the caller's transaction; one answer per message, in the order given.

    A (source, message id) that came before, in this call or years ago, is dropped, so sending again is
    harmless, also after a commit whose outcome is unknown. The caller commits soon: the shards are locked.
    Raises NotInTransaction on a connection in autocommit with no transaction open.
    """
    if connection.autocommit and connection.info.transaction_status == TransactionStatus.IDLE:
        raise NotInTransaction("Open a transaction (connection.transaction() or atomic()) around append().")
    if not messages:
        return []
    shards = [
        message.supersedes[0] if message.supersedes else shard_of(message.source_id, message.shard_key)
        for message in messages
    ]
    # In shard order, so that writers of several shards queue up instead of deadlocking.
    for shard in sorted(set(shards)):
        lock_shard(connection, shard)
    is_new = _admit(connection, messages)
    wanted: dict[int, int] = {}
    for shard, new in zip(shards, is_new, strict=True):
        if new:
            wanted[shard] = wanted.get(shard, 0) + 1
    received_at, numbers = _draw(connection, wanted)
    appended = [
        Appended(shard, next(numbers[shard]) if new else None, received_at)
        for shard, new in zip(shards, is_new, strict=True)
    ]
    _copy(connection, messages, appended, received_at)
    traffic.record_arrivals(
        connection,
        ((m.source_id, place.shard, place.seq is not None) for m, place in zip(messages, appended, strict=True)),
    )
    return appended


def lock_shard(connection: Connection, shard: int) -> None:
    lock_in_transaction(connection, AdvisoryLock.SHARD, shard)


def _cursor(connection: Connection) -> psycopg.Cursor[tuple[object, ...]]:
    """psycopg's own cursor even on Django's connection: parameters bound by the server, results in binary."""
    return psycopg.Cursor(connection, row_factory=tuple_row)


def _admit(connection: Connection, messages: Sequence[NewMessage]) -> list[bool]:
    """Enter the message ids into the dedupe table; True where the message is the first of its id."""
    keys = [(message.source_id, message_hash(message.message_id)) for message in messages]
    # Sorted, so that two writers with the same ids wait for one another instead of deadlocking.
    distinct = sorted(set(keys))
    with _cursor(connection) as cursor:
        row = cursor.execute(
            """WITH fresh AS (
                   INSERT INTO collect_dedupe (source_id, message_hash)
                   SELECT * FROM unnest(%s::integer[], %s::uuid[])
                   ON CONFLICT DO NOTHING RETURNING source_id, message_hash)
               SELECT count(*),
                      CASE WHEN count(*) < %s
                           THEN array_agg(source_id || ':' || replace(message_hash::text, '-', '')) END
               FROM fresh""",
            (
                "{" + ",".join(str(source_id) for source_id, _ in distinct) + "}",
                "{" + ",".join(digest for _, digest in distinct) + "}",
                len(distinct),
            ),
        ).fetchone()
    assert row is not None
    count, names = row
    if count == len(messages):
        return [True] * len(messages)
    unclaimed = set(distinct) if count == len(distinct) else {_key(name) for name in names or ()}  # type: ignore[attr-defined]
    is_new = []
    for key in keys:
        is_new.append(key in unclaimed)
        unclaimed.discard(key)
    return is_new


def _key(name: str) -> tuple[int, str]:
    source_id, _, digest = name.partition(":")
    return int(source_id), digest


def _draw(connection: Connection, wanted: dict[int, int]) -> tuple[datetime, dict[int, Iterator[int]]]:
    """The database's clock, and as many sequence numbers of each shard as wanted; the shards are locked."""
    numbers: dict[int, Iterator[int]] = {}
    with _cursor(connection) as cursor:
        for shard, count in wanted.items():
            row = cursor.execute(
                f"SELECT array_agg(seq) FROM (SELECT nextval('collect_inbox_seq_{int(shard)}') AS seq "  # noqa: S608
                "FROM generate_series(1, %s)) AS drawn",
                (count,),
            ).fetchone()
            assert row is not None
            numbers[shard] = iter(row[0])  # type: ignore[call-overload]
        now = cursor.execute("SELECT clock_timestamp()").fetchone()
    assert now is not None
    return now[0], numbers  # type: ignore[return-value]


def _copy(
    connection: Connection, messages: Sequence[NewMessage], appended: list[Appended], received_at: datetime
) -> None:
    clock = inbox_rows.microseconds(received_at)
    rows = [inbox_rows.HEADER]
    for message, place in zip(messages, appended, strict=True):
        if place.seq is None:
            continue
        rows.append(
            inbox_rows.inbox_row(
                shard=place.shard,
                seq=place.seq,
                source_id=message.source_id,
                kind=message.kind,
                message_id=message.message_id,
                received_at=clock,
                sent_at=message.sent_at,
                client_ip=message.client_ip,
                import_id=message.import_id,
                supersedes=message.supersedes[1] if message.supersedes else None,
                is_inline=message.is_inline,
                first_received_at=message.received_at,
                payload=message.payload,
            )
        )
    if len(rows) == 1:
        return
    rows.append(inbox_rows.TRAILER)
    with (
        _cursor(connection) as cursor,
        cursor.copy(f"COPY collect_inbox ({inbox_rows.COLUMNS}) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(b"".join(rows))


_MESSAGE = (
    "shard, seq, source_id, kind, message_id, coalesce(first_received_at, received_at), sent_at, client_ip, "
    "payload, supersedes, is_inline, import_id"
)


def read_window(
    connection: Connection, shard: int, after_seq: int, limit: int, *, without_superseded: bool = False
) -> list[Message]:
    """The next messages of a shard in order; a redacted one has an empty payload.

    without_superseded (rebuild): leave out what was edited and replayed.
    """
    unless = (
        "AND NOT EXISTS (SELECT FROM collect_inbox AS later "
        "WHERE later.shard = inbox.shard AND later.supersedes = inbox.seq)"
    )
    return _read(
        connection,
        f"SELECT {_MESSAGE} FROM collect_inbox AS inbox WHERE shard = %s AND seq > %s "  # noqa: S608
        f"{unless if without_superseded else ''} ORDER BY seq LIMIT %s",
        (shard, after_seq, limit),
    )


def read_message(connection: Connection, shard: int, seq: int) -> Message | None:
    found = _read(
        connection,
        f"SELECT {_MESSAGE} FROM collect_inbox WHERE shard = %s AND seq = %s",  # noqa: S608
        (shard, seq),
    )
    return found[0] if found else None


def _read(connection: Connection, query: str, parameters: tuple[int, ...]) -> list[Message]:
    with _cursor(connection) as cursor:
        cursor.execute(query, parameters, binary=True)
        return [Message(*row) for row in cursor]  # type: ignore[arg-type]


def last_seq(connection: Connection, shard: int) -> int:
    """The newest committed sequence number of a shard, 0 when it is empty."""
    with _cursor(connection) as cursor:
        row = cursor.execute("SELECT coalesce(max(seq), 0) FROM collect_inbox WHERE shard = %s", (shard,)).fetchone()
    assert row is not None
    return int(row[0])  # type: ignore[call-overload,no-any-return]


def bury(connection: Connection, message: Message, reason: str, detail: str) -> None:
    """Lay a message among the dead letters. Burying it again (a replay of its window) changes nothing."""
    connection.execute(
        """INSERT INTO collect_deadletter (source_id, shard, seq, reason, detail, state, received_at)
           VALUES (%s, %s, %s, %s, %s, 'open', %s) ON CONFLICT (shard, seq) DO NOTHING""",
        (message.source_id, message.shard, message.seq, reason[:60], detail[:2000], message.received_at),
    )


def edit_and_replay(connection: Connection, shard: int, seq: int, payload: bytes | None = None) -> Appended | None:
    """Append the dead letter (shard, seq) anew, edited unless payload is None, superseding the original.

    Returns None when it is no open dead letter (somebody else was quicker). Its clock stays the original's.
    """
    buried = connection.execute(
        "SELECT id FROM collect_deadletter WHERE shard = %s AND seq = %s AND state = 'open' FOR UPDATE",
        (shard, seq),
    ).fetchone()
    original = read_message(connection, shard, seq)
    if buried is None or original is None:
        return None
    [appended] = append(
        connection,
        [
            NewMessage(
                source_id=original.source_id,
                kind=original.kind,
                message_id=f"{original.message_id[: MAX_MESSAGE_ID - 24]}~{shard}.{seq}",
                payload=original.payload if payload is None else payload,
                shard_key="",
                sent_at=original.sent_at,
                client_ip=original.client_ip,
                import_id=original.import_id,
                supersedes=(shard, seq),
                received_at=original.received_at,
            )
        ],
    )
    connection.execute(
        "UPDATE collect_deadletter SET state = 'replayed', superseded_by = %s WHERE id = %s",
        (appended.seq, buried[0]),
    )
    return appended


def replay_reason(connection: Connection, reason: str, limit: int = 1000) -> int:
    """Replay, unedited, the oldest open dead letters of one reason; call again until it says 0."""
    places = connection.execute(
        """SELECT shard, seq FROM collect_deadletter WHERE state = 'open' AND reason = %s
           ORDER BY shard, seq LIMIT %s FOR UPDATE SKIP LOCKED""",
        (reason, limit),
    ).fetchall()
    return sum(edit_and_replay(connection, shard, seq) is not None for shard, seq in places)


def make_room(connection: Connection, months_ahead: int = 2) -> int:
    """Make the inbox's partitions of the coming months; how many were missing. Run it at least once a month."""
    row = connection.execute("SELECT collect_ensure_inbox_partitions(%s)", (months_ahead,)).fetchone()
    assert row is not None
    return int(row[0])


def redact(connection: Connection, places: Sequence[tuple[int, int]]) -> int:
    """Blank payloads for good (erasure); how many. Only the role kehu_redact may: give its connection."""
    with connection.cursor() as cursor:
        cursor.executemany(
            """UPDATE collect_inbox SET payload = '', client_ip = NULL, redacted_at = now()
               WHERE shard = %s AND seq = %s AND redacted_at IS NULL""",
            list(places),
        )
        return cursor.rowcount
