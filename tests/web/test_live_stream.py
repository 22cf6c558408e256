"""Pages hear what changed, each only what its person may know of; streams are few, short, and end with the server."""

import asyncio
import threading
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from kehu.core import jobs
from kehu.govern.access import SYSTEM, Actor
from kehu.teamwork.queries import UnreadSign
from kehu.web import live, live_stream
from kehu.web.live_stream import JOBS, NOTICES, REVIEW, ROAD, Broadcaster, JobSign, Picture, look, news_for, stream
from tests.callers import make_client
from tests.cast import make_user

ANNA = Actor(1, "Anna", permissions=frozenset({"customer.view"}))
BEN = Actor(2, "Ben", permissions=frozenset({"customer.view", "import.view", "review.view"}))


def picture(*signs: JobSign, road: int = 0, review: int = 0, unread: int = 0) -> Picture:
    """unread: of Anna's."""
    notices = (UnreadSign(1, 9, unread),) if unread else ()
    return {JOBS: tuple(signs), ROAD: road, REVIEW: review, NOTICES: notices}


def job(owner_id: int = 1, kind: str = "export.run", done: int = 0) -> JobSign:
    return JobSign(7, owner_id, kind, "running", done, 10, "")


@pytest.mark.parametrize(
    ("actor", "after", "heard"),
    [
        (ANNA, picture(job(done=5)), {JOBS}),
        (BEN, picture(job(done=5)), set()),
        (SYSTEM, picture(job(done=5)), {JOBS}),
        (ANNA, picture(job(), road=1, review=2), {ROAD}),
        (BEN, picture(job(), road=1, review=2), {ROAD, REVIEW}),
        (BEN, picture(job(), job(owner_id=3, kind="import.run")), {JOBS}),
        (ANNA, picture(job(), job(owner_id=3, kind="import.run")), set()),
        (ANNA, picture(job()), set()),
        (ANNA, picture(job(), unread=1), {NOTICES}),
        (BEN, picture(job(), unread=1), set()),
    ],
)
def test_everybody_hears_of_what_they_may_see_and_of_nothing_else(
    actor: Actor, after: Picture, heard: set[str]
) -> None:
    assert news_for(actor, picture(job()), after) == heard


class Scene:
    """A look at the world that the test changes by hand."""

    def __init__(self) -> None:
        self.now = picture()
        self.looked = threading.Semaphore(0)

    def look(self, earlier: Picture, *, whole: bool) -> Picture:
        self.looked.release()
        return self.now


@pytest.fixture
def scene(monkeypatch: pytest.MonkeyPatch) -> Scene:
    monkeypatch.setattr(live_stream, "LOOK_SECONDS", 0.01)
    return Scene()


async def next_topic(events: AsyncIterator[bytes]) -> bytes:
    async for said in events:
        if said.startswith(b"event"):
            return said
    return b""


def test_a_page_hears_a_change_once_and_leaves_nothing_behind(scene: Scene) -> None:
    broadcaster = Broadcaster(scene.look)

    async def listen() -> bytes:
        events = stream(ANNA, broadcaster)
        assert (await anext(events)).startswith(b"retry")
        await asyncio.to_thread(scene.looked.acquire)
        await asyncio.to_thread(scene.looked.acquire)
        scene.now = picture(job(), road=4)
        said = await next_topic(events)
        await events.aclose()  # type: ignore[attr-defined]
        return said

    assert asyncio.run(listen()) == b"event: jobs\ndata: 1\n\nevent: road\ndata: 1\n\n"
    assert broadcaster._listeners == set()


def test_stopping_the_server_ends_every_stream(scene: Scene) -> None:
    broadcaster = Broadcaster(scene.look)

    async def listen() -> list[bytes]:
        events = stream(ANNA, broadcaster)
        await anext(events)
        broadcaster.stop()
        return [said async for said in events if said]

    assert asyncio.run(listen()) == []
    assert not broadcaster.has_room_for(ANNA)


def test_a_stream_ends_by_itself_so_that_rights_are_asked_for_again(scene: Scene) -> None:
    async def listen() -> None:
        async for _ in stream(ANNA, Broadcaster(scene.look), seconds=0.0):
            pass

    asyncio.run(asyncio.wait_for(listen(), 30))


def test_one_person_and_one_process_hold_only_so_many(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_stream, "MOST_OF_ONE", 2)
    monkeypatch.setattr(live_stream, "MOST_STREAMS", 3)
    broadcaster = Broadcaster(scene.look)

    async def fill() -> list[bool]:
        broadcaster.join(ANNA), broadcaster.join(ANNA)
        told = [broadcaster.has_room_for(ANNA), broadcaster.has_room_for(BEN)]
        broadcaster.join(BEN)
        return [*told, broadcaster.has_room_for(replace(BEN, user_id=3))]

    assert asyncio.run(fill()) == [False, True, False]
    broadcaster.stop()


def test_the_database_is_looked_at_and_a_job_is_seen(db: Any) -> None:
    live.forget()
    before = look({}, whole=True)
    number = jobs.enqueue("import.run", {}, actor_id=5)
    after = look(before, whole=False)
    assert [sign.id for sign in after[JOBS]] == [number]  # type: ignore[attr-defined]
    assert (after[ROAD], after[REVIEW]) == (before[ROAD], before[REVIEW])


def test_a_process_with_enough_streams_says_do_not_come_again(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    client: Client = make_client()
    client.force_login(make_user("rep"))
    answer = client.get("/shell/events")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/event-stream")
    monkeypatch.setattr(live_stream, "MOST_STREAMS", 0)
    assert client.get("/shell/events").status_code == 204
