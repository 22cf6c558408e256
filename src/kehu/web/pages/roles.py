"""Roles: what each may do, on whose customers, and which fields it sees."""

from dataclasses import dataclass

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.core.errors import NotFound
from kehu.extend import queries as catalogue
from kehu.govern.access import Actor, require
from kehu.govern.duties import FOUNDER, duties_in
from kehu.govern.field_access import FieldAccess
from kehu.govern.masking import MASKS
from kehu.govern.models import Role
from kehu.govern.permissions import PERMISSIONS, granted
from kehu.web.components import Action, Chip, Choice, Tab, Text
from kehu.web.pages.people import access_tabs
from kehu.web.vocabulary import attribute_label

DUTIES = {
    "system": gettext_lazy("runs the system"),
    "security": gettext_lazy("gives rights"),
    "audit": gettext_lazy("reads the audit trail"),
}
ACCESSES: tuple[tuple[str, Text], ...] = (
    ("", gettext_lazy("as the masks say")),
    (FieldAccess.HIDDEN, gettext_lazy("hidden")),
    (FieldAccess.MASKED, gettext_lazy("masked")),
    (FieldAccess.READ, gettext_lazy("read")),
    (FieldAccess.WRITE, gettext_lazy("read and write")),
)
AREAS = {
    "home": gettext_lazy("Home"),
    "customer": gettext_lazy("Customers"),
    "review": gettext_lazy("Review"),
    "profile": gettext_lazy("Profile"),
    "source": gettext_lazy("Sources"),
    "import": gettext_lazy("Imports"),
    "dead_letter": gettext_lazy("Dead letters"),
    "rebuild": gettext_lazy("Rebuild"),
    "user": gettext_lazy("Staff"),
    "operate": gettext_lazy("Operations"),
    "webhook": gettext_lazy("Webhooks"),
    "consent": gettext_lazy("Consent"),
    "purpose": gettext_lazy("Purposes"),
    "privacy": gettext_lazy("Privacy"),
    "role": gettext_lazy("Roles"),
    "token": gettext_lazy("API tokens"),
    "audit": gettext_lazy("Audit trail"),
}


@dataclass(frozen=True, slots=True)
class RoleLine:
    id: int
    name: str
    slug: str
    url: str
    sees: str
    rights: int
    holders: int
    chips: tuple[Chip, ...]


@dataclass(frozen=True, slots=True)
class RolesPage:
    tabs: list[Tab]
    rows: list[RoleLine]
    actions: list[Action]


def roles_page(actor: Actor) -> RolesPage:
    require(actor, "user.view")
    holders = Count("user", filter=Q(user__is_active=True))
    new = Action(_("New role"), reverse("web:role_new"), "plus", is_main=True, key="c")
    return RolesPage(
        access_tabs(actor, "web:roles"),
        [_line(role, role.holders) for role in Role.objects.annotate(holders=holders).order_by("id")],
        [new] if actor.can("role.manage") else [],
    )


def _line(role: Role, holders: int) -> RoleLine:
    rights = granted(role.permissions)
    chips = [Chip(DUTIES[duty], "shield-check", "accent") for duty in duties_in(rights)]
    if role.is_strict:
        chips.append(Chip(_("strict"), "lock"))
    if role.requires_mfa:
        chips.append(Chip(_("second factor"), "key"))
    return RoleLine(
        role.pk,
        str(role),
        role.slug,
        reverse("web:role", args=[role.pk]),
        str(Role.Scope(role.scope).label),
        len(rights),
        holders,
        tuple(chips),
    )


@dataclass(frozen=True, slots=True)
class Right:
    name: str
    label: Text
    is_held: bool
    duty: Text


@dataclass(frozen=True, slots=True)
class Area:
    label: Text
    rights: list[Right]


@dataclass(frozen=True, slots=True)
class FieldLine:
    attribute: str
    label: Text
    note: str
    choices: list[Choice]


@dataclass(frozen=True, slots=True)
class RolePage:
    """id None: a new one."""

    id: int | None
    title: str
    slug: str
    name: str
    areas: list[Area]
    scopes: list[Choice]
    is_strict: bool
    requires_mfa: bool
    fields: list[FieldLine]
    holders: int
    can_change: bool
    error: str = ""


def role_page(actor: Actor, role_id: int) -> RolePage:
    """Raises NotFound."""
    require(actor, "user.view")
    role = Role.objects.annotate(holders=Count("user", filter=Q(user__is_active=True))).filter(pk=role_id).first()
    if role is None:
        raise NotFound("role", role_id)
    can_change = actor.can("role.manage") and role.slug not in {FOUNDER, actor.role}
    return _page(role, role.holders, can_change)


def new_role_page(error: str = "", *, draft: Role | None = None) -> RolePage:
    return _page(draft or Role(name="", slug=""), 0, can_change=True, error=error)


def refused_role_page(actor: Actor, draft: Role, error: str) -> RolePage:
    """The form as it was sent, with what was wrong."""
    return _page(draft, 0, can_change=actor.can("role.manage"), error=error)


def _page(role: Role, holders: int, can_change: bool, error: str = "") -> RolePage:
    held = granted(role.permissions)
    areas: dict[str, list[Right]] = {}
    for name, label in PERMISSIONS.items():
        duty = next((DUTIES[duty] for duty in duties_in([name])), "")
        areas.setdefault(name.partition(".")[0], []).append(Right(name, label, name in held, duty))
    return RolePage(
        role.pk,
        str(role) if role.pk else _("New role"),
        role.slug,
        role.name,
        [Area(AREAS.get(area, area), rights) for area, rights in areas.items()],
        [Choice(value, label, value == role.scope) for value, label in Role.Scope.choices],
        role.is_strict,
        role.requires_mfa,
        [_field(role, name) for name in _attributes()],
        holders,
        can_change,
        error,
    )


def _attributes() -> list[str]:
    known = [one.name for one in catalogue.catalogue()]
    return list(dict.fromkeys([*known, *MASKS]))


def _field(role: Role, attribute: str) -> FieldLine:
    whole = "*" in role.unmasked or attribute in role.unmasked
    is_masked = not whole and (attribute in MASKS or catalogue.data_class_of(attribute) == "sensitive")
    return FieldLine(
        attribute,
        attribute_label(attribute),
        _("masked") if is_masked else _("read and write"),
        [Choice(value, label, value == role.fields.get(attribute, "")) for value, label in ACCESSES],
    )
