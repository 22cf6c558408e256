"""Relations of a customer, and organisations."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from kehu import inline
from kehu.core.errors import DomainError
from kehu.govern.access import Actor, actor_of, requires
from kehu.profile.relations.kinds import Side
from kehu.profile.relations.typed import SaidRelation
from kehu.web import live, toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.organisations import organisation_page, organisations_page
from kehu.web.pages.relations import RelatePage, relate_page, relations_page
from kehu.web.views.acts import uuid_or_none
from kehu.web.views.sources import refuse


@requires("customer.view")
def show_organisations(request: HttpRequest) -> HttpResponse:
    page = organisations_page(actor_of(request), query=request.GET.get("q", "")[:200], after=_after(request))
    return render(request, "web/organisations.html", {"page": page})


@requires("customer.view")
def show_organisation(request: HttpRequest, organisation_id: UUID) -> HttpResponse:
    page = organisation_page(actor_of(request), organisation_id, after=_after(request))
    if page.id != organisation_id:
        return redirect("web:organisation", page.id)
    return render(request, "web/organisation.html", {"page": page})


@requires("customer.view")
def show_relations(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    page = relations_page(actor_of(request), customer_id, after=_after(request))
    return render(request, "web/relations.html", {"page": page})


@requires("customer.view", "customer.edit")
def relate(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Find the other customer, say what it is; change a tie that is there, or deny it."""
    actor, other = actor_of(request), uuid_or_none(request.GET.get("other", ""))
    page = relate_page(actor, customer_id, request.GET.dict(), other_id=other, data=request.POST or None)
    if request.method == "POST" and page.form is not None and other is not None:
        said = _said(request, page)
        if said is not None:
            try:
                _relate(actor, customer_id, other, *said)
            except DomainError as error:
                refuse(page.form, error)
            else:
                live.forget()
                toasts.tell(request, _("Saved."))
                return redirect("web:relations", customer_id)
    status = 422 if request.method == "POST" else 200
    template = "web/_relate.html" if wants_fragment(request) else "web/sheet_page.html"
    context = {"page": page, "title": _("Relation"), "fragment": "web/_relate.html"}
    return render(request, template, context, status=status)


def _said(request: HttpRequest, page: RelatePage) -> tuple[SaidRelation, Side] | None:
    """What was typed and where this customer stands; None when the form refuses."""
    assert page.form is not None
    if "deny" in request.POST:
        kind, _slash, side = request.GET.get("tie", "").partition("/")
        return SaidRelation(kind, is_denied=True), Side.RIGHT if side == Side.RIGHT else Side.LEFT
    if not page.form.is_valid():
        return None
    said = page.form.cleaned_data
    kind, _slash, side = said["tie"].partition("/")
    return SaidRelation(kind, said["role"], said["since"], said["until"]), Side(side)


def _relate(actor: Actor, customer: UUID, other: UUID, said: SaidRelation, side: Side) -> None:
    ends = (customer, other) if side is Side.LEFT else (other, customer)
    inline.relate_customers(*ends, said, actor=actor)


def _after(request: HttpRequest) -> tuple[str, str] | None:
    asked = request.GET
    if "after" not in asked or uuid_or_none(asked.get("id", "")) is None:
        return None
    return asked["after"], asked["id"]
