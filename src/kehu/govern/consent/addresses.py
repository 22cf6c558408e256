"""Addresses as the suppression list keeps them: a keyed hash of the normal form, which tells nobody whose it was.

Links and locks name an address by its hash under the key of version 0. What is stored is that hash, hashed once more
under every key that was added since: nobody has the address any more, so a rotation can only add a layer.
"""

import hashlib
import hmac
from typing import Final

from kehu.config import config
from kehu.core.keyring import known_keys
from kehu.core.registries import address_form

CHANNELS: Final = ("email", "sms", "phone", "wechat", "app", "post")
_KIND_OF: Final = {"email": "email", "sms": "phone", "phone": "phone", "wechat": "openid", "post": "address"}
_LABEL: Final = b"kehu suppression v1"
_LAYER: Final = b"kehu suppression layer"


def kind_of_channel(channel: str) -> str:
    """Which identifier a channel is addressed by: an SMS goes to a phone."""
    return _KIND_OF.get(channel, channel)


def channels_of_kind(kind: str) -> tuple[str, ...]:
    return tuple(channel for channel in CHANNELS if kind_of_channel(channel) == kind)


def hash_of(kind: str, text: str) -> bytes | None:
    """None for a text that is no address of the kind."""
    form = address_form(kind, text)
    return hash_of_form(kind, form) if form else None


def hash_of_form(kind: str, form: str) -> bytes:
    key = hmac.digest(config.blind_index_key, _LABEL, hashlib.sha256)
    return hmac.digest(key, f"{kind}\x1f{form}".encode(), hashlib.sha256)


def stored_forms(digest: bytes) -> dict[int, bytes]:
    """Key version → how the hash of an address is stored under it, oldest first; the last is how it is written."""
    forms = {0: digest}
    for version, key in sorted(known_keys().items()):
        digest = add_layer(digest, key)
        forms[version] = digest
    return forms


def add_layer(stored: bytes, key: bytes) -> bytes:
    return hmac.digest(hmac.digest(key, _LAYER, hashlib.sha256), stored, hashlib.sha256)
