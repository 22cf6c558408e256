"""Roles: what their holders may do, on whose customers, and which fields they see."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.duties import FOUNDER, duties_in
from kehu.govern.errors import DutiesUnited, NotYourself
from kehu.govern.field_access import FieldAccess
from kehu.govern.models import Role, User
from kehu.govern.permissions import PERMISSIONS

_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,49}")


@dataclass(frozen=True, slots=True)
class RoleTerms:
    """What a role comes to, but for single fields."""

    name: str
    permissions: Sequence[str]
    scope: str
    is_strict: bool = False
    requires_mfa: bool = False


@transaction.atomic
def create_role(*, slug: str, terms: RoleTerms, actor: Actor) -> int:
    """A role of the company's own. Raises DutiesUnited when it would join what is to be apart."""
    require(actor, "role.manage")
    if not _SLUG.fullmatch(slug):
        raise InvalidInput("slug", _("use small letters, digits, - and _, beginning with a letter."))
    if Role.objects.filter(slug=slug).exists():
        raise InvalidInput("slug", _("there is a role of that name."))
    audit.note(actor=actor)
    role = Role(slug=slug)
    _apply(role, terms)
    role.save()
    return role.pk


@transaction.atomic
def change_role(role_id: int, *, terms: RoleTerms, actor: Actor) -> None:
    """Counts from the holders' next request on. Nobody changes the role they hold themselves."""
    require(actor, "role.manage")
    role = _role(role_id, actor)
    audit.note(actor=actor)
    _apply(role, terms)
    role.save()


@transaction.atomic
def delete_role(role_id: int, *, actor: Actor) -> None:
    """Only one that nobody holds."""
    require(actor, "role.manage")
    role = _role(role_id, actor)
    if User.objects.filter(role=role).exists():
        raise InvalidInput("role", _("somebody holds it: give them another one first."))
    audit.note(actor=actor)
    role.delete()


@transaction.atomic
def set_field_access(role_id: int, *, fields: Mapping[str, str], actor: Actor) -> None:
    """What the role may do with single attributes; "" = as the masks say. Attributes not named stay as they are."""
    require(actor, "role.manage")
    role = _role(role_id, actor)
    audit.note(actor=actor)
    kept = dict(role.fields)
    for attribute, access in fields.items():
        if access == "":
            kept.pop(attribute, None)
        elif access in set(FieldAccess):
            kept[attribute] = access
        else:
            raise InvalidInput("fields", _("hidden, masked, read or write; not %(access)s.") % {"access": access})
    role.fields = kept
    role.save(update_fields=["fields"])


def _role(role_id: int, actor: Actor) -> Role:
    role = Role.objects.select_for_update().filter(pk=role_id).first()
    if role is None:
        raise NotFound("role", role_id)
    if role.slug == FOUNDER:
        raise InvalidInput("role", _("the founder's role holds everything and stays as it is."))
    if role.slug == actor.role and actor.user_id is not None:
        raise NotYourself
    return role


def _apply(role: Role, terms: RoleTerms) -> None:
    if not terms.name.strip():
        raise InvalidInput("name", _("give it a name."))
    if unknown := sorted(set(terms.permissions) - PERMISSIONS.keys()):
        raise InvalidInput("permissions", _("unknown: %(names)s.") % {"names": ", ".join(unknown)})
    if terms.scope not in Role.Scope.values:
        raise InvalidInput("scope", _("unknown: %(names)s.") % {"names": terms.scope})
    if len(united := duties_in(terms.permissions)) > 1:
        raise DutiesUnited(united)
    role.name = terms.name.strip()[:100]
    role.permissions = sorted(set(terms.permissions))
    role.scope = terms.scope
    role.is_strict = terms.is_strict
    role.requires_mfa = terms.requires_mfa
