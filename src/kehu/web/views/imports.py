"""The import wizard: choose a file, say what the columns are, look at the result, run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from kehu.collect import services as collect
from kehu.collect.imports import queries as imports
from kehu.collect.imports import services
from kehu.collect.imports.identities import identities_of
from kehu.collect.imports.overrides import apply_overrides
from kehu.collect.imports.problem_files import problem_file
from kehu.collect.imports.readers import FileRefused
from kehu.core.errors import DomainError, InvalidInput
from kehu.govern.access import Actor, actor_of, requires
from kehu.govern.errors import RateLimited
from kehu.profile.queries.known_rows import known_rows
from kehu.web import live, toasts
from kehu.web.forms import DressedForm
from kehu.web.fragments import wants_fragment
from kehu.web.pages.import_preview import PREVIEW_ROWS, KnownCard, known_card, preview_page
from kehu.web.pages.imports import (
    address_of,
    changed_columns,
    import_page,
    imports_page,
    mapping_page,
    undo_page,
)
from kehu.web.views.sources import refuse

NEW_SOURCE = "new"
_LAST_HEADING = 1_000_000
_LONGEST_REASON = 2_000


class UploadForm(DressedForm):
    file = forms.FileField(label=gettext_lazy("File"))
    source = forms.ChoiceField(
        label=gettext_lazy("Where is it from?"),
        help_text=gettext_lazy("Files of one system belong to one source: what was imported before is recognised."),
    )

    def __init__(self, *args: Any, may_add: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [(str(pk), name) for pk, (name, kind) in live.source_names().items() if kind != "native"]
        new = [(NEW_SOURCE, _("A new source, named after the file"))] if may_add else []
        source = self.fields["source"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = [*known, *new]
        self.fields["file"].widget.attrs |= {
            "accept": ".csv,.txt,.tsv,.xlsx,.json,.jsonl,.ndjson,.parquet",
            "x-ref": "file",
        }


@requires("import.view")
def show_imports(request: HttpRequest) -> HttpResponse:
    return render(request, "web/imports.html", {"page": imports_page(actor_of(request))})


@requires("import.run")
def new_import(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    form = UploadForm(request.POST or None, request.FILES or None, may_add=actor.can("source.manage"))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            source_id = _source_for(actor, form.cleaned_data["source"], file.name)
            import_id = services.upload(file, file_name=file.name, actor=actor, source_id=source_id)
        except DomainError as error:
            refuse(form, error)
        else:
            return redirect("web:import_columns", import_id)
    return render(request, "web/import_new.html", {"form": form}, status=422 if form.errors else 200)


def _source_for(actor: Actor, choice: str, file_name: str) -> int:
    if choice != NEW_SOURCE:
        return int(choice)
    name = Path(file_name).stem[:100]
    source = collect.create_source(kind="file", name=name, actor=actor)
    live.forget()
    return source.pk


@requires("import.run", "import.view")
def choose_columns(request: HttpRequest, import_id: int) -> HttpResponse:
    """What is chosen is kept as it changes; going on confirms it."""
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    proposal = services.propose(import_id, actor=actor)
    error = ""
    if request.method == "POST":
        is_leaving = not wants_fragment(request)
        try:
            mapping = apply_overrides(proposal.mapping, changed_columns(proposal, chosen_meanings(request)))
            services.keep_draft(import_id, mapping, actor=actor, is_confirmed=is_leaving)
            if is_leaving:
                services.preview(import_id, mapping, actor=actor, n=1)
                return redirect("web:import_preview", import_id)
            return HttpResponse(status=204)
        except InvalidInput as refusal:
            error = str(refusal)
            proposal = services.propose(import_id, actor=actor)
    page = mapping_page(view, proposal, error)
    return render(request, "web/import_mapping.html", {"page": page}, status=422 if error else 200)


def chosen_meanings(request: HttpRequest) -> dict[str, str]:
    """The meaning chosen for each column, by its place."""
    return {key.removeprefix("column-"): str(text) for key, text in request.POST.items() if key.startswith("column-")}


@requires("import.run", "import.view")
@require_POST
def read_again(request: HttpRequest, import_id: int) -> HttpResponse:
    """Another encoding, delimiter, sheet or row of headings."""
    said = {name: request.POST.get(name, "") for name in ("encoding", "delimiter", "sheet", "header_row")}
    other = request.POST.get("other_delimiter", "").strip(" ")
    file: dict[str, Any] = {name: value for name, value in said.items() if value and name != "header_row"}
    if other:
        file["delimiter"] = other
    if said["header_row"].isdigit():
        file["header_row"] = min(int(said["header_row"]), _LAST_HEADING)
    try:
        services.read_as(import_id, file, actor=actor_of(request))
    except FileRefused as refusal:
        toasts.tell_failure(request, str(refusal))
    return redirect("web:import_columns", import_id)


@requires("import.run", "import.view")
def show_preview(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    preview = services.preview(import_id, _mapping(actor, import_id), actor=actor, n=PREVIEW_ROWS)
    return render(request, "web/import_preview.html", {"page": preview_page(actor, view, preview)})


@requires("import.run", "customer.view")
def show_known(request: HttpRequest, import_id: int) -> HttpResponse:
    """Which rows speak of customers the actor can see; asked for by the preview once it is there."""
    actor = actor_of(request)
    try:
        found = identities_of(import_id, _mapping(actor, import_id), actor=actor)
        card = known_card(actor, found, known_rows(actor, found.rows))
    except RateLimited as refusal:
        card = KnownCard([], [], "", str(refusal))
    return render(request, "web/_import_known.html", {"card": card})


@requires("import.run", "import.view")
@require_POST
def run(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    services.start(import_id, source_id=view.source_id or 0, mapping=_mapping(actor, import_id), actor=actor)
    return redirect("web:import", import_id)


@requires("import.view")
def show_import(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    if view.state in ("uploaded", "mapped") and actor.can("import.run"):
        return redirect(address_of(view))
    template = "web/_import_result.html" if wants_fragment(request) else "web/import.html"
    waiting = imports.waiting_rows(actor, import_id) if view.is_over else 0
    return render(request, template, {"page": import_page(actor, view, waiting)})


@requires("import.run")
@require_POST
def cancel(request: HttpRequest, import_id: int) -> HttpResponse:
    services.cancel(import_id, actor=actor_of(request))
    return redirect("web:import", import_id)


@requires("import.run")
@require_POST
def pause(request: HttpRequest, import_id: int) -> HttpResponse:
    services.pause(import_id, actor=actor_of(request))
    return redirect("web:import", import_id)


@requires("import.run", "import.view")
def undo(request: HttpRequest, import_id: int) -> HttpResponse:
    """Asks for the reason, and says what will be as it was."""
    actor = actor_of(request)
    page = undo_page(imports.import_view(actor, import_id))
    if request.method == "POST":
        reason = request.POST.get("reason", "").strip()[:_LONGEST_REASON]
        if reason:
            services.undo(import_id, actor=actor, reason=reason)
            return redirect("web:import", import_id)
        page = replace(page, error=_("Say why: it is kept with the import."))
    context = {"page": page, "title": page.title, "fragment": "web/_import_undo.html"}
    template = context["fragment"] if wants_fragment(request) else "web/sheet_page.html"
    return render(request, str(template), context, status=422 if page.error else 200)


@requires("import.run")
@require_POST
def resume(request: HttpRequest, import_id: int) -> HttpResponse:
    services.resume(import_id, actor=actor_of(request))
    return redirect("web:import", import_id)


@requires("import.run")
def download_problems(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """The rows with problems as CSV: correct them there and import the file again."""
    chunks: Iterator[str] = problem_file(import_id, actor=actor_of(request))
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="problems-{import_id}.csv"'
    return response


def _mapping(actor: Actor, import_id: int) -> dict[str, Any]:
    """As confirmed on the page before; the proposal for those who come here directly."""
    return services.propose(import_id, actor=actor).mapping
