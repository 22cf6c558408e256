"""Roles: their rights, their reach and their fields."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern import services
from kehu.govern.access import actor_of, requires
from kehu.govern.models import Role
from kehu.govern.services import RoleTerms
from kehu.web import toasts
from kehu.web.pages.roles import new_role_page, refused_role_page, role_page, roles_page


@requires("user.view")
def show_roles(request: HttpRequest) -> HttpResponse:
    return render(request, "web/roles.html", {"page": roles_page(actor_of(request))})


@requires("user.view", "role.manage")
def new_role(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "web/role.html", {"page": new_role_page()})
    slug, terms = request.POST.get("slug", "").strip(), _terms(request)
    try:
        role_id = services.create_role(slug=slug, terms=terms, actor=actor_of(request))
    except DomainError as error:
        page = new_role_page(str(error), draft=_draft(terms, slug=slug))
        return render(request, "web/role.html", {"page": page}, status=422)
    toasts.tell(request, _("%(name)s can be given now.") % {"name": terms.name})
    return redirect("web:role", role_id)


@requires("user.view")
def show_role(request: HttpRequest, role_id: int) -> HttpResponse:
    return render(request, "web/role.html", {"page": role_page(actor_of(request), role_id)})


@requires("user.view", "role.manage")
@require_POST
def edit_role(request: HttpRequest, role_id: int) -> HttpResponse:
    actor, terms = actor_of(request), _terms(request)
    try:
        services.change_role(role_id, terms=terms, actor=actor)
    except DomainError as error:
        role = Role.objects.filter(pk=role_id).first()
        if role is None:
            raise
        page = refused_role_page(actor, _draft(terms, role), str(error))
        return render(request, "web/role.html", {"page": page}, status=422)
    toasts.tell(request, _("Saved: it counts from their next click on."))
    return redirect("web:role", role_id)


@requires("user.view", "role.manage")
@require_POST
def edit_fields(request: HttpRequest, role_id: int) -> HttpResponse:
    prefix = "field."
    fields = {name.removeprefix(prefix): str(value) for name, value in request.POST.items() if name.startswith(prefix)}
    services.set_field_access(role_id, fields=fields, actor=actor_of(request))
    toasts.tell(request, _("Saved: it counts from their next click on."))
    return redirect("web:role", role_id)


@requires("user.view", "role.manage")
@require_POST
def delete_role(request: HttpRequest, role_id: int) -> HttpResponse:
    services.delete_role(role_id, actor=actor_of(request))
    toasts.tell(request, _("The role is gone."))
    return redirect("web:roles")


def _terms(request: HttpRequest) -> RoleTerms:
    return RoleTerms(
        name=request.POST.get("name", ""),
        permissions=request.POST.getlist("permissions"),
        scope=request.POST.get("scope", ""),
        is_strict="is_strict" in request.POST,
        requires_mfa="requires_mfa" in request.POST,
    )


def _draft(terms: RoleTerms, role: Role | None = None, slug: str = "") -> Role:
    """What was typed, to show it again; never saved."""
    draft = role or Role(slug=slug)
    draft.name, draft.permissions, draft.scope = terms.name, list(terms.permissions), terms.scope
    draft.is_strict, draft.requires_mfa = terms.is_strict, terms.requires_mfa
    return draft
