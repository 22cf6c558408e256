"""Every permission there is. A role holds some of them, or ALL; a token never more than its user's role."""

from collections.abc import Iterable
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

PERMISSIONS: Final[dict[str, str | Promise]] = {
    "home.view": _("See the home page"),
    "customer.view": _("See customers"),
    "customer.edit": _("Change customers"),
    "customer.create": _("Add customers"),
    "customer.merge": _("Merge customers"),
    "customer.unmerge": _("Undo a merge"),
    "customer.pin": _("Fix a value of the golden record"),
    "customer.export": _("Export customers"),
    "export.release": _("Let large files that others made be fetched"),
    "customer.reveal": _("See a masked value, with a reason"),
    "review.view": _("See the review queue"),
    "review.decide": _("Decide review pairs"),
    "profile.manage": _("Set the rules by which customers are known"),
    "source.view": _("See sources"),
    "source.manage": _("Add and change sources"),
    "import.view": _("See imports"),
    "import.run": _("Import files"),
    "dead_letter.view": _("See dead letters"),
    "dead_letter.manage": _("Correct and replay dead letters"),
    "rebuild.view": _("See rebuilds"),
    "rebuild.run": _("Rebuild, and swap the result in"),
    "screen.pop": _("Bring customers up on a colleague's screen, as a telephone exchange does"),
    "customer.share": _("Share customers with others"),
    "operate.view": _("See the operations centre and alerts"),
    "operate.manage": _("Set alert rules, silences and routes"),
    "webhook.manage": _("Manage webhooks"),
    "consent.record": _("Record what people say to being contacted"),
    "purpose.manage": _("Set purposes and notices"),
    "privacy.view": _("See privacy requests and retention"),
    "privacy.manage": _("Answer privacy requests, erase, hold, set retention"),
    "audit.view": _("Read the audit trail"),
    "user.view": _("See people, departments and roles"),
    "user.manage": _("Manage people, departments and teams"),
    "role.manage": _("Manage roles and give them to people"),
    "token.create": _("Make API tokens with one's own rights"),
    "token.manage": _("See and revoke everybody's API tokens"),
}

ALL: Final = "*"
"""In a role: whatever there is, also what a later version adds."""


def granted(held: Iterable[str]) -> frozenset[str]:
    """What a role's stored list comes to today: names that are gone drop out, ALL is spelt out."""
    names = frozenset(held)
    return frozenset(PERMISSIONS) if ALL in names else names & PERMISSIONS.keys()
