"""Typing a customer in, and correcting one."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu import inline
from kehu.core.errors import DomainError, VersionConflict
from kehu.govern.access import Actor, actor_of, requires
from kehu.govern.field_policy import is_masked_for, is_writable_for
from kehu.profile import queries as profile
from kehu.profile.screens.queries import called_from
from kehu.web import toasts
from kehu.web.customer_form import NOT_SAID, CustomerForm
from kehu.web.pages.customer import shown_name
from kehu.web.pages.customer_conflict import conflict_page
from kehu.web.pages.found import find_customers
from kehu.web.views.sources import refuse


@requires("customer.create")
def new_customer(request: HttpRequest) -> HttpResponse:
    """?pop=: whoever calls just now; their number is kept, shown as far as one may see it."""
    called = _called_from(request)
    masked = {name for name in called if is_masked_for(actor_of(request), name)}
    initial = {name: value for name, value in called.items() if name not in masked}
    form = CustomerForm(request.POST or None, initial=initial, closed=_closed_to(actor_of(request)))
    masked &= form.fields.keys()
    for name in masked:
        form.fields[name].help_text = _("Empty: the number of this call is kept.")
    if request.method == "POST" and form.is_valid():
        said = {**{name: called[name] for name in masked}, **form.said()}
        try:
            saved = inline.create_customer(actor=actor_of(request), attributes=said, kind=form.cleaned_data["kind"])
        except DomainError as error:
            refuse(form, error)
        else:
            text = _("Created.") if saved.is_new else _("We knew this customer: what you typed was added.")
            toasts.tell(request, text)
            return redirect("web:customer", saved.customer_id)
    hints = reverse("web:duplicates")
    return _page(request, form, _("New customer"), _("Create"), reverse("web:customers"), hint_url=hints)


def _called_from(request: HttpRequest) -> dict[str, str]:
    pop = request.GET.get("pop", "")
    if not pop.isascii() or not pop.isdecimal() or len(pop) > 18:
        return {}
    found = called_from(actor_of(request), int(pop))
    return {found[0]: found[1]} if found else {}


def _closed_to(actor: Actor) -> set[str]:
    return {name for name in CustomerForm.base_fields.keys() - NOT_SAID if not is_writable_for(actor, name)}


@requires("customer.view", "customer.edit")
def edit_customer(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    actor = actor_of(request)
    view = profile.customer_view(actor, customer_id, timeline_limit=1)
    known = {name: said.value for name, said in view.golden.items() if not said.is_masked}
    masked = {name for name in CustomerForm.base_fields if is_masked_for(actor, name) and name in view.golden}
    initial = {**known, "kind": view.kind, "version": view.version}
    form = CustomerForm(request.POST or None, initial=initial, masked=masked, closed=_closed_to(actor), is_known=True)
    if request.method == "POST" and form.is_valid():
        changed = form.changed()
        try:
            if changed:
                version = form.cleaned_data["version"]
                inline.update_customer(view.id, actor=actor, attributes=changed, version=version)
        except VersionConflict:
            newest = profile.customer_view(actor, view.id, timeline_limit=1)
            page = conflict_page(newest, form, changed)
            return render(request, "web/customer_conflict.html", {"page": page}, status=409)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved."))
            return redirect("web:customer", view.id)
    back = reverse("web:customer", args=[view.id])
    return _page(request, form, shown_name(view.name, view.golden), _("Save"), back)


@requires("customer.create", "customer.view")
@require_POST
def show_duplicates(request: HttpRequest) -> HttpResponse:
    """Who might it be already? The best few hits of what is typed so far, the most telling field first."""
    actor = actor_of(request)
    for name, shortest in (("phone", 7), ("email", 6), ("name", 2)):
        typed = request.POST.get(name, "").strip()
        if len(typed) >= shortest and (hits := find_customers(actor, typed, limit=4)):
            return render(request, "web/_duplicates.html", {"hits": hits})
    return render(request, "web/_duplicates.html", {"hits": []})


def _page(
    request: HttpRequest, form: CustomerForm, title: str, submit: str, back_url: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "submit": submit, "back_url": back_url, "back_label": _("Back"), **more}
    return render(request, "web/form.html", context, status=422 if form.errors else 200)
