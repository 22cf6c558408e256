"""The bell and what it rang for."""

import json

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kehu.govern.access import actor_of, signed_in
from kehu.teamwork import queries, services
from kehu.web import toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.notifications import notifications_page, place_of
from kehu.web.shell import Shell


@signed_in
def show_notifications(request: HttpRequest) -> HttpResponse:
    page = notifications_page(actor_of(request), request.GET.get("show", ""), request.GET.get("cursor", ""))
    template = "web/_notifications.html" if wants_fragment(request) else "web/notifications.html"
    return render(request, template, {"page": page})


@signed_in
def show_bell(request: HttpRequest) -> HttpResponse:
    response = render(request, "web/_bell.html")
    if unread := Shell(request).unread:
        said = ngettext("%(n)d unread notification", "%(n)d unread notifications", unread) % {"n": unread}
        response["HX-Trigger"] = json.dumps({"kehu:announce": said})
    return response


@signed_in
def open_notification(request: HttpRequest, notification_id: int) -> HttpResponse:
    """Read it, and go to what it is about."""
    actor = actor_of(request)
    one = queries.notification(actor, notification_id)
    services.mark_read(actor, [notification_id])
    return redirect(place_of(actor, one))


@signed_in
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    up_to = request.POST.get("up_to", "")
    if up_to.isascii() and up_to.isdecimal() and len(up_to) < 19:
        services.mark_all_read(actor_of(request), up_to=int(up_to))
    return redirect("web:notifications")


@signed_in
@require_POST
def choose_kinds(request: HttpRequest) -> HttpResponse:
    services.choose_kinds(actor_of(request), request.POST.getlist("kind"))
    toasts.tell(request, _("Saved."))
    return redirect("web:notifications")
