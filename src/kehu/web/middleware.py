"""What every page's answer carries: headers of a careful browser; refusals of the rooms as pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from kehu.collect.callers import ClientAddresses
from kehu.config import config
from kehu.core.errors import DomainError
from kehu.govern.errors import NotSignedIn
from kehu.web.errors import answer_refusal

HEADERS = {
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}
API_PREFIX = "/api/"


class ClientAddressMiddleware:
    """REMOTE_ADDR is the person's, not that of a proxy we trust: limits and the audit trail go by it.

    Whether the person came by https is believed of such a proxy alone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.addresses = ClientAddresses(config.trusted_proxies)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        forwarded = request.headers.get("X-Forwarded-For", "").encode("latin-1", "replace")
        peer = request.META.get("REMOTE_ADDR") or None
        if peer is None or not self.addresses.is_proxy(peer):
            request.META.pop("HTTP_X_FORWARDED_PROTO", None)
        request.META["REMOTE_ADDR"] = self.addresses.of(peer, [(b"x-forwarded-for", forwarded)]) or ""
        return self.get_response(request)


class ShellMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(API_PREFIX):
            patch_vary_headers(response, ["HX-Request", "Cookie", "Accept-Language"])
            if request.user.is_authenticated:
                response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """The API answers its own refusals; a stranger is sent to the login page by the guard."""
        if isinstance(exception, NotSignedIn) or not isinstance(exception, DomainError):
            return None
        return None if request.path.startswith(API_PREFIX) else answer_refusal(request, exception)
