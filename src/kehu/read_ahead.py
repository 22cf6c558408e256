"""Cleaning beside the leader: while the server settles one window, the next one's messages are read."""

import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC
from typing import Self

from kehu.clean.messages import touches_of
from kehu.clean.source_view import SourceView
from kehu.clean.touches import Rejected, Touch
from kehu.clean.values import CleanContext
from kehu.collect import inbox
from kehu.collect.inbox import SHARDS, Message
from kehu.config import config
from kehu.core.database import Connection

logger = logging.getLogger(__name__)

Place = tuple[int, int]  # shard, seq
Cleaned = dict[Place, tuple[bytes, list[Touch]]]


class ReadAhead:
    """What clean makes of messages whose turn is yet to come. Only what reads well is kept: whatever is refused, or
    fails, is met again in its own window, where it goes on record.

    A message that kills its reader must be found out by the attempts of its own window, so after a crash nothing is
    read ahead until the windows that were under way are through.
    """

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="read-ahead")
        self._coming: Future[Cleaned] | None = None
        self._next: tuple[Sequence[Message], Mapping[int, SourceView]] | None = None
        self._cleaned: Cleaned = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.shutdown(cancel_futures=True)

    def look(
        self, connection: Connection, shard: int, after: int, limit: int, sources: Mapping[int, SourceView]
    ) -> None:
        """Find the window that comes after the one that ends at (shard, after)."""
        offsets = dict(connection.execute("SELECT shard, seq FROM collect_shardoffset").fetchall()) | {shard: after}
        failed = connection.execute(
            "SELECT FROM collect_shardoffset WHERE window_attempts > 1 OR (window_attempts = 1 AND shard <> %s)",
            (shard,),
        ).fetchone()
        if failed is not None:
            return
        for step in range(1, SHARDS + 1):
            following = (shard + step) % SHARDS
            messages = inbox.read_window(connection, following, offsets[following], limit)
            if messages:
                self._next = messages, sources
                return

    def begin(self) -> None:
        """Read what was found. Called once this window is read: two threads never fill the tables of clean at once."""
        if self._next is not None:
            self._coming, self._next = self._thread.submit(_clean, *self._next), None

    def arrive(self) -> None:
        """Wait for what was begun: its window's turn has come. What failed is as if nothing had been begun."""
        coming, self._coming, self._next = self._coming, None, None
        self._cleaned = {}
        if coming is not None and (error := coming.exception()):
            logger.warning("reading ahead failed, the window is read in its turn", exc_info=error)
        elif coming is not None:
            self._cleaned = coming.result()

    def touches_of(self, message: Message) -> list[Touch] | None:
        """The touches of a message that was read ahead, unless it changed since. Gives them away once."""
        payload, touches = self._cleaned.pop((message.shard, message.seq), (None, None))
        return touches if payload == message.payload else None


def context_of(message: Message) -> CleanContext:
    """Ages and future dates are judged by the day a message came in, so that a replay judges alike."""
    return CleanContext(message.received_at.astimezone(UTC).date(), config.blind_index_key)


def _clean(messages: Sequence[Message], sources: Mapping[int, SourceView]) -> Cleaned:
    found: Cleaned = {}
    for message in messages:
        source = sources.get(message.source_id)
        if message.is_inline or not message.payload or source is None:
            continue
        try:
            found[message.shard, message.seq] = message.payload, touches_of(message, source, context_of(message))
        except (Rejected, ValueError, TypeError, KeyError, OverflowError, RecursionError):
            continue
    return found
