"""Deny by default: every route says which permission it needs, or Kehu does not start."""

from collections.abc import Callable, Iterator
from functools import cache, wraps
from typing import Any, Final, TypeVar, cast

from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, get_resolver

from kehu.govern.errors import NotSignedIn, PermissionDenied
from kehu.govern.permissions import PERMISSIONS

View = TypeVar("View", bound=Callable[..., Any])
Access = tuple[str, ...]
PUBLIC: Final[Access] = ("public",)
SIGNED_IN: Final[Access] = ("signed-in",)

# Views we did not write, by the name of their route. They keep their own door (allauth sends strangers to the
# login page); what stands here is what they were read to do.
THIRD_PARTY: Final[dict[str, Access]] = {
    "account_login": PUBLIC,
    "account_logout": PUBLIC,
    "account_inactive": PUBLIC,
    "account_signup": PUBLIC,  # closed by the account adapter
    "account_reauthenticate": SIGNED_IN,
    "account_email": SIGNED_IN,
    "account_email_verification_sent": PUBLIC,
    "account_confirm_email": PUBLIC,
    "account_change_password": SIGNED_IN,
    "account_set_password": SIGNED_IN,
    "account_confirm_login_code": PUBLIC,
    "account_reset_password": PUBLIC,
    "account_reset_password_done": PUBLIC,
    "account_reset_password_from_key": PUBLIC,
    "account_reset_password_from_key_done": PUBLIC,
    "mfa_authenticate": PUBLIC,  # for whoever gave the right password just now
    "mfa_reauthenticate": SIGNED_IN,
    "mfa_index": SIGNED_IN,
    "mfa_activate_totp": SIGNED_IN,
    "mfa_deactivate_totp": SIGNED_IN,
    "mfa_view_recovery_codes": SIGNED_IN,
    "mfa_generate_recovery_codes": SIGNED_IN,
    "mfa_download_recovery_codes": SIGNED_IN,
    "mfa_list_webauthn": SIGNED_IN,
    "mfa_add_webauthn": SIGNED_IN,
    "mfa_reauthenticate_webauthn": SIGNED_IN,
    "mfa_remove_webauthn": SIGNED_IN,
    "mfa_edit_webauthn": SIGNED_IN,
    "socialaccount_login_cancelled": PUBLIC,
    "socialaccount_login_error": PUBLIC,
    "socialaccount_signup": PUBLIC,  # closed unless the installation lets the provider make accounts
    "socialaccount_connections": SIGNED_IN,
    "openid_connect_login": PUBLIC,
    "openid_connect_callback": PUBLIC,
}


def requires(*permissions: str) -> Callable[[View], View]:
    """A view for actors who hold every one of the permissions: `@requires("customer.view")`."""
    if unknown := [permission for permission in permissions if permission not in PERMISSIONS]:
        raise LookupError(f"{unknown} are no permissions: see kehu.govern.permissions.")

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            actor = request.actor  # type: ignore[attr-defined]
            if not actor.is_signed_in:
                raise NotSignedIn
            for permission in permissions:
                if not actor.can(permission):
                    raise PermissionDenied(permission, actor.name)
            return view(request, *args, **kwargs)

        return declare(cast("View", guarded), permissions or SIGNED_IN)

    return decorate


def signed_in(view: View) -> View:
    """A view for everybody who has signed in, whatever their role: their own settings, say."""
    return requires()(view)


def public(view: View) -> View:
    """A view for strangers too. To be rare, and told apart in the access table of the tests."""
    return declare(view, PUBLIC)


def declare(view: View, access: Access) -> View:
    view.access = access  # type: ignore[attr-defined]
    return view


def access_of(pattern: URLPattern, name: str) -> Access | None:
    """What a route declares, None if it declares nothing."""
    declared = getattr(pattern.callback, "access", None)
    return cast("Access | None", declared) or THIRD_PARTY.get(name)


def every_route(resolver: URLResolver | None = None) -> Iterator[tuple[str, str, URLPattern]]:
    """Every route as (address pattern, name with namespaces, pattern)."""
    yield from _walk(resolver or get_resolver(), "/", "")


def _walk(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[tuple[str, str, URLPattern]]:
    for pattern in resolver.url_patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _walk(pattern, address, inner)
        else:
            yield address, f"{namespace}{pattern.name or ''}", pattern


def undeclared_routes() -> list[str]:
    return [address for address, name, pattern in every_route() if access_of(pattern, name) is None]


@cache
def refuse_undeclared_routes(urlconf: str) -> None:
    """Raise at start when a route declares no permission. Asked once per process, by the middleware."""
    if undeclared := undeclared_routes():
        raise ImproperlyConfigured(
            f"These routes declare no permission: {', '.join(undeclared)}. Put @requires(…), @signed_in or "
            "@public on the view, or enter a third-party view in kehu.govern.routes.THIRD_PARTY."
        )
