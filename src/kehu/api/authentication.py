"""Who calls: a bearer token, or the session of a browser (then with the CSRF token for whatever changes something)."""

import time
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.errors import HttpError
from ninja.security import APIKeyCookie, HttpBearer

from kehu.api.json_bodies import is_clean_text
from kehu.govern import audit, rate_limits
from kehu.govern.access import Actor, NotSignedIn, PermissionDenied, RateLimited
from kehu.govern.middleware import SAFE_METHODS
from kehu.govern.tokens import actor_of_token


class CallCounter:
    """Calls of each actor in the current minute, per process: a brake for runaway scripts, not a quota."""

    def __init__(self, limit: rate_limits.Limit = rate_limits.API_CALLS) -> None:
        self.limit = limit
        self._window = 0
        self._counts: dict[object, int] = {}

    def count(self, who: object, now: float) -> rate_limits.Used:
        window = int(now // self.limit.per_seconds)
        if window != self._window:
            self._window, self._counts = window, {}
        self._counts[who] = self._counts.get(who, 0) + 1
        return rate_limits.Used(self.limit, self._counts[who], int((window + 1) * self.limit.per_seconds - now) + 1)


calls = CallCounter()


class _Guard:
    """What both ways of signing in share: the permissions an operation needs."""

    permissions: tuple[str, ...]

    def admit(self, request: HttpRequest, actor: Actor) -> Actor:
        """Put the actor on the request, if they may. Comes before the parameters are read."""
        request.actor = actor  # type: ignore[attr-defined]
        used = calls.count(actor.token_id or f"user {actor.user_id}", time.time())
        request.calls_used = used  # type: ignore[attr-defined]
        if used.count > used.limit.at_most:
            raise RateLimited(used.limit.what, used.limit.at_most, used.limit.per_seconds, used.reset_seconds)
        for permission in self.permissions:
            if not actor.can(permission):
                raise PermissionDenied(permission, actor.name)
        if not (is_clean_text(request.path) and is_clean_text(unquote(request.META.get("QUERY_STRING", "")))):
            raise HttpError(400, "The address holds a NUL or half of a surrogate pair.")
        return actor


class Token(_Guard, HttpBearer):
    """`Authorization: Bearer kehu_…`: scopes of the token within the permissions of its user."""

    def __init__(self, *permissions: str) -> None:
        super().__init__()
        self.permissions = permissions

    def __call__(self, request: HttpRequest) -> Any | None:
        if "Authorization" not in request.headers:
            return None
        scheme, _, token = request.headers["Authorization"].partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn
        return self.authenticate(request, token.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Actor:
        caller = f"address {request.META.get('REMOTE_ADDR', '')}"
        rate_limits.refuse_if_used_up(rate_limits.TOKEN_FAILURES, caller)
        actor = actor_of_token(token, timezone.now())
        if actor is None:
            rate_limits.count(rate_limits.TOKEN_FAILURES, caller)
            raise NotSignedIn
        if request.method not in SAFE_METHODS:
            audit.attribute(actor, getattr(request, "request_id", ""))
        return self.admit(request, actor)


class BrowserSession(_Guard, APIKeyCookie):
    """The session cookie of somebody signed in, from the pages of Kehu itself."""

    param_name = settings.SESSION_COOKIE_NAME

    def __init__(self, *permissions: str) -> None:
        super().__init__(csrf=True)
        self.permissions = permissions

    def __call__(self, request: HttpRequest) -> Any | None:
        # Strangers hear 401, not that their CSRF token is missing.
        return super().__call__(request) if request.actor.is_signed_in else None  # type: ignore[attr-defined]

    def authenticate(self, request: HttpRequest, key: str | None) -> Actor:
        return self.admit(request, request.actor)  # type: ignore[attr-defined]
