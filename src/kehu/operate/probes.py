"""/livez and /readyz: does the process answer, and may traffic be sent to it? Without Django, for every web process.

How far the road is behind does not make a door unready: taking it out of service would lose what it could still take
in. Lag is measured, alerted on and shown instead.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from pathlib import Path
from typing import Any

import psycopg

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

MOST_CLOCK_SKEW_SECONDS = 2.0
KEPT_SECONDS = 1.0
PACKAGE = Path(__file__).resolve().parents[1]
OK = "ok"
LIVE, READY = "/livez", "/readyz"


def is_probe(path: str) -> bool:
    return path.rstrip("/") in (LIVE, READY)


class Probes:
    """Stands before an application and answers the two addresses itself."""

    def __init__(self, application: Application, database_url: str, *, is_disk_full: Callable[[], bool]) -> None:
        self._application = application
        self._database_url = database_url
        self._is_disk_full = is_disk_full
        self._asking = asyncio.Lock()
        self._asked_at = float("-inf")
        self._checks: dict[str, str] = {}

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        path = scope["path"].rstrip("/") if scope["type"] == "http" else ""
        if path == LIVE:
            await _answer(send, 200, {"status": OK})
        elif path == READY:
            checks = await self._look()
            is_ready = all(found == OK for found in checks.values())
            await _answer(send, 200 if is_ready else 503, {"status": OK if is_ready else "not ready", "checks": checks})
        else:
            await self._application(scope, receive, send)

    async def _look(self) -> dict[str, str]:
        """Asked at most once a second, however many ask."""
        async with self._asking:
            if time.monotonic() - self._asked_at > KEPT_SECONDS:
                self._checks = await asyncio.to_thread(readiness, self._database_url, self._is_disk_full)
                self._asked_at = time.monotonic()
            return self._checks


def readiness(database_url: str, is_disk_full: Callable[[], bool]) -> dict[str, str]:
    """What was looked at → "ok", or what is wrong. Says nothing that a stranger should not know."""
    checks = {"disk": "nearly full" if is_disk_full() else OK}
    try:
        with psycopg.connect(database_url, connect_timeout=3, autocommit=True) as connection:
            checks["database"] = OK
            checks["clock"] = _clock(connection)
            checks["migrations"] = _migrations(connection)
    except psycopg.Error:
        checks["database"] = "does not answer"
    return checks


def _clock(connection: "psycopg.Connection[Any]") -> str:
    before = time.time()
    row = connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchone()
    after = time.time()
    assert row is not None
    skew = float(row[0]) - (before + after) / 2
    return OK if abs(skew) < MOST_CLOCK_SKEW_SECONDS + (after - before) / 2 else "differs from the database's"


def _migrations(connection: "psycopg.Connection[Any]") -> str:
    rows = connection.execute("SELECT app || '.' || name FROM django_migrations").fetchall()
    missing = known_migrations() - {name for (name,) in rows}
    return OK if not missing else f"{len(missing)} to apply"


@cache
def known_migrations() -> frozenset[str]:
    """`room.0001_first` of every migration this version brings."""
    return frozenset(
        f"{path.parent.parent.name}.{path.stem}" for path in PACKAGE.rglob("migrations/[0-9]*.py") if path.is_file()
    )


async def _answer(send: Any, status: int, body: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
