"""Who is held and who is marked, by name where the reader sees the customer."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from kehu.govern.access import Actor
from kehu.govern.consent.models import MarkKind
from kehu.govern.privacy import queries
from kehu.govern.privacy.queries import Standing
from kehu.profile.queries.lists import lines_of
from kehu.web import live
from kehu.web.pages.customer import shown_name


@dataclass(frozen=True, slots=True)
class StandingRow:
    """name "" and url "": a customer the reader does not see. act_url: where it ends."""

    name: str
    url: str
    kind: str
    label: str
    reason: str
    case_number: str
    who: str
    since: datetime
    act_url: str


@dataclass(frozen=True, slots=True)
class StandingPage:
    holds: list[StandingRow]
    marks: list[StandingRow]
    hold_url: str
    can_manage: bool


def standing_page(actor: Actor) -> StandingPage:
    held, marked = queries.holds(actor), queries.marks(actor)
    seen = lines_of(actor, list({one.customer_id for one in (*held, *marked)}))
    names = {line.id: shown_name(line.name, line.golden) for line in seen}
    return StandingPage(
        [_row(one, names.get(one.customer_id, ""), "web:privacy_hold_release") for one in held],
        [_row(one, names.get(one.customer_id, ""), "web:privacy_mark_lift") for one in marked],
        reverse("web:privacy_hold"),
        actor.can("privacy.manage"),
    )


def _row(one: Standing, name: str, ends: str) -> StandingRow:
    return StandingRow(
        name,
        reverse("web:customer", args=[one.customer_id]) if name else "",
        one.what,
        str(MarkKind(one.what).label) if one.what else "",
        one.reason,
        one.case_number,
        live.people_names().get(one.by_id or 0, ""),
        one.since,
        reverse(ends, args=[one.customer_id]) if name else "",
    )
