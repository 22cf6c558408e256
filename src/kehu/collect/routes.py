"""The collector's paths, long and short. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

TYPES_BY_NAME: Mapping[str, str] = {
    **{name: name for name in ("identify", "track", "page", "screen", "group", "alias", "merge")},
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
}
POST, GET = ("POST",), ("GET",)


class Route(NamedTuple):
    """kind: what to do; argument: the call's type, or the write key in the path."""

    kind: str
    methods: tuple[str, ...]
    argument: str = ""


_ROUTES: Mapping[str, Route] = {
    **{f"/v1/{name}": Route("call", POST, call_type) for name, call_type in TYPES_BY_NAME.items()},
    **{f"/v1/{name}": Route("batch", POST) for name in ("batch", "import", "b")},
    "/beacon/v1/batch": Route("batch", POST),
    "/v1/webhook": Route("webhook", POST),
    "/v1/m": Route("ignored", POST),
    **{f"/v1/pixel/{name}": Route("pixel", GET, call_type) for name, call_type in TYPES_BY_NAME.items()},
    "/pixel/v1/track": Route("pixel", GET, "track"),
    "/pixel/v1/page": Route("pixel", GET, "page"),
    "/sourceConfig": Route("source_config", GET),
    "/health": Route("health", GET),
}
# Everything below these belongs to the collector, also what does not exist: Django would redirect or ask for a login.
PREFIXES = ("/v1/", "/beacon/", "/pixel/", "/sourceConfig", "/health")


def is_collector_path(path: str) -> bool:
    return _clean(path).startswith(PREFIXES)


def find_route(path: str) -> Route | None:
    path = _clean(path)
    if path.startswith("/v1/projects/") and path.endswith("/settings"):
        return Route("settings", GET, path[len("/v1/projects/") : -len("/settings")])
    return _ROUTES.get(path)


def _clean(path: str) -> str:
    """Hosts are configured with a slash at the end: `//v1/batch` and `/v1/batch/` are what their clients ask for."""
    return "/" + path.strip("/")
