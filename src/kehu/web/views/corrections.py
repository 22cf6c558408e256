"""Corrections to sources: sent from the lineage of a value, looked after on a page of their own."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kehu.core.errors import NotFound
from kehu.govern.access import actor_of, requires
from kehu.profile.corrections import services
from kehu.web import toasts
from kehu.web.pages.corrections import correction_rows
from kehu.web.views.acts import uuid_or_none


@requires("customer.view")
def show_corrections(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {"rows": correction_rows(actor), "may_withdraw": actor.can("customer.edit")}
    return render(request, "web/corrections.html", context)


@requires("customer.view", "customer.edit")
@require_POST
def send(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The record that says something wrong is named; values never travel."""
    attribute, record = request.POST.get("attribute", "")[:50], uuid_or_none(request.POST.get("value", ""))
    if record is None:
        raise NotFound("value", attribute)
    sent = services.send_corrections(customer_id, attribute, record, actor=actor_of(request))
    if sent:
        told = ngettext("Sent to the owner of the source.", "Sent to the owners of %(n)d sources.", len(sent))
        undo = f"{reverse('web:corrections_withdraw')}?{'&'.join(f'id={one}' for one in sent)}"
        toasts.tell(request, told % {"n": len(sent)}, undo_url=undo)
    else:
        toasts.tell(request, _("That correction has been sent already."))
    return redirect("web:customer", customer_id)


@requires("customer.view", "customer.edit")
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    named = [*request.GET.getlist("id"), *request.POST.getlist("id")][:100]
    ids = [int(one) for one in named if one.isascii() and one.isdecimal() and len(one) < 19]
    services.withdraw_corrections(ids, actor=actor_of(request))
    toasts.tell(request, _("Withdrawn."))
    return redirect("web:corrections")
