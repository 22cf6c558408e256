"""The review queue: look, press a key, the next pair comes."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import InvalidInput
from kehu.govern.access import actor_of, requires
from kehu.profile import services
from kehu.web import live, toasts
from kehu.web.components import Action
from kehu.web.fragments import wants_fragment
from kehu.web.pages.review import nothing_waits, review_page
from kehu.web.views.acts import undo_url, uuid_or_none


@requires("review.view", "customer.view")
def show_review(request: HttpRequest) -> HttpResponse:
    skip = request.GET.get("skip", "")
    return _render(request, int(skip) if skip.isdecimal() else 0)


@requires("review.decide", "customer.view")
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """same or different; answers with the next pair."""
    left, right = uuid_or_none(request.POST.get("left", "")), uuid_or_none(request.POST.get("right", ""))
    verdict = request.POST.get("decision", "")
    if left is None or right is None or verdict not in {"same", "different"}:
        raise InvalidInput("decision", _("reload the page and decide again."))
    receipt = services.decide_pair(
        left, right, "same" if verdict == "same" else "different", actor=actor_of(request), reason=_("review queue")
    )
    live.forget()
    if receipt:
        toasts.tell(request, _("Merged: two customers are one."), undo_url=undo_url(receipt))
    else:
        toasts.tell(request, _("Noted: they stay two."))
    skip = request.GET.get("skip", "")
    number = int(skip) if skip.isdecimal() else 0
    if not wants_fragment(request):
        return redirect(f"{reverse('web:review')}?skip={number}")
    return _render(request, number)


def _render(request: HttpRequest, skip: int) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "page": review_page(actor, skip),
        "empty": nothing_waits(),
        "waiting_text": live.review_text(actor),
        "actions": [Action(_("Blocked values"), reverse("web:blocked_values"), "ban")],
    }
    if wants_fragment(request):
        return render(request, "web/_review_answer.html", context)
    return render(request, "web/review.html", context)
