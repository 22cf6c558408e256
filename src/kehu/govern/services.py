"""People, departments, roles and tokens: who is let in, and as what."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit, tokens
from kehu.govern.access import Actor, require
from kehu.govern.errors import MoreThanYourOwn
from kehu.govern.models import ApiToken, Department, Role, User
from kehu.govern.permissions import PERMISSIONS


@transaction.atomic
def create_department(*, name: str, actor: Actor, parent_id: int | None = None) -> int:
    """A new department below `parent_id` (None = at the top); returns its id."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    if not name.strip():
        raise InvalidInput("name", _("give the department a name."))
    parent = _department(parent_id) if parent_id is not None else None
    return Department.objects.create(name=name.strip(), parent=parent).pk


@transaction.atomic
def create_user(
    *,
    email: str,
    name: str,
    role: str,
    actor: Actor,
    password: str | None = None,
    department_id: int | None = None,
    language: str = "zh-hans",
) -> int:
    """A new person; returns their id. Without a password they set one by "forgotten password".

    Raises MoreThanYourOwn when the role holds rights the actor lacks.
    """
    require(actor, "user.manage")
    email = email.strip().lower()
    _check_email(email)
    chosen = _role_to_give(role, actor)
    department = _department(department_id) if department_id is not None else None
    if password is not None:
        try:
            validate_password(password, User(email=email, name=name))
        except ValidationError as refused:
            raise InvalidInput("password", " ".join(refused.messages)) from refused
    audit.note(actor=actor)
    user = User.objects.create_user(
        email, password, name=name.strip(), role=chosen, department=department, language=language
    )
    return user.pk


@transaction.atomic
def change_user(
    user_id: int,
    *,
    actor: Actor,
    role: str | None = None,
    department_id: int | None = None,
    is_active: bool | None = None,
) -> None:
    """Another role, another department, or no longer let in. Counts from the person's next request on."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    user = User.objects.select_for_update().select_related(None).filter(pk=user_id).first()
    if user is None:
        raise NotFound("user", user_id)
    # Whoever takes over a stronger account takes over its rights.
    _refuse_more_than_own(user.role, actor)
    if role is not None:
        user.role = _role_to_give(role, actor)
    if department_id is not None:
        user.department = _department(department_id)
    if is_active is not None:
        user.is_active = is_active
    user.save()


@transaction.atomic
def create_token(
    *,
    user_id: int,
    name: str,
    scopes: list[str],
    actor: Actor,
    expires_at: datetime | None = None,
) -> str:
    """A key for machines; returns the whole token, which nobody can show again.

    It can do what its scopes, its user's role and (now) the actor all allow.
    """
    require(actor, "token.manage")
    if unknown := sorted(set(scopes) - PERMISSIONS.keys()):
        raise InvalidInput("scopes", _("unknown: %(scopes)s.") % {"scopes": ", ".join(unknown)})
    if beyond := sorted(set(scopes) - actor.permissions):
        raise MoreThanYourOwn(tuple(beyond))
    user = User.objects.select_related("role").filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("user", user_id)
    if user.pk != actor.user_id:
        _refuse_more_than_own(user.role, actor)
    audit.note(actor=actor)
    minted = tokens.mint()
    ApiToken.objects.create(
        name=name.strip(),
        prefix=minted.prefix,
        secret_hash=minted.secret_hash,
        user=user,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
    )
    return minted.text


@transaction.atomic
def revoke_token(token_id: int, *, actor: Actor) -> None:
    """Dead from the next request on."""
    require(actor, "token.manage")
    audit.note(actor=actor)
    if not ApiToken.objects.filter(pk=token_id).update(revoked_at=Now()):
        raise NotFound("token", token_id)


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as refused:
        raise InvalidInput("email", _("this is not an e-mail address.")) from refused
    if User.objects.filter(email=email).exists():
        raise InvalidInput("email", _("somebody has this address already."))


def _department(department_id: int) -> Department:
    department = Department.objects.filter(pk=department_id).first()
    if department is None:
        raise NotFound("department", department_id)
    return department


def _role_to_give(slug: str, actor: Actor) -> Role:
    role = Role.objects.filter(slug=slug).first()
    if role is None:
        known = ", ".join(Role.objects.order_by("slug").values_list("slug", flat=True))
        raise InvalidInput("role", _("there is no role of that name; known: %(known)s.") % {"known": known})
    _refuse_more_than_own(role, actor)
    return role


def _refuse_more_than_own(role: Role, actor: Actor) -> None:
    if beyond := sorted(set(role.permissions) - actor.permissions):
        raise MoreThanYourOwn(tuple(beyond))
