"""The same rule as `outbound` for libraries that open their own connections: public addresses only, in this thread.

Python tells of every connection before it is made (audit events), with the address it goes to: what is checked is what
is called, so neither a redirect nor a name that changes its mind leads inside. Threads and programs are refused as
well, because nobody would watch them.
"""

import ipaddress
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

from kehu.core.outbound import OutboundRefused, is_let_through, is_public

_permitted: ContextVar[set[str] | None] = ContextVar("addresses the administrator let through", default=None)
_UNWATCHED: Final = frozenset(
    {"subprocess.Popen", "os.exec", "os.posix_spawn", "os.system", "os.fork", "_thread.start_new_thread"}
)


@contextmanager
def only_outward() -> Iterator[None]:
    """Inside, this thread connects to public addresses and to hosts of KEHU_OUTBOUND_ALLOW. Raises OutboundRefused."""
    _watch()
    token = _permitted.set(set())
    try:
        yield
    finally:
        _permitted.reset(token)


@cache
def _watch() -> None:
    sys.addaudithook(_look)


def _look(event: str, arguments: tuple[Any, ...]) -> None:
    permitted = _permitted.get()
    if permitted is None:
        return
    if event == "socket.getaddrinfo" and is_let_through(arguments[0]):
        permitted.update(_addresses_of(arguments[0]))
    elif event in ("socket.connect", "socket.sendto"):
        _check(arguments[1], permitted)
    elif event in _UNWATCHED:
        raise OutboundRefused(event, "a receiver is called, nothing is started")


def _check(address: Any, permitted: set[str]) -> None:
    host = str(address[0]) if isinstance(address, tuple) else str(address)
    if host in permitted or is_let_through(host):
        return
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        raise OutboundRefused(host[:100], "this is no address of the internet") from None
    if not is_public(host):
        raise OutboundRefused(host, "this is no public address")


def _addresses_of(host: str) -> set[str]:
    token = _permitted.set(None)
    try:
        return {str(found[4][0]) for found in socket.getaddrinfo(host, None)}
    except OSError:
        return set()
    finally:
        _permitted.reset(token)
