"""Language and light or dark: kept in a cookie for strangers, in the account for who signed in."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from kehu.govern.access import public
from kehu.govern.models import User
from kehu.web.shell import THEME_COOKIE, THEMES

A_YEAR_SECONDS = 365 * 86400


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    language = request.POST.get("language", "")
    response = _back(request)
    if language in dict(settings.LANGUAGES):
        _remember(request, response, settings.LANGUAGE_COOKIE_NAME, language)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(language=language)
    return response


@public
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    theme = request.POST.get("theme", "")
    response = _back(request)
    if theme in dict(THEMES):
        _remember(request, response, THEME_COOKIE, theme)
        if request.user.is_authenticated:
            User.objects.filter(pk=request.user.pk).update(theme=theme)
    return response


def _remember(request: HttpRequest, response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(name, value, max_age=A_YEAR_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure())


def _back(request: HttpRequest) -> HttpResponse:
    """To the page the person was on, if it is one of ours."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return HttpResponseRedirect(target if is_ours else "/")
