"""The audit trail, for auditors; the history of one record, for whoever may see it."""

from itertools import chain
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from kehu.govern.access import actor_of, requires, signed_in
from kehu.web.fragments import wants_fragment
from kehu.web.pages.history import audit_csv, audit_page, customer_history, row_history


@requires("audit.view")
def show_audit(request: HttpRequest) -> HttpResponse:
    template = "web/_audit.html" if wants_fragment(request, "audit") else "web/audit.html"
    return render(request, template, {"page": audit_page(actor_of(request), request.GET)})


@requires("audit.view")
def export_audit(request: HttpRequest) -> HttpResponseBase:
    lines = audit_csv(actor_of(request), request.GET)
    first = next(lines)  # a wrong date is refused before the file begins
    response = StreamingHttpResponse(chain([first], lines), content_type="text/csv; charset=utf-8")
    name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@requires("customer.view")
def show_history(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    page = customer_history(actor_of(request), customer_id, request.GET.get("cursor", ""))
    return render(request, "web/history.html", {"page": page})


@signed_in
def show_row_history(request: HttpRequest, kind: str, row: int) -> HttpResponse:
    page = row_history(actor_of(request), kind, row, request.GET.get("cursor", ""))
    return render(request, "web/history.html", {"page": page})
