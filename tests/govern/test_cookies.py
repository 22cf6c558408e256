"""Cookies under https: names that a neighboring host cannot set, and proxies believed only where they are known."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from kehu.collect.callers import ClientAddresses
from kehu.web.middleware import ClientAddressMiddleware

_NAMES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE")
_TELL = f"import json, kehu.settings as s; print(json.dumps([getattr(s, name) for name in {_NAMES}]))"


def settings_of(public_url: str) -> list[object]:
    environment = {**os.environ, "KEHU_PUBLIC_URL": public_url}
    told = subprocess.run([sys.executable, "-c", _TELL], env=environment, capture_output=True, check=True, text=True)
    answer: list[object] = json.loads(told.stdout)
    return answer


def test_served_by_https_the_cookies_are_bound_to_the_host():
    assert settings_of("https://kehu.example.com") == ["__Host-sessionid", "__Host-csrftoken", True, True]


@pytest.mark.parametrize(("peer", "is_secure"), [("10.0.0.7", True), ("192.0.2.1", False)])
def test_https_is_believed_of_a_trusted_proxy_only(peer: str, is_secure: bool):
    heard: list[bool] = []

    def answer(request: HttpRequest) -> HttpResponse:
        heard.append(request.is_secure())
        return HttpResponse()

    middleware = ClientAddressMiddleware(answer)
    middleware.addresses = ClientAddresses(["10.0.0.0/8"])
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "198.51.100.9"}
    middleware(request)
    assert heard == [is_secure]
    assert settings.SECURE_PROXY_SSL_HEADER is not None
