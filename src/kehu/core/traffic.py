"""What became of every message, per source and minute, counted in the transaction in which it happened.

    received = deduplicated + rejected + processed + quarantined + redacted + waiting

The left side is counted where messages come in, the rest where they are worked, and `waiting` is read from the inbox:
three independent places, so a difference other than 0 means that something was lost or done twice.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, field, fields
from datetime import datetime, timedelta
from typing import Any, Protocol

from kehu.core import histograms
from kehu.core.database import Connection, current_connection

DOOR, ROAD = "door", "road"
UNKNOWN_SOURCE = 0
MINUTES_KEPT_FOR = timedelta(days=2)
HOURS_KEPT_FOR = timedelta(days=60)


class Received(Protocol):
    """A message of the inbox, as far as it is counted."""

    source_id: int
    received_at: datetime
    payload: bytes
    supersedes: int | None


@dataclass(frozen=True, slots=True)
class Tally:
    """Messages by what became of them. received: everything that knocked, the refused and the repeated too."""

    received: int = 0
    deduplicated: int = 0
    rejected: int = 0
    processed: int = 0
    quarantined: int = 0
    redacted: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def unsettled(self) -> int:
        """What should be waiting in the inbox just now."""
        settled = self.deduplicated + self.rejected + self.processed + self.quarantined + self.redacted
        return self.received - settled


COUNTS = tuple(one.name for one in fields(Tally))


@dataclass(frozen=True, slots=True)
class Span:
    """What happened in one step of a series. latency: a histogram of receipt to golden record."""

    start: datetime
    tally: Tally
    latency: Sequence[int] = field(default_factory=tuple)


def record_arrivals(connection: Connection, arrivals: Iterable[tuple[int, int, bool]]) -> None:
    """Count (source, shard, is new) of one append, in its transaction.

    The shards' locks are held, and a row belongs to one shard: no two writers ever wait for one another here.
    """
    seen: Counter[tuple[int, int, bool]] = Counter(arrivals)
    places = sorted({(source_id, shard) for source_id, shard, _ in seen})
    connection.execute(
        """INSERT INTO core_traffic AS t (minute, stage, source_id, shard, received, deduplicated)
           SELECT date_trunc('minute', now()), 'door', * FROM unnest(%s::int[], %s::int[], %s::bigint[], %s::bigint[])
           ON CONFLICT (minute, stage, source_id, shard) DO UPDATE SET
               received = t.received + excluded.received, deduplicated = t.deduplicated + excluded.deduplicated""",
        (
            _array(source_id for source_id, _ in places),
            _array(shard for _, shard in places),
            _array(seen[*place, True] + seen[*place, False] for place in places),
            _array(seen[*place, False] for place in places),
        ),
    )


def record_refusals(connection: Connection, refused: Mapping[int, int]) -> None:
    """Count what was turned away at the door, by source; UNKNOWN_SOURCE where nobody could say whose it was."""
    for source_id, count in sorted(refused.items()):
        connection.execute(
            """INSERT INTO core_traffic AS t (minute, stage, source_id, shard, received, rejected)
               VALUES (date_trunc('minute', now()), 'door', %s, -1, %s, %s)
               ON CONFLICT (minute, stage, source_id, shard) DO UPDATE SET
                   received = t.received + excluded.received, rejected = t.rejected + excluded.rejected""",
            (source_id, count, count),
        )


def record_window(connection: Connection, messages: Sequence[Received], worked: Sequence[Received]) -> None:
    """Count a window of messages, in its transaction and under the leader's lock; `worked` are those that were read.

    The others are in quarantine, or were redacted before their turn. One statement a window, whatever its size.
    """
    if not messages:
        return
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    assert row is not None
    now = float(row[0])
    total = Counter(message.source_id for message in messages)
    redacted = Counter(message.source_id for message in messages if not message.payload)
    processed = Counter(message.source_id for message in worked)
    # A replayed dead letter keeps its first receipt: its wait was for a person, not for the road.
    came_in = Counter((message.source_id, message.received_at) for message in worked if message.supersedes is None)
    latency = {source_id: [0] * histograms.BUCKETS for source_id in total}
    for (source_id, received_at), count in came_in.items():
        latency[source_id][histograms.bucket_of(now - received_at.timestamp())] += count
    for source_id in sorted(total):
        connection.execute(
            """INSERT INTO core_traffic AS t
                   (minute, stage, source_id, shard, processed, quarantined, redacted, latency)
               VALUES (date_trunc('minute', now()), 'road', %s, 0, %s, %s, %s, %s::bigint[])
               ON CONFLICT (minute, stage, source_id, shard) DO UPDATE SET
                   processed = t.processed + excluded.processed,
                   quarantined = t.quarantined + excluded.quarantined,
                   redacted = t.redacted + excluded.redacted,
                   latency = ARRAY(SELECT mine + theirs FROM unnest(t.latency, excluded.latency) AS b (mine, theirs))
            """,
            (
                source_id,
                processed[source_id],
                total[source_id] - processed[source_id] - redacted[source_id],
                redacted[source_id],
                _array(latency[source_id]),
            ),
        )


def tallies(*, since: datetime | None = None, connection: Connection | None = None) -> dict[int, Tally]:
    """Per source, since a moment or since counting began."""
    rows = (connection or current_connection()).execute(
        f"SELECT source_id, {', '.join(f'sum({name})::bigint' for name in COUNTS)} FROM core_traffic "  # noqa: S608
        "WHERE minute >= coalesce(%s::timestamptz, '-infinity') GROUP BY source_id",
        (since,),
    )
    return {row[0]: Tally(*row[1:]) for row in rows.fetchall()}


def latency_by_source(*, since: datetime, connection: Connection | None = None) -> dict[int, list[int]]:
    """Per source, the histogram of receipt to golden record."""
    rows = (connection or current_connection()).execute(
        """SELECT source_id, n - 1, sum(count)::bigint
           FROM core_traffic, unnest(latency) WITH ORDINALITY AS b (count, n)
           WHERE stage = 'road' AND minute >= %s GROUP BY source_id, n""",
        (since,),
    )
    return _histograms(rows.fetchall())


def series(*, since: datetime, step: timedelta, connection: Connection | None = None) -> list[Span]:
    """All sources together, in steps from `since` on, oldest first; steps without traffic are left out."""
    asked = connection or current_connection()
    counts = asked.execute(
        f"""SELECT date_bin(%s, minute, %s) AS start, {", ".join(f"sum({name})::bigint" for name in COUNTS)}
            FROM core_traffic WHERE minute >= %s GROUP BY start ORDER BY start""",  # noqa: S608
        (step, since, since),
    ).fetchall()
    times = asked.execute(
        """SELECT date_bin(%s, minute, %s) AS start, n - 1, sum(count)::bigint
           FROM core_traffic, unnest(latency) WITH ORDINALITY AS b (count, n)
           WHERE stage = 'road' AND minute >= %s GROUP BY start, n""",
        (step, since, since),
    ).fetchall()
    latency = _histograms(times)
    return [Span(row[0], Tally(*row[1:]), latency.get(row[0], ())) for row in counts]


def roll_up(connection: Connection | None = None) -> int:
    """Minutes become hours after two days, hours become days after two months: the sums stay. Returns rows saved."""
    return sum(
        _roll_up(connection or current_connection(), unit, older_than)
        for unit, older_than in (("hour", MINUTES_KEPT_FOR), ("day", HOURS_KEPT_FOR))
    )


def _roll_up(connection: Connection, unit: str, older_than: timedelta) -> int:
    row = connection.execute(
        f"""WITH old AS (
                DELETE FROM core_traffic
                WHERE minute < date_trunc(%(unit)s, now() - %(older_than)s, 'UTC')
                    AND minute <> date_trunc(%(unit)s, minute, 'UTC')
                RETURNING *),
            buckets AS (
                SELECT date_trunc(%(unit)s, minute, 'UTC') AS start, stage, source_id, shard, n, sum(count)::bigint AS c
                FROM old, unnest(latency) WITH ORDINALITY AS b (count, n) GROUP BY 1, 2, 3, 4, 5),
            merged AS (
                INSERT INTO core_traffic AS t (minute, stage, source_id, shard, {", ".join(COUNTS)}, latency)
                SELECT start, stage, source_id, shard, {", ".join(f"sum({name})" for name in COUNTS)},
                    coalesce((SELECT array_agg(c ORDER BY n) FROM buckets AS b WHERE (b.start, b.stage, b.source_id,
                        b.shard) = (o.start, o.stage, o.source_id, o.shard)), '{{}}')
                FROM (SELECT date_trunc(%(unit)s, minute, 'UTC') AS start, * FROM old) AS o
                GROUP BY start, stage, source_id, shard
                ON CONFLICT (minute, stage, source_id, shard) DO UPDATE SET
                    {", ".join(f"{name} = t.{name} + excluded.{name}" for name in COUNTS)},
                    latency = ARRAY(SELECT coalesce(mine, 0) + coalesce(theirs, 0)
                                    FROM unnest(t.latency, excluded.latency) AS b (mine, theirs))
                RETURNING 1)
            SELECT (SELECT count(*) FROM old) - (SELECT count(*) FROM merged)""",  # noqa: S608
        {"unit": unit, "older_than": older_than},
    ).fetchone()
    assert row is not None
    return int(row[0])


def _array(numbers: Iterable[int]) -> str:
    return "{" + ",".join(map(str, numbers)) + "}"


def _histograms(rows: Iterable[tuple[Any, ...]]) -> dict[Any, list[int]]:
    """From (key, bucket, count)."""
    found: dict[Any, list[int]] = {}
    for key, bucket, count in rows:
        found.setdefault(key, [0] * histograms.BUCKETS)[bucket] = count
    return found
