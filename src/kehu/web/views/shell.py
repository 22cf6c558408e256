"""What the shell asks for by itself: the pulse, and the palette that jumps to anything."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from kehu.govern.access import actor_of, signed_in
from kehu.web import live_stream
from kehu.web.pages.palette import palette_groups


@signed_in
def show_pulse(request: HttpRequest) -> HttpResponse:
    return render(request, "web/_live.html", {"is_fragment": True})


@signed_in
def live_events(request: HttpRequest) -> HttpResponseBase:
    """What changed just now, as server-sent events; 204 (do not come again) when this process has enough of them."""
    actor = actor_of(request)
    if not live_stream.BROADCASTER.has_room_for(actor):
        return HttpResponse(status=204)
    response = StreamingHttpResponse(live_stream.stream(actor), content_type="text/event-stream")
    response["Cache-Control"] = "private, no-store"
    response["X-Accel-Buffering"] = "no"
    return response


@signed_in
def show_palette(request: HttpRequest) -> HttpResponse:
    """What may be meant; without a query what was looked at lately, the pages and the acts."""
    groups = palette_groups(request, request.GET.get("q", "").strip()[:200], request.headers.get("HX-Current-URL", ""))
    return render(request, "web/_palette_results.html", {"groups": groups})
