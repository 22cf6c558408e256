"""Domain events by a transactional outbox: nobody hears of what was rolled back, and a replay publishes nothing."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import msgspec

from kehu.core.database import Connection, current_connection

_muted: ContextVar[bool] = ContextVar("replay_mode", default=False)


def publish(
    name: str,
    payload: Mapping[str, Any],
    *,
    actor_id: int | None = None,
    connection: Connection | None = None,
) -> None:
    """Write the event beside its cause. In replay mode this does nothing."""
    publish_all(name, [payload], actor_id=actor_id, connection=connection)


def publish_all(
    name: str,
    payloads: list[Mapping[str, Any]],
    *,
    actor_id: int | None = None,
    connection: Connection | None = None,
) -> None:
    if _muted.get() or not payloads:
        return
    rows = [(name, msgspec.json.encode(payload).decode(), actor_id) for payload in payloads]
    with (connection or current_connection()).cursor() as cursor:
        cursor.executemany(
            "INSERT INTO core_outboxevent (name, payload, actor_id) VALUES (%s, %s, %s)",
            rows,
            returning=False,
        )


@contextmanager
def replay_mode() -> Iterator[None]:
    """While a rebuild runs, no journey, webhook or mail hears of it."""
    token = _muted.set(True)
    try:
        yield
    finally:
        _muted.reset(token)
