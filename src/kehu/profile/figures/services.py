"""Changing the rules of figures. What follows is worked out by a job, with progress."""

from typing import Any

import msgspec
from django.db import transaction
from django.db.models.functions import Now

from kehu.core import jobs
from kehu.core.database import current_connection, set_statements
from kehu.core.errors import InvalidInput, NotFound, VersionConflict
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.profile.figures.computed import forget_values
from kehu.profile.figures.definitions import Definition, check
from kehu.profile.figures.models import ComputedAttribute, FigureRules
from kehu.profile.figures.rules import lifecycle_rules, rating_rules
from kehu.profile.figures.working import definitions_of

FILL, RATE = "profile.figures_fill", "profile.figures_rate"
MOST_COMPUTED = 100


@transaction.atomic
def change_rules(*, actor: Actor, lifecycle: Any, rating: Any, version: int, reason: str = "") -> int:
    """Keep both rules and have everybody worked out anew; returns the job's id.

    version: the one that was read. Raises InvalidInput, VersionConflict, PermissionDenied.
    """
    require(actor, "profile.manage")
    kept = FigureRules.objects.select_for_update().get(pk=1)
    if kept.version != version:
        raise VersionConflict("rules", 1, version, kept.version)
    audit.act_as(actor, reason)
    kept.lifecycle = msgspec.to_builtins(lifecycle_rules(lifecycle))
    kept.rating = msgspec.to_builtins(rating_rules(rating))
    kept.version += 1
    kept.updated_at = Now()
    kept.save()
    return jobs.enqueue(FILL, {}, queueing_key=FILL, actor_id=actor.user_id)


@transaction.atomic
def add_computed(
    definition: Definition, *, label_en: str, label_zh: str, actor: Actor, reason: str = ""
) -> ComputedAttribute:
    """A new computed attribute; a job fills it for everybody there is."""
    require(actor, "profile.manage")
    known = _known()
    if definition.name in known:
        raise InvalidInput("name", "there is one of that name already.")
    if len(known) >= MOST_COMPUTED:
        raise InvalidInput("name", f"there are {MOST_COMPUTED} already: take one away first.")
    check(definition, known)
    audit.act_as(actor, reason)
    created = ComputedAttribute.objects.create(
        name=definition.name,
        label_en=label_en.strip()[:80] or definition.name,
        label_zh=label_zh.strip()[:80] or definition.name,
        over=definition.over,
        function=definition.function,
        field=definition.field,
        event_names=list(definition.event_names),
        window_days=definition.window_days,
        formula=definition.formula,
    )
    jobs.enqueue(FILL, {}, queueing_key=FILL, actor_id=actor.user_id)
    return created


@transaction.atomic
def remove_computed(name: str, *, actor: Actor, reason: str = "") -> None:
    """Raises InvalidInput while a formula names it."""
    require(actor, "profile.manage")
    found = ComputedAttribute.objects.select_for_update().filter(name=name).first()
    if found is None:
        raise NotFound("computed attribute", name)
    rest = {other: one for other, one in _known().items() if other != name}
    for other in rest.values():
        if other.over == "figures":
            try:
                check(other, rest)
            except InvalidInput as error:
                raise InvalidInput("name", f"the formula of {other.name} names it.") from error
    audit.act_as(actor, reason)
    forget_values(current_connection(), found.pk)
    found.delete()


@transaction.atomic
def rate_now(*, actor: Actor) -> int:
    """Rate everybody at once instead of at the next round; returns the job's id."""
    require(actor, "profile.manage")
    return jobs.enqueue(RATE, {}, queueing_key=f"{RATE}:now", actor_id=actor.user_id)


def mark_filled(names: list[str]) -> None:
    ComputedAttribute.objects.filter(name__in=names).update(is_filled=True)


def mark_rated() -> None:
    FigureRules.objects.filter(pk=1).update(rated_at=Now())


def _known() -> dict[str, Definition]:
    with set_statements(current_connection()) as connection:
        return {one.name: one for one in definitions_of(connection)}
