"""Lists people come back to: saved for oneself, shared with the department or everybody."""

from dataclasses import dataclass
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.filters.compiler import compile_filter
from kehu.profile.filters.tree import EVERYBODY, Group, plain_values
from kehu.profile.models import SavedView
from kehu.profile.queries.columns import DEFAULT_COLUMNS, check_columns
from kehu.profile.queries.sorts import sort_named

MOST_VIEWS: Final = 100


@dataclass(frozen=True, slots=True)
class ViewDraft:
    """What a person says of a view."""

    name: str
    filter: Group = EVERYBODY
    sort: str = "-changed"
    columns: tuple[str, ...] = DEFAULT_COLUMNS
    audience: str = SavedView.Audience.PRIVATE


@transaction.atomic
def save_view(draft: ViewDraft, *, actor: Actor) -> int:
    """Keep a list under a name of one's own; returns its id. Sharing needs the right to share customers."""
    require(actor, "customer.view")
    owner = _check(draft, actor)
    if SavedView.objects.filter(owner_id=owner).count() >= MOST_VIEWS:
        raise InvalidInput("name", _("you keep %(n)d lists already: delete one first.") % {"n": MOST_VIEWS})
    audit.act_as(actor)
    try:
        with transaction.atomic():
            return SavedView.objects.create(owner_id=owner, **_columns_of(draft, actor)).pk
    except IntegrityError as error:
        raise _name_taken(draft.name) from error


@transaction.atomic
def change_view(view_id: int, draft: ViewDraft, *, version: int, actor: Actor) -> None:
    """Raises VersionConflict when somebody changed it since it was read, NotFound for other people's."""
    require(actor, "customer.view")
    _check(draft, actor)
    view = _own(view_id, actor)
    if view.version != version:
        raise VersionConflict("view", view_id, version, view.version)
    audit.act_as(actor)
    try:
        with transaction.atomic():
            SavedView.objects.filter(pk=view_id).update(
                version=F("version") + 1, updated_at=Now(), **_columns_of(draft, actor)
            )
    except IntegrityError as error:
        raise _name_taken(draft.name) from error


@transaction.atomic
def delete_view(view_id: int, *, actor: Actor) -> None:
    require(actor, "customer.view")
    view = _own(view_id, actor)
    audit.act_as(actor)
    view.delete()


def _check(draft: ViewDraft, actor: Actor) -> int:
    """Refuse what its owner could not ask; returns the owner."""
    if actor.user_id is None:
        raise InvalidInput("owner", _("a list belongs to a person."))
    if not draft.name.strip() or len(draft.name) > 80:
        raise InvalidInput("name", _("give the list a name of at most 80 characters."))
    if draft.audience not in SavedView.Audience.values:
        raise InvalidInput("audience", f"{draft.audience[:20]!r} is none of {', '.join(SavedView.Audience.values)}")
    if draft.audience != SavedView.Audience.PRIVATE:
        require(actor, "customer.share")
    compile_filter(actor, draft.filter)
    sort_named(actor, draft.sort)
    check_columns(draft.columns)
    return actor.user_id


def _columns_of(draft: ViewDraft, actor: Actor) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "filter": plain_values(draft.filter),
        "sort": draft.sort,
        "columns": list(draft.columns),
        "audience": draft.audience,
        "department_id": actor.home_department_id,
    }


def _own(view_id: int, actor: Actor) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner_id=actor.user_id or 0).first()
    if view is None:
        raise NotFound("view", view_id)
    return view


def _name_taken(name: str) -> InvalidInput:
    return InvalidInput("name", _("you have a list named %(name)s already.") % {"name": name})
