"""What watches an installation: probes, /metrics, the operations centre, and the daily chores."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import psycopg
import pytest
from django.db import connection
from django.test import Client

from kehu.collect import inbox
from kehu.collect.retention import forget_message_ids
from kehu.core import jobs
from kehu.core.background import register_chore
from kehu.core.measures import Measure, Sample, register_measures
from kehu.operate import tasks
from kehu.operate.exposition import exposition, may_read
from kehu.operate.probes import Probes, known_migrations, readiness
from kehu.web import live
from kehu.web.charts import Line, draw_chart
from kehu.web.views import operate as views
from tests.callers import make_client
from tests.cast import make_user
from tests.collect.cast import make_message
from tests.pipeline.cast import Road3, road_of

NOBODY = "postgresql://nobody@127.0.0.1:9/none?connect_timeout=1"


@pytest.fixture
def road(kehu_db: Any) -> Iterator[Road3]:
    live.forget()
    with road_of(kehu_db) as road:
        yield road


def ask(path: str, database_url: str, *, is_disk_full: bool = False) -> httpx.Response:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def get() -> httpx.Response:
        probes = Probes(application, database_url, is_disk_full=lambda: is_disk_full)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=probes), base_url="http://x") as client:
            return await client.get(path)

    return asyncio.run(get())


def test_a_process_is_alive_without_a_database_and_not_ready():
    assert ask("/livez", NOBODY).json() == {"status": "ok"}
    answer = ask("/readyz", NOBODY)
    assert (answer.status_code, answer.json()["checks"]["database"]) == (503, "does not answer")
    assert "nobody" not in answer.text


def test_it_is_ready_when_database_clock_migrations_and_disk_are_well(kehu_db: Any):
    answer = ask("/readyz", kehu_db.dsn("app"))
    checks = dict.fromkeys(("database", "clock", "migrations", "disk"), "ok")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "checks": checks})
    assert ask("/readyz", kehu_db.dsn("app"), is_disk_full=True).status_code == 503
    assert ask("/elsewhere", NOBODY).status_code == 204, "the application's own"


def test_it_is_not_ready_while_a_migration_is_missing(kehu_db: Any):
    assert "core.0001_first" in known_migrations()
    with psycopg.connect(kehu_db.dsn("migrate"), autocommit=True) as owner:
        owner.execute("DELETE FROM django_migrations WHERE app = 'core' AND name = '0001_first'")
    assert readiness(kehu_db.dsn("app"), lambda: False)["migrations"] == "1 to apply"


@pytest.mark.parametrize(
    ("environment", "token", "is_in"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, "", True),
        ({"REMOTE_ADDR": "::1"}, "", True),
        ({"REMOTE_ADDR": "192.168.1.5"}, "", False),
        ({"REMOTE_ADDR": ""}, "", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}, "", False),
        ({"REMOTE_ADDR": "192.168.1.5", "HTTP_AUTHORIZATION": "Bearer right"}, "right", True),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_AUTHORIZATION": "Bearer wrong"}, "right", False),
        ({"REMOTE_ADDR": "192.168.1.5", "HTTP_AUTHORIZATION": "Bearer "}, "", False),
        ({"REMOTE_ADDR": "192.168.1.5", "HTTP_AUTHORIZATION": "Bearer ü"}, "right", False),
    ],
    ids=["here", "here, v6", "elsewhere", "a socket", "by a proxy", "token", "wrong token", "no token set", "no ascii"],
)
def test_figures_are_read_with_the_token_or_from_this_machine(environment: dict[str, str], token: str, is_in: bool):
    assert may_read(environment, token) is is_in


def test_metrics_tell_what_became_of_the_messages_of_each_source(road: Road3):
    road.send([make_message(road.sources["crm"], "m1", kind="record", payload=b"broken")] * 2)
    road.settle()
    text = exposition().decode()
    assert 'kehu_messages_total{outcome="quarantined",source="crm"} 1.0' in text
    assert 'kehu_messages_total{outcome="deduplicated",source="crm"} 1.0' in text
    assert 'kehu_unexplained_messages{source="crm"} 0.0' in text
    assert 'kehu_lag_seconds{source="shop"} 0.0' in text
    assert "kehu_open_dead_letters 1.0" in text
    assert "process_resident_memory_bytes" in text


def test_a_measure_that_cannot_be_read_hides_no_other(db: None, monkeypatch: pytest.MonkeyPatch):
    from kehu.core import measures

    monkeypatch.setattr(measures, "_measures", dict(measures._measures))

    def fails() -> list[Sample]:
        raise RuntimeError("no")

    register_measures(Measure("kehu_broken", "", fails))
    text = exposition().decode()
    assert "kehu_broken" not in text
    assert "kehu_outbox_failures" in text


def test_strangers_read_metrics_only_with_the_token(db: None, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(views, "config", replace(views.config, metrics_token="t0ken"))
    client = make_client()
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403
    answer = client.get("/metrics", REMOTE_ADDR="203.0.113.7", headers={"Authorization": "Bearer t0ken"})
    assert answer.status_code == 200
    assert b"kehu_jobs" in answer.content


def signed_in(role: str) -> Client:
    client = make_client()
    client.force_login(make_user(role, language="en"))
    return client


def test_the_operations_centre_shows_that_all_is_accounted_for(road: Road3):
    road.send([make_message(road.sources["crm"], f"m{n}", kind="record", payload=b"broken") for n in range(7)])
    road.settle()
    road.send([make_message(road.sources["shop"], "waits", kind="record", payload=b"{}")])
    page = signed_in("steward").get("/operate").content.decode()
    assert "every message is accounted for" in page
    assert 'data-label="Quarantined">7<' in page
    assert 'data-label="Waiting">1<' in page


def test_the_operations_centre_says_so_when_a_message_is_lost(road: Road3):
    road.send([make_message(road.sources["crm"], f"m{n}", kind="record", payload=b"{}") for n in range(3)])
    road.connection.execute("UPDATE collect_shardoffset SET seq = seq + 10")  # somebody skipped them
    page = signed_in("steward").get("/operate").content.decode()
    assert "messages unaccounted for" in page


@pytest.mark.parametrize("period", ["hour", "day", "month", "nonsense", "%00", "'"])
def test_every_period_has_its_page(db: None, period: str):
    live.forget()
    assert signed_in("steward").get(f"/operate?period={period}").status_code == 200


def test_a_chart_is_drawn_over_gaps_and_told_as_figures():
    chart = draw_chart("Messages", ["10:00", "10:01", "10:02", "10:03"], [Line("in", [1, None, 3, 4])])
    [line] = chart.lines
    assert line.path == "M400.0 64.0 L600.0 32.0"
    assert line.dots == ((0.0, 128.0),)
    assert (chart.top, line.last) == ("5.0", "4")
    assert chart.rows[0] == ("10:03", ("4",))
    assert draw_chart("Nothing", [], []).lines == ()


def test_a_resend_after_29_days_is_dropped_and_the_id_is_forgotten_in_the_end(road: Road3):
    source = road.sources["crm"]
    road.send([make_message(source, "once")])

    def is_new() -> bool:
        with road.connection.transaction():
            [place] = inbox.append(road.connection, [make_message(source, "once")])
        return place.seq is not None

    age("29 days", road)
    assert forget_message_ids(road.connection) == 0
    assert not is_new()
    age("390 days", road)
    assert forget_message_ids(road.connection) == 1
    assert is_new()


def age(span: str, road: Road3) -> None:
    with psycopg.connect(road.connection.info.dsn, password=road.connection.info.password) as same:
        same.execute("UPDATE public.collect_dedupe SET first_seen = first_seen - %s::interval", (span,))


def test_the_daily_chores_are_all_done_and_come_again_tomorrow(kehu_db: Any, monkeypatch: pytest.MonkeyPatch):
    from kehu.core import background

    monkeypatch.setattr(background, "_chores", dict(background._chores))

    def fails() -> int:
        raise RuntimeError("no")

    register_chore("broken", fails)
    tasks.ensure_schedules()
    tasks.ensure_schedules()
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM core_job WHERE kind = %s", [tasks.CHORES])
        [(job_id,)] = cursor.fetchall()
        jobs.run_job_here(job_id)
        done = jobs.view(job_id).result
        assert done is not None
        assert done["broken"] == "failed: RuntimeError"
        assert {"events", "jobs", "message ids", "counts of messages", "webhook deliveries"} <= done.keys()
        cursor.execute("SELECT run_at - now() FROM core_job WHERE kind = %s AND state = 'queued'", [tasks.CHORES])
        [(wait,)] = cursor.fetchall()
    assert wait > timedelta(hours=23)
