"""Rebuild: start, watch, compare, swap in or throw away."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu import rebuild_jobs
from kehu.govern.access import actor_of, requires
from kehu.web import live, toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.rebuild import rebuild_page


@requires("rebuild.view")
def show_rebuild(request: HttpRequest) -> HttpResponse:
    template = "web/_rebuild_live.html" if wants_fragment(request) else "web/rebuild.html"
    return render(request, template, {"page": rebuild_page(actor_of(request))})


@requires("rebuild.run")
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    rebuild_jobs.request_rebuild(actor=actor_of(request), reason=_("from the page"))
    return redirect("web:rebuild")


@requires("rebuild.run")
@require_POST
def swap(request: HttpRequest, rebuild_id: int) -> HttpResponse:
    rebuild_jobs.request_swap(rebuild_id, actor=actor_of(request), reason=_("from the page"))
    live.forget()
    return redirect("web:rebuild")


@requires("rebuild.run")
@require_POST
def discard(request: HttpRequest, rebuild_id: int) -> HttpResponse:
    rebuild_jobs.discard_rebuild(rebuild_id, actor=actor_of(request), reason=_("from the page"))
    toasts.tell(request, _("Thrown away. What is live was not touched."))
    return redirect("web:rebuild")
