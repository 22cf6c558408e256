"""Domain events by a transactional outbox: nobody hears of what was rolled back, and a replay publishes nothing."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from kehu.core.database import Connection, current_connection

if TYPE_CHECKING:
    from kehu.core.outbox import PublishedEvent

_muted: ContextVar[bool] = ContextVar("replay_mode", default=False)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Whoever wants to hear of events. take: called in the dispatcher's transaction, once per event; it only writes
    rows."""

    name: str
    events: frozenset[str]
    take: Callable[["PublishedEvent"], None]


_subscribers: dict[str, Subscriber] = {}


def subscribe(name: str, events: frozenset[str], take: Callable[["PublishedEvent"], None]) -> None:
    """Hear of events by name, from `AppConfig.ready`. name: stays the same for ever, retries are kept under it."""
    _subscribers[name] = Subscriber(name, events, take)


def subscribers(event_name: str) -> list[Subscriber]:
    return [subscriber for subscriber in _subscribers.values() if event_name in subscriber.events]


def publish(
    name: str,
    payload: Mapping[str, Any],
    *,
    actor_id: int | None = None,
    connection: Connection | None = None,
) -> None:
    """Write the event beside its cause. In replay mode this does nothing.

    actor_id: by default whoever the audit trail of this transaction names.
    """
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
            "INSERT INTO core_outboxevent (name, payload, actor_id) VALUES "
            "(%s, %s, coalesce(%s::bigint, nullif(current_setting('kehu.actor_id', true), '')::bigint))",
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
