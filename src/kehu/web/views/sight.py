"""Why somebody sees a customer; sharing one and taking it back."""

from datetime import timedelta
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern import services
from kehu.govern.access import actor_of, requires
from kehu.profile.queries import current_customer
from kehu.web import toasts
from kehu.web.access_forms import ShareForm
from kehu.web.form_pages import refuse
from kehu.web.pages.sight import sight_page


@requires("customer.view")
def show_sight(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    person = request.GET.get("person", "")
    user_id = int(person) if person.isascii() and person.isdecimal() and len(person) < 18 else None
    return render(request, "web/sight.html", {"page": sight_page(actor_of(request), customer_id, user_id)})


@requires("customer.view", "customer.share")
@require_POST
def share(request: HttpRequest, customer_id: UUID) -> HttpResponse:
    actor, form = actor_of(request), ShareForm(request.POST)
    current = current_customer(actor, customer_id).id
    if form.is_valid():
        kind, _colon, key = form.cleaned_data["whom"].partition(":")
        days = form.cleaned_data["days"]
        try:
            services.share_customer(
                current,
                actor=actor,
                reason=form.cleaned_data["reason"],
                expires_at=timezone.now() + timedelta(days=days) if days else None,
                **{f"{kind}_id": int(key)},
            )
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Shared."))
            return redirect("web:sight", current)
    return render(request, "web/sight.html", {"page": sight_page(actor, current, None, form)}, status=422)


@requires("customer.view", "customer.share")
@require_POST
def end_share(request: HttpRequest, customer_id: UUID, share_id: int) -> HttpResponse:
    actor = actor_of(request)
    current = current_customer(actor, customer_id).id
    services.end_share(share_id, current, actor=actor)
    toasts.tell(request, _("Taken back."))
    return redirect("web:sight", current)
