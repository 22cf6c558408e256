"""The signed link of a card: which screen, whose card, by whose token. It tells nothing but ids, and soon ends."""

from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.core import signing
from django.utils import timezone

from kehu.core.errors import NotFound
from kehu.govern.access import Actor
from kehu.govern.tokens import actor_of_token_id
from kehu.profile.screens.models import Screen

_SALT: Final = "kehu.card"


class CardAsked(NamedTuple):
    """What a link stands for, as far as it still holds. actor: the token's user, with the rights of this moment."""

    screen: Screen
    customer_id: UUID
    actor: Actor
    ends_at: datetime


def sign_link(screen: Screen, customer_id: UUID, token_id: int, ends_at: datetime) -> str:
    return signing.dumps([screen.pk, str(customer_id), token_id, int(ends_at.timestamp())], salt=_SALT)


def read_link(link: str) -> CardAsked:
    """Raises NotFound for what was changed, has ended, or whose screen or token is no more: always the same word."""
    found = _read(link)
    if found is None:
        raise NotFound("card", "link")
    return found


def _read(link: str) -> CardAsked | None:
    if len(link) > 500:
        return None
    try:
        said: Any = signing.loads(link, salt=_SALT, max_age=timedelta(days=1))
        screen_id, customer_id, token_id, ends = int(said[0]), UUID(said[1]), int(said[2]), int(said[3])
    except (signing.BadSignature, ValueError, TypeError, LookupError, UnicodeError):
        return None
    now = timezone.now()
    screen = Screen.objects.filter(pk=screen_id, is_enabled=True).first()
    actor = actor_of_token_id(token_id, now)
    if screen is None or actor is None or now.timestamp() >= ends:
        return None
    return CardAsked(screen, customer_id, actor, datetime.fromtimestamp(ends, tz=now.tzinfo))
