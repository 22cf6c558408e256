"""Reasons of the gate in people's words."""

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kehu.govern.consent.decision import Reason

REASONS: Final[dict[Reason, Promise]] = {
    Reason.UNKNOWN_PURPOSE: _("nobody has entered this purpose"),
    Reason.WRONG_CHANNEL: _("the purpose does not use this channel"),
    Reason.NO_PERSON: _("nobody we know"),
    Reason.SUPPRESSED: _("this address is to be left alone"),
    Reason.DECEASED: _("the person has died"),
    Reason.RESTRICTED: _("the person's data may only be stored"),
    Reason.MINOR: _("under 14, and no guardian agreed"),
    Reason.NO_PROFILING: _("the person wants no profiling"),
    Reason.WITHDRAWN: _("consent withdrawn"),
    Reason.NO_CONSENT: _("no consent"),
    Reason.CONSENTED: _("consent given"),
    Reason.NOT_REFUSED: _("legitimate interest, not refused"),
    Reason.NEEDS_NO_CONSENT: _("needs no consent"),
}


def reason_label(reason: Reason) -> str:
    return str(REASONS[reason])
