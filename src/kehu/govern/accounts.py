"""How people get in: accounts are made by an administrator, or by the company's own sign-on; never by sign-up."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.http import HttpRequest
from django.shortcuts import resolve_url

from kehu.core.sealing import seal, unseal
from kehu.govern.actor import actor_for_user
from kehu.govern.models import Role, User
from kehu.govern.second_factor import SECOND_FACTOR


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The home page tells of the whole company: whoever may not see it starts at their customers."""
        if isinstance(request.user, User) and not actor_for_user(request.user).can("home.view"):
            return resolve_url("web:customers")
        return str(super().get_login_redirect_url(request))


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Who signs in by the company's provider is known by issuer and subject, never by an e-mail address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Somebody new gets an account without rights, if the installation wants that at all."""
        return bool(settings.OIDC_MAKES_ACCOUNTS)

    def populate_user(self, request: HttpRequest, sociallogin: Any, data: dict[str, Any]) -> User:
        user = sociallogin.user
        user.email = str(data.get("email") or "").strip().lower()
        user.name = str(data.get("name") or user.email.partition("@")[0])[:100]
        user.role = Role.objects.get(slug="newcomer")
        made: User = user
        return made


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of second factors lie encrypted: a copy of the database alone makes no codes."""

    def get_totp_issuer(self) -> str:
        return "Kehu"

    def encrypt(self, text: str) -> str:
        return seal(text, SECOND_FACTOR)

    def decrypt(self, encrypted_text: str) -> str:
        return unseal(encrypted_text, SECOND_FACTOR)
