"""Events a second from HTTP to golden record, against the floor of copying the same JSON into the inbox's tables."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import perf_counter

import httpx
import psycopg

from kehu.bench.floor import copy_rate
from kehu.bench.traffic import Call, identify, mixed_traffic

BATCH_EVENTS = 100
CONNECTIONS = 8
NEW_SHARE = 0.3
GOAL = 1 / 12

_WAITING = """
SELECT coalesce(sum(greatest(0, last.seq - done.seq)), 0) FROM collect_shardoffset done
CROSS JOIN LATERAL (SELECT coalesce(max(seq), 0) AS seq FROM collect_inbox i WHERE i.shard = done.shard) last
"""
_GOLDEN = """
SELECT (SELECT count(*) FROM profile_event WHERE source_id = %s),
       (SELECT count(*) FROM resolve_sourcerecord WHERE source_id = %s AND kind = 'person')
"""


@dataclass(frozen=True, slots=True)
class IngestFigures:
    """Rates are events a second. accepted: until the last answer; travelled: until nothing waits any more."""

    events: int
    identities: int
    new_identities: int
    accepted_per_second: float
    travelled_per_second: float
    floor_per_second: float
    events_found: int
    identities_found: int

    @property
    def share_of_floor(self) -> float:
        return self.travelled_per_second / self.floor_per_second


def measure_ingest(
    url: str, write_key: str, source_id: int, *, database_url: str, migrate_url: str, events: int, identities: int
) -> IngestFigures:
    """Against a running installation at `url`; identities known before are sent first and not timed."""
    new = round(identities * NEW_SHARE)
    known = identities - new
    before = [identify(number, 0) for number in range(known)]
    calls = list(mixed_traffic(events, known, new, 0))
    with psycopg.connect(database_url, autocommit=True, options="-c search_path=live,public") as connection:
        asyncio.run(_send(url, write_key, before))
        _wait(connection)
        began = perf_counter()
        asyncio.run(_send(url, write_key, calls))
        accepted = perf_counter() - began
        _wait(connection)
        travelled = perf_counter() - began
        row = connection.execute(_GOLDEN, (source_id, source_id)).fetchone()
    assert row is not None
    return IngestFigures(
        events=len(calls),
        identities=identities,
        new_identities=new,
        accepted_per_second=len(calls) / accepted,
        travelled_per_second=len(calls) / travelled,
        floor_per_second=copy_rate(migrate_url, calls),
        events_found=row[0],
        identities_found=row[1],
    )


async def _send(url: str, write_key: str, calls: Sequence[Call]) -> None:
    """Batches over a few kept connections, each waiting for its answer before it sends the next."""
    batches = iter([calls[start : start + BATCH_EVENTS] for start in range(0, len(calls), BATCH_EVENTS)])
    limits = httpx.Limits(max_connections=CONNECTIONS)
    async with httpx.AsyncClient(base_url=url, auth=(write_key, ""), limits=limits, timeout=60) as client:

        async def sender() -> None:
            for batch in batches:
                body = b'{"batch":[' + b",".join(payload for _, payload in batch) + b"]}"
                while True:
                    answer = await client.post("/v1/batch", content=body, headers={"content-type": "application/json"})
                    if answer.status_code != 429 and answer.status_code < 500:
                        break
                    await asyncio.sleep(float(answer.headers.get("retry-after", "1")))
                answer.raise_for_status()

        await asyncio.gather(*(sender() for _ in range(CONNECTIONS)))


def _wait(connection: "psycopg.Connection[tuple[object, ...]]", timeout_seconds: float = 1800) -> None:
    from time import sleep

    deadline = perf_counter() + timeout_seconds
    while perf_counter() < deadline:
        row = connection.execute(_WAITING).fetchone()
        if row is not None and row[0] == 0:
            return
        sleep(0.05)
    raise TimeoutError("the worker did not finish: see the log of the installation")
