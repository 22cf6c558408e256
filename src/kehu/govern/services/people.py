"""People: who is let in, and as what."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.errors import MoreThanYourOwn, NotYourself
from kehu.govern.models import Role, User
from kehu.govern.permissions import granted
from kehu.govern.services.departments import department_of_id


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
    department = department_of_id(department_id) if department_id is not None else None
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
    name: str | None = None,
    language: str | None = None,
) -> None:
    """Another role, another department, or no longer let in. Counts from the person's next request on.

    Whoever manages people gives at most what they hold themselves; whoever manages roles gives any role, but never
    to themselves: so one hand makes the account and another gives it rights.
    """
    about_the_person = (department_id, is_active, name, language)
    if not actor.can("role.manage") or any(one is not None for one in about_the_person):
        require(actor, "user.manage")
    audit.note(actor=actor)
    user = User.objects.select_for_update().select_related(None).filter(pk=user_id).first()
    if user is None:
        raise NotFound("user", user_id)
    if user_id == actor.user_id and (is_active is False or (role is not None and role != actor.role)):
        raise NotYourself
    if not actor.can("role.manage"):
        # Whoever takes over a stronger account takes over its rights.
        refuse_more_than_own(user.role, actor)
    if role is not None and role != user.role.slug:
        user.role = _role_to_give(role, actor)
    if department_id is not None:
        user.department = department_of_id(department_id)
    if is_active is not None:
        user.is_active = is_active
    if name is not None:
        user.name = name.strip()[:100]
    if language is not None:
        user.language = language
    user.save()


@transaction.atomic
def make_password_key(user_id: int, *, actor: Actor) -> tuple[str, str]:
    """The two parts of a link by which somebody chooses their password; works once, for three days.

    Refused for accounts stronger than one's own: whoever sees the link could use it.
    """
    require(actor, "user.manage")
    user = User.objects.select_related("role").filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound("user", user_id)
    refuse_more_than_own(user.role, actor)
    audit.note(actor=actor, action="password link", on=str(user_id))
    return user_pk_to_url_str(user), default_token_generator.make_token(user)


def _check_email(email: str) -> None:
    try:
        validate_email(email)
    except ValidationError as refused:
        raise InvalidInput("email", _("this is not an e-mail address.")) from refused
    if User.objects.filter(email=email).exists():
        raise InvalidInput("email", _("somebody has this address already."))


def _role_to_give(slug: str, actor: Actor) -> Role:
    role = Role.objects.filter(slug=slug).first()
    if role is None:
        known = ", ".join(Role.objects.order_by("slug").values_list("slug", flat=True))
        raise InvalidInput("role", _("there is no role of that name; known: %(known)s.") % {"known": known})
    if not actor.can("role.manage"):
        refuse_more_than_own(role, actor)
    return role


def refuse_more_than_own(role: Role, actor: Actor) -> None:
    if beyond := sorted(granted(role.permissions) - actor.permissions):
        raise MoreThanYourOwn(tuple(beyond))
