"""Addresses that are left alone: looked up, entered and given back by the address itself, which is not kept."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from kehu.core.errors import DomainError
from kehu.govern.access import Actor, actor_of, requires
from kehu.govern.consent import queries, services
from kehu.govern.consent.addresses import CHANNELS
from kehu.govern.consent.models import Suppression
from kehu.web.forms import DressedForm
from kehu.web.pages.consents import channel_label
from kehu.web.pages.privacy import privacy_tabs
from kehu.web.views.sources import refuse
from kehu.web.vocabulary import CHANNELS as CHANNEL_NAMES

_BY_HAND = (Suppression.Cause.MANUAL, Suppression.Cause.COMPLAINT, Suppression.Cause.BOUNCE)


class AddressForm(DressedForm):
    channel = forms.ChoiceField(label=lazy("Channel"), choices=[(one, CHANNEL_NAMES[one]) for one in CHANNELS])
    address = forms.CharField(label=lazy("Address or number"), max_length=200)
    cause = forms.ChoiceField(
        label=lazy("Why it is left alone"), choices=[(one.value, one.label) for one in _BY_HAND], required=False
    )
    reason = forms.CharField(
        label=lazy("Why it is given back"), max_length=300, required=False, help_text=lazy("Only to give it back.")
    )


@requires("privacy.view", "consent.record")
def show_left_alone(request: HttpRequest) -> HttpResponse:
    """The address goes by the form's body, so that it stands in no log of addresses."""
    actor = actor_of(request)
    form = AddressForm(request.POST or None)
    told = ""
    if request.method == "POST" and form.is_valid():
        try:
            told = _take(request.POST.get("act", ""), form.cleaned_data, actor)
        except DomainError as error:
            refuse(form, error)
    counts = [(Suppression.Cause(cause).label, channel_label(channel or "*"), n)
              for cause, channel, n in queries.suppressed(actor)]  # fmt: skip
    context = {
        "tabs": privacy_tabs("left_alone", actor),
        "form": form,
        "told": told,
        "counts": counts,
        "can_give_back": actor.can("privacy.manage"),
    }
    return render(request, "web/left_alone.html", context, status=422 if form.errors else 200)


def _take(act: str, said: dict[str, str], actor: Actor) -> str:
    channel, address = said["channel"], said["address"]
    match act:
        case "enter":
            cause = said["cause"] or Suppression.Cause.MANUAL
            services.suppress_address(channel, address, cause=cause, actor=actor)
            return _("The address is left alone from now on.")
        case "give_back":
            given = services.give_back_address(channel, address, reason=said["reason"], actor=actor)
            return _("The address may be written to again.") if given else _("The address was not left alone.")
        case _:
            found = queries.suppressions_of(actor, channel, address)
            causes = ", ".join(sorted({str(one.get_cause_display()) for one in found}))
            return _("Left alone: %(causes)s.") % {"causes": causes} if found else _("The address is not left alone.")
