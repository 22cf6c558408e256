"""The operations centre, and /metrics for Prometheus."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from prometheus_client import CONTENT_TYPE_LATEST

from kehu.config import config
from kehu.govern.access import PermissionDenied, actor_of, public, requires
from kehu.operate.exposition import exposition, may_read
from kehu.web.fragments import wants_fragment
from kehu.web.pages.operate import operate_page


@requires("operate.view")
def show_operate(request: HttpRequest) -> HttpResponse:
    template = "web/_operate_live.html" if wants_fragment(request) else "web/operate.html"
    return render(request, template, {"page": operate_page(actor_of(request), request.GET.get("period", ""))})


@public
def metrics(request: HttpRequest) -> HttpResponse:
    """Its own guard: a token, or this machine."""
    if not may_read(request.META, config.metrics_token):
        raise PermissionDenied("operate.view", "a stranger")
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST, headers={"Cache-Control": "no-store"})
