"""Large files that wait for a second person, who has just shown once more who they are."""

from allauth.account.decorators import reauthentication_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import InvalidInput
from kehu.govern.access import actor_of, requires
from kehu.profile.services.releases import decide_release
from kehu.web import toasts
from kehu.web.pages.privacy import privacy_tabs
from kehu.web.pages.releases import waiting_rows


@requires("privacy.view", "export.release")
@reauthentication_required  # type: ignore[untyped-decorator]
def show_waiting(request: HttpRequest) -> HttpResponse:
    return _page(request)


@requires("privacy.view", "export.release")
@require_POST
@reauthentication_required  # type: ignore[untyped-decorator]
def decide(request: HttpRequest, export_id: int) -> HttpResponse:
    is_granted = request.POST.get("verdict") == "grant"
    try:
        decide_release(export_id, is_granted=is_granted, why=request.POST.get("why", ""), actor=actor_of(request))
    except InvalidInput as refused:
        return _page(request, error=refused.message, status=422)
    toasts.tell(request, _("The file may be fetched for a day.") if is_granted else _("The file stays here."))
    return redirect("web:privacy_exports")


def _page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    rows = waiting_rows(actor_of(request))
    context = {"tabs": privacy_tabs("exports", actor_of(request)), "rows": rows, "error": error}
    return render(request, "web/releases.html", context, status=status)
