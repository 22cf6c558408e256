"""The privacy desk: who asked for what, what was done, what is due; how long data is kept."""

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, InvalidInput, NotFound
from kehu.govern.access import Actor, actor_of, requires
from kehu.govern.privacy import queries, retention, services
from kehu.govern.privacy.models import RequestKind
from kehu.web import toasts
from kehu.web.forms import DressedForm
from kehu.web.pages.privacy import desk_page, privacy_tabs, request_page, retention_rows
from kehu.web.views.acts import uuid_or_none
from kehu.web.views.sources import refuse


class RequestForm(DressedForm):
    kind = forms.ChoiceField(label=lazy("What they ask for"), choices=RequestKind.choices)
    requester_name = forms.CharField(label=lazy("Who asks"), max_length=100)
    requester_contact = forms.CharField(label=lazy("Where the answer goes"), max_length=200, required=False)
    received_at = forms.DateTimeField(
        label=lazy("Received"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "class": "input"}),
        help_text=lazy("Empty: now. The clock runs from here, 15 days."),
    )
    is_for_another = forms.BooleanField(label=lazy("For somebody else: a child, a relative"), required=False)
    details = forms.CharField(label=lazy("In their words"), widget=forms.Textarea, required=False)


@requires("privacy.view")
def show_requests(request: HttpRequest) -> HttpResponse:
    page = desk_page(actor_of(request), is_open="closed" not in request.GET)
    return render(request, "web/privacy.html", {"page": page})


@requires("privacy.view", "privacy.manage")
def new_request(request: HttpRequest) -> HttpResponse:
    """?customer= comes from the customer's page: then it is known whom it is about."""
    customer = uuid_or_none(request.GET.get("customer", ""))
    form = RequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.open_request(actor=actor_of(request), customer_id=customer, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("The request is entered; its clock runs."))
            return redirect("web:privacy_request", made)
    back = reverse("web:privacy")
    context = {
        "form": form,
        "title": _("New request"),
        "submit": _("Enter"),
        "back_url": back,
        "back_label": _("Requests"),
    }
    return render(request, "web/form.html", context, status=422 if form.errors else 200)


@requires("privacy.view")
def show_request(request: HttpRequest, request_id: int) -> HttpResponse:
    return render(request, "web/privacy_request.html", {"page": request_page(actor_of(request), request_id)})


@requires("privacy.view", "privacy.manage")
@require_POST
def act(request: HttpRequest, request_id: int) -> HttpResponse:
    """The next step of a request, named by the button."""
    actor = actor_of(request)
    queries.request(actor, request_id)
    try:
        _take(request, request_id, actor)
    except (InvalidInput, DomainError) as refused:
        if isinstance(refused, NotFound) and refused.kind == "privacy request":
            raise
        text = refused.message if isinstance(refused, InvalidInput) else str(refused)
        page = request_page(actor, request_id, error=text)
        return render(request, "web/privacy_request.html", {"page": page}, status=422)
    return redirect("web:privacy_request", request_id)


def _take(request: HttpRequest, request_id: int, actor: Actor) -> None:
    said = request.POST
    match said.get("act", ""):
        case "identify":
            services.verify_identity(request_id, method=said.get("method", ""), note=said.get("note", ""), actor=actor)
        case "person":
            services.find_person(request_id, customer_at(said.get("customer", "")), actor=actor)
        case "carry_out":
            services.carry_out(request_id, actor=actor)
            toasts.tell(request, _("Carried out. What remains stands in the steps."))
        case "confirm":
            services.confirm_step(request_id, said.get("step", ""), actor=actor, note=said.get("note", ""))
        case "pause":
            services.pause(request_id, actor=actor, reason=said.get("note", ""))
        case "resume":
            services.resume(request_id, actor=actor)
        case "close":
            services.close(request_id, outcome=said.get("outcome", ""), actor=actor)
            toasts.tell(request, _("The request is done."))
        case "refuse":
            services.refuse(request_id, code=said.get("code", ""), outcome=said.get("outcome", ""), actor=actor)
        case _:
            raise InvalidInput("act", _("unknown."))


def customer_at(text: str) -> UUID:
    """An id, or the address of a customer's page."""
    found = uuid_or_none(text.strip().rstrip("/").rpartition("/")[2])
    if found is None:
        raise InvalidInput("customer", _("Paste the address of the customer's page."))
    return found


@requires("privacy.view", "privacy.manage")
def download_package(request: HttpRequest, request_id: int) -> HttpResponse:
    content, name = services.open_package(request_id, actor=actor_of(request))
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response


@requires("privacy.view")
def show_retention(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    context = {
        "tabs": privacy_tabs("retention", actor),
        "rows": retention_rows(actor),
        "can_manage": actor.can("privacy.manage"),
    }
    return render(request, "web/retention.html", context)


@requires("privacy.view", "privacy.manage")
@require_POST
def set_retention(request: HttpRequest, policy: str) -> HttpResponse:
    """Keep to so many days, or (preview) say what that would remove tonight."""
    actor = actor_of(request)
    text = request.POST.get("days", "").strip()
    try:
        days = int(text) if text else None
    except ValueError:
        raise InvalidInput("days", _("a whole number of days.")) from None
    if "preview" in request.POST:
        found = retention.preview(policy, days or 1, actor=actor)
        toasts.tell(
            request,
            _("%(days)d days would remove %(n)d tonight. Nothing was changed.") % {"days": days or 1, "n": found},
        )
    else:
        version = request.POST.get("version", "")
        retention.set_policy(
            policy, days=days, is_enabled="is_enabled" in request.POST, actor=actor,
            version=int(version) if version.isdecimal() else None,
        )  # fmt: skip
        toasts.tell(request, _("Saved."))
    return redirect("web:privacy_retention")
