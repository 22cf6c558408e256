"""Does a request want a piece of a page or all of it?"""

from django.http import HttpRequest


def wants_fragment(request: HttpRequest, target: str = "") -> bool:
    """True for an htmx swap (of `target`, when named); False for boosted links and restored history."""
    headers = request.headers
    if headers.get("HX-Request") != "true":
        return False
    if headers.get("HX-Boosted") == "true" or headers.get("HX-History-Restore-Request") == "true":
        return False
    return not target or headers.get("HX-Target") == target
