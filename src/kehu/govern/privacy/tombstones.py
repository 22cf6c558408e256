"""What was erased stays away: messages about erased records are not taken in, until the person comes back.

Somebody comes back with a fresh consent: a message received after the erasure that grants one. From its reception on
the record counts again; whatever is sent of the time before stays out. A device counts again by itself for what
happens after the erasure, because it holds nobody's name.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol, TypeVar, cast
from uuid import UUID

from kehu.core.database import Connection
from kehu.core.ids import record_id


class Reference(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def external_id(self) -> str: ...


class Stone(NamedTuple):
    is_device: bool
    erased_at: datetime
    returned_at: datetime | None


class Arrival(Protocol):
    """A message with what clean made of it; a named tuple, so that it can be copied with fewer touches."""

    @property
    def message(self) -> Any: ...
    @property
    def touches(self) -> Sequence[Any]: ...


A = TypeVar("A", bound=Arrival)


def keep_out(connection: Connection, arrivals: Sequence[A], warnings: Counter[str], *, is_replay: bool) -> list[A]:
    """The arrivals without the touches that speak of erased people, counted among the warnings. Their messages are
    queued for redaction; a replay only leaves them out."""
    if not arrivals or not connection.execute("SELECT 1 FROM privacy_tombstone LIMIT 1").fetchone():
        return list(arrivals)
    spoken_of = [[_records_of(touch) for touch in arrival.touches] for arrival in arrivals]
    stones = _stones(connection, {one for of_arrival in spoken_of for found in of_arrival for one in found})
    if not stones:
        return list(arrivals)
    kept: list[A] = []
    places: set[tuple[int, int]] = set()
    returned: dict[UUID, datetime] = {}
    for arrival, of_arrival in zip(arrivals, spoken_of, strict=True):
        touches = []
        for touch, found in zip(arrival.touches, of_arrival, strict=True):
            erased = [one for one in found if one in stones]
            received_at = arrival.message.received_at
            if erased and not is_replay and _is_fresh_consent(touch, stones, erased):
                for one in erased:
                    returned[one] = received_at
                    stones[one] = stones[one]._replace(returned_at=received_at)
            if all(_may_come_in(touch, received_at, stones[one]) for one in erased):
                touches.append(touch)
            else:
                warnings["erased"] += 1
                places.add((arrival.message.shard, arrival.message.seq))
        kept.append(arrival if len(touches) == len(arrival.touches) else cast(Any, arrival)._replace(touches=touches))
    if returned:
        _return(connection, returned)
    if places and not is_replay:
        _queue(connection, places)
    return kept


def lay(connection: Connection, records: Iterable[tuple[UUID, bool]], erasure_id: int) -> None:
    """(record, is it a device?) From now on nothing of them is taken in."""
    rows = sorted(records)
    connection.execute(
        "INSERT INTO privacy_tombstone (record_id, is_device, erased_at, erasure_id) "
        "SELECT r, d, clock_timestamp(), %s FROM unnest(%s::uuid[], %s::boolean[]) AS stone(r, d) "
        "ON CONFLICT (record_id) DO UPDATE SET erased_at = excluded.erased_at, returned_at = NULL, "
        "erasure_id = excluded.erasure_id",
        (erasure_id, [record for record, _ in rows], [is_device for _, is_device in rows]),
    )


def _records_of(touch: Any) -> set[UUID]:
    references = [touch.record, touch.device, *(order.buyer for order in touch.orders)]
    return {record_id(reference.source, reference.external_id) for reference in references if reference is not None}


def _may_come_in(touch: Any, received_at: datetime, stone: Stone) -> bool:
    if stone.is_device:
        return bool(touch.occurred_at > stone.erased_at)
    return stone.returned_at is not None and received_at >= stone.returned_at


def _is_fresh_consent(touch: Any, stones: dict[UUID, Stone], ids: Collection[UUID]) -> bool:
    newest = max(stones[one].erased_at for one in ids)
    is_back = all(stones[one].returned_at is not None for one in ids)
    return not is_back and any(fact.state == "granted" and fact.occurred_at > newest for fact in touch.consents)


def _stones(connection: Connection, records: Collection[UUID]) -> dict[UUID, Stone]:
    rows = connection.execute(
        "SELECT record_id, is_device, erased_at, returned_at FROM privacy_tombstone WHERE record_id = ANY(%s::uuid[])",
        (list(records),),
    )
    return {record: Stone(*rest) for record, *rest in rows}


def _return(connection: Connection, returned: dict[UUID, datetime]) -> None:
    connection.execute(
        "UPDATE privacy_tombstone t SET returned_at = r.at "
        "FROM unnest(%s::uuid[], %s::timestamptz[]) AS r(record, at) WHERE t.record_id = r.record",
        (list(returned), list(returned.values())),
    )


def _queue(connection: Connection, places: Iterable[tuple[int, int]]) -> None:
    rows = sorted(set(places))
    connection.execute(
        "INSERT INTO privacy_redaction (shard, seq) SELECT * FROM unnest(%s::smallint[], %s::bigint[]) "
        "ON CONFLICT DO NOTHING",
        ([shard for shard, _ in rows], [seq for _, seq in rows]),
    )
