"""The lists somebody can come back to: their own, and those shared with them."""

from dataclasses import dataclass

from django.db.models import Q

from kehu.core.errors import DomainError, NotFound
from kehu.govern import queries as govern
from kehu.govern.access import Actor, require
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import Group, filter_from
from kehu.profile.models import SavedView


@dataclass(frozen=True, slots=True)
class ViewLine:
    id: int
    name: str
    filter: Group
    sort: str
    columns: tuple[str, ...]
    audience: str
    is_own: bool
    owner: str
    version: int


def views_for(actor: Actor) -> list[ViewLine]:
    """Own ones first. A shared list that asks what this actor may not ask is left out: its filter tells values."""
    require(actor, "customer.view")
    seen = Q(owner_id=actor.user_id)
    if not actor.is_strict:
        seen |= Q(audience=SavedView.Audience.COMPANY)
        if actor.home_department_id is not None:
            seen |= Q(audience=SavedView.Audience.DEPARTMENT, department_id=actor.home_department_id)
    rows = sorted(SavedView.objects.filter(seen)[:300], key=lambda row: (row.owner_id != actor.user_id, row.name))
    names = govern.names_of_users(row.owner_id for row in rows)
    found = []
    for row in rows:
        try:
            group = filter_from(row.filter)
            compile_filter(actor, group)
        except DomainError:  # an attribute or a source of it is gone, or it may not be asked
            if row.owner_id != actor.user_id:
                continue
            group = filter_from(row.filter)
        is_own = row.owner_id == actor.user_id
        owner = names.get(row.owner_id, "")
        found.append(
            ViewLine(row.pk, row.name, group, row.sort, tuple(row.columns), row.audience, is_own, owner, row.version)
        )
    return found


def view_for(actor: Actor, view_id: int) -> ViewLine:
    """Raises NotFound for one that is not shared with the actor."""
    found = next((view for view in views_for(actor) if view.id == view_id), None)
    if found is None:
        raise NotFound("view", view_id)
    return found
