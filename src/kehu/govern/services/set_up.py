"""The first account, by a one-time link that `kehu up` prints while nobody can sign in: there is no default one."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.actor import SYSTEM
from kehu.govern.duties import FOUNDER
from kehu.govern.models import Department, SetUpLink, User
from kehu.govern.services.people import create_user

VALID_FOR = timedelta(hours=24)
_SECRET_BYTES = 24


@transaction.atomic
def make_set_up_link(now: datetime) -> str | None:
    """The secret of a new link, older ones being dead; None once anybody can sign in."""
    if User.objects.exists():
        return None
    secret = secrets.token_urlsafe(_SECRET_BYTES)
    SetUpLink.objects.all().delete()
    SetUpLink.objects.create(secret_hash=_hash(secret), expires_at=now + VALID_FOR)
    return secret


def is_set_up_link(secret: str, now: datetime) -> bool:
    return (
        not User.objects.exists() and SetUpLink.objects.filter(secret_hash=_hash(secret), expires_at__gt=now).exists()
    )


@transaction.atomic
def set_up(secret: str, *, name: str, email: str, password: str, language: str, now: datetime) -> int:
    """Make the founder's account; the link is used up. Raises NotFound for a link that is not, or no longer, one."""
    link = SetUpLink.objects.select_for_update().filter(secret_hash=_hash(secret), expires_at__gt=now).first()
    if link is None or User.objects.exists():
        raise NotFound("set-up link", "")
    audit.note(actor=SYSTEM, reason="set-up link", action="set up")
    try:
        validate_password(password, User(email=email, name=name))
    except ValidationError as refused:
        raise InvalidInput("password", " ".join(refused.messages)) from refused
    top = Department.objects.filter(parent=None).order_by("pk").first()
    user_id = create_user(
        email=email,
        name=name,
        role=FOUNDER,
        actor=SYSTEM,
        password=password,
        department_id=top.pk if top else None,
        language=language,
    )
    SetUpLink.objects.all().delete()
    return user_id


def _hash(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
