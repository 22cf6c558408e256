"""Departments, teams and territories."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, NotFound
from kehu.govern import queries as govern
from kehu.govern import services
from kehu.govern.access import actor_of, requires
from kehu.web import toasts
from kehu.web.access_forms import DepartmentForm, TeamForm, TerritoryForm
from kehu.web.form_pages import form_page, refuse
from kehu.web.pages.people import access_tabs


@requires("user.view")
def show_departments(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    page = {
        "tabs": access_tabs(actor, "web:departments"),
        "branches": govern.department_branches(),
        "teams": govern.teams(),
        "territories": govern.territories(),
        "can_manage": actor.can("user.manage"),
    }
    return render(request, "web/departments.html", {"page": page})


@requires("user.manage")
def new_department(request: HttpRequest) -> HttpResponse:
    form = DepartmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_department(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _done(request)
    return form_page(request, form, _("New department"), _("Create"), reverse("web:departments"))


@requires("user.manage")
def edit_department(request: HttpRequest, department_id: int) -> HttpResponse:
    found = next((one for one in govern.departments() if one[0] == department_id), None)
    if found is None:
        raise NotFound("department", department_id)
    form = DepartmentForm(request.POST or None, initial={"name": found[1], "parent_id": found[2]})
    if request.method == "POST" and form.is_valid():
        try:
            services.move_department(department_id, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _done(request)
    remove = reverse("web:department_delete", args=[department_id])
    return form_page(request, form, found[1], _("Save"), reverse("web:departments"), delete_url=remove)


@requires("user.manage")
@require_POST
def delete_department(request: HttpRequest, department_id: int) -> HttpResponse:
    services.delete_department(department_id, actor=actor_of(request))
    return _done(request)


@requires("user.manage")
def new_team(request: HttpRequest) -> HttpResponse:
    form = TeamForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_team(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _done(request)
    return form_page(request, form, _("New team"), _("Create"), reverse("web:departments"))


@requires("user.manage")
def edit_team(request: HttpRequest, team_id: int) -> HttpResponse:
    team = next((one for one in govern.teams() if one.id == team_id), None)
    if team is None:
        raise NotFound("team", team_id)
    initial = {"name": team.name, "member_ids": [str(one) for one in team.member_ids]}
    form = TeamForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_team(team_id, actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _done(request)
    remove = reverse("web:team_delete", args=[team_id])
    return form_page(request, form, team.name, _("Save"), reverse("web:departments"), delete_url=remove)


@requires("user.manage")
@require_POST
def delete_team(request: HttpRequest, team_id: int) -> HttpResponse:
    services.delete_team(team_id, actor=actor_of(request))
    return _done(request)


@requires("user.manage")
def new_territory(request: HttpRequest) -> HttpResponse:
    form = TerritoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.create_territory(actor=actor_of(request), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            return _done(request)
    return form_page(request, form, _("New territory"), _("Create"), reverse("web:departments"))


@requires("user.manage")
@require_POST
def delete_territory(request: HttpRequest, territory_id: int) -> HttpResponse:
    services.delete_territory(territory_id, actor=actor_of(request))
    return _done(request)


def _done(request: HttpRequest) -> HttpResponse:
    toasts.tell(request, _("Saved."))
    return redirect("web:departments")
