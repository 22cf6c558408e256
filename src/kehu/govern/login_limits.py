"""One limiter over every way in: passwords, second factors, resets, single sign-on, the set-up link.

Wrong tries are counted per address and per account; right ones are given back, so an office behind one address is not
locked out by its own people. allauth's own limits stand behind it; wrong API tokens have theirs in `rate_limits`.
"""

import hashlib
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kehu.govern import rate_limits
from kehu.govern.errors import RateLimited

# A right try answers with a redirect; these redirect either way, so each counts.
_ALWAYS_COUNTED: Final = frozenset({"account_reset_password", "account_reset_password_from_key"})
CREDENTIAL_ROUTES: Final = _ALWAYS_COUNTED | {
    "account_login",
    "account_reauthenticate",
    "mfa_authenticate",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "openid_connect_callback",
    "web:set_up",
}
_NAMES_ACCOUNT: Final = ("login", "email")
_CALLBACKS: Final = frozenset({"openid_connect_callback"})


class LoginLimitMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        counted: list[tuple[rate_limits.Limit, str]] = getattr(request, "login_try", [])
        if counted and response.status_code == HTTPStatus.FOUND:
            for limit, who in counted:
                rate_limits.peek_after_adding(limit, who, -1)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        match = request.resolver_match
        name = match.view_name if match else ""
        if name not in CREDENTIAL_ROUTES or (request.method != "POST" and name not in _CALLBACKS):
            return None
        counted = [(rate_limits.SIGN_IN_PER_ADDRESS, f"address {request.META.get('REMOTE_ADDR', '')}")]
        if account := next((request.POST[field] for field in _NAMES_ACCOUNT if request.POST.get(field)), ""):
            counted.append((rate_limits.SIGN_IN_PER_ACCOUNT, f"account {_fingerprint(account)}"))
        try:
            for limit, who in counted:
                rate_limits.count(limit, who)
        except RateLimited as refused:
            return _answer(request, refused)
        if name not in _ALWAYS_COUNTED:
            request.login_try = counted  # type: ignore[attr-defined]
        return None


def _fingerprint(account: str) -> str:
    return hashlib.sha256(account.strip().lower().encode()).hexdigest()[:32]


def _answer(request: HttpRequest, refused: RateLimited) -> HttpResponse:
    response = render(request, "429.html", {"text": str(refused)}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(refused.retry_after_seconds)
    return response
