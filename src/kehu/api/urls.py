"""The API's addresses, each declaring what it needs (so that the start-up check sees it)."""

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from kehu.api.errors import problem
from kehu.api.rest import api
from kehu.govern.routes import PUBLIC, declare, public

operations, ninja_name, namespace = api.urls


@public
def nothing_here(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that is none of the API's: told as the API tells everything."""
    return problem(request, 404, "not_found", "There is no such address in this API.")


def _declare_access() -> None:
    """Copy the permissions of each operation to its route. An operation without any stays undeclared."""
    needs = {
        operation.url_name: tuple(
            dict.fromkeys(
                permission
                for callback in operation.auth_callbacks
                for permission in getattr(callback, "permissions", ())
            )
        )
        for bound in api._get_bound_routers()
        for path_view in bound.path_operations.values()
        for operation in path_view.operations
    }
    for pattern in operations:
        if isinstance(pattern, URLPattern) and (access := needs.get(pattern.name or "")):
            declare(pattern.callback, access)
        elif isinstance(pattern, URLPattern) and pattern.name in {"openapi-json", "api-root"}:
            declare(pattern.callback, PUBLIC)


_declare_access()
urlpatterns = [
    path("", (operations, ninja_name, namespace)),
    path("<path:rest>", nothing_here, name="api_nothing_here"),
]
