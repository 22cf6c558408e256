"""No test reaches beyond this machine: connecting or looking up a name elsewhere is an error."""

import ipaddress
import sys
from typing import Any

LOCAL_NAMES = {"", "localhost", "ip6-localhost"}


class NetworkIsOff(RuntimeError):
    """A test tried to leave the machine."""


def _is_local(host: object) -> bool:
    if isinstance(host, bytes):
        host = host.decode(errors="replace")
    if host is None or (isinstance(host, str) and host.lower() in LOCAL_NAMES):
        return True
    try:
        address = ipaddress.ip_address(str(host).split("%")[0])
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _refuse_what_leaves(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
        host = address[0] if isinstance(address, tuple) else None  # a str or bytes is a Unix socket's path
    elif event == "socket.getaddrinfo":
        host = arguments[0]
    else:
        return
    if not _is_local(host):
        raise NetworkIsOff(f"A test wanted to reach {host!r}: use a local fake.")


def pytest_configure() -> None:
    sys.addaudithook(_refuse_what_leaves)
