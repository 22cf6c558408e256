"""The import wizard: choose a file, say what the columns are, look at the result, run."""

from collections.abc import Iterator
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
from kehu.collect.imports.overrides import apply_overrides
from kehu.collect.imports.problem_files import problem_file
from kehu.core.errors import DomainError
from kehu.govern.access import Actor, actor_of, requires
from kehu.web import live
from kehu.web.forms import DressedForm
from kehu.web.fragments import wants_fragment
from kehu.web.pages.imports import (
    PREVIEW_ROWS,
    changed_columns,
    import_page,
    imports_page,
    mapping_page,
    preview_page,
)
from kehu.web.views.sources import refuse

NEW_SOURCE = "new"


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
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    proposal = services.propose(import_id, actor=actor)
    if request.method == "POST":
        chosen = {
            key.removeprefix("column-"): str(text) for key, text in request.POST.items() if key.startswith("column-")
        }
        mapping = apply_overrides(proposal.mapping, changed_columns(proposal, chosen))
        request.session[_kept(import_id)] = mapping
        return redirect("web:import_preview", import_id)
    return render(request, "web/import_mapping.html", {"page": mapping_page(view, proposal)})


@requires("import.run", "import.view")
def show_preview(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    preview = services.preview(import_id, _mapping(request, import_id), actor=actor, n=PREVIEW_ROWS)
    return render(request, "web/import_preview.html", {"page": preview_page(actor, view, preview)})


@requires("import.run", "import.view")
@require_POST
def run(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    mapping = _mapping(request, import_id)
    services.start(import_id, source_id=view.source_id or 0, mapping=mapping, actor=actor)
    request.session.pop(_kept(import_id), None)
    return redirect("web:import", import_id)


@requires("import.view")
def show_import(request: HttpRequest, import_id: int) -> HttpResponse:
    actor = actor_of(request)
    view = imports.import_view(actor, import_id)
    if view.state == "uploaded" and actor.can("import.run"):
        return redirect("web:import_columns", import_id)
    template = "web/_import_result.html" if wants_fragment(request) else "web/import.html"
    return render(request, template, {"page": import_page(actor, view)})


@requires("import.run")
@require_POST
def cancel(request: HttpRequest, import_id: int) -> HttpResponse:
    services.cancel(import_id, actor=actor_of(request))
    return redirect("web:import", import_id)


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


def _mapping(request: HttpRequest, import_id: int) -> dict[str, Any]:
    """As confirmed on the page before; the proposal for those who come here directly."""
    kept: dict[str, Any] | None = request.session.get(_kept(import_id))
    return kept if kept is not None else services.propose(import_id, actor=actor_of(request)).mapping


def _kept(import_id: int) -> str:
    return f"import-mapping-{import_id}"
