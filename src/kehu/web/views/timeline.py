"""The timeline of a customer: pages of it, one row of it, a file a row speaks of, and all of it as a file."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from kehu.core.errors import DomainError
from kehu.govern.access import actor_of, requires
from kehu.govern.consent.queries import name_of
from kehu.govern.consent.queries import purposes as purposes_of
from kehu.profile import queries as profile
from kehu.profile.queries.timeline import timeline_row
from kehu.profile.services import timeline_export
from kehu.web.components import Choice
from kehu.web.fragments import wants_fragment
from kehu.web.pages.customer import customer_page
from kehu.web.pages.list_acts import ExportPage
from kehu.web.pages.timeline import HEADING, file_rows, flood_rows, timeline_asked, timeline_page


@requires("customer.view")
def show_timeline(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """A page of the timeline: its rows, or with its filters, or (without htmx) inside the customer page."""
    actor = actor_of(request)
    current = profile.current_customer(actor, customer_id)
    at = timeline_asked(current.id, request.GET)
    if at.asked.name and wants_fragment(request):
        return render(request, "components/timeline_rows.html", {"rows": flood_rows(actor, at), "is_bare": True})
    told = timeline_page(actor, at, request.GET)
    if not wants_fragment(request):
        view = profile.customer_view(actor, current.id, timeline_limit=0)
        return render(request, "web/customer.html", {"page": customer_page(actor, view, told)})
    template = "web/_timeline_rows.html" if at.is_further else "web/_timeline.html"
    return render(request, template, {"page": told})


@requires("customer.view")
def show_row(request: HttpRequest, customer_id: UUID, row_id: UUID) -> HttpResponse:
    """The address of one row, which it keeps: leads to it on the page of whoever the customer is today."""
    owner, _row = timeline_row(actor_of(request), row_id)
    return HttpResponseRedirect(f"{reverse('web:timeline', args=[owner])}?event={row_id}#row-{row_id}")


@requires("customer.view")
def open_file(request: HttpRequest, customer_id: UUID, row_id: UUID, number: int) -> HttpResponse:
    """On to a recording or an attachment; who opened it stands in the trail."""
    file = timeline_export.open_file(row_id, number, actor=actor_of(request))
    response = HttpResponseRedirect(file.url)
    response["Referrer-Policy"], response["Cache-Control"] = "no-referrer", "private, no-store"
    return response


@requires("customer.view", "customer.export")
def export_timeline(request: HttpRequest, customer_id: UUID) -> HttpResponse | FileResponse:
    """Which kind of file, and what for; then the file, of what the filters show."""
    actor = actor_of(request)
    current = profile.current_customer(actor, customer_id)
    at = timeline_asked(current.id, request.POST if request.method == "POST" else request.GET)
    error = ""
    if request.method == "POST":
        try:
            file = timeline_export.export_timeline(
                current.id,
                at.asked,
                format=request.POST.get("format", ""),
                purpose=request.POST.get("purpose", "") or timeline_export.TO_SERVE,
                heading=[str(label) for label in HEADING],
                tell=lambda rows: file_rows(rows, current.id, actor),
                actor=actor,
                reason=request.POST.get("reason", "")[:300],
            )
        except DomainError as refusal:
            error = str(refusal)
        else:
            response = FileResponse(file.content, as_attachment=True, filename=file.name)
            response["Content-Type"], response["Cache-Control"] = file.content_type, "private, no-store"
            return response
    return _sheet(request, _export_page(request, at.url("web:timeline_export"), at.parameters(), error), error)


def _export_page(request: HttpRequest, url: str, asked: dict[str, str], error: str) -> ExportPage:
    note = _("What the filters show, in words, values as you may see them: at most %(n)d rows, the newest first.")
    purposes = tuple(
        Choice(one.slug, name_of(one), one.slug == timeline_export.TO_SERVE)
        for one in purposes_of(actor_of(request))
        if one.is_active
    )
    return ExportPage(url, list(asked.items()), note % {"n": timeline_export.MOST_ROWS}, error, purposes)


def _sheet(request: HttpRequest, page: ExportPage, error: str) -> HttpResponse:
    if wants_fragment(request):
        return render(request, "web/_export.html", {"page": page})
    context = {"page": page, "title": _("Export"), "fragment": "web/_export.html"}
    return render(request, "web/sheet_page.html", context, status=422 if error else 200)
