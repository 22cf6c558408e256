"""Group commit: messages that arrive together become durable together.

One thread and one connection per shard; whatever has gathered while a transaction was under way goes into the next.
What waits is bounded, so a database that is slow or away makes callers wait and then go (503), never grow our memory.
"""

import asyncio
import logging
import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec
import psycopg

from kehu.collect import inbox
from kehu.core.database import Connection
from kehu.core.errors import Busy
from kehu.core.failpoints import failpoint

logger = logging.getLogger(__name__)

MAX_WAITING_BYTES = 32 * 1024 * 1024
MAX_WAITING_MESSAGES = 50_000
MAX_WINDOW_MESSAGES = 4_000
PATIENCE_SECONDS = 12.0
RETRY_AFTER_SECONDS = 5
SESSION = """
SET synchronous_commit = on;
SET statement_timeout = '10s';
SET lock_timeout = '8s';
SET idle_in_transaction_session_timeout = '20s';
"""
# A half-open socket is noticed within half a minute.
CONNECT = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
    "application_name": "kehu collector",
}


class _Ticket(msgspec.Struct, eq=False):
    """The part of one request that goes to one shard. settle(error) is told the outcome, in the writer's thread."""

    messages: Sequence[inbox.NewMessage]
    size: int
    give_up_at: float
    settle: Callable[[BaseException | None], None]


def connect(database_url: str) -> Connection:
    """A connection for writing the inbox: durable commits, nothing that waits for ever."""
    connection: Connection = psycopg.connect(database_url, autocommit=True, **CONNECT)  # type: ignore[arg-type]
    connection.execute(SESSION)
    return connection


class ShardWriter:
    """One shard's thread: gathers, appends, commits, tells. Survives any loss of its connection."""

    def __init__(self, shard: int, database_url: str) -> None:
        self._database_url = database_url
        self._waiting: deque[_Ticket] = deque()
        self._wake = threading.Condition()
        self._stopping = False
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._run, name=f"inbox shard {shard}", daemon=True)
        self._thread.start()

    def submit(self, ticket: _Ticket) -> None:
        with self._wake:
            self._waiting.append(ticket)
            self._wake.notify()

    def stop(self, timeout_seconds: float) -> None:
        """Finish what waits, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        self._thread.join(timeout_seconds)

    def _run(self) -> None:
        while True:
            window = self._next_window()
            if not window:
                break
            try:
                self._write(window)
            except Exception as error:  # the thread must outlive whatever this was; the callers are told
                logger.exception("the inbox could not be written")
                _settle(window, error)
        if self._connection is not None:
            self._connection.close()

    def _next_window(self) -> list[_Ticket]:
        """What has gathered, up to MAX_WINDOW_MESSAGES; waits for something; empty when it is time to stop."""
        with self._wake:
            while not self._waiting and not self._stopping:
                self._wake.wait()
            window: list[_Ticket] = []
            count = 0
            while self._waiting and (not window or count < MAX_WINDOW_MESSAGES):
                ticket = self._waiting.popleft()
                count += len(ticket.messages)
                window.append(ticket)
            return window

    def _write(self, window: list[_Ticket]) -> None:
        """Commit the window, again and again while the database is away and a caller still waits.

        A commit whose answer was lost may have happened: the repetition finds its messages there and is content.
        """
        pause_seconds = 0.05
        while window:
            try:
                self._commit(window)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                logger.warning("inbox transaction failed, will be repeated", extra={"error": str(error).strip()})
                self._disconnect()
                time.sleep(pause_seconds * random.uniform(0.5, 1.0))
                pause_seconds = min(pause_seconds * 2, 1.0)
                window = _without_the_expired(window)
            except psycopg.Error as error:
                self._disconnect()
                if len(window) == 1:
                    raise
                # Something in it cannot be stored: the others must not suffer for it.
                logger.warning("inbox window is written one by one", extra={"error": str(error).strip()})
                for ticket in window:
                    self._write_alone(ticket)
                return
            else:
                _settle(window, None)
                return

    def _write_alone(self, ticket: _Ticket) -> None:
        try:
            self._write([ticket])
        except psycopg.Error as error:
            _settle([ticket], error)

    def _commit(self, window: list[_Ticket]) -> None:
        if self._connection is None or self._connection.closed:
            self._connection = connect(self._database_url)
        messages = [message for ticket in window for message in ticket.messages]
        with self._connection.transaction():
            inbox.append(self._connection, messages)
            failpoint("inbox.before_commit")
        failpoint("inbox.after_commit")

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _settle(window: Sequence[_Ticket], error: BaseException | None) -> None:
    for ticket in window:
        ticket.settle(error)


def _without_the_expired(window: list[_Ticket]) -> list[_Ticket]:
    now = time.monotonic()
    expired = [ticket for ticket in window if ticket.give_up_at < now]
    _settle(expired, Busy("The database does not answer.", RETRY_AFTER_SECONDS))
    return [ticket for ticket in window if ticket.give_up_at >= now]


class GroupCommit:
    """The writers of all shards behind one coroutine. Made inside a running event loop; one per process."""

    def __init__(
        self,
        database_url: str,
        *,
        max_waiting_bytes: int = MAX_WAITING_BYTES,
        max_waiting_messages: int = MAX_WAITING_MESSAGES,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._max_bytes = max_waiting_bytes
        self._max_messages = max_waiting_messages
        self._patience_seconds = patience_seconds
        self._waiting_bytes = 0
        self._waiting_messages = 0
        self._writers = [ShardWriter(shard, database_url) for shard in range(inbox.SHARDS)]

    @property
    def is_full(self) -> bool:
        return self._waiting_bytes >= self._max_bytes or self._waiting_messages >= self._max_messages

    async def append(self, messages: Sequence[inbox.NewMessage]) -> None:
        """Return when every message is durable (now or before). Raises Busy when the caller should come back."""
        if self.is_full:
            raise Busy("Too much is waiting to be stored.", RETRY_AFTER_SECONDS)
        by_shard: dict[int, list[inbox.NewMessage]] = {}
        for message in messages:
            by_shard.setdefault(inbox.shard_of(message.source_id, message.shard_key), []).append(message)
        give_up_at = time.monotonic() + self._patience_seconds
        outcomes = []
        for shard, part in by_shard.items():
            outcome: asyncio.Future[BaseException | None] = self._loop.create_future()
            size = sum(len(message.payload) for message in part)
            self._waiting_bytes += size
            self._waiting_messages += len(part)
            ticket = _Ticket(part, size, give_up_at, self._settler(outcome, size, len(part)))
            self._writers[shard].submit(ticket)
            outcomes.append(outcome)
        # Shielded: what was handed in stays counted until its writer is done with it, also if the caller hangs up.
        errors = [error for error in await asyncio.shield(asyncio.gather(*outcomes)) if error is not None]
        if errors:
            raise errors[0]

    def _settler(
        self, outcome: "asyncio.Future[BaseException | None]", size: int, count: int
    ) -> Callable[[BaseException | None], None]:
        def in_loop(error: BaseException | None) -> None:
            self._waiting_bytes -= size
            self._waiting_messages -= count
            if not outcome.done():
                outcome.set_result(error)

        def settle(error: BaseException | None) -> None:
            self._loop.call_soon_threadsafe(in_loop, error)

        return settle

    async def stop(self) -> None:
        """Write what waits and let the threads end."""
        await asyncio.gather(*(asyncio.to_thread(writer.stop, self._patience_seconds) for writer in self._writers))
