"""Separation of duties: who runs the system, who gives rights, and who reads the trail are three people. Pure."""

from collections.abc import Iterable
from typing import Final

SYSTEM, SECURITY, AUDIT = "system", "security", "audit"
FOUNDER: Final = "administrator"
"""The one role that unites all duties: it sets an installation up, and a company of three may keep it."""

_DUTY_OF: Final = {
    "user.manage": SYSTEM,
    "source.manage": SYSTEM,
    "role.manage": SECURITY,
    "token.manage": SECURITY,
    "audit.view": AUDIT,
}


def duties_in(permissions: Iterable[str]) -> tuple[str, ...]:
    """The duties a set of permissions belongs to; more than one in one hand is a conflict."""
    return tuple(sorted({_DUTY_OF[name] for name in permissions if name in _DUTY_OF}))
