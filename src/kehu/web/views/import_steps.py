"""Transforms of a column in the import wizard: choose one, see what it does, keep it; take one away again."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from kehu.collect.imports import services
from kehu.collect.imports.drafts import without_step
from kehu.collect.imports.proposing import Proposal
from kehu.core.errors import InvalidInput
from kehu.govern.access import actor_of, requires
from kehu.web.fragments import wants_fragment
from kehu.web.pages.import_steps import changes_of, step_form, step_page


@requires("import.run")
def change_values(request: HttpRequest, import_id: int, place: int) -> HttpResponse:
    """place: the column's, counted from 0 as the page lists them."""
    actor = actor_of(request)
    proposal = services.propose(import_id, actor=actor)
    column, kind = _column(proposal, place), request.GET.get("do", "")
    form = step_form(proposal, column, kind, request.POST if request.method == "POST" else None)
    error = ""
    if request.method == "POST" and form is not None and form.is_valid():
        try:
            services.add_step(import_id, proposal.mapping, form.step(), actor=actor)
            return redirect("web:import_columns", import_id)
        except InvalidInput as refusal:
            error = refusal.message
    page = step_page(actor, proposal, column, kind, form, error)
    context = {"page": page, "title": page.title, "fragment": "web/_import_step.html"}
    template = context["fragment"] if wants_fragment(request) else "web/sheet_page.html"
    is_refused = bool(error) or (form is not None and bool(form.errors))
    return render(request, str(template), context, status=422 if is_refused else 200)


@requires("import.run")
@require_POST
def preview_step(request: HttpRequest, import_id: int, place: int) -> HttpResponse:
    """What the step as it is being written makes of the column's first values."""
    actor = actor_of(request)
    proposal = services.propose(import_id, actor=actor)
    column = _column(proposal, place)
    form = step_form(proposal, column, request.GET.get("do", ""), request.POST)
    if form is None or not form.is_valid():
        return render(request, "web/_import_step_changes.html", {"changes": []})
    try:
        return render(
            request, "web/_import_step_changes.html", {"changes": changes_of(actor, proposal, column, form.step())}
        )
    except InvalidInput as refusal:
        return render(request, "web/_import_step_changes.html", {"changes": [], "error": refusal.message})


@requires("import.run")
@require_POST
def take_step_away(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    proposal = services.propose(import_id, actor=actor)
    place = request.POST.get("step", "")
    if not (place.isascii() and place.isdigit()):
        raise InvalidInput("step", "is the number of a step.")
    services.keep_draft(import_id, without_step(proposal.mapping, int(place[:6])), actor=actor)
    return redirect("web:import_columns", import_id)


def _column(proposal: Proposal, place: int) -> str:
    if place >= len(proposal.columns):
        raise Http404
    return proposal.columns[place].column
