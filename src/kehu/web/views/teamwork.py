"""Comments on a customer, following it, and the customers one looked at or follows."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, InvalidInput, VersionConflict
from kehu.govern.access import actor_of, requires
from kehu.profile.queries import current_customer
from kehu.teamwork import queries, services
from kehu.web import toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.teamwork import Refused, my_customers_page, team_card


@requires("customer.view")
def show_team(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """The card: loaded by the customer's page, older comments by ?before=; without htmx a page of its own."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None
    if number is not None and wants_fragment(request):
        card = team_card(actor_of(request), customer_id, before=number)
        return render(request, "web/_comments.html", {"card": card})
    return _card(request, customer_id)


@requires("customer.view")
@require_POST
def comment(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    text = request.POST.get("text", "")
    try:
        services.add_comment(customer_id, text, actor=actor_of(request))
    except InvalidInput as refusal:
        return _card(request, customer_id, Refused(text, refusal.message))
    return _done(request, customer_id)


@requires("customer.view")
@require_POST
def edit(request: HttpRequest, comment_id: int) -> HttpResponse:
    actor, text, version = actor_of(request), request.POST.get("text", ""), request.POST.get("version", "")
    customer = queries.customer_of_comment(actor, comment_id)
    number = int(version) if version.isascii() and version.isdecimal() and len(version) < 10 else 0
    try:
        services.edit_comment(comment_id, text, actor=actor, version=number)
    except (InvalidInput, VersionConflict) as refusal:
        return _card(request, customer, Refused(text, _why(refusal), comment_id))
    return _done(request, customer)


@requires("customer.view")
@require_POST
def delete(request: HttpRequest, comment_id: int) -> HttpResponse:
    return _done(request, services.delete_comment(comment_id, actor=actor_of(request)))


@requires("customer.view")
def list_mentionable(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Who may be called, for the list beside the text that is being typed."""
    found = queries.mentionable(actor_of(request), customer_id, request.GET.get("q", "")[:60])
    response = JsonResponse({"handles": [one.handle for one in found]})
    response["Cache-Control"] = "private, no-store"
    return response


@requires("customer.view")
@require_POST
def follow(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    services.follow_customer(customer_id, actor=actor_of(request))
    if not wants_fragment(request):
        toasts.tell(request, _("You will be told what becomes of this customer."))
    return _done(request, customer_id)


@requires("customer.view")
@require_POST
def unfollow(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    services.unfollow_customer(customer_id, actor=actor_of(request))
    return _done(request, customer_id)


@requires("customer.view")
def show_my_customers(request: HttpRequest) -> HttpResponse:
    page = my_customers_page(actor_of(request), request.GET.get("show", ""))
    return render(request, "web/my_customers.html", {"page": page})


def _done(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    if wants_fragment(request):
        return _card(request, customer_id)
    return redirect("web:customer", customer_id)


def _card(request: HttpRequest, customer_id: UUID, refused: Refused | None = None) -> HttpResponse:
    actor = actor_of(request)
    card = team_card(actor, current_customer(actor, customer_id).id, refused=refused)
    status = 422 if refused else 200
    if wants_fragment(request):
        return render(request, "web/_team.html", {"card": card}, status=status)
    context = {"card": card, "title": _("Team"), "fragment": "web/_team.html"}
    return render(request, "web/sheet_page.html", context, status=status)


def _why(refusal: DomainError) -> str:
    if isinstance(refusal, InvalidInput):
        return refusal.message
    return _("You changed it elsewhere meanwhile: load the page again.")
