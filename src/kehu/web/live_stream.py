"""What changed just now, told to open pages by server-sent events.

A stream carries names of topics, never values: a page that hears one asks for its fragment again, with its own rights
and under its own field policy. One thread per process looks at the database for all of them; a page costs a set of
names. When a process has as many streams as it takes, it answers 204, and the page asks by the clock instead.
"""

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Hashable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from django.db import close_old_connections, connection
from django.db.utils import DatabaseError

from kehu.govern.access import Actor
from kehu.profile.screens.queries import pop_signs
from kehu.teamwork.queries import UnreadSign, unread_signs
from kehu.web import live

logger = logging.getLogger(__name__)

ROAD, REVIEW, JOBS, NOTICES, POPS = "road", "review", "jobs", "notices", "pops"
GOODBYE: Final = "goodbye"
MOST_STREAMS: Final = 400  # of one process
MOST_OF_ONE: Final = 12  # of one person: as many windows
STREAM_SECONDS: Final = 300.0  # then the browser connects anew, and rights are asked for again
HEARTBEAT_SECONDS: Final = 15.0
LOOK_SECONDS: Final = 1.0
ROAD_EVERY: Final = 3  # looks: what every page shows changes no faster than one can read it

# Topic → what it looks like now. For JOBS, one entry per job: its owner and how far it is. For NOTICES, one per person
# with something unread.
Picture = Mapping[str, Hashable]


@dataclass(frozen=True, slots=True)
class JobSign:
    """A job that lives or has just ended."""

    id: int
    owner_id: int | None
    kind: str
    state: str
    done: int
    total: int | None
    note: str


@dataclass(eq=False, slots=True)
class Listener:
    """One open page. heard: topics it has not been told yet; a slow page hears each once."""

    actor: Actor
    loop: asyncio.AbstractEventLoop
    woken: asyncio.Event
    heard: set[str] = field(default_factory=set)

    def tell(self, topics: set[str]) -> None:
        self.heard |= topics
        self.woken.set()


def look(earlier: Picture, *, whole: bool) -> Picture:
    """How things stand. whole False: only what changes by the second, the rest as it was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, created_by_id, kind, state, progress_done, progress_total, progress_note FROM core_job "
            "WHERE state IN ('queued', 'running') OR finished_at > now() - interval '10 seconds' ORDER BY id"
        )
        picture: dict[str, Hashable] = {JOBS: tuple(JobSign(*row) for row in cursor.fetchall())}
        picture[POPS] = pop_signs()
        if not whole:
            return {**earlier, **picture}
        cursor.execute("SELECT sum(seq) FROM collect_shardoffset")
        worked = cursor.fetchone()
    lags = tuple(sorted((lag.source_id, int(lag.lag_for.total_seconds()), lag.is_late) for lag in live.lags().values()))
    return {**picture, ROAD: (worked, lags), REVIEW: live.review_waiting(), NOTICES: unread_signs()}


def news_for(actor: Actor, before: Picture, after: Picture) -> set[str]:
    """Topics that changed and that the actor may hear of."""
    changed = {topic for topic in after if after[topic] != before.get(topic)}
    if JOBS in changed and _jobs_of(actor, before) == _jobs_of(actor, after):
        changed.discard(JOBS)
    if NOTICES in changed and _unread_of(actor, before) == _unread_of(actor, after):
        changed.discard(NOTICES)
    if POPS in changed and _newest_pop(actor, after) in (0, _newest_pop(actor, before)):
        changed.discard(POPS)
    if not actor.can("review.view"):
        changed.discard(REVIEW)
    return changed


def _jobs_of(actor: Actor, picture: Picture) -> list[JobSign]:
    """One's own; imports for who sees imports; everything for who sees rebuilds (the rule of the API's jobs)."""
    jobs = picture.get(JOBS, ())
    assert isinstance(jobs, tuple)
    if actor.can("rebuild.view"):
        return list(jobs)
    sees_imports = actor.can("import.view")
    return [
        job
        for job in jobs
        if (job.owner_id is not None and job.owner_id == actor.user_id)
        or (sees_imports and job.kind.startswith("import."))
    ]


def _unread_of(actor: Actor, picture: Picture) -> UnreadSign | None:
    signs = picture.get(NOTICES, ())
    assert isinstance(signs, tuple)
    return next((sign for sign in signs if sign.user_id == actor.user_id), None)


def _newest_pop(actor: Actor, picture: Picture) -> int:
    """0: nobody came up for the actor of late."""
    pops = picture.get(POPS, ())
    assert isinstance(pops, tuple)
    return next((pop for agent, pop in pops if agent == actor.user_id), 0)


class Broadcaster:
    """Looks once for all listeners; its thread lives only while somebody listens."""

    def __init__(self, look: Callable[..., Picture] = look) -> None:
        self._look = look
        self._lock = threading.Lock()
        self._listeners: set[Listener] = set()
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def has_room_for(self, actor: Actor) -> bool:
        with self._lock:
            mine = sum(listener.actor.user_id == actor.user_id for listener in self._listeners)
            return len(self._listeners) < MOST_STREAMS and mine < MOST_OF_ONE and not self._stopped.is_set()

    def join(self, actor: Actor) -> Listener:
        """Listen, from within the loop the stream is written in."""
        listener = Listener(actor, asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            self._listeners.add(listener)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="live", daemon=True)
                self._thread.start()
        return listener

    def leave(self, listener: Listener) -> None:
        with self._lock:
            self._listeners.discard(listener)

    def stop(self) -> None:
        """End every stream, so that the server need not wait for them. Takes no lock: signal handlers call it."""
        self._stopped.set()

    @property
    def is_stopped(self) -> bool:
        return self._stopped.is_set()

    def _run(self) -> None:
        picture: Picture | None = None
        looks = 0
        while True:
            if self._stopped.is_set():
                self._tell_each(lambda actor: {GOODBYE})
                break
            with self._lock:
                if not self._listeners:
                    self._thread = None
                    break
            try:
                close_old_connections()
                now = self._look(picture or {}, whole=picture is None or looks % ROAD_EVERY == 0)
            except DatabaseError as error:
                logger.warning("cannot look what changed", extra={"error": type(error).__name__})
                connection.close()
            else:
                if picture is not None and now != picture:
                    self._tell_each(partial(news_for, before=picture, after=now))
                picture = now
            looks += 1
            self._stopped.wait(LOOK_SECONDS)
        connection.close()

    def _tell_each(self, news: Callable[[Actor], set[str]]) -> None:
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            if topics := news(listener.actor):
                try:
                    listener.loop.call_soon_threadsafe(listener.tell, topics)
                except RuntimeError:  # its loop is closed: the server is going down
                    self.leave(listener)


BROADCASTER: Final = Broadcaster()


async def stream(
    actor: Actor, broadcaster: Broadcaster = BROADCASTER, *, seconds: float = STREAM_SECONDS
) -> AsyncIterator[bytes]:
    """Server-sent events for one page: one event per topic that changed, comments to keep the line open."""
    listener = broadcaster.join(actor)
    try:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + seconds
        yield b"retry: 2000\n: live\n\n"
        while not broadcaster.is_stopped and (left := ends_at - loop.time()) > 0:
            try:
                await asyncio.wait_for(listener.woken.wait(), min(HEARTBEAT_SECONDS, left))
            except TimeoutError:
                yield b": beat\n\n"
                continue
            listener.woken.clear()
            topics, listener.heard = sorted(listener.heard), set()
            yield "".join(f"event: {topic}\ndata: 1\n\n" for topic in topics if topic != GOODBYE).encode()
    finally:
        broadcaster.leave(listener)
