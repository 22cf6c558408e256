"""The real Segment SDK for Python against the real server: what it sends arrives, once, and it is content."""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from segment.analytics.client import Client

from kehu.collect import inbox
from kehu.core.database import open_connection
from kehu.leader import run_to_quiescence
from tests.collect.cast import connected, make_source
from tests.plugins.test_server import TestDatabase


@pytest.fixture(scope="module")
def collector_url(inbox_db: TestDatabase, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | inbox_db.environment() | {"KEHU_DATA_DIR": str(tmp_path_factory.mktemp("data"))}
    process = subprocess.Popen(
        [sys.executable, "-m", "kehu.cli", "collector", "--port", str(port)],
        env=environment,
        cwd=Path(__file__).parents[2],
        start_new_session=True,
    )
    try:
        for _ in range(300):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, "the collector ended"
                time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def send_mixed(client: Client, count: int) -> dict[str, int]:
    """Calls of all kinds in turn, with what Python programs put into them; how many of each."""
    rng = random.Random(7)
    began = datetime(2026, 3, 1, tzinfo=UTC)
    sent = dict.fromkeys(("track", "identify", "page", "screen", "group", "alias"), 0)
    for number in range(count):
        user, kind = f"用户-{number % 50}", rng.choice(list(sent))
        at = began + timedelta(minutes=number)
        if kind == "track":
            client.track(user, "Order Completed", {"order_id": number, "total": 19.9, "名": "茶"}, timestamp=at)
        elif kind == "identify":
            client.identify(user, {"name": "张伟", "createdAt": began, "email": None}, timestamp=at)
        elif kind == "page":
            client.page(user, "Docs", "Start", {"url": "https://x.example"}, timestamp=at)
        elif kind == "screen":
            client.screen(user, "Main", "Cart", {}, timestamp=at)
        elif kind == "group":
            client.group(user, f"g-{number % 5}", {"name": "北京星河科技有限公司"}, timestamp=at)
        else:
            client.alias(f"anon-{number}", user, timestamp=at)
        sent[kind] += 1
    return sent


def stored(connection: Any, source: int) -> list[inbox.Message]:
    return [
        message
        for shard in range(inbox.SHARDS)
        for message in inbox.read_window(connection, shard, 0, 10_000)
        if message.source_id == source
    ]


@pytest.mark.parametrize("gzip", [False, True], ids=["plain", "gzip"])
def test_a_thousand_mixed_events_of_the_sdk_arrive_once(collector_url: str, inbox_db: TestDatabase, gzip: bool) -> None:
    slug = f"sdk-{gzip}".lower()
    with connected(inbox_db.dsn("app")) as connection:
        source = make_source(connection, slug, kind="server", is_trusted=True)
        failures: list[Any] = []
        client = Client(
            f"wk_{slug}",
            host=collector_url,
            gzip=gzip,
            on_error=lambda error, batch: failures.append(error),
            upload_interval=0.1,
        )
        sent = send_mixed(client, 1_000)
        client.shutdown()
        assert failures == []
        messages = stored(connection, source)
    calls = [msgspec.json.decode(message.payload) for message in messages]
    assert len({message.message_id for message in messages}) == len(messages) == 1_000
    assert {kind: sum(call["type"] == kind for call in calls) for kind in sent} == sent
    assert all(message.sent_at is not None for message in messages)


def test_a_thousand_mixed_events_of_the_sdk_are_on_the_right_timelines(
    collector_url: str, inbox_db: TestDatabase, db: None
) -> None:
    """Each page, screen and track call is on its own user's timeline at its own time; the rest is known of them."""
    with connected(inbox_db.dsn("app")) as connection:
        source = make_source(connection, "sdk-timelines", kind="server", is_trusted=True)
    client = Client("wk_sdk-timelines", host=collector_url)
    sent = send_mixed(client, 1_000)
    client.shutdown()
    with open_connection(inbox_db.dsn("app")) as connection:
        run_to_quiescence(connection)
        events = connection.execute(
            """SELECT r.external_id, e.name, e.occurred_at FROM profile_event e
               JOIN resolve_sourcerecord r ON r.id = e.record_id
               WHERE e.source_id = %s AND e.kind <> 'identity'""",
            (source,),
        ).fetchall()
        kinds = connection.execute(
            "SELECT kind, count(*) FROM resolve_sourcerecord WHERE source_id = %s GROUP BY 1", (source,)
        ).fetchall()
        orders = connection.execute(
            "SELECT count(*), sum(total) FROM profile_order WHERE namespace = 'sdk-timelines'"
        ).fetchone()
        buried = connection.execute(
            "SELECT count(*) FROM collect_deadletter WHERE source_id = %s", (source,)
        ).fetchone()
    began = datetime(2026, 3, 1, tzinfo=UTC)
    numbers = set()
    for external_id, name, occurred_at in events:
        minutes = (occurred_at - began) / timedelta(minutes=1)
        number = round(minutes)
        assert abs(minutes - number) < 0.2  # corrected by the seconds between sending and receiving
        assert external_id == f"user:用户-{number % 50}"
        assert name in {"Order Completed", "Viewed Docs Start Page", "Viewed Main Cart Screen"}
        numbers.add(number)
    assert len(numbers) == len(events) == sent["track"] + sent["page"] + sent["screen"]
    assert dict(kinds) == {"person": 50, "organisation": 5, "device": sent["alias"]}
    assert orders == (sent["track"], sent["track"] * Decimal("19.9"))
    assert buried == (0,)


def test_the_sdk_gives_up_at_once_on_a_wrong_key(collector_url: str) -> None:
    failures: list[Any] = []
    client = Client("wk_nobody", host=collector_url, on_error=lambda error, batch: failures.append(error))
    client.track("u", "Lost")
    began = time.monotonic()
    client.shutdown()
    assert time.monotonic() - began < 5
    assert len(failures) == 1
    assert "401" in str(failures[0]) or "invalid_write_key" in str(failures[0])


@pytest.mark.parametrize(
    ("path", "key", "status"),
    [("/v1/batch", "wk_nobody", 401), ("/v1/nothing", "wk_nobody", 404), ("/v1/batch", "wk_large", 413)],
)
def test_a_large_body_is_refused_with_an_answer_not_a_reset(
    collector_url: str, inbox_db: TestDatabase, path: str, key: str, status: int
) -> None:
    """A reset looks like a network error, after which clients send the same again, ten times."""
    if key == "wk_large":
        with connected(inbox_db.dsn("app")) as connection:
            make_source(connection, "large", is_trusted=True)
    response = httpx.post(f"{collector_url}{path}", content=b" " * 6_000_000, auth=(key, ""), timeout=20)
    assert response.status_code == status
    assert {"code", "message"} <= response.json().keys()
