"""How people get in: accounts are made by an administrator, never by sign-up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest
from django.shortcuts import resolve_url

from kehu.govern.actor import actor_for_user
from kehu.govern.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The home page tells of the whole company: whoever may not see it starts at their customers."""
        if isinstance(request.user, User) and not actor_for_user(request.user).can("home.view"):
            return resolve_url("web:customers")
        return str(super().get_login_redirect_url(request))
