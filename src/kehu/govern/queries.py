"""Who there is: people, departments, teams, roles and keys."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db.models import Count, Q

from kehu.core.errors import NotFound
from kehu.govern.access import Actor, require
from kehu.govern.models import ApiToken, Department, Team, TeamMember, Territory, User


def department_exists(department_id: int) -> bool:
    return Department.objects.filter(pk=department_id).exists()


def names_of_users(user_ids: Iterable[int]) -> dict[int, str]:
    """User id → name, for those that exist. One query."""
    return dict(User.objects.filter(pk__in=set(user_ids)).values_list("pk", "name"))


def departments() -> list[tuple[int, str, int | None]]:
    """Every department as (id, name, parent's id), by name."""
    return list(Department.objects.order_by("name").values_list("pk", "name", "parent_id"))


def active_people() -> list[tuple[int, str]]:
    """Everybody who may sign in, as (id, name), by name."""
    return [(user.pk, str(user)) for user in User.objects.filter(is_active=True).order_by("name", "id")]


def user_is_active(user_id: int) -> bool:
    return User.objects.filter(pk=user_id, is_active=True).exists()


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody who can act. role_name and department as the reader's language has them."""

    id: int
    name: str
    email: str
    role: str
    role_name: str
    department: str
    is_active: bool
    has_second_factor: bool
    last_login: datetime | None


def people(actor: Actor, *, text: str = "", after: tuple[str, int] | None = None, limit: int = 50) -> list[PersonLine]:
    """By name. text: part of a name or an address. after: (name, id) of the last one seen."""
    require(actor, "user.view")
    found = User.objects.select_related("role", "department")
    if text.strip():
        found = found.filter(Q(name__icontains=text.strip()) | Q(email__icontains=text.strip()))
    if after is not None:
        found = found.filter(Q(name__gt=after[0]) | Q(name=after[0], id__gt=after[1]))
    page = list(found.order_by("name", "id")[:limit])
    strong = set(
        Authenticator.objects.filter(user_id__in=[user.pk for user in page])
        .exclude(type=Authenticator.Type.RECOVERY_CODES)
        .values_list("user_id", flat=True)
    )
    return [_person(user, user.pk in strong) for user in page]


@dataclass(frozen=True, slots=True)
class Person:
    line: PersonLine
    department_id: int | None
    language: str
    created_at: datetime
    teams: tuple[str, ...]
    tokens: int


def person(actor: Actor, user_id: int) -> Person:
    """Raises NotFound."""
    require(actor, "user.view")
    user = User.objects.select_related("role", "department").filter(pk=user_id).first()
    if user is None:
        raise NotFound("user", user_id)
    return Person(
        _person(user, has_second_factor(user_id)),
        user.department_id,
        user.language,
        user.created_at,
        tuple(Team.objects.filter(teammember__user_id=user_id).order_by("name").values_list("name", flat=True)),
        ApiToken.objects.filter(user_id=user_id, revoked_at__isnull=True).count(),
    )


def has_second_factor(user_id: int) -> bool:
    strong = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES)
    return bool(strong.filter(user_id=user_id).exists())


def _person(user: User, is_strong: bool) -> PersonLine:
    return PersonLine(
        user.pk,
        str(user),
        user.email,
        user.role.slug,
        str(user.role),
        user.department.name if user.department else "",
        user.is_active,
        is_strong,
        user.last_login,
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """A department in its place in the tree: parents before children, `depth` from the top."""

    id: int
    name: str
    depth: int
    people: int


def department_branches() -> list[Branch]:
    counts = dict(User.objects.filter(is_active=True).values_list("department").annotate(Count("id")))
    children: dict[int | None, list[Department]] = {}
    for one in Department.objects.order_by("name", "id"):
        children.setdefault(one.parent_id, []).append(one)
    branches: list[Branch] = []
    waiting = [(one, 0) for one in reversed(children.get(None, []))]
    while waiting:
        one, depth = waiting.pop()
        branches.append(Branch(one.pk, one.name, depth, counts.get(one.pk, 0)))
        waiting += [(child, depth + 1) for child in reversed(children.get(one.pk, []))]
    return branches


@dataclass(frozen=True, slots=True)
class TeamLine:
    id: int
    name: str
    member_ids: tuple[int, ...]
    members: tuple[str, ...]


def teams() -> list[TeamLine]:
    members: dict[int, list[User]] = {}
    for one in TeamMember.objects.select_related("user").order_by("user__name"):
        members.setdefault(one.team_id, []).append(one.user)
    return [
        TeamLine(
            team.pk,
            team.name,
            tuple(user.pk for user in members.get(team.pk, [])),
            tuple(str(user) for user in members.get(team.pk, [])),
        )
        for team in Team.objects.order_by("name")
    ]


@dataclass(frozen=True, slots=True)
class TerritoryLine:
    id: int
    name: str
    places: tuple[str, ...]
    holder: str


def territories() -> list[TerritoryLine]:
    return [
        TerritoryLine(one.pk, one.name, tuple(one.places), str(one.team or one.department))
        for one in Territory.objects.select_related("team", "department").order_by("name", "id")
    ]


@dataclass(frozen=True, slots=True)
class TokenLine:
    """state: live, expired or revoked."""

    id: int
    name: str
    prefix: str
    owner_id: int
    owner: str
    scopes: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    state: str


def tokens(actor: Actor, now: datetime, limit: int = 500) -> list[TokenLine]:
    """Newest first; one's own, or everybody's for who manages them."""
    found = ApiToken.objects.select_related("user")
    if not actor.can("token.manage"):
        require(actor, "token.create")
        found = found.filter(user_id=actor.user_id or 0)
    return [
        TokenLine(
            one.pk,
            one.name,
            one.prefix,
            one.user_id,
            str(one.user),
            tuple(one.scopes),
            one.created_at,
            one.expires_at,
            one.last_used_at,
            "revoked" if one.revoked_at else "expired" if one.expires_at and one.expires_at <= now else "live",
        )
        for one in found.order_by("-id")[:limit]
    ]
