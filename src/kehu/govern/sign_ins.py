"""Sign-ins, sign-outs and failed tries in the audit trail, whichever way in they took."""

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from kehu.govern import audit
from kehu.govern.actor import ANONYMOUS, actor_for_user
from kehu.govern.masking import mask_email
from kehu.govern.models import User


def watch() -> None:
    """Called once, when the room is ready."""
    user_logged_in.connect(_note_sign_in, dispatch_uid="govern.sign_in")
    user_logged_out.connect(_note_sign_out, dispatch_uid="govern.sign_out")
    user_login_failed.connect(_note_failure, dispatch_uid="govern.sign_in_failed")


def _note_sign_in(sender: Any, request: HttpRequest | None, user: User, **kwargs: Any) -> None:
    _note(request, user, "sign in")


def _note_sign_out(sender: Any, request: HttpRequest | None, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        _note(request, user, "sign out")


def _note_failure(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """Which account was tried is told masked: people type passwords into the wrong field."""
    tried = str(credentials.get("email") or credentials.get("username") or "")
    audit.note(
        actor=ANONYMOUS,
        action="sign in failed",
        details={"account": mask_email(tried)},
        request_id=getattr(request, "request_id", ""),
        address=_address(request),
    )


def _note(request: HttpRequest | None, user: User, action: str) -> None:
    audit.note(
        actor=actor_for_user(user),
        action=action,
        on=str(user.pk),
        request_id=getattr(request, "request_id", ""),
        address=_address(request),
    )


def _address(request: HttpRequest | None) -> str:
    return request.META.get("REMOTE_ADDR", "") if request is not None else ""
