"""What people choose of being contacted: by a signed link without signing in, and on their customer page."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from kehu.core.errors import DomainError, InvalidInput
from kehu.govern.access import Actor, actor_of, public, require, requires
from kehu.govern.consent import queries, services
from kehu.govern.consent.addresses import CHANNELS
from kehu.govern.consent.links import read_token
from kehu.govern.consent.services import Door
from kehu.web import toasts
from kehu.web.fragments import wants_fragment
from kehu.web.pages.consents import choices_page, consents_sheet

ONE_CLICK = "One-Click"


@public
@csrf_exempt  # the signed link is the authority, and there is no session to borrow
def show_choices(request: HttpRequest, token: str) -> HttpResponse:
    """The preference centre. What is shown unchecked and sent back unchecked is a no."""
    holder = read_token(token)
    is_saved = False
    if request.method == "POST":
        choices = queries.choices_of(holder)
        is_none = "none" in request.POST
        wanted = {
            (purpose.slug, channel): f"{purpose.slug}.{channel}" in request.POST and not is_none
            for purpose, _name, _text, _chosen in choices.rows
            for channel in choices.channels
        }
        asked_alone = {purpose.slug for purpose, _name, _text, _chosen in choices.rows if purpose.separate}
        # A yes to what is asked alone stays as it was given: this page can only take it back.
        wanted = {choice: is_yes for choice, is_yes in wanted.items() if not is_yes or choice[0] not in asked_alone}
        services.choose_by_link(holder, wanted, door=Door("link", request.META.get("REMOTE_ADDR")))
        is_saved = True
    page = choices_page(queries.choices_of(holder), token, is_saved=is_saved)
    return _public(render(request, "web/choices.html", {"page": page}))


@public
@csrf_exempt  # RFC 8058: the mail provider posts, without cookies
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows a page and changes nothing, because mail scanners follow links; POST unsubscribes, twice is once."""
    holder = read_token(token)
    is_done = request.method == "POST"
    if is_done:
        is_one_click = request.POST.get("List-Unsubscribe") == ONE_CLICK
        door = Door("one_click" if is_one_click else "link", request.META.get("REMOTE_ADDR"))
        services.unsubscribe(holder, door=door)
    return _public(render(request, "web/unsubscribe.html", {"token": token, "is_done": is_done}))


@public
def show_notice(request: HttpRequest) -> HttpResponse:
    """How the company uses data: the newest notice, the purposes in a list."""
    context = {"notice": queries.newest_notice(), "purposes": [(queries.name_of(one), queries.text_of(one), one)
                                                               for one in queries.asked_for()]}  # fmt: skip
    return render(request, "web/notice.html", context)


@requires("customer.view")
def customer_consents(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    """Where a customer stands, what they said; a form to write down what they say now."""
    actor, error = actor_of(request), ""
    if request.method == "POST":
        require(actor, "consent.record")
        try:
            _write_down(request, customer_id, actor)
        except InvalidInput as refused:
            error = refused.message
        except DomainError as refused:
            error = str(refused)
        else:
            toasts.tell(request, _("Written down. It counts from now on."))
            return redirect("web:customer", customer_id)
    page = consents_sheet(actor, queries.person_consents(actor, customer_id), error=error)
    context = {"page": page, "title": _("Consent"), "fragment": "web/_consents.html"}
    template = "web/_consents.html" if wants_fragment(request) else "web/sheet_page.html"
    return render(request, template, context, status=422 if error else 200)


def _write_down(request: HttpRequest, customer_id: UUID, actor: Actor) -> None:
    if mark := request.POST.get("mark", ""):
        act = services.lift_mark if "lift" in request.POST else services.set_mark
        act(customer_id, mark, actor=actor, reason=_("from the page"))
        return
    door = Door("page", request.META.get("REMOTE_ADDR"), {"said": request.POST.get("proof", "").strip()[:300]})
    purpose, channels = request.POST.get("purpose", ""), request.POST.getlist("channel")
    if request.POST.get("word") == "no":
        choices = [(purpose or "*", channel) for channel in channels or ["*"]]
        services.withdraw_consent(customer_id, choices, door=door, actor=actor)
        return
    if not channels or not set(channels) <= set(CHANNELS):
        raise InvalidInput("channel", _("Choose the channels."))
    if not request.POST.get("proof", "").strip():
        raise InvalidInput("proof", _("Note how they said yes: it is the proof."))
    services.give_consent(
        customer_id,
        [(purpose, channel) for channel in channels],
        door=door,
        actor=actor,
        is_separate="separate" in request.POST,
        has_guardian="guardian" in request.POST,
    )


def _public(response: HttpResponse) -> HttpResponse:
    """The address is a key: it is kept out of caches, search engines and the pages linked from here."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response
