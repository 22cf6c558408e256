"""Who acts: the frozen picture of a person (or token, or the system) that every room asks about rights."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db import connection

from kehu.govern.field_access import FieldAccess
from kehu.govern.models import ApiToken, Role, User
from kehu.govern.permissions import PERMISSIONS, granted

SHARED = 0
"""The department id that stands for "the whole company" in the scope table."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Rights are plain values here: no query happens when a room asks.

    department_ids: whose customers the actor sees; None = all. is_strict: never what is only company-shared.
    unmasked: attribute names seen whole; "*" = all. fields: where the role says otherwise, or more. owner_ids: whose
    customers count as the actor's own. places: beginnings of addresses in the actor's territories. via: "page",
    "token", "command", "system".
    """

    user_id: int | None
    name: str
    role: str = ""
    permissions: frozenset[str] = field(default_factory=frozenset)
    scope: str = Role.Scope.OWN
    department_ids: tuple[int, ...] | None = ()
    unmasked: frozenset[str] = field(default_factory=frozenset)
    fields: Mapping[str, FieldAccess] = field(default_factory=dict, hash=False)
    owner_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    is_strict: bool = False
    via: str = "page"
    token_id: int | None = None
    home_department_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        return self.user_id is not None or self.via == "system"

    def can(self, action: str) -> bool:
        """True if the role includes the action. For templates and menus; services call `require`."""
        if action not in PERMISSIONS:
            raise LookupError(f"{action!r} is no permission: see kehu.govern.permissions.")
        return action in self.permissions

    def sees_whole(self, attribute: str) -> bool:
        if set_apart := self.fields.get(attribute):
            return set_apart.shows_whole
        return "*" in self.unmasked or attribute in self.unmasked


SYSTEM = Actor(
    user_id=None,
    name="system",
    role="system",
    permissions=frozenset(PERMISSIONS),
    scope=Role.Scope.ALL,
    department_ids=None,
    unmasked=frozenset({"*"}),
    via="system",
)
ANONYMOUS = Actor(user_id=None, name="anonymous")


def actor_for_user(user: User, via: str = "page") -> Actor:
    """The actor a user is now. Asked anew for every request, so that a changed role counts at once."""
    role = user.role
    if not user.is_active:
        return ANONYMOUS
    reach = _NOBODY_ELSE if role.scope == Role.Scope.ALL else _reach(user)
    return Actor(
        user_id=user.pk,
        name=str(user),
        role=role.slug,
        permissions=granted(role.permissions),
        scope=role.scope,
        department_ids=_departments_in_scope(role.scope, user.department_id),
        unmasked=frozenset(role.unmasked),
        fields={name: FieldAccess(access) for name, access in role.fields.items()},
        owner_ids=(user.pk, *reach.teammate_ids) if role.scope == Role.Scope.TEAM else (user.pk,),
        team_ids=reach.team_ids,
        places=() if role.is_strict else reach.places,
        is_strict=role.is_strict,
        via=via,
        home_department_id=user.department_id,
    )


def actor_for_token(token: ApiToken) -> Actor:
    """The token's user, cut down to the token's scopes."""
    actor = actor_for_user(token.user, via="token")
    return replace(actor, permissions=actor.permissions & frozenset(token.scopes), token_id=token.pk)


@dataclass(frozen=True, slots=True)
class _Reach:
    """What the teams and territories of a person add to their department."""

    team_ids: tuple[int, ...] = ()
    teammate_ids: tuple[int, ...] = ()
    places: tuple[str, ...] = ()


_NOBODY_ELSE = _Reach()


def _reach(user: User) -> _Reach:
    with connection.cursor() as cursor:
        cursor.execute(_REACH, {"user": user.pk, "department": user.department_id})
        teams, mates, places = cursor.fetchone()
    return _Reach(tuple(teams or ()), tuple(mates or ()), tuple(places or ()))


_REACH = """
WITH mine AS (SELECT team_id FROM govern_teammember WHERE user_id = %(user)s)
SELECT (SELECT array_agg(team_id ORDER BY team_id) FROM mine),
       (SELECT array_agg(DISTINCT user_id) FROM govern_teammember
         WHERE team_id IN (SELECT team_id FROM mine) AND user_id <> %(user)s),
       (SELECT array_agg(DISTINCT place) FROM govern_territory, unnest(places) AS place
         WHERE team_id IN (SELECT team_id FROM mine) OR department_id = %(department)s)
"""


def department_tree(department_id: int) -> tuple[int, ...]:
    """The department and all below it, in id order."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE tree (id) AS (
                SELECT %s::bigint
                UNION
                SELECT child.id FROM govern_department child JOIN tree ON child.parent_id = tree.id
            )
            SELECT id FROM tree ORDER BY id
            """,
            [department_id],
        )
        return tuple(row[0] for row in cursor.fetchall())


def _departments_in_scope(scope: str, department_id: int | None) -> tuple[int, ...] | None:
    match scope:
        case Role.Scope.ALL:
            return None
        case Role.Scope.TREE if department_id is not None:
            return department_tree(department_id)
        case Role.Scope.DEPARTMENT if department_id is not None:
            return (department_id,)
        case _:
            return ()
