"""The roles an installation starts with. Seeded once; what administrators change afterwards stays changed."""

from dataclasses import dataclass
from typing import Final

from kehu.govern.permissions import PERMISSIONS

HEAD_OFFICE: Final = "总部"
CONTACT_FIELDS: Final = ("phone", "email", "address", "birth_date")
EVERYTHING: Final = ("*",)

_SEE: Final = ("home.view", "customer.view")
_WORK: Final = (*_SEE, "customer.edit", "customer.create", "customer.reveal", "customer.share", "consent.record")
_STEWARDSHIP: Final = (
    *_WORK,
    "customer.merge",
    "customer.unmerge",
    "customer.pin",
    "customer.export",
    "review.view",
    "review.decide",
    "source.view",
    "import.view",
)


@dataclass(frozen=True, slots=True)
class ShippedRole:
    slug: str
    name: str
    permissions: tuple[str, ...]
    scope: str
    unmasked: tuple[str, ...] = ()
    is_strict: bool = False
    requires_mfa: bool = False


SHIPPED_ROLES: Final = (
    ShippedRole("administrator", "Administrator", tuple(PERMISSIONS), "all", EVERYTHING, requires_mfa=True),
    ShippedRole(
        "system_administrator",
        "System administrator",
        (
            "home.view",
            "user.view",
            "user.manage",
            "source.view",
            "source.manage",
            "import.view",
            "dead_letter.view",
            "rebuild.view",
            "rebuild.run",
            "operate.view",
            "operate.manage",
            "webhook.manage",
            "token.create",
        ),
        "own",
        requires_mfa=True,
    ),
    ShippedRole(
        "security_administrator",
        "Security administrator",
        ("home.view", "user.view", "role.manage", "token.manage"),
        "own",
        requires_mfa=True,
    ),
    ShippedRole(
        "steward",
        "Data steward",
        (
            *_STEWARDSHIP,
            "import.run",
            "profile.manage",
            "dead_letter.view",
            "dead_letter.manage",
            "rebuild.view",
            "rebuild.run",
            "operate.view",
            "token.create",
        ),
        "all",
        EVERYTHING,
    ),
    ShippedRole("manager", "Sales manager", _STEWARDSHIP, "tree", CONTACT_FIELDS),
    ShippedRole("rep", "Sales representative", _WORK, "department"),
    ShippedRole("agent", "Service agent", _WORK, "all"),
    ShippedRole(
        "marketer",
        "Marketer",
        (*_SEE, "customer.export", "source.view", "import.view", "import.run"),
        "all",
    ),
    ShippedRole(
        "auditor",
        "Auditor",
        (
            *_SEE,
            "review.view",
            "source.view",
            "import.view",
            "rebuild.view",
            "user.view",
            "audit.view",
            "privacy.view",
            "operate.view",
        ),
        "all",
        requires_mfa=True,
    ),
    ShippedRole("engineer", "Field engineer", (*_SEE, "customer.edit"), "team", ("phone", "address")),
    ShippedRole(
        "privacy_officer",
        "Privacy officer",
        (
            *_SEE,
            "customer.reveal",
            "customer.export",
            "export.release",
            "consent.record",
            "purpose.manage",
            "privacy.view",
            "privacy.manage",
            "source.view",
        ),
        "all",
        EVERYTHING,
        requires_mfa=True,
    ),
    ShippedRole("executive", "Executive", _SEE, "all"),
    ShippedRole("partner", "Partner", ("customer.view",), "tree", is_strict=True),
    ShippedRole("api_client", "API client", ("customer.view", "customer.edit", "customer.create"), "all"),
    ShippedRole("newcomer", "Newcomer (no rights yet)", (), "own"),
)
