"""What people merged lately, for the home page."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from kehu.govern.access import Actor, visible_to
from kehu.govern.field_policy import present_text
from kehu.profile.models import Customer, MergeAct


@dataclass(frozen=True, slots=True)
class RecentMerge:
    """A merge that still holds. name: of the customer it made, as the actor may see it."""

    customer_id: UUID
    name: str
    reason: str
    actor_id: int | None
    at: datetime


def recent_merges(actor: Actor, limit: int = 8) -> list[RecentMerge]:
    """Newest first, of customers the actor sees. Two queries."""
    acts = MergeAct.objects.filter(kind=MergeAct.Kind.MERGE, undone_by=None).order_by("-id")[: 4 * limit]
    survivors = {act.survivor_id for act in acts}
    seen = visible_to(actor).filter(Customer.objects.filter(id__in=survivors))
    names = dict(seen.values_list("id", "display_name"))
    return [
        RecentMerge(
            act.survivor_id,
            present_text(actor, names[act.survivor_id]),
            present_text(actor, act.reason),
            act.actor_id,
            act.created_at,
        )
        for act in acts
        if act.survivor_id in names
    ][:limit]
