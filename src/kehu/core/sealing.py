"""Secrets that must be had again in clear (to sign, to log in elsewhere): sealed in the database, the key outside it.

AES-256-GCM under a key derived from KEHU_SECRET_KEY; what a secret is for is part of what is sealed, so one column's
value does not open in another's place.
"""

import base64
import secrets
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from kehu.config import config

PREFIX: Final = "sealed1:"
_NONCE_BYTES = 12


class NotOurSeal(Exception):
    """Sealed with another key, for another use, or damaged."""


def seal(text: str, purpose: str) -> str:
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(config.secret_key)).encrypt(nonce, text.encode(), purpose.encode())
    return PREFIX + base64.b64encode(nonce + sealed).decode()


def unseal(text: str, purpose: str) -> str:
    """Raises NotOurSeal."""
    try:
        raw = base64.b64decode(text.removeprefix(PREFIX), validate=True)
        opened = AESGCM(_key(config.secret_key)).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], purpose.encode())
    except (InvalidTag, ValueError) as error:
        raise NotOurSeal(purpose) from error
    return opened.decode()


@cache
def _key(secret_key: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"kehu sealing 1").derive(secret_key.encode())
