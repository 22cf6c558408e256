"""The rules by which customers are known: survivorship, standing, computed attributes."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern.access import actor_of, requires
from kehu.profile.figures import queries, services
from kehu.profile.figures.definitions import Definition
from kehu.profile.services import survivorship
from kehu.web import toasts
from kehu.web.pages.profile_rules import (
    ComputedForm,
    StandingForm,
    computed_page,
    profile_tabs,
    standing_page,
    survivorship_page,
)
from kehu.web.views.sources import refuse


@requires("profile.manage")
def show_survivorship(request: HttpRequest) -> HttpResponse:
    """Every attribute with its rule; ?attribute=&rule= tries one over the base; posting lets it hold."""
    actor = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    attribute, rule = asked.get("attribute", ""), asked.get("rule", "")
    if request.method == "POST":
        job = survivorship.change_rule(
            attribute, rule, actor=actor, seen=request.POST.get("seen", ""), reason=_("from the page")
        )
        if job is not None:
            toasts.tell(request, _("The rule holds from now on; values are chosen anew in the background."))
        return redirect("web:profile_rules")
    preview = survivorship.preview_rule(attribute, rule, actor=actor) if attribute and rule else None
    page = survivorship_page(attribute, rule, preview)
    return _render(request, "web/profile_survivorship.html", "survivorship", {"page": page})


@requires("profile.manage")
def show_standing(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    kept = queries.rules(actor)
    form = StandingForm(request.POST or None, initial=StandingForm.initial_of(kept))
    if request.method == "POST" and form.is_valid():
        lifecycle, rating = form.rules()
        try:
            services.change_rules(actor=actor, lifecycle=lifecycle, rating=rating, version=form.cleaned_data["version"])
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved. Everybody is worked out anew in the background."))
            return redirect("web:profile_standing")
    context = {"page": standing_page(actor, kept), "form": form}
    return _render(request, "web/profile_standing.html", "standing", context, status=422 if form.errors else 200)


@requires("profile.manage")
@require_POST
def rate(request: HttpRequest) -> HttpResponse:
    services.rate_now(actor=actor_of(request))
    toasts.tell(request, _("Everybody is rated in the background."))
    return redirect("web:profile_standing")


@requires("profile.manage")
def show_computed(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = ComputedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        definition = Definition(
            said["name"],
            said["over"],
            said["function"],
            said["field"],
            tuple(said["event_names"]),
            said["window_days"],
            said["formula"],
        )
        try:
            services.add_computed(definition, label_en=said["label_en"], label_zh=said["label_zh"], actor=actor)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Added. It is filled for everybody in the background."))
            return redirect("web:profile_computed")
    context = {"page": computed_page(actor), "form": form}
    return _render(request, "web/profile_computed.html", "computed", context, status=422 if form.errors else 200)


@requires("profile.manage")
@require_POST
def remove_computed(request: HttpRequest, name: str) -> HttpResponse:
    services.remove_computed(name, actor=actor_of(request), reason=_("from the page"))
    toasts.tell(request, _("Removed, with its values."))
    return redirect("web:profile_computed")


def _render(request: HttpRequest, template: str, here: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, template, {**context, "tabs": profile_tabs(here)}, status=status)
