"""People, their rights and their way in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern import queries as govern
from kehu.govern import services
from kehu.govern.access import PermissionDenied, actor_of, requires
from kehu.web import toasts
from kehu.web.access_forms import PersonEditForm, PersonForm
from kehu.web.form_pages import form_page, refuse
from kehu.web.forms import DressedForm
from kehu.web.fragments import wants_fragment
from kehu.web.pages.people import password_link, people_page, person_page


@requires("user.view")
def show_people(request: HttpRequest) -> HttpResponse:
    template = "web/_people.html" if wants_fragment(request, "people") else "web/people.html"
    return render(request, template, {"page": people_page(actor_of(request), request.GET)})


@requires("user.view")
def show_person(request: HttpRequest, user_id: int) -> HttpResponse:
    return render(request, "web/person.html", {"page": person_page(actor_of(request), user_id)})


@requires("user.manage")
def new_person(request: HttpRequest) -> HttpResponse:
    form = PersonForm(request.POST or None, initial={"role": "newcomer"})
    if request.method == "POST" and form.is_valid():
        try:
            user_id = services.create_user(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("%(name)s is let in. Make a link for their password.") % form.cleaned_data)
            return redirect("web:person", user_id)
    return form_page(request, form, _("New person"), _("Create"), reverse("web:people"))


@requires("user.view")
def edit_person(request: HttpRequest, user_id: int) -> HttpResponse:
    """For who manages people, and (the role alone) for who gives roles."""
    actor = actor_of(request)
    if not (actor.can("user.manage") or actor.can("role.manage")):
        raise PermissionDenied("user.manage", actor.name)
    now = govern.person(actor, user_id)
    initial = {
        "name": now.line.name,
        "role": now.line.role,
        "department_id": now.department_id,
        "language": now.language,
        "is_active": "1" if now.line.is_active else "0",
    }
    form: DressedForm = PersonEditForm(request.POST or None, initial=initial, actor=actor)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_user(user_id, actor=actor, **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Saved: it counts from their next click on."))
            return redirect("web:person", user_id)
    return form_page(request, form, now.line.name, _("Save"), reverse("web:person", args=[user_id]))


@requires("user.manage")
@require_POST
def make_password_link(request: HttpRequest, user_id: int) -> HttpResponse:
    """Shown once, on this answer."""
    actor = actor_of(request)
    link = password_link(request, services.make_password_key(user_id, actor=actor))
    return render(request, "web/person.html", {"page": person_page(actor, user_id), "link": link})
