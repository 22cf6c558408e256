"""The one way out by HTTP: to public addresses only, over TLS, bounded in time and size, following nobody.

A name is resolved once, every address it has must be public, and the connection goes to one of those addresses: a name
that answers differently the second time (DNS rebinding) changes nothing. Hosts inside one's own network are let
through by KEHU_OUTBOUND_ALLOW, by name.
"""

import ipaddress
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import urlsplit

import httpcore
import httpx

from kehu.config import config
from kehu.core.errors import DomainError

SECONDS: Final = 15.0
CONNECT_SECONDS: Final = 5.0
MAX_ANSWER_BYTES: Final = 1 << 20
PORTS: Final = frozenset({80, 443, 8080, 8443})
AGENT: Final = "Kehu/1"
Resolve = Callable[[str, int], list[str]]
_HOST: Final = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
# Special since RFC 6890 and its successors; older versions of Python take them for public.
_SPECIAL: Final = tuple(map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2001::/23", "3fff::/20")))


class OutboundRefused(DomainError):
    """The address is none that Kehu calls."""

    code: ClassVar[str] = "outbound_refused"

    def __init__(self, host: str, why: str) -> None:
        super().__init__(host, why)
        self.host, self.why = host, why

    def __str__(self) -> str:
        return f"Kehu does not call {self.host}: {self.why}."


class OutboundFailed(DomainError):
    """No answer came, or none that could be taken."""

    code: ClassVar[str] = "outbound_failed"

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def check_address(url: str, *, resolve: Resolve | None = None) -> None:
    """Refuse an address Kehu would not call: for forms, before it is stored. Raises OutboundRefused."""
    host, port, is_allowed = _parts(url)
    _addresses(host, port, is_allowed, resolve or _resolve)


def send(
    method: str,
    url: str,
    *,
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    resolve: Resolve | None = None,
) -> OutboundAnswer:
    """Call an address and read its answer, whatever its status; redirects are answers. Raises OutboundRefused,
    OutboundFailed."""
    _parts(url)
    transport = httpx.HTTPTransport(retries=0, trust_env=False)
    transport._pool = httpcore.ConnectionPool(
        ssl_context=ssl.create_default_context(), network_backend=_Guarded(resolve or _resolve), retries=0
    )
    give_up_at = time.monotonic() + seconds
    limits = httpx.Timeout(min(seconds, 10.0), connect=CONNECT_SECONDS)
    try:
        with (
            httpx.Client(transport=transport, timeout=limits, follow_redirects=False, trust_env=False) as client,
            client.stream(method, url, content=body, headers={"User-Agent": AGENT, **(headers or {})}) as response,
        ):
            return OutboundAnswer(response.status_code, dict(response.headers), _read(response, give_up_at))
    except httpx.InvalidURL as error:
        raise OutboundRefused(url[:100], "this is no address") from error
    except httpx.HTTPError as error:
        raise OutboundFailed(f"{type(error).__name__}: {error}"[:500]) from error


def _read(response: httpx.Response, give_up_at: float) -> bytes:
    """At most a megabyte, and no drop by drop."""
    taken = bytearray()
    for part in response.iter_raw():
        taken += part
        if len(taken) > MAX_ANSWER_BYTES:
            raise OutboundFailed(f"The answer is larger than {MAX_ANSWER_BYTES} bytes.")
        if time.monotonic() > give_up_at:
            raise OutboundFailed("The answer took too long.")
    return bytes(taken)


def _parts(url: str) -> tuple[str, int, bool]:
    """Host, port, whether the administrator let the host through."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise OutboundRefused(url[:100], "this is no address") from None
    is_allowed = is_let_through(host)
    if parts.scheme not in ("https", "http"):
        raise OutboundRefused(host or url[:100], "only https is spoken")
    if not _HOST.fullmatch(host):
        raise OutboundRefused(url[:100], "this is no address")
    if parts.username or parts.password:
        raise OutboundRefused(host, "a password does not belong into an address")
    if parts.scheme == "http" and not is_allowed:
        raise OutboundRefused(host, "only https is spoken")
    port = port or (443 if parts.scheme == "https" else 80)
    if port not in PORTS and not is_allowed:
        raise OutboundRefused(host, f"port {port} is none of the web's")
    return host, port, is_allowed


def _resolve(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise OutboundFailed(f"{host} has no address.") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _addresses(host: str, port: int, is_allowed: bool, resolve: Resolve) -> list[str]:
    """Every address of the host, if it may be called at all of them."""
    addresses = resolve(host, port)
    if not is_allowed and (inside := [address for address in addresses if not is_public(address)]):
        raise OutboundRefused(host, f"{inside[0]} is no public address")
    return addresses


def is_let_through(host: str) -> bool:
    """Whether the administrator lets Kehu call the host wherever it lies."""
    return host in config.outbound_allow


def is_public(address: str) -> bool:
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is None and found in ipaddress.ip_network("64:ff9b::/96"):
            inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    is_special = any(found in network for network in _SPECIAL if network.version == found.version)
    return found.is_global and not (found.is_multicast or found.is_reserved or is_special)


class _Guarded(httpcore.NetworkBackend):
    """Connects to the addresses that were checked, never to a name."""

    def __init__(self, resolve: Resolve) -> None:
        self._resolve = resolve
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        last: httpcore.ConnectError | httpcore.ConnectTimeout | None = None
        for address in _addresses(host, port, is_let_through(host), self._resolve)[:3]:
            try:
                return self._plain.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or httpcore.ConnectError(f"{host} has no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("no sockets of this machine")

    def sleep(self, seconds: float) -> None:
        self._plain.sleep(seconds)
