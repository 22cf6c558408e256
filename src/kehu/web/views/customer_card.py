"""A customer on paper."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse

from kehu.govern.access import actor_of, requires
from kehu.web.pages.customer_card import customer_card


@requires("customer.view")
def print_card(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    response = HttpResponse(customer_card(actor_of(request), customer_id), content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="customer-{str(customer_id)[:8]}.pdf"'
    response["Cache-Control"] = "private, no-store"
    return response
