"""The tree of departments, the teams across it, and the places that are theirs."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.actor import department_tree
from kehu.govern.models import Department, Team, TeamMember, Territory, User


@transaction.atomic
def create_department(*, name: str, actor: Actor, parent_id: int | None = None) -> int:
    """A new department below `parent_id` (None = at the top); returns its id."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    parent = department_of_id(parent_id) if parent_id is not None else None
    return Department.objects.create(name=_name(name), parent=parent).pk


@transaction.atomic
def move_department(department_id: int, *, name: str, parent_id: int | None, actor: Actor) -> None:
    """Another name or another place in the tree. Raises InvalidInput for a place inside itself."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    # One tree, one lock: two moves at once could otherwise make a circle.
    departments = {one.pk: one for one in Department.objects.select_for_update().order_by("pk")}
    if department_id not in departments or (parent_id is not None and parent_id not in departments):
        raise NotFound("department", parent_id if department_id in departments else department_id)
    if parent_id in department_tree(department_id):
        raise InvalidInput("parent", _("a department cannot lie inside itself."))
    moved = departments[department_id]
    moved.name, moved.parent_id = _name(name), parent_id
    moved.save()


@transaction.atomic
def delete_department(department_id: int, *, actor: Actor) -> None:
    """Only an empty one: its people and records would lose their place."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    try:
        department_of_id(department_id).delete()
    except ProtectedError as held:
        raise InvalidInput("department", _("there are people, sources or departments in it.")) from held


@transaction.atomic
def create_team(*, name: str, actor: Actor, member_ids: Sequence[int] = ()) -> int:
    require(actor, "user.manage")
    audit.note(actor=actor)
    team = Team.objects.create(name=_free_team_name(name))
    _set_members(team, member_ids)
    return team.pk


@transaction.atomic
def change_team(team_id: int, *, name: str, member_ids: Sequence[int], actor: Actor) -> None:
    require(actor, "user.manage")
    audit.note(actor=actor)
    team = _team(team_id)
    team.name = _free_team_name(name, but=team_id)
    team.save()
    _set_members(team, member_ids)


@transaction.atomic
def delete_team(team_id: int, *, actor: Actor) -> None:
    """Its shares and territories go with it."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    _team(team_id).delete()


@transaction.atomic
def create_territory(
    *,
    name: str,
    places: Sequence[str],
    actor: Actor,
    team_id: int | None = None,
    department_id: int | None = None,
) -> int:
    """Customers whose address or city begins with one of the places are seen by the team, or by the department."""
    require(actor, "user.manage")
    audit.note(actor=actor)
    said = list(dict.fromkeys(place.strip() for place in places if place.strip()))
    if not said or any(len(place) < 2 or len(place) > 60 for place in said):
        raise InvalidInput("places", _("name places of 2 to 60 characters, as addresses begin: 浙江省杭州市."))
    if (team_id is None) == (department_id is None):
        raise InvalidInput("team", _("give the territory to one team or to one department."))
    return Territory.objects.create(
        name=_name(name),
        places=said,
        team=_team(team_id) if team_id is not None else None,
        department=department_of_id(department_id) if department_id is not None else None,
    ).pk


@transaction.atomic
def delete_territory(territory_id: int, *, actor: Actor) -> None:
    require(actor, "user.manage")
    audit.note(actor=actor)
    if not Territory.objects.filter(pk=territory_id).delete()[0]:
        raise NotFound("territory", territory_id)


def department_of_id(department_id: int) -> Department:
    department = Department.objects.filter(pk=department_id).first()
    if department is None:
        raise NotFound("department", department_id)
    return department


def _team(team_id: int) -> Team:
    team = Team.objects.select_for_update().filter(pk=team_id).first()
    if team is None:
        raise NotFound("team", team_id)
    return team


def _set_members(team: Team, member_ids: Sequence[int]) -> None:
    wanted = set(member_ids)
    if missing := wanted - set(User.objects.filter(pk__in=wanted).values_list("pk", flat=True)):
        raise NotFound("user", min(missing))
    held = set(TeamMember.objects.filter(team=team).values_list("user_id", flat=True))
    TeamMember.objects.filter(team=team, user_id__in=held - wanted).delete()
    TeamMember.objects.bulk_create([TeamMember(team=team, user_id=one) for one in sorted(wanted - held)])


def _free_team_name(name: str, but: int | None = None) -> str:
    holder = Team.objects.filter(name=name.strip()).first()
    if holder is not None and holder.pk != but:
        raise InvalidInput("name", _("there is a team of that name."))
    return _name(name)


def _name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("name", _("give it a name."))
    if len(name.strip()) > 100:
        raise InvalidInput("name", _("at most 100 characters."))
    return name.strip()
