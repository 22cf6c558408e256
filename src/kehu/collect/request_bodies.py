"""Bodies of requests, read as they arrive: bounded in bytes, in time and in what they unpack to."""

import asyncio
import contextlib
import zlib
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from kehu.collect.segment_requests import Refused

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

READ_SECONDS = 30.0
DRAIN_SECONDS = 10.0
DRAIN_BYTES = 16 * 1024 * 1024
MAX_RATIO = 100
_SMALL = 64 * 1024  # below this the ratio says nothing
_GZIP = 31


class HungUp(Exception):
    """The caller went away before the body was complete: nobody is there to be answered."""


class Incoming:
    """The server's `receive`, which remembers whether the body has come to its end."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._is_complete = False

    async def __call__(self) -> MutableMapping[str, Any]:
        message = await self._receive()
        if message["type"] != "http.request" or not message.get("more_body", False):
            self._is_complete = True
        return message

    async def drain(self) -> None:
        """Let the sender finish, so that it reads our refusal instead of a reset connection (and does not retry)."""
        left = DRAIN_BYTES
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                while not self._is_complete and left > 0:
                    left -= len((await self()).get("body", b""))


async def read_body(receive: Receive, headers: Iterable[tuple[bytes, bytes]], max_bytes: int) -> bytes:
    """The whole body, unpacked, whatever its type says. Raises Refused (413, 400, 408, 415) or HungUp."""
    encoding, length = _announced(headers)
    if length > max_bytes:
        raise _too_large(max_bytes)
    if encoding in ("", "identity"):
        unpack: _Plain | _Gunzip = _Plain(max_bytes)
    elif encoding in ("gzip", "x-gzip"):
        unpack = _Gunzip(max_bytes)
    else:
        raise Refused("unknown_encoding", f"Content-Encoding {encoding!r} is not known: use gzip.", 415)
    try:
        async with asyncio.timeout(READ_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise HungUp
                unpack.feed(message.get("body", b""))
                if not message.get("more_body", False):
                    return unpack.finish()
    except TimeoutError as error:
        raise Refused("too_slow", f"The body did not arrive within {READ_SECONDS:.0f} s.", 408) from error


def _announced(headers: Iterable[tuple[bytes, bytes]]) -> tuple[str, int]:
    encoding, length = "", 0
    for name, value in headers:
        if name == b"content-encoding":
            encoding = value.decode("latin-1").strip().lower()
        elif name == b"content-length" and value.isdigit():
            length = int(value)
    return encoding, length


def _too_large(max_bytes: int) -> Refused:
    return Refused("too_large", f"A request may have {max_bytes} bytes, unpacked.", 413)


class _Plain:
    def __init__(self, max_bytes: int) -> None:
        self._left = self._max_bytes = max_bytes
        self._parts: list[bytes] = []

    def feed(self, chunk: bytes) -> None:
        self._left -= len(chunk)
        if self._left < 0:
            raise _too_large(self._max_bytes)
        self._parts.append(chunk)

    def finish(self) -> bytes:
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)


class _Gunzip:
    """Never holds more than max_bytes unpacked, however much a small body would grow to."""

    def __init__(self, max_bytes: int) -> None:
        self._left = self._max_bytes = max_bytes
        self._packed = 0
        self._parts: list[bytes] = []
        self._stream = zlib.decompressobj(_GZIP)

    def feed(self, chunk: bytes) -> None:
        self._packed += len(chunk)
        if self._stream.eof and chunk:
            raise Refused("bad_gzip", "The gzip body goes on after its end.")
        try:
            part = self._stream.decompress(chunk, self._left + 1)
        except zlib.error as error:
            raise Refused("bad_gzip", f"The gzip body cannot be unpacked: {error}.") from error
        self._left -= len(part)
        if self._left < 0:
            raise _too_large(self._max_bytes)
        self._parts.append(part)

    def finish(self) -> bytes:
        if not self._stream.eof or self._stream.unused_data:
            raise Refused("bad_gzip", "The gzip body is not one complete stream.")
        body = b"".join(self._parts)
        if len(body) > _SMALL and len(body) > MAX_RATIO * self._packed:
            raise Refused("too_large", f"The body unpacks to more than {MAX_RATIO} times its size.", 413)
        return body


def expected_bytes(headers: Iterable[tuple[bytes, bytes]], max_bytes: int) -> int:
    """How much memory a body may take, guessed before it is read: the budget of all bodies together counts it."""
    encoding, length = _announced(headers)
    if length == 0:
        return min(max_bytes, 256 * 1024)
    return min(max_bytes, length * 20 if encoding else length)
