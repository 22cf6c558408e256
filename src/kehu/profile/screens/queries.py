"""Who is to come up on an agent's screen, as the agent may see it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone

from kehu.core.database import fetch_all
from kehu.govern.access import Actor, require
from kehu.govern.field_policy import Presented, present_identifier
from kehu.profile.queries.lists import CustomerLine, lines_of
from kehu.profile.queries.lookup import customer_by_identifier
from kehu.profile.screens.models import Screen, ScreenPop

LASTS: Final = timedelta(minutes=10)
MOST_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class PopLine:
    """customers: none for a stranger. value: the number as the agent may see it."""

    id: int
    type: str
    value: Presented
    at: datetime
    customers: list[CustomerLine]


def newest_pop(actor: Actor) -> PopLine | None:
    """The actor's last pop of the last ten minutes, unless it was closed."""
    if actor.user_id is None:
        return None
    pop = ScreenPop.objects.filter(agent_id=actor.user_id, sent_at__gt=timezone.now() - LASTS).order_by("-pk").first()
    if pop is None or pop.closed_at is not None:
        return None
    found = customer_by_identifier(actor, pop.type, pop.value)[:MOST_SHOWN]
    shown = present_identifier(actor, pop.type, pop.value)
    return PopLine(pop.pk, pop.type, shown, pop.sent_at, lines_of(actor, list(found)))


def called_from(actor: Actor, pop_id: int) -> tuple[str, str] | None:
    """(phone or email, the whole of it) of a pop of the actor's own, to be kept with a new customer; None when over."""
    pop = ScreenPop.objects.filter(
        pk=pop_id, agent_id=actor.user_id or 0, type__in=("phone", "email"), sent_at__gt=timezone.now() - LASTS
    ).first()
    return (pop.type, pop.value) if pop else None


def pop_signs() -> tuple[tuple[int, int], ...]:
    """(agent, newest pop) of everybody for whom something came up within the minute: what the live stream compares."""
    return tuple(
        fetch_all(
            "SELECT agent_id, max(id) FROM profile_screenpop WHERE sent_at > now() - interval '1 minute' "
            "GROUP BY 1 ORDER BY 1"
        )
    )


def screens(actor: Actor) -> list[Screen]:
    require(actor, "source.manage")
    return list(Screen.objects.order_by("name"))
