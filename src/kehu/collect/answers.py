"""What the collector answers: small JSON with a code, and CORS headers on everything, errors too."""

import base64
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Headers = tuple[tuple[bytes, bytes], ...]

# Browsers of any site call the collector, with a write key and never with cookies, so any origin may read the answer.
CORS: Headers = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"Retry-After"),
)
PREFLIGHT: Headers = (
    (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
    (
        b"access-control-allow-headers",
        b"authorization, content-type, content-encoding, x-retry-count, anonymousid",
    ),
    (b"access-control-max-age", b"86400"),
)
_JSON: Headers = ((b"content-type", b"application/json"), (b"x-content-type-options", b"nosniff"), *CORS)
_NOT_KEPT: Headers = ((b"cache-control", b"no-store"),)
GIF = base64.b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
SUCCESS = b'{"success":true}'


class Answer(msgspec.Struct, frozen=True):
    status: int
    body: bytes
    headers: Headers = _JSON

    async def send(self, send: Send) -> None:
        headers = [*self.headers, (b"content-length", b"%d" % len(self.body))]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


OK = Answer(200, SUCCESS)
PIXEL = Answer(200, GIF, ((b"content-type", b"image/gif"), *_NOT_KEPT, *CORS))
PREFLIGHT_OK = Answer(204, b"", (*CORS, *PREFLIGHT))


def json_answer(value: Any, status: int = 200, extra: Headers = ()) -> Answer:
    return Answer(status, msgspec.json.encode(value), (*_JSON, *extra))


def error_answer(status: int, code: str, message: str, extra: Headers = ()) -> Answer:
    """Clients read both fields: one of them retries ten times when they are missing."""
    return json_answer({"success": False, "code": code, "message": message}, status, extra)


def busy_answer(message: str, retry_after_seconds: int) -> Answer:
    return error_answer(503, "busy", message, ((b"retry-after", b"%d" % retry_after_seconds),))
