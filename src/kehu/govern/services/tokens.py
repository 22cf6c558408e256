"""Keys for machines."""

from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit, tokens
from kehu.govern.access import Actor, require
from kehu.govern.errors import MoreThanYourOwn
from kehu.govern.models import ApiToken, User
from kehu.govern.permissions import PERMISSIONS
from kehu.govern.services.people import refuse_more_than_own


@transaction.atomic
def create_token(
    *,
    user_id: int,
    name: str,
    scopes: list[str],
    actor: Actor,
    expires_at: datetime | None = None,
) -> str:
    """A key for machines; returns the whole token, which nobody can show again.

    It can do what its scopes and its user's role both allow. Whoever makes it holds these rights themselves: they
    see the key, and could use it.
    """
    require(actor, "token.create" if user_id == actor.user_id else "token.manage")
    if not name.strip():
        raise InvalidInput("name", _("say what it is for."))
    if not scopes:
        raise InvalidInput("scopes", _("choose at least one."))
    if unknown := sorted(set(scopes) - PERMISSIONS.keys()):
        raise InvalidInput("scopes", _("unknown: %(scopes)s.") % {"scopes": ", ".join(unknown)})
    user = User.objects.select_related("role").filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("user", user_id)
    if beyond := sorted(set(scopes) - actor.permissions):
        raise MoreThanYourOwn(tuple(beyond))
    if user.pk != actor.user_id:
        # Whoever sees the text of a token acts as its user.
        refuse_more_than_own(user.role, actor)
    audit.note(actor=actor)
    minted = tokens.mint()
    ApiToken.objects.create(
        name=name.strip(),
        prefix=minted.prefix,
        secret_hash=minted.secret_hash,
        user=user,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    return minted.text


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor) -> None:
    """Dead from the next request on. One's own, or anybody's for who manages them."""
    token = ApiToken.objects.select_for_update().filter(pk=token_id).first()
    require(actor, "token.create" if token is not None and token.user_id == actor.user_id else "token.manage")
    if token is None:
        raise NotFound("token", token_id)
    audit.note(actor=actor)
    if token.revoked_at is None:
        ApiToken.objects.filter(pk=token_id).update(revoked_at=Now())
