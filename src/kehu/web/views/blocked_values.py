"""Values that identify nobody: see them, add one, lift one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError
from kehu.govern.access import actor_of, require, requires
from kehu.profile import services
from kehu.web import toasts
from kehu.web.pages.blocked_values import BlockForm, blocked_values_page
from kehu.web.views.sources import refuse


@requires("review.view")
def show_blocked_values(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    if request.method == "POST":
        require(actor, "profile.manage")
    form = BlockForm(request.POST or None, initial={"type": request.GET.get("type", "phone")})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            services.block_identifier(said["type"], said["value"], actor=actor, reason=said["reason"])
        except DomainError as error:
            refuse(form, error)
        else:
            toasts.tell(request, _("Blocked. Who was one customer by it alone is taken apart in a moment."))
            return redirect("web:blocked_values")
    before = request.GET.get("before", "")
    page = blocked_values_page(actor, before_id=int(before) if before.isdecimal() and len(before) < 19 else None)
    context = {"page": page, "form": form}
    return render(request, "web/blocked_values.html", context, status=422 if form.errors else 200)


@requires("review.view", "profile.manage")
@require_POST
def lift(request: HttpRequest, blocked_id: int) -> HttpResponse:
    services.unblock_identifier(blocked_id, actor=actor_of(request), reason=_("from the page"))
    toasts.tell(request, _("Lifted: the value identifies again."))
    return redirect("web:blocked_values")
