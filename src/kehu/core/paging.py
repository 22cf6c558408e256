"""Pages of a list by an opaque, signed cursor: it names the last row seen, so pages stay right while rows come in."""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput

T = TypeVar("T")
_SIGNATURE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """next_cursor None = this was the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


def encode_cursor(list_name: str, position: Sequence[Any]) -> str:
    """position: JSON values of the sort key of the last row shown."""
    payload = json.dumps(list(position), separators=(",", ":"), ensure_ascii=False, default=str).encode()
    return base64.urlsafe_b64encode(_signature(list_name, payload) + payload).decode().rstrip("=")


def decode_cursor(list_name: str, text: str) -> list[Any] | None:
    """None for no cursor. Raises InvalidInput for one that this list did not give."""
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError as error:
        raise _not_ours() from error
    signature, payload = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(list_name, payload)):
        raise _not_ours()
    position: list[Any] = json.loads(payload)
    return position


def _signature(list_name: str, payload: bytes) -> bytes:
    key = b"cursor\0" + settings.SECRET_KEY.encode()
    return hmac.digest(key, list_name.encode() + b"\0" + payload, hashlib.sha256)[:_SIGNATURE_BYTES]


def _not_ours() -> InvalidInput:
    return InvalidInput("cursor", _("take it from next_cursor of the same list, unchanged."))
