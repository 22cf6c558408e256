"""Puts the actor on every request, with language, request id, and the context the audit triggers read."""

import re
from collections.abc import Callable
from uuid import uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from kehu.govern import audit
from kehu.govern.actor import ANONYMOUS, actor_for_user
from kehu.govern.errors import NotSignedIn
from kehu.govern.models import User
from kehu.govern.routes import refuse_undeclared_routes

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        refuse_undeclared_routes(settings.ROOT_URLCONF)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.request_id = _request_id(request)  # type: ignore[attr-defined]
        user = request.user
        if isinstance(user, User) and user.is_authenticated:
            request.actor = actor_for_user(user)  # type: ignore[attr-defined]
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        else:
            request.actor = ANONYMOUS  # type: ignore[attr-defined]
        if request.method in SAFE_METHODS:
            response = self.get_response(request)
        else:
            address = request.META.get("REMOTE_ADDR", "")
            with audit.attributed_to(request.actor, request.request_id, address=address):  # type: ignore[attr-defined]
                response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Strangers go to the login page and come back to where they wanted to be. The API answers itself."""
        if isinstance(exception, NotSignedIn):
            return redirect_to_login(request.get_full_path())
        return None


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get("X-Request-Id", "")
    return given if _REQUEST_ID.fullmatch(given) else uuid4().hex
