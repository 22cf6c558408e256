"""Sources: list, one, new, change."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.collect import services
from kehu.collect.models import Source
from kehu.core.errors import DomainError, InvalidInput, NotFound
from kehu.govern.access import actor_of, requires
from kehu.web import toasts
from kehu.web.forms import DressedForm, SourceEditForm, SourceForm
from kehu.web.pages.sources import source_page, sources_page


@requires("source.view")
def show_sources(request: HttpRequest) -> HttpResponse:
    return render(request, "web/sources.html", {"page": sources_page(actor_of(request))})


@requires("source.view")
def show_source(request: HttpRequest, source_id: int) -> HttpResponse:
    return render(request, "web/source.html", {"page": source_page(actor_of(request), source_id, request)})


@requires("source.manage")
def new_source(request: HttpRequest) -> HttpResponse:
    form = SourceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            source = services.create_source(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("%(name)s is ready to take messages.") % {"name": source.name})
            return redirect("web:source", source.pk)
    return _form_page(request, form, _("New source"), _("Create"), reverse("web:sources"))


@requires("source.manage")
def edit_source(request: HttpRequest, source_id: int) -> HttpResponse:
    source = Source.objects.filter(pk=source_id).first()
    if source is None:
        raise NotFound("source", source_id)
    known = {
        "name": source.name,
        "trust_rank": source.trust_rank,
        "time_zone": source.time_zone,
        "order_namespace": source.order_namespace,
        "owner_id": source.owner_id,
        "is_enabled": "1" if source.is_enabled else "0",
    }
    form = SourceEditForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_source(source_id, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:source", source_id)
    return _form_page(request, form, source.name, _("Save"), reverse("web:source", args=[source_id]))


@requires("source.manage")
@require_POST
def renew_key(request: HttpRequest, source_id: int) -> HttpResponse:
    services.renew_write_key(source_id, actor=actor_of(request))
    toasts.tell(request, _("The source has a new key; the old one is refused within seconds."))
    return redirect("web:source", source_id)


def refuse(form: DressedForm, error: DomainError) -> None:
    """Show a refusal of a service where it belongs: at its field, or above the form."""
    field = error.field if isinstance(error, InvalidInput) and error.field in form.fields else None
    form.add_error(field, error.message if isinstance(error, InvalidInput) else str(error))


def _form_page(request: HttpRequest, form: DressedForm, title: str, submit: str, back_url: str) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back_url": back_url, "back_label": _("Back")}
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
