"""The collector's HTTP door: the Segment API as a thin ASGI application, without Django's request cycle.

Every answer to an event is given after its transaction has committed. See docs/reference/segment-api.md.
"""

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

import psycopg

from kehu.clean.source_view import SourceView
from kehu.collect import answers, inbox, outcomes
from kehu.collect.answers import Answer, Send
from kehu.collect.callers import ClientAddresses, key_in_header
from kehu.collect.client_settings import rudder_source_config, segment_settings
from kehu.collect.disk_space import DiskWatch
from kehu.collect.group_commit import GroupCommit, connect
from kehu.collect.inbox import NewMessage
from kehu.collect.pixels import parse_pixel, parse_webhook, query_fields
from kehu.collect.request_bodies import HungUp, Incoming, Receive, expected_bytes, read_body
from kehu.collect.routes import Route, find_route
from kehu.collect.segment_requests import Parsed, Refused, parse_batch, parse_call, text_of
from kehu.collect.source_cache import SourceCache
from kehu.core.errors import Busy

logger = logging.getLogger(__name__)

Scope = MutableMapping[str, Any]
MAKE_ROOM_SECONDS = 6 * 3600
MAX_BODIES_BYTES = 48 * 1024 * 1024
UNKNOWN_KEY_SECONDS = 0.2  # between two questions to the database about keys nobody knows


class Door:
    """One per process; opens its connections at the first request (or at the server's start-up)."""

    def __init__(
        self,
        database_url: str,
        *,
        disk: DiskWatch,
        max_request_bytes: int = 4 * 1024 * 1024,
        trusted_proxies: Iterable[str] = (),
        public_url: str = "",
    ) -> None:
        self._database_url = database_url
        self._disk = disk
        self._max_request_bytes = max_request_bytes
        self._addresses = ClientAddresses(tuple(trusted_proxies))
        self._public_url = public_url
        self._sources = SourceCache()
        self._refreshing = asyncio.Lock()
        self._refresh_failed_at = float("-inf")
        self._made_room_at = float("-inf")
        self._background: asyncio.Future[None] | None = None
        self._commit: GroupCommit | None = None
        self._bodies_bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.lifespan(receive, send)
        elif scope["type"] == "http":
            incoming = Incoming(receive)
            try:
                answer = await self._answer(scope, incoming)
            except HungUp:
                return
            if scope["method"] == "POST":
                await incoming.drain()
            await answer.send(send)

    async def lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._commit = self._commit or GroupCommit(self._database_url)
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self._commit is not None:
                    await self._commit.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    async def _answer(self, scope: Scope, receive: Receive) -> Answer:
        route = find_route(scope["path"])
        if route is None:
            return answers.error_answer(404, "not_found", f"There is no {scope['path'][:100]} here.")
        try:
            if route.kind == "pixel":
                return await self._pixel(scope, route)
            if scope["method"] == "OPTIONS":
                return answers.PREFLIGHT_OK
            if scope["method"] not in route.methods:
                allow = ", ".join(route.methods).encode()
                return answers.error_answer(405, "method_not_allowed", f"Use {allow.decode()}.", ((b"allow", allow),))
            return await self._serve(scope, receive, route)
        except Refused as refused:
            outcomes.count_refused([refused.code])
            return answers.error_answer(refused.status, refused.code, str(refused))
        except Busy as busy:
            outcomes.count_refused([busy.code])
            return answers.busy_answer(str(busy), busy.retry_after_seconds)
        except HungUp:
            raise
        except Exception:
            logger.exception("the collector failed on a request", extra={"route": route.kind})
            outcomes.count_refused(["internal_error"])
            return answers.error_answer(500, "internal_error", "Something went wrong here: send it again.")

    async def _serve(self, scope: Scope, receive: Receive, route: Route) -> Answer:
        match route.kind:
            case "call":
                return await self._collect(scope, receive, lambda body: parse_call(route.argument, body))
            case "batch":
                return await self._collect(scope, receive, parse_batch)
            case "webhook":
                return await self._collect(scope, receive, parse_webhook)
            case "settings":
                await self._source(route.argument, unknown_status=404)
                return answers.json_answer(segment_settings(route.argument, *self._own_address(scope)))
            case "source_config":
                key = self._key_outside_body(scope)
                source = await self._source(key or "")
                return answers.json_answer(rudder_source_config(source, key or ""))
            case "health":
                return await self._health()
            case "ignored":
                return answers.OK
        raise AssertionError(route.kind)

    async def _collect(self, scope: Scope, receive: Receive, parse: Callable[[bytes], Parsed]) -> Answer:
        """Read, take apart, append; answer when it is durable."""
        commit = self._open()
        key = self._key_outside_body(scope)
        source = await self._source(key) if key else None
        expected = expected_bytes(scope["headers"], self._max_request_bytes)
        if self._bodies_bytes + expected > MAX_BODIES_BYTES:
            raise Busy("Too many requests at once.", 1)
        self._bodies_bytes += expected
        try:
            parsed = parse(await read_body(receive, scope["headers"], self._max_request_bytes))
            source = source or await self._source(parsed.write_key)
            await commit.append(self._messages(scope, source, parsed))
        finally:
            self._bodies_bytes -= expected
        outcomes.count_accepted(len(parsed.events))
        if not parsed.skipped:
            return answers.OK
        outcomes.count_refused((skipped.code for skipped in parsed.skipped), source.id)
        logger.info(
            "events of a batch were skipped",
            extra={"source": source.slug, "codes": sorted({skipped.code for skipped in parsed.skipped})},
        )
        return answers.json_answer({"success": True, "skipped": parsed.skipped})

    async def _pixel(self, scope: Scope, route: Route) -> Answer:
        """An image, whatever happens: the reader of an e-mail must not see a broken one."""
        try:
            commit = self._open()
            parsed = parse_pixel(route.argument, scope["query_string"])
            source = await self._source(self._key_outside_body(scope) or parsed.write_key)
            await commit.append(self._messages(scope, source, parsed))
            outcomes.count_accepted(len(parsed.events))
        except (Refused, Busy) as error:
            outcomes.count_refused([error.code])
        except Exception:
            logger.exception("the collector failed on a pixel")
            outcomes.count_refused(["internal_error"])
        return answers.PIXEL

    def _open(self) -> GroupCommit:
        """The group commit, when there is room for more. Raises Busy."""
        if self._commit is None:
            self._commit = GroupCommit(self._database_url)
        if self._commit.is_full:
            raise Busy("Too much is waiting to be stored.", 5)
        if self._disk.is_full():
            raise Busy("The disk is nearly full.", 30)
        return self._commit

    def _messages(self, scope: Scope, source: SourceView, parsed: Parsed) -> list[NewMessage]:
        # A server's address says nothing of the customer; a browser's does.
        client_ip = None
        if not source.is_trusted:
            client_ip = self._addresses.of((scope.get("client") or (None,))[0], scope["headers"])
        return [
            NewMessage(
                source_id=source.id,
                kind="segment",
                message_id=event.message_id,
                payload=event.payload,
                shard_key=event.shard_key,
                sent_at=event.sent_at,
                client_ip=client_ip,
            )
            for event in parsed.events
        ]

    def _key_outside_body(self, scope: Scope) -> str | None:
        """The write key in the header, or else in the query; None when the body must have it."""
        key = key_in_header(scope["headers"])
        if not key and b"writeKey=" in scope["query_string"]:
            key = text_of(query_fields(scope["query_string"]).get("writeKey"))
        return key or None

    async def _source(self, write_key: str, unknown_status: int = 401) -> SourceView:
        """The enabled source of a write key. Raises Refused; both refusals are final for every client."""
        source = self._sources.known(write_key)
        if source is None:
            await self._refresh_sources()
            source = self._sources.known(write_key)
        elif self._sources.is_old and not self._refreshing.locked():
            # Nobody waits for news of a source that is known; the next calls hear of them.
            self._background = asyncio.ensure_future(self._refresh_quietly())
        if source is None:
            raise Refused("invalid_write_key", "No source has this write key.", unknown_status)
        if not source.is_enabled:
            raise Refused("source_disabled", "This source is disabled.", 404)
        return source

    async def _refresh_quietly(self) -> None:
        with contextlib.suppress(Busy):
            await self._refresh_sources()

    async def _refresh_sources(self) -> None:
        """Ask the database, once for all requests that arrived meanwhile.

        A refusal is final for the client, so it must rest on an answer younger than the request: the source may
        have been made a moment ago. Callers with unknown keys wait for one another instead of flooding us.
        """
        arrived_at = time.monotonic()
        async with self._refreshing:
            if self._sources.age_seconds < time.monotonic() - arrived_at:
                return
            if self._refresh_failed_at > arrived_at:
                raise Busy("The database does not answer.", 5)
            await asyncio.sleep(max(0.0, UNKNOWN_KEY_SECONDS - self._sources.age_seconds))
            try:
                await asyncio.to_thread(self._read_sources)
            except psycopg.Error as error:
                self._refresh_failed_at = time.monotonic()
                raise Busy("The database does not answer.", 5) from error

    def _read_sources(self) -> None:
        with connect(self._database_url) as connection:
            self._sources.refresh(connection)
            outcomes.write_refused(connection)
            if time.monotonic() - self._made_room_at > MAKE_ROOM_SECONDS:
                self._made_room_at = time.monotonic()
                try:
                    inbox.make_room(connection)
                except psycopg.Error:  # another collector was quicker, or months were missed: rows have a place anyway
                    logger.warning("the coming months' partitions were not made", exc_info=True)

    async def _health(self) -> Answer:
        try:
            if self._sources.age_seconds > 1:
                await asyncio.to_thread(self._read_sources)
        except psycopg.Error:
            return answers.busy_answer("The database does not answer.", 5)
        self._open()
        return answers.json_answer({"status": "ok"})

    def _own_address(self, scope: Scope) -> tuple[str, str]:
        """Host and protocol under which browsers reach us."""
        if self._public_url:
            protocol, _, rest = self._public_url.partition("://")
            return rest.rstrip("/"), protocol
        host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
        return host, scope.get("scheme", "http")
