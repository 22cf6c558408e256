"""Pages of a list by a sealed cursor: it names the last row seen, so pages stay right while rows come in.

Sealed and not only signed, because what a list is ordered by may be more than its reader may see.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput

T = TypeVar("T")
_NONCE_BYTES = 12


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """next_cursor None = this was the last page."""

    items: tuple[T, ...]
    next_cursor: str | None


def encode_cursor(list_name: str, position: Sequence[Any]) -> str:
    """position: JSON values of the sort key of the last row shown."""
    payload = json.dumps(list(position), separators=(",", ":"), ensure_ascii=False, default=str).encode()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(settings.SECRET_KEY)).encrypt(nonce, payload, list_name.encode())
    return base64.urlsafe_b64encode(nonce + sealed).decode().rstrip("=")


def decode_cursor(list_name: str, text: str) -> list[Any] | None:
    """None for no cursor. Raises InvalidInput for one that this list did not give."""
    if not text:
        return None
    try:
        raw = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
        opened = AESGCM(_key(settings.SECRET_KEY)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], list_name.encode())
    except (ValueError, InvalidTag) as error:
        raise _not_ours() from error
    position: list[Any] = json.loads(opened)
    return position


@cache
def _key(secret_key: str) -> bytes:
    return hashlib.sha256(b"kehu cursor\0" + secret_key.encode()).digest()


def _not_ours() -> InvalidInput:
    return InvalidInput("cursor", _("take it from next_cursor of the same list, unchanged."))
