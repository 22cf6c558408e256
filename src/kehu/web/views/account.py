"""One's own account: where it is signed in, and how. And the first account of all."""

from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from kehu.core.errors import DomainError, NotFound
from kehu.govern import services, sessions
from kehu.govern.access import actor_of, public, requires, signed_in
from kehu.govern.models import User
from kehu.web import toasts
from kehu.web.access_forms import SetUpForm
from kehu.web.form_pages import refuse
from kehu.web.pages.account import account_page


@signed_in
def show_account(request: HttpRequest) -> HttpResponse:
    return render(request, "web/account.html", {"page": account_page(request)})


@signed_in
@require_POST
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """One's own, or somebody else's for who manages people."""
    sessions.end_session(session_id, actor=actor_of(request))
    toasts.tell(request, _("Ended: that browser has to sign in again."))
    person = request.POST.get("person", "")
    return redirect("web:person", int(person)) if person.isdecimal() else redirect("web:account")


@signed_in
@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    actor = actor_of(request)
    ended = sessions.end_all_sessions(actor.user_id or 0, actor=actor, but_key=request.session.session_key)
    toasts.tell(request, _("Ended: %(n)d other sessions.") % {"n": ended})
    return redirect("web:account")


@requires("user.manage")
@require_POST
def sign_out_person(request: HttpRequest, user_id: int) -> HttpResponse:
    ended = sessions.end_all_sessions(user_id, actor=actor_of(request))
    toasts.tell(request, _("Signed out everywhere: %(n)d sessions ended.") % {"n": ended})
    return redirect("web:person", user_id)


@public
def set_up(request: HttpRequest, secret: str) -> HttpResponse:
    """The founder's account, by the link that was printed where Kehu was started."""
    if not services.is_set_up_link(secret, timezone.now()):
        raise NotFound("set-up link", "")
    form = SetUpForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        language = (get_language() or "zh-hans").lower()
        try:
            user_id = services.set_up(secret, language=language, now=timezone.now(), **form.cleaned_data)
        except DomainError as error:
            refuse(form, error)
        else:
            login(request, User.objects.get(pk=user_id), backend="allauth.account.auth_backends.AuthenticationBackend")
            return redirect("web:home")
    return render(request, "web/set_up.html", {"form": form}, status=422 if form.errors else 200)
