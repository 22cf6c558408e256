"""The Content-Security-Policy of every page: our own files and nothing inline."""

from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.http import HttpResponse

# Tabler draws its select arrows and check marks as data: images.
POLICY: dict[str, dict[str, list[str]]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "connect-src": [SELF],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}


def allowing_forms_to(address: str) -> dict[str, dict[str, list[str]]]:
    """The policy of an installation whose sign-in form leads on to a provider: browsers follow the redirect too."""
    parts = urlsplit(address)
    directives = dict(POLICY["DIRECTIVES"])
    directives["form-action"] = [SELF, f"{parts.scheme}://{parts.netloc}"]
    return {"DIRECTIVES": directives}


def let_frame(response: HttpResponse, origins: list[str]) -> None:
    """Pages of these origins may hold this answer in a frame; nobody else's."""
    response._csp_replace = {"frame-ancestors": origins}  # type: ignore[attr-defined]  # what csp_replace leaves
