"""What the shell asks for by itself: the pulse, and the palette that jumps to anything."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.govern.access import actor_of, signed_in
from kehu.web import live_stream
from kehu.web.components import Text
from kehu.web.pages.found import Found, find_customers
from kehu.web.shell import Shell


@dataclass(frozen=True, slots=True)
class Group:
    label: str
    items: list[Found]


@signed_in
def show_pulse(request: HttpRequest) -> HttpResponse:
    return render(request, "web/_live.html", {"is_fragment": True})


@signed_in
def live_events(request: HttpRequest) -> HttpResponseBase:
    """What changed just now, as server-sent events; 204 (do not come again) when this process has enough of them."""
    actor = actor_of(request)
    if not live_stream.BROADCASTER.has_room_for(actor):
        return HttpResponse(status=204)
    response = StreamingHttpResponse(live_stream.stream(actor), content_type="text/event-stream")
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@signed_in
def show_palette(request: HttpRequest) -> HttpResponse:
    query = request.GET.get("q", "").strip()
    actor = actor_of(request)
    places = _matching(query, [Found(item.label, item.url, item.key, item.icon) for item in Shell(request).rooms])
    actions = _matching(query, _actions(request))
    groups = [
        Group(_("Customers"), find_customers(actor, query) if query and actor.can("customer.view") else []),
        Group(_("Pages"), places),
        Group(_("Actions"), actions),
    ]
    return render(request, "web/_palette_results.html", {"groups": [group for group in groups if group.items]})


def _actions(request: HttpRequest) -> list[Found]:
    offered: list[tuple[str, Text, str, str]] = [
        ("customer.create", _("New customer"), "web:customer_new", "user-plus"),
        ("import.run", _("Import a file"), "web:import_new", "file-import"),
        ("source.manage", _("New source"), "web:source_new", "plus"),
    ]
    actor = actor_of(request)
    return [
        Found(label, reverse(route), "", icon) for permission, label, route, icon in offered if actor.can(permission)
    ]


def _matching(query: str, found: list[Found]) -> list[Found]:
    return [one for one in found if query.lower() in str(one.text).lower()]
