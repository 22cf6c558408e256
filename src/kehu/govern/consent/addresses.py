"""Addresses as the suppression list keeps them: a keyed hash of the normal form, which tells nobody whose it was."""

import hashlib
import hmac
from typing import Final

from kehu.config import config
from kehu.core.registries import address_form

CHANNELS: Final = ("email", "sms", "phone", "wechat", "app", "post")
_KIND_OF: Final = {"email": "email", "sms": "phone", "phone": "phone", "wechat": "openid", "post": "address"}
_LABEL: Final = b"kehu suppression v1"


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
