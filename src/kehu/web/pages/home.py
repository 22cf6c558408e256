"""The home page: what came in, how far behind, what waits for a person."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.collect import queries as collect
from kehu.govern.access import Actor
from kehu.profile.queries.recent_merges import recent_merges
from kehu.web import live
from kehu.web.components import Action, Figure, Spark
from kehu.web.counts import count_in_words
from kehu.web.pages.customers import known_customers
from kehu.web.pages.sources import SourceLine, all_records, late_text, records_by_source, source_lines
from kehu.web.waterfalls import draw_spark
from kehu.web.wording import format_count, format_span

HOURS = 24


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something that waits for a person: how much, told in a sentence, and where to go."""

    waiting: int
    text: str
    action: Action


@dataclass(frozen=True, slots=True)
class JoinedLine:
    name: str
    note: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class HomePage:
    greeting: str
    note: str
    actions: list[Action]
    figures: list[Figure]
    spark: Spark
    sources: list[SourceLine]
    review: Waiting | None
    dead_letters: Waiting | None
    merges: list[JoinedLine] = field(default_factory=list)


def home_page(actor: Actor) -> HomePage:
    sources = source_lines(actor) if actor.can("source.view") else []
    return HomePage(
        greeting=_greeting(actor),
        note=late_text(sources) if sources else "",
        actions=_actions(actor),
        figures=_figures(actor),
        spark=_spark(),
        sources=sources,
        review=_review(actor),
        dead_letters=_dead_letters(actor),
        merges=_joined_lately(actor),
    )


def _greeting(actor: Actor) -> str:
    hour = timezone.localtime().hour
    if hour < 5 or hour >= 18:
        greeting = _("Good evening, %(name)s")
    elif hour < 12:
        greeting = _("Good morning, %(name)s")
    else:
        greeting = _("Good afternoon, %(name)s")
    return greeting % {"name": actor.name}


def _actions(actor: Actor) -> list[Action]:
    actions = []
    if actor.can("import.run"):
        actions.append(Action(_("Import a file"), reverse("web:import_new"), "file-import"))
    if actor.can("customer.create"):
        actions.append(Action(_("New customer"), reverse("web:customer_new"), "user-plus", key="c"))
    return actions


def _spark() -> Spark:
    now = timezone.now().replace(minute=0, second=0, microsecond=0)
    by_hour: dict[datetime, int] = defaultdict(int)
    for hour in live.inflow():
        by_hour[hour.hour] += hour.messages
    counts = [by_hour[now - timedelta(hours=HOURS - 1 - n)] for n in range(HOURS)]
    label = ngettext("%(n)s message in the last 24 hours", "%(n)s messages in the last 24 hours", sum(counts)) % {
        "n": format_count(sum(counts))
    }
    return draw_spark(counts, label)


def _review(actor: Actor) -> Waiting | None:
    if not actor.can("review.view"):
        return None
    waiting = live.review_waiting()
    text = ngettext(
        "%(n)s pair may be one customer. It takes a look and one key.",
        "%(n)s pairs may be one customer each. Each takes a look and one key.",
        waiting,
    ) % {"n": live.review_text(actor)}
    start = Action(_("Review"), reverse("web:review"), "git-merge", is_main=True)
    return Waiting(waiting, text if waiting else _("No pair waits: all is decided."), start)


def _dead_letters(actor: Actor) -> Waiting | None:
    if not actor.can("dead_letter.view"):
        return None
    total = sum(one.count for one in collect.dead_letter_reasons(actor))
    if not total:
        return None
    text = ngettext("%(n)s message could not be worked in.", "%(n)s messages could not be worked in.", total) % {
        "n": format_count(total)
    }
    return Waiting(total, text, Action(_("Look at them"), reverse("web:dead_letters"), "mailbox-off"))


def _figures(actor: Actor) -> list[Figure]:
    counted = known_customers(actor)
    customers = counted.number
    figures = [Figure(_("Customers"), count_in_words(counted))]
    if actor.can("source.view"):
        records = all_records(live.keep("records", records_by_source, 15.0).values())
        joined = records.number / customers if customers else 0
        figures.append(Figure(_("Source records"), count_in_words(records) or "0", note=_per_customer(joined)))
    behind = live.lags()
    waiting = sum(lag.waiting for lag in behind.values())
    longest = max((lag.lag_for.total_seconds() for lag in behind.values()), default=0.0)
    figures.append(
        Figure(
            _("Waiting"),
            format_count(waiting),
            "warn" if any(lag.is_late for lag in behind.values()) else "",
            _("%(span)s behind") % {"span": format_span(longest)} if waiting else _("up to date"),
        )
    )
    if actor.can("review.view"):
        figures.append(Figure(_("Pairs to review"), live.review_text(actor) or "0"))
    return figures


def _per_customer(records: float) -> str:
    return _("%(n).1f a customer") % {"n": records} if records else ""


def _joined_lately(actor: Actor) -> list[JoinedLine]:
    if not actor.can("customer.view"):
        return []
    people = live.people_names()
    return [
        JoinedLine(
            one.name or _("No name yet"),
            " · ".join(part for part in (people.get(one.actor_id or 0, ""), one.reason) if part),
            reverse("web:customer", args=[one.customer_id]),
            one.at,
        )
        for one in recent_merges(actor)
    ]
