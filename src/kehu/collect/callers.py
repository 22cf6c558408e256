"""Who calls: the write key in a header, and the address from the socket or from a proxy we trust."""

import base64
import binascii
from collections.abc import Iterable, Sequence
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


def key_in_header(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The write key of `Authorization: Basic base64(key:)`; None without one. "" when it cannot be read.

    A Bearer token says nothing here: such clients put the write key into the body as well.
    """
    for name, value in headers:
        if name == b"authorization":
            scheme, _, encoded = value.partition(b" ")
            if scheme.lower() == b"basic":
                return _decoded(encoded)
    return None


@lru_cache(1024)
def _decoded(encoded: bytes) -> str:
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return text.partition(":")[0]


class ClientAddresses:
    """The address of the person's device: the rightmost in X-Forwarded-For that no trusted proxy has."""

    def __init__(self, trusted_proxies: Sequence[str]) -> None:
        self._proxies: list[IPv4Network | IPv6Network] = [ip_network(text) for text in trusted_proxies]

    def of(self, peer: str | None, headers: Iterable[tuple[bytes, bytes]]) -> str | None:
        address = peer
        if peer is None or not self._proxies or not self.is_proxy(peer):
            return address
        forwarded = b",".join(value for name, value in headers if name == b"x-forwarded-for")
        for text in reversed(forwarded.decode("latin-1").split(",")):
            candidate = text.strip()
            if not _is_address(candidate):
                break
            address = candidate
            if not self.is_proxy(candidate):
                break
        return address

    def is_proxy(self, text: str) -> bool:
        """Whether somebody we trust to speak for others has this address."""
        return _is_address(text) and any(ip_address(text) in network for network in self._proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
