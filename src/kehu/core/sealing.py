"""Secrets that must be had again in clear (to sign, to log in elsewhere): sealed in the database, the key outside it.

AES-256-GCM under a key derived from the newest of the key ring (from KEHU_SECRET_KEY before the first rotation). What a
secret is for is part of what is sealed, so one column's value does not open in another's place. Every purpose names its
column, so that `kehu keys rotate` finds what it sealed.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kehu.config import config
from kehu.core.keyring import known_keys, newest_version

SEALED: Final = re.compile(r"sealed1:[A-Za-z0-9+/=]+|sealed2:(\d+):[A-Za-z0-9+/=]+")
"""A sealed text where it stands alone or inside JSON; the group is its key's version, none for version 0."""
_NONCE_BYTES = 12


class NotOurSeal(Exception):
    """Sealed with another key, for another use, or damaged."""


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column (text or JSON) of a table with a key `id` that holds what is sealed for a purpose."""

    table: str
    column: str
    purpose: str


_columns: dict[tuple[str, str], SealedColumn] = {}


def register_sealed(*columns: SealedColumn) -> None:
    for one in columns:
        _columns[one.table, one.column] = one


def sealed_columns() -> tuple[SealedColumn, ...]:
    return tuple(_columns[place] for place in sorted(_columns))


def seal(text: str, purpose: str) -> str:
    """Raises LookupError for a purpose no column is registered for: its secrets would be left behind by a rotation."""
    if all(one.purpose != purpose for one in _columns.values()):
        raise LookupError(f"{purpose!r} is sealed into no registered column: see register_sealed.")
    version = newest_version()
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key_of(version)).encrypt(nonce, text.encode(), purpose.encode())
    mark = f"sealed2:{version}:" if version else "sealed1:"
    return mark + base64.b64encode(nonce + sealed).decode()


def unseal(text: str, purpose: str) -> str:
    """Raises NotOurSeal."""
    version = version_of(text)
    if version is None:
        raise NotOurSeal(purpose)
    try:
        raw = base64.b64decode(text.rpartition(":")[2], validate=True)
        opened = AESGCM(_key_of(version)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError, LookupError) as error:
        raise NotOurSeal(purpose) from error
    return opened.decode()


def version_of(text: str) -> int | None:
    """Which key sealed it; None for what is no seal."""
    found = SEALED.fullmatch(text)
    return None if found is None else int(found[1] or 0)


def _key_of(version: int) -> bytes:
    """Raises LookupError for a version that is not there."""
    return _derived(config.secret_key.encode() if version == 0 else known_keys()[version])


@cache
def _derived(material: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kehu sealing 1").derive(material)
