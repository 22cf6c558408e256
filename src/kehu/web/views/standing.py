"""Holds and marks: whose data stays whatever is asked, and whose may be used only so far."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, InvalidInput
from kehu.govern.access import actor_of, requires
from kehu.govern.consent.services import lift_mark as lift
from kehu.govern.privacy import services
from kehu.web import toasts
from kehu.web.pages.privacy import privacy_tabs
from kehu.web.pages.standing import standing_page
from kehu.web.views.privacy import customer_at


@requires("privacy.view")
def show_standing(request: HttpRequest) -> HttpResponse:
    return _page(request)


@requires("privacy.view", "privacy.manage")
@require_POST
def hold(request: HttpRequest) -> HttpResponse:
    said = request.POST
    try:
        customer = customer_at(said.get("customer", ""))
        records = services.hold(
            customer,
            reason=said.get("reason", "")[:500],
            case_number=said.get("case_number", ""),
            actor=actor_of(request),
        )
    except DomainError as refused:
        text = refused.message if isinstance(refused, InvalidInput) else str(refused)
        return _page(request, error=text, status=422)
    text = _("Held: %(n)d records. Nothing of them is erased until the hold is released.")
    toasts.tell(request, text % {"n": records})
    return redirect("web:privacy_standing")


@requires("privacy.view", "privacy.manage")
@require_POST
def release(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    services.release_hold(customer_id, actor=actor_of(request))
    toasts.tell(request, _("Released."))
    return redirect("web:privacy_standing")


@requires("privacy.view", "privacy.manage")
@require_POST
def lift_mark(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    said = request.POST
    lift(customer_id, said.get("kind", ""), actor=actor_of(request), reason=said.get("reason", "")[:300])
    toasts.tell(request, _("Lifted."))
    return redirect("web:privacy_standing")


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    actor = actor_of(request)
    context = {"tabs": privacy_tabs("standing", actor), "page": standing_page(actor), "error": error}
    return render(request, "web/standing.html", context, status=status)
