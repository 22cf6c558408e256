"""A value that identifies nobody, by decision of a person: the shop's own phone, the cashier's e-mail."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from kehu.clean.identifier_forms import normal_form
from kehu.config import config
from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.errors import AlreadyBlocked
from kehu.resolve import services as resolve
from kehu.resolve.identity_rules import STRONG, UNIQUE
from kehu.resolve.models import BlockedValue

BLOCKABLE: Final = tuple(sorted((STRONG | UNIQUE) - {"user_id", "company_name"}))


@transaction.atomic
def block_identifier(type_: str, value: str, *, actor: Actor, reason: str) -> int:
    """Take the value's word away; who was one customer by it alone is taken apart within seconds.

    Returns the id of the block. Raises InvalidInput, AlreadyBlocked, PermissionDenied.
    """
    require(actor, "profile.manage")
    if type_ not in BLOCKABLE:
        raise InvalidInput("type", _("choose one of %(types)s.") % {"types": ", ".join(BLOCKABLE)})
    form = normal_form(type_, value.replace("\x00", ""), config.blind_index_key)
    if not form:
        raise InvalidInput("value", _("this cannot be a value of its kind: check it for slips."))
    if not reason.strip():
        raise InvalidInput("reason", _("say in a few words why it identifies nobody."))
    audit.act_as(actor, reason)
    blocked = resolve.block_value(type_, form, reason=reason)
    if blocked is None:
        raise AlreadyBlocked
    return blocked.pk


@transaction.atomic
def unblock_identifier(blocked_id: int, *, actor: Actor, reason: str) -> None:
    """Let the value identify again. Raises NotFound, PermissionDenied."""
    require(actor, "profile.manage")
    blocked = BlockedValue.objects.select_for_update().filter(pk=blocked_id).first()
    if blocked is None:
        raise NotFound("blocked value", blocked_id)
    audit.act_as(actor, reason)
    resolve.unblock_value(blocked)
