"""Signed links in messages: whoever holds one may see and change the choices of its person and address, nothing else.

A link names record and address hash, never an address. It does not expire: one in a mail of three years ago must still
unsubscribe. It stays good through merges, because it names a record.
"""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urljoin
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.urls import reverse

from kehu.config import config
from kehu.core.errors import NotFound
from kehu.govern.consent.addresses import CHANNELS, hash_of, kind_of_channel
from kehu.govern.consent.people import founding_record

_SALT = "kehu.consent.link.v1"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whom a link speaks for. purpose "": of every message, as in a preference centre."""

    record_id: UUID | None
    channel: str
    address_hash: bytes
    purpose: str = ""


def token_for(channel: str, address: str, *, customer_id: UUID | None = None, purpose: str = "") -> str:
    found = hash_of(kind_of_channel(channel), address)
    if found is None or channel not in CHANNELS:
        raise NotFound("address", channel)
    record = founding_record(customer_id).hex if customer_id is not None else ""
    body = [record, channel, base64.urlsafe_b64encode(found).decode().rstrip("="), purpose]
    return signing.Signer(salt=_SALT).sign_object(body, compress=True)


def read_token(token: str) -> Holder:
    """Raises NotFound for what this installation did not sign."""
    try:
        record, channel, digest, purpose = signing.Signer(salt=_SALT).unsign_object(token)
        return Holder(
            UUID(record) if record else None,
            channel,
            base64.urlsafe_b64decode(digest + "=" * (-len(digest) % 4)),
            purpose,
        )
    except (signing.BadSignature, ValueError, TypeError, binascii.Error) as error:
        raise NotFound("link", "…") from error


def public_address(name: str, token: str) -> str:
    """The whole address of a public page, by KEHU_PUBLIC_URL."""
    base = config.public_url or f"http://{settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else 'localhost'}"
    return urljoin(base + "/", reverse(f"web:{name}", args=[token]).lstrip("/"))


def unsubscribe_headers(channel: str, address: str, *, customer_id: UUID | None = None, purpose: str) -> dict[str, str]:
    """RFC 8058: what a mail of this purpose carries, and its DKIM signature must cover."""
    url = public_address("unsubscribe", token_for(channel, address, customer_id=customer_id, purpose=purpose))
    return {"List-Unsubscribe": f"<{url}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
