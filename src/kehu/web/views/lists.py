"""What is done with the list of customers: filter it, save it, act on the chosen, write it to a file, peek at one."""

from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from kehu import bulk_edits
from kehu.core.errors import DomainError, InvalidInput
from kehu.govern.access import Actor, actor_of, requires
from kehu.govern.consent.queries import name_of
from kehu.govern.consent.queries import purposes as purposes_of
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.models import SavedView
from kehu.profile.services import bulk, bulk_tags, export, views
from kehu.profile.services.bulk_kinds import kind_named
from kehu.profile.services.views import ViewDraft
from kehu.web import live, toasts
from kehu.web.components import Choice
from kehu.web.fragments import wants_fragment
from kehu.web.pages.filter_builder import builder_page, draft_from, draft_of
from kehu.web.pages.list_acts import (
    ExportPage,
    SaveViewPage,
    bulk_page,
    bulk_result,
    export_result,
    peek_page,
)
from kehu.web.pages.list_asked import ListAddress, list_asked
from kehu.web.views.acts import uuid_or_none

ASSIGN = "owner.assign"
ACTS = (ASSIGN, bulk_tags.GIVE, bulk_tags.TAKE, bulk_edits.SET)


@requires("customer.view")
def build_filter(request: HttpRequest) -> HttpResponse:
    """The builder; with the button Apply the list it describes."""
    actor = actor_of(request)
    at = list_asked(actor, request.GET)
    draft = draft_from(request.GET) if "match-0" in request.GET else draft_of(at.filter)
    error = ""
    if "apply" in request.GET:
        try:
            group = draft.as_filter()
            compile_filter(actor, group)
            return redirect(at.with_filter(group).url())
        except DomainError as refusal:
            error = str(refusal)
    return _sheet(request, "web/_filter_builder.html", builder_page(actor, at, draft, error), _("Filter"), error)


@requires("customer.view")
def save_view(request: HttpRequest) -> HttpResponse:
    """A name for the list as it stands; or the changes of one's own list."""
    actor = actor_of(request)
    at = list_asked(actor, request.POST if request.method == "POST" else request.GET)
    error = ""
    if request.method == "POST":
        try:
            return redirect(f"{at.url().partition('?')[0]}?view={_save(request, actor, at)}")
        except DomainError as refusal:
            error = str(refusal)
    own = at.view if at.view and at.view.is_own else None
    audience = own.audience if own else "private"
    labels = {"private": _("only me"), "department": _("my department"), "company": _("everybody")}
    offered = labels if actor.can("customer.share") else {"private": labels["private"]}
    page = SaveViewPage(
        url=at.url("web:customers_save_view"),
        hidden=list(at.parameters.items()),
        name=request.POST.get("name", own.name if own else ""),
        audiences=[Choice(code, label, code == audience) for code, label in offered.items()],
        version=own.version if own else 0,
        error=error,
    )
    return _sheet(request, "web/_save_view.html", page, _("Save this list"), error)


def _save(request: HttpRequest, actor: Actor, at: ListAddress) -> int:
    name, audience = request.POST.get("name", ""), request.POST.get("audience", SavedView.Audience.PRIVATE)
    draft = ViewDraft(name, at.filter, at.sort, at.columns, audience)
    if "change" in request.POST and at.view is not None:
        views.change_view(at.view.id, draft, version=_number(request.POST.get("version", "")), actor=actor)
        toasts.tell(request, _("The list is changed."))
        return at.view.id
    view = views.save_view(draft, actor=actor)
    toasts.tell(request, _("The list is kept under its name."))
    return view


@requires("customer.view")
@require_POST
def delete_view(request: HttpRequest, view_id: int) -> HttpResponse:
    views.delete_view(view_id, actor=actor_of(request))
    toasts.tell(request, _("The list is deleted; its customers are not."))
    return redirect("web:customers")


@requires("customer.view", "customer.edit")
def act_on_many(request: HttpRequest) -> HttpResponse:
    """Who is meant, and what is done to them: looked at first, then done by a job."""
    actor = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    at = list_asked(actor, asked)
    act = asked.get("act", ASSIGN)
    selection = bulk.Selection(at.asked, _chosen(asked))
    error, shown = "", None
    try:
        kind_named(act)
        if request.method == "POST":
            parameters = _parameters(act, request.POST)
            reason = request.POST.get("reason", "")[:300]
            return redirect(
                "web:customers_bulk_act", bulk.start_bulk(act, parameters, selection, actor=actor, reason=reason)
            )
    except DomainError as refusal:
        error = str(refusal)
    try:
        shown = bulk.preview_bulk(ASSIGN, {"owners": []}, selection, actor=actor)
        if not shown.total:
            raise InvalidInput("selection", _("nobody is chosen."))
    except DomainError as refusal:
        error = error or str(refusal)
    page = bulk_page(
        actor, act if act in ACTS else ASSIGN, shown, _carried_on(at.parameters, asked), asked.dict(), error
    )
    return _sheet(request, "web/_bulk.html", page, page.title, error)


def _chosen(asked: QueryDict) -> tuple[UUID, ...] | None:
    """The customers ticked; None for everybody of the list."""
    if "all" in asked:
        return None
    return tuple(one for text in asked.getlist("id")[:1000] if (one := uuid_or_none(text)))


def _carried_on(parameters: dict[str, str], asked: QueryDict) -> list[tuple[str, str]]:
    """The list and who of it is chosen, for the form of the sheet."""
    chosen = _chosen(asked)
    return [*parameters.items(), *([("all", "1")] if chosen is None else [("id", str(one)) for one in chosen])]


def _parameters(act: str, said: QueryDict) -> dict[str, object]:
    match act:
        case bulk_tags.GIVE | bulk_tags.TAKE:
            return {"tag": said.get("tag", ""), "value": said.get("value", "")}
        case bulk_edits.SET:
            return {"attribute": said.get("attribute", ""), "value": said.get("value", "")}
    match said.get("to", ""):
        case "department":
            return {"department": _number(said.get("department", ""))}
        case "owner":
            return {"owners": [_number(said.get("owner", ""))]}
        case "nobody":
            return {"owners": []}
    raise InvalidInput("to", _("choose to whom they go."))


def _number(text: str) -> int:
    """0, which nothing has, for what is no number."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@requires("customer.view", "customer.edit")
def show_bulk_act(request: HttpRequest, bulk_id: int) -> HttpResponse:
    actor = actor_of(request)
    page = bulk_result(actor, bulk.bulk_of(actor, bulk_id))
    live.forget()
    template = "web/_bulk_result.html" if wants_fragment(request) else "web/bulk_act.html"
    return render(request, template, {"page": page})


@requires("customer.view", "customer.edit")
@require_POST
def undo_bulk_act(request: HttpRequest, bulk_id: int) -> HttpResponse:
    bulk.undo_bulk(bulk_id, actor=actor_of(request), reason=_("undone from the page"))
    return redirect("web:customers_bulk_act", bulk_id)


@requires("customer.view", "customer.edit")
@require_POST
def cancel_bulk_act(request: HttpRequest, bulk_id: int) -> HttpResponse:
    bulk.cancel_bulk(bulk_id, actor=actor_of(request), reason=_("cancelled from the page"))
    return redirect("web:customers_bulk_act", bulk_id)


@requires("customer.view", "customer.export")
def export_list(request: HttpRequest) -> HttpResponse:
    """Which kind of file, of the whole list or of those chosen on it; then a job writes it."""
    actor = actor_of(request)
    asked = request.POST if request.method == "POST" else request.GET
    at = list_asked(actor, asked)
    chosen = _chosen(asked) if "id" in asked else None
    error = ""
    if request.method == "POST":
        try:
            made = export.start_export(
                at.asked,
                format=request.POST.get("format", ""),
                columns=at.columns,
                actor=actor,
                reason=request.POST.get("reason", "")[:300],
                purpose=request.POST.get("purpose", "") or export.TO_SERVE,
                chosen=chosen,
            )
            return redirect("web:customers_export_file", made)
        except DomainError as refusal:
            error = str(refusal)
    note = _("The columns of the list, values as you may see them. Kept for a day; the download is in the audit trail.")
    purposes = tuple(
        Choice(one.slug, name_of(one), one.slug == export.TO_SERVE) for one in purposes_of(actor) if one.is_active
    )
    if chosen is not None:
        count = ngettext("%(n)d customer chosen.", "%(n)d customers chosen.", len(chosen)) % {"n": len(chosen)}
        note = f"{count} {note}"
    hidden = _carried_on(at.parameters, asked) if chosen is not None else list(at.parameters.items())
    page = ExportPage(at.url("web:customers_export"), hidden, note, error, purposes)
    return _sheet(request, "web/_export.html", page, _("Export"), error)


@requires("customer.view", "customer.export")
def show_export(request: HttpRequest, export_id: int) -> HttpResponse | FileResponse:
    """How far the file is; with ?download=1 the file itself."""
    actor = actor_of(request)
    if "download" in request.GET:
        file = export.fetch_export(export_id, actor=actor)
        response = FileResponse(file.path.open("rb"), as_attachment=True, filename=file.name)
        response["Content-Type"], response["Cache-Control"] = file.content_type, "private, no-store"
        return response
    page = export_result(export.export_of(actor, export_id))
    template = "web/_export_result.html" if wants_fragment(request) else "web/export.html"
    return render(request, template, {"page": page})


@requires("customer.view")
def peek(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    page = peek_page(actor_of(request), customer_id)
    return _sheet(request, "web/_peek.html", page, page.name)


def _sheet(request: HttpRequest, fragment: str, page: object, title: str, error: str = "") -> HttpResponse:
    """A drawer for htmx, a page of its own without. A refusal inside a drawer is still drawn there."""
    if wants_fragment(request):
        return render(request, fragment, {"page": page})
    context = {"page": page, "title": title, "fragment": fragment}
    return render(request, "web/sheet_page.html", context, status=422 if error else 200)
