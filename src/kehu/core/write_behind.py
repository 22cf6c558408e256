"""Writes that run behind their caller: Python makes the next rows while the server works on the last ones."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, LiteralString

import psycopg

_Rows = tuple[Any, ...]


class LaggingConnection(psycopg.Connection[_Rows]):
    """A connection that can write behind its caller; every statement given to `execute` waits for those writes."""

    _writer: ThreadPoolExecutor | None = None
    _under_way: list[Future[object]] | None = None

    def execute(self, *args: Any, **kwargs: Any) -> psycopg.Cursor[_Rows]:
        self.catch_up()
        return super().execute(*args, **kwargs)

    def write_behind(self, query: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> None:
        """Run the statement after the ones before it; at once when nobody opened `writing_behind`."""
        if self._writer is None or self._under_way is None:
            self._write(query, params)
        else:
            self._under_way.append(self._writer.submit(self._write, query, params))

    def _write(self, query: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> None:
        super().execute(query, params)

    def catch_up(self) -> None:
        """Wait for the writes; raises what the first one that failed raised."""
        if self._under_way:
            under_way, self._under_way = self._under_way, []
            for write in under_way:
                write.exception()
            for write in under_way:
                write.result()

    @contextmanager
    def writing_behind(self) -> Iterator[None]:
        """Inside a transaction: `write` no longer waits. Leaving waits for all writes, so the transaction can end."""
        with ThreadPoolExecutor(1, thread_name_prefix="write-behind") as self._writer:
            self._under_way = []
            try:
                yield
                self.catch_up()
            finally:
                self._writer, self._under_way = None, None


@contextmanager
def writing_behind(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """Let `write` run behind its callers where the connection can do that."""
    if isinstance(connection, LaggingConnection):
        with connection.writing_behind():
            yield
    else:
        yield


def write(connection: psycopg.Connection[Any], query: LiteralString, params: Sequence[Any] | Mapping[str, Any]) -> None:
    """Run a statement whose outcome nobody looks at. Its error comes with a later statement, or at the end."""
    if isinstance(connection, LaggingConnection):
        connection.write_behind(query, params)
    else:
        connection.execute(query, params)
