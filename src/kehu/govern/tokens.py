"""API tokens: `kehu_<prefix>_<secret>`. 160 random bits, kept as a hash, shown once."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from kehu.govern.actor import Actor, actor_for_token
from kehu.govern.models import ApiToken

MARK = "kehu"
_PREFIX_BYTES, _SECRET_BYTES = 5, 20
_USE_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class MintedToken:
    """The only time the whole token is known."""

    prefix: str
    secret_hash: bytes
    text: str

    def __repr__(self) -> str:
        return f"MintedToken({self.prefix})"


def mint() -> MintedToken:
    prefix, secret = secrets.token_hex(_PREFIX_BYTES), secrets.token_hex(_SECRET_BYTES)
    return MintedToken(prefix, _hash(secret), f"{MARK}_{prefix}_{secret}")


def actor_of_token(text: str, now: datetime) -> Actor | None:
    """Whoever the token speaks for; None for one that is wrong, expired, revoked, or whose user is not active."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not prefix or not secret or not text.isascii() or len(text) > 100:
        return None
    token = ApiToken.objects.select_related("user__role").filter(prefix=prefix).first()
    if token is None or not hmac.compare_digest(bytes(token.secret_hash), _hash(secret)):
        return None
    actor = _live_actor(token, now)
    if actor is not None:
        _note_use(token, now)
    return actor


def actor_of_token_id(token_id: int, now: datetime) -> Actor | None:
    """Whoever the token of this number speaks for now: for what was signed in its name, and ends with it."""
    token = ApiToken.objects.select_related("user__role").filter(pk=token_id).first()
    return _live_actor(token, now) if token is not None else None


def _live_actor(token: ApiToken, now: datetime) -> Actor | None:
    if token.revoked_at is not None or (token.expires_at is not None and token.expires_at <= now):
        return None
    actor = actor_for_token(token)
    return actor if actor.is_signed_in else None


def _note_use(token: ApiToken, now: datetime) -> None:
    """At most once a minute, so that a busy token's row does not become a hot spot."""
    if token.last_used_at is None or token.last_used_at < now - _USE_NOTED_EVERY:
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
