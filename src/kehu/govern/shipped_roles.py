"""The roles an installation starts with. Seeded once; what administrators change afterwards stays changed."""

from dataclasses import dataclass
from typing import Final

from kehu.govern.permissions import PERMISSIONS

HEAD_OFFICE: Final = "总部"
CONTACT_FIELDS: Final = ("phone", "email", "address", "birth_date")
EVERYTHING: Final = ("*",)

_SEE: Final = ("home.view", "customer.view")
_WORK: Final = (*_SEE, "customer.edit", "customer.create", "customer.reveal")
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


SHIPPED_ROLES: Final = (
    ShippedRole("administrator", "Administrator", tuple(PERMISSIONS), "all", EVERYTHING),
    ShippedRole(
        "steward",
        "Data steward",
        (
            *_STEWARDSHIP,
            "import.run",
            "dead_letter.view",
            "dead_letter.manage",
            "rebuild.view",
            "rebuild.run",
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
        (*_SEE, "review.view", "source.view", "import.view", "rebuild.view", "audit.view"),
        "all",
    ),
    ShippedRole("partner", "Partner", ("customer.view",), "tree", is_strict=True),
)
