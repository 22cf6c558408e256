"""Every permission there is. A role holds some of them; a token never more than its user's role."""

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
    "customer.reveal": _("See a masked value, with a reason"),
    "review.view": _("See the review queue"),
    "review.decide": _("Decide review pairs"),
    "source.view": _("See sources"),
    "source.manage": _("Add and change sources"),
    "import.view": _("See imports"),
    "import.run": _("Import files"),
    "dead_letter.view": _("See dead letters"),
    "dead_letter.manage": _("Correct and replay dead letters"),
    "rebuild.view": _("See rebuilds"),
    "rebuild.run": _("Rebuild, and swap the result in"),
    "audit.view": _("Read the audit trail"),
    "user.manage": _("Manage people, departments and roles"),
    "token.manage": _("Manage API tokens"),
}
