"""Customers: the list, one of them, a page of the timeline."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from kehu.govern.access import actor_of, requires
from kehu.profile import queries as profile
from kehu.web.fragments import wants_fragment
from kehu.web.pages.customer import customer_page
from kehu.web.pages.customers import customers_page
from kehu.web.pages.happenings import PAGE_SIZE, happenings
from kehu.web.pages.review import pair_of


@requires("customer.view")
def show_customers(request: HttpRequest) -> HttpResponse:
    template = "web/_customers.html" if wants_fragment(request, "customers") else "web/customers.html"
    return render(request, template, {"page": customers_page(actor_of(request), request.GET)})


@requires("customer.view")
def show_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    view = profile.customer_view(actor, customer_id, timeline_limit=PAGE_SIZE)
    if view.redirected_from:
        return redirect("web:customer", view.id)
    return render(request, "web/customer.html", {"page": customer_page(actor, view, pair=pair_of(actor, view.id))})


@requires("customer.view")
def show_timeline(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A page of the timeline: its rows, or with its filters, or (without htmx) inside the customer page."""
    actor = actor_of(request)
    kind, at, row = request.GET.get("kind", ""), request.GET.get("at", ""), request.GET.get("id", "")
    current = profile.current_customer(actor, customer_id)
    before = (at, row) if at and row else None
    rows = profile.timeline_page(actor, current.id, kind=kind, before=before, limit=PAGE_SIZE)
    page = happenings(current.id, rows, kind, actor=actor)
    if not wants_fragment(request):
        view = profile.customer_view(actor, current.id, timeline_limit=1)
        whole = customer_page(actor, view, kind=kind)
        return render(request, "web/customer.html", {"page": whole, "told": page})
    if before:
        context = {"rows": page.timeline, "next_url": page.timeline_next_url, "last_day": request.GET.get("day", "")}
        return render(request, "components/timeline_rows.html", context)
    return render(request, "web/_timeline.html", {"page": page})
