"""Sources as plain values, kept in memory for a few seconds: by id on the road, by write key at the door."""

import threading
import time
from collections.abc import Callable

import msgspec
import psycopg
from psycopg.rows import tuple_row

from kehu.clean.source_view import SourceView
from kehu.core.database import Connection

_QUERY = """SELECT id, slug, kind, trust_rank, time_zone, order_namespace, mapping::text, unique_types::text,
                   is_trusted, is_enabled, department_id, write_key FROM collect_source"""


class SourceCache:
    """Every source, read anew after ttl_seconds, and at once for one unknown.

    Safe to share between threads; the connection is only used when something must be read.
    """

    def __init__(self, ttl_seconds: float = 5.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._ttl_seconds = ttl_seconds
        self._clock = clock
        self._read_at = float("-inf")
        self._by_id: dict[int, SourceView] = {}
        self._by_key: dict[str, SourceView] = {}
        self._lock = threading.Lock()

    def by_id(self, connection: Connection, source_id: int) -> SourceView:
        """The source with that id. Raises LookupError: a message cannot be there without its source."""
        self.refresh_if_old(connection)
        if source_id not in self._by_id:
            self.refresh(connection)
        return self._by_id[source_id]

    def all(self, connection: Connection) -> dict[int, SourceView]:
        """Every source by id."""
        self.refresh_if_old(connection)
        return self._by_id

    def known(self, write_key: str) -> SourceView | None:
        """The source of a write key as far as memory goes: no query."""
        return self._by_key.get(write_key)

    @property
    def age_seconds(self) -> float:
        """How old what `known` says may be."""
        return self._clock() - self._read_at

    @property
    def is_old(self) -> bool:
        return self.age_seconds > self._ttl_seconds

    def refresh_if_old(self, connection: Connection) -> None:
        if self.is_old:
            self.refresh(connection)

    def refresh(self, connection: Connection) -> None:
        with self._lock, psycopg.Cursor(connection, row_factory=tuple_row) as cursor:
            asked_at = self._clock()
            rows = cursor.execute(_QUERY).fetchall()
            views = [(source_view(row), row[11]) for row in rows]
            self._by_id = {view.id: view for view, _ in views}
            self._by_key = {key: view for view, key in views}
            self._read_at = asked_at


def source_view(row: tuple[object, ...]) -> SourceView:
    """A row of `_QUERY` as a SourceView."""
    fields = list(row[:11])
    fields[6], fields[7] = msgspec.json.decode(str(row[6])), msgspec.json.decode(str(row[7]))
    return msgspec.convert(dict(zip(SourceView.__struct_fields__, fields, strict=True)), SourceView)
