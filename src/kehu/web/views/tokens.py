"""API tokens: made, shown once, revoked."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern import queries as govern
from kehu.govern import services
from kehu.govern.access import Actor, PermissionDenied, actor_of, signed_in
from kehu.govern.permissions import PERMISSIONS
from kehu.web import toasts
from kehu.web.access_forms import TokenForm
from kehu.web.components import Choice
from kehu.web.form_pages import refuse
from kehu.web.pages.people import access_tabs


@signed_in
def show_tokens(request: HttpRequest) -> HttpResponse:
    actor = _token_maker(request)
    return render(request, "web/tokens.html", {"page": _page(actor)})


@signed_in
def new_token(request: HttpRequest) -> HttpResponse:
    """The whole token stands on the answer to the form, and nowhere else."""
    actor = _token_maker(request)
    form = TokenForm(request.POST or None, initial={"user_id": actor.user_id, "days": "90"})
    scopes = request.POST.getlist("scopes")
    if request.method == "POST" and form.is_valid():
        days = form.cleaned_data["days"]
        try:
            text = services.create_token(
                user_id=form.cleaned_data["user_id"],
                name=form.cleaned_data["name"],
                scopes=scopes,
                actor=actor,
                expires_at=timezone.now() + timedelta(days=days) if days else None,
            )
        except DomainError as error:
            refuse(form, error)
        else:
            return render(request, "web/tokens.html", {"page": _page(actor), "token": text})
    context = {
        "form": form,
        "scopes": [Choice(name, PERMISSIONS[name], name in scopes) for name in PERMISSIONS if actor.can(name)],
        "back_url": reverse("web:tokens"),
    }
    return render(request, "web/token_new.html", context, status=422 if form.errors else 200)


@signed_in
@require_POST
def revoke_token(request: HttpRequest, token_id: int) -> HttpResponse:
    services.revoke_token(token_id, actor=actor_of(request))
    toasts.tell(request, _("Revoked: it is dead from now on."))
    return redirect("web:tokens")


def _token_maker(request: HttpRequest) -> Actor:
    actor = actor_of(request)
    if not (actor.can("token.create") or actor.can("token.manage")):
        raise PermissionDenied("token.create", actor.name)
    return actor


def _page(actor: Actor) -> dict[str, object]:
    return {
        "tabs": access_tabs(actor, "web:tokens"),
        "rows": govern.tokens(actor, timezone.now()),
        "new_url": reverse("web:token_new"),
    }
