"""The eight classes every installation starts with, and stays with: where a tag belongs."""

from typing import Final

from django.utils.translation import gettext_lazy as _

TAG_CLASSES: Final = {
    "identity": _("Identity"),
    "region": _("Region"),
    "channel": _("Channel"),
    "behaviour": _("Behaviour"),
    "transaction": _("Transaction"),
    "preference": _("Preference"),
    "service": _("Service"),
    "value": _("Customer value"),
}
