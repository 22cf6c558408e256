"""The review queue: one pair at a time."""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.govern.access import Actor
from kehu.profile.queries import CustomerLine
from kehu.profile.queries.lists import lines_of
from kehu.profile.queries.review_pairs import PairLine, review_pairs
from kehu.web import live
from kehu.web.components import Action, DiffRow, Empty, Waterfall
from kehu.web.pages.customer import shown_name
from kehu.web.pages.evidence import diff_rows, waterfall_of
from kehu.web.wording import format_ago


@dataclass(frozen=True, slots=True)
class Side:
    """One customer of a pair. record_id: the record whose link is unsure."""

    name: str
    url: str
    note: str
    record_id: UUID


@dataclass(frozen=True, slots=True)
class ReviewPage:
    left: Side
    right: Side
    rows: list[DiffRow]
    waterfall: Waterfall
    since_text: str
    decide_url: str
    skip_url: str
    can_decide: bool


def review_page(actor: Actor, skip: int = 0) -> ReviewPage | None:
    """The pair after `skip` others; the first one again when fewer wait; None when nothing waits."""
    pairs = review_pairs(actor, skip=skip) or (review_pairs(actor) if skip else [])
    return _page(actor, pairs[0], skip) if pairs else None


def _page(actor: Actor, pair: PairLine, skip: int) -> ReviewPage:
    lines = {line.id: line for line in lines_of(actor, [pair.left_customer_id, pair.right_customer_id])}
    left, right = lines[pair.left_customer_id], lines[pair.right_customer_id]
    waterfall, levels = waterfall_of(pair.left_id, pair.right_id)
    decide = reverse("web:review_decide")
    return ReviewPage(
        left=_side(left, pair.left_id),
        right=_side(right, pair.right_id),
        rows=diff_rows(_values(left), _values(right), levels),
        waterfall=waterfall,
        since_text=_("likely the same · waits since %(ago)s") % {"ago": format_ago(pair.since)},
        decide_url=f"{decide}?skip={skip}",
        skip_url=f"{reverse('web:review')}?skip={skip + 1}",
        can_decide=actor.can("review.decide"),
    )


def _side(line: CustomerLine, record_id: UUID) -> Side:
    sources = [live.source_name(source) for source in line.source_ids[:3]]
    records = ngettext("%(n)d record", "%(n)d records", line.record_count) % {"n": line.record_count}
    note = " · ".join([*sources, records])
    return Side(shown_name(line.name, line.golden), reverse("web:customer", args=[line.id]), note, record_id)


def _values(line: CustomerLine) -> dict[str, str]:
    return {name: field.value for name, field in line.golden.items()}


def nothing_waits() -> Empty:
    return Empty(
        "circle-check",
        _("Nothing waits"),
        _("Every pair is decided. New ones appear here when the evidence is not enough for a machine."),
        Action(_("To the customers"), reverse("web:customers"), "users"),
    )


def pair_of(actor: Actor, customer_id: UUID) -> tuple[str, str] | None:
    """Whom the customer may be the same as, and where to decide it: the likeliest pair it is in."""
    if not actor.can("review.view"):
        return None
    pairs = review_pairs(actor, customer_id=customer_id)
    if not pairs:
        return None
    pair = pairs[0]
    other = pair.right_customer_id if pair.left_customer_id == customer_id else pair.left_customer_id
    [line] = lines_of(actor, [other])
    return shown_name(line.name, line.golden), f"{reverse('web:merge', args=[customer_id])}?other={other}"
