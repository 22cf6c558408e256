"""Customers: the list, and one of them."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from kehu.govern.access import actor_of, requires
from kehu.profile import queries as profile
from kehu.teamwork.services import note_visit
from kehu.web.fragments import wants_fragment
from kehu.web.pages.customer import customer_page
from kehu.web.pages.customers import customers_page
from kehu.web.pages.review import pair_of
from kehu.web.pages.timeline import timeline_asked, timeline_page


@requires("customer.view")
def show_customers(request: HttpRequest) -> HttpResponse:
    template = "web/_customers.html" if wants_fragment(request, "customers") else "web/customers.html"
    return render(request, template, {"page": customers_page(actor_of(request), request.GET)})


@requires("customer.view")
def show_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    view = profile.customer_view(actor, customer_id, timeline_limit=0)
    if view.redirected_from:
        return redirect("web:customer", view.id)
    note_visit(actor, view.id)
    told = timeline_page(actor, timeline_asked(view.id, QueryDict()))
    return render(
        request, "web/customer.html", {"page": customer_page(actor, view, told, pair=pair_of(actor, view.id))}
    )
