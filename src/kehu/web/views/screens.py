"""Screens of others: which may show cards, the card itself, and the customer that comes up when a phone rings."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_GET, require_POST

from kehu.core.errors import DomainError, NotFound
from kehu.govern import audit
from kehu.govern.access import actor_of, public, requires
from kehu.profile import queries as profile
from kehu.profile.screens import services
from kehu.profile.screens.links import CardAsked, read_link
from kehu.web import toasts
from kehu.web.csp import let_frame
from kehu.web.form_pages import refuse
from kehu.web.pages.screens import ScreenForm, card_page, pop_page, screens_page


@requires("source.manage")
def show_screens(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = ScreenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.add_screen(actor=actor, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:screens")
    context = {"page": screens_page(actor), "form": form}
    return render(request, "web/screens.html", context, status=422 if form.errors else 200)


@requires("source.manage")
@require_POST
def remove(request: HttpRequest, screen_id: int) -> HttpResponse:
    services.remove_screen(screen_id, actor=actor_of(request))
    toasts.tell(request, _("Removed: its cards show nothing any more."))
    return redirect("web:screens")


@public
@require_GET
@xframe_options_exempt
def show_card(request: HttpRequest, link: str) -> HttpResponse:
    """Read-only, in a frame of the screen's origins alone. Whoever has the link sees what its token's user may see."""
    try:
        asked = read_link(link)
        services.refuse_unless_served(asked.customer_id)
        response = _card(request, asked)
    except DomainError:
        response = render(request, "web/card_ended.html", {}, status=404)
    response["Referrer-Policy"], response["Cache-Control"] = "no-referrer", "private, no-store"
    return response


def _card(request: HttpRequest, asked: CardAsked) -> HttpResponse:
    if not asked.actor.can("customer.view"):
        raise NotFound("card", "link")
    view = profile.customer_view(asked.actor, asked.customer_id, timeline_limit=6)
    audit.note(actor=asked.actor, action="card", on=str(view.id), details={"screen": asked.screen.name})
    response = render(request, "web/card.html", {"page": card_page(asked.actor, view, asked)})
    let_frame(response, asked.screen.origins)
    return response


@requires("customer.view")
def show_pop(request: HttpRequest) -> HttpResponse:
    """Whoever calls just now; nothing when nobody does."""
    return render(request, "web/_pop.html", {"page": pop_page(actor_of(request))})


@requires("customer.view")
@require_POST
def close_pop(request: HttpRequest, pop_id: int) -> HttpResponse:
    services.close_pop(pop_id, actor=actor_of(request))
    return render(request, "web/_pop.html", {"page": None})
