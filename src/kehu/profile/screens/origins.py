"""Where a page comes from, as browsers compare it: scheme, host and port, nothing else. Pure."""

import re
from typing import Final
from urllib.parse import urlsplit

from kehu.core.errors import InvalidInput

MOST_ORIGINS: Final = 20
_HOST: Final = re.compile(r"(?=.{1,180}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_LOCAL: Final = frozenset({"localhost", "127.0.0.1"})


def origin_from(text: str) -> str:
    """`https://Desk.Example.com/` → `https://desk.example.com`. Raises InvalidInput.

    A wildcard, a path or a second word would end up in the header that keeps everybody else out.
    """
    text = text.strip().lower().removesuffix("/")
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    is_secure = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL)
    origin = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    if not is_secure or not _HOST.fullmatch(host) or origin != text:
        raise InvalidInput("origins", f"{text[:80]!r} is no origin: write https://desk.example.com, without a path.")
    return origin


def origins_from(texts: list[str]) -> list[str]:
    found = list(dict.fromkeys(origin_from(text) for text in texts if text.strip()))
    if not 1 <= len(found) <= MOST_ORIGINS:
        raise InvalidInput("origins", f"from 1 to {MOST_ORIGINS} origins.")
    return found
