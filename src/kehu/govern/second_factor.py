"""Whose role asks for a second factor does nothing else before they have one."""

from collections.abc import Callable
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse

from kehu.govern.models import User
from kehu.govern.queries import has_second_factor

_OPEN: Final = frozenset({"account_logout", "account_reauthenticate", "web:language", "web:theme", "web:account"})
_API = "/api/"
SECOND_FACTOR: Final = "second factor"
"""What secrets of second factors are sealed as."""


class SecondFactorMiddleware:
    """Sends people to the page where they set one up. Tokens of programs have no second factor and are scoped."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if (
            settings.REQUIRE_SECOND_FACTOR
            and isinstance(user, User)
            and user.role.requires_mfa
            and not _is_open(request.path)
            and not has_second_factor(user.pk)
        ):
            return self._refuse(request)
        return self.get_response(request)

    def _refuse(self, request: HttpRequest) -> HttpResponse:
        where = reverse("mfa_index")
        if request.path.startswith(_API):
            problem = {
                "status": 403,
                "code": "second_factor_missing",
                "title": "Set up a second factor first",
                "instance": where,
            }
            return JsonResponse(problem, status=403, content_type="application/problem+json")
        if request.headers.get("HX-Request") == "true":
            return HttpResponse(headers={"HX-Redirect": where})
        return redirect(where)


def _is_open(path: str) -> bool:
    try:
        name = resolve(path).view_name
    except Resolver404:
        return True
    return name.startswith("mfa_") or name in _OPEN
