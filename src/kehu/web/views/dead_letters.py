"""Dead letters: list, one, mend and replay, replay all of a reason, discard."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kehu.collect import services
from kehu.govern.access import actor_of, requires
from kehu.web import toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.dead_letters import dead_letters_page, letter_page


@requires("dead_letter.view")
def show_dead_letters(request: HttpRequest) -> HttpResponse:
    before = request.GET.get("before", "")
    page = dead_letters_page(
        actor_of(request),
        reason=request.GET.get("reason", ""),
        before_id=int(before) if before.isdecimal() else None,
    )
    return render(request, "web/dead_letters.html", {"page": page})


@requires("dead_letter.view")
def show_dead_letter(request: HttpRequest, letter_id: int) -> HttpResponse:
    letter = letter_page(actor_of(request), letter_id)
    if wants_fragment(request):
        return render(request, "web/_dead_letter.html", {"letter": letter})
    context = {"letter": letter, "title": letter.reason, "fragment": "web/_dead_letter.html"}
    return render(request, "web/sheet_page.html", context)


@requires("dead_letter.manage")
@require_POST
def replay(request: HttpRequest, letter_id: int) -> HttpResponse:
    payload = request.POST.get("payload", "").strip()
    services.edit_and_replay_dead_letter(
        letter_id, payload=payload.encode() if payload else None, actor=actor_of(request)
    )
    toasts.tell(request, _("Replayed: the message is on its way again."))
    return redirect("web:dead_letters")


@requires("dead_letter.manage")
@require_POST
def replay_reason(request: HttpRequest) -> HttpResponse:
    replayed = services.replay_dead_letters(
        reason_code=request.POST.get("reason", ""), actor=actor_of(request), reason=_("replayed from the page")
    )
    text = ngettext("%(n)d message is on its way again.", "%(n)d messages are on their way again.", replayed)
    toasts.tell(request, text % {"n": replayed})
    return redirect("web:dead_letters")


@requires("dead_letter.manage")
@require_POST
def discard(request: HttpRequest, letter_id: int) -> HttpResponse:
    services.discard_dead_letter(letter_id, actor=actor_of(request), reason=_("discarded from the page"))
    toasts.tell(request, _("Discarded. The raw message stays in the inbox."))
    return redirect("web:dead_letters")
