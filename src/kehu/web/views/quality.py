"""The quality of the data: figures, the rows behind one, measuring now."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kehu.govern.access import actor_of, requires
from kehu.quality import services
from kehu.web.fragments import wants_fragment
from kehu.web.pages.quality import failing_page, measuring_progress, quality_page


@requires("source.view")
def show_quality(request: HttpRequest) -> HttpResponse:
    source = request.GET.get("source", "")
    source_id = int(source) if source.isdecimal() and len(source) < 10 else None
    template = "web/_quality_figures.html" if wants_fragment(request, "quality") else "web/quality.html"
    return render(request, template, {"page": quality_page(actor_of(request), source_id=source_id)})


@requires("source.view", "customer.view")
def show_failing(request: HttpRequest, source_id: int, attribute: str, check: str) -> HttpResponse:
    try:
        after = UUID(request.GET.get("after", ""))
    except ValueError:
        after = None
    page = failing_page(actor_of(request), source_id, attribute, check, after=after)
    return render(request, "web/quality_failing.html", {"page": page})


@requires("profile.manage")
@require_POST
def measure(request: HttpRequest) -> HttpResponse:
    services.measure_now(actor=actor_of(request))
    return redirect("web:quality")


@requires("source.view")
def show_progress(request: HttpRequest) -> HttpResponse:
    """The progress while it lives; then the page is loaded anew, with the new figures."""
    progress = measuring_progress()
    if progress is not None:
        return render(request, "components/progress.html", {"progress": progress, "id": "measuring"})
    response = HttpResponse(status=204)
    response["HX-Refresh"] = "true"
    return response
