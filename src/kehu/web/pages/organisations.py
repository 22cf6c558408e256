"""Organisations: the list, and the page of one: its people, what stands above and below it, its orders rolled up."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.govern.access import Actor
from kehu.profile.organisations.queries import (
    BilledOrder,
    Money,
    OrganisationLine,
    OrganisationView,
    organisation_list,
    organisation_view,
    people_of,
)
from kehu.profile.relations.graph import Place
from kehu.web import live, vocabulary
from kehu.web.components import Action, Chip, Empty, Fact, Figure
from kehu.web.pages.customer import shown_name
from kehu.web.pages.tie_rows import TieRow, tie_rows
from kehu.web.relation_words import other_is
from kehu.web.wording import format_ago, format_count, format_money, shown_value

PAGE_SIZE = 50
FACTS = (("phone", "phone"), ("email", "mail"), ("website", "world"), ("address", "map-pin"), ("tax_no", "id"))


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    name: str
    url: str
    note: str
    people: str
    below: str
    orders: str
    billed: str
    owner: str
    seen: str


@dataclass(frozen=True, slots=True)
class OrganisationsPage:
    query: str
    rows: list[OrganisationRow]
    shown: str
    next_url: str
    first_url: str
    actions: list[Action]
    empty: Empty


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """depth 0: the organisation itself, which the rest stands above and below."""

    name: str
    url: str
    depth: int
    note: str


@dataclass(frozen=True, slots=True)
class RolledUpRow:
    label: str
    orders: str
    amount: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class OrderRow:
    number: str
    note: str
    amount: str
    tag: str
    tag_tone: str


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    id: UUID
    name: str
    facts: list[Fact]
    chips: list[Chip]
    figures: list[Figure]
    actions: list[Action]
    people: list[TieRow]
    people_next_url: str
    people_first_url: str
    people_shown: str
    places: list[PlaceRow]
    rolled_up: list[RolledUpRow]
    orders: list[OrderRow]


def organisations_page(actor: Actor, *, query: str, after: tuple[str, str] | None) -> OrganisationsPage:
    found = organisation_list(actor, text=query, after=after, limit=PAGE_SIZE)
    address, people = reverse("web:organisations"), live.people_names()
    new = Action(_("New customer"), reverse("web:customer_new"), "plus", is_main=True, key="c")
    return OrganisationsPage(
        query=query,
        rows=[_row(line, people) for line in found.lines],
        shown=_shown(len(found.lines)),
        next_url=f"{address}?{urlencode({'after': found.next[0], 'id': found.next[1]})}" if found.next else "",
        first_url=address if after else "",
        actions=[new] if actor.can("customer.create") else [],
        empty=_empty(query),
    )


def _row(line: OrganisationLine, people: dict[int, str]) -> OrganisationRow:
    customer = line.customer
    said = [customer.golden[name].value for name in ("city", "phone", "website") if name in customer.golden]
    return OrganisationRow(
        name=shown_name(customer.name, customer.golden),
        url=reverse("web:organisation", args=[customer.id]),
        note=" · ".join(said[:2]),
        people=_count(line.people),
        below=_count(line.below),
        orders=_count(sum(one.orders for one in line.sums)),
        billed=_money(line.sums),
        owner=people.get(customer.owner_id or 0, ""),
        seen=format_ago(customer.last_at),
    )


def _empty(query: str) -> Empty:
    if query:
        return Empty("search", _("No organisation found"), _("Try a part of the name, its pinyin, or its phone."))
    return Empty(
        "building",
        _("No organisations yet"),
        _("A file whose rows hold a person and a company gives both, and the tie between them."),
    )


def organisation_page(actor: Actor, customer_id: UUID, *, after: tuple[str, str] | None) -> OrganisationPage:
    """Raises NotFound for a customer that is no organisation, or that the actor does not see."""
    view = organisation_view(actor, customer_id)
    line, golden = view.line, view.line.golden
    people = people_of(actor, line.id, after=after, limit=PAGE_SIZE)
    address = reverse("web:organisation", args=[line.id])
    name = shown_name(line.name, golden)
    return OrganisationPage(
        id=line.id,
        name=name,
        facts=[
            Fact(icon, vocabulary.attribute_label(one), shown_value(one, golden[one].value))
            for one, icon in FACTS
            if one in golden
        ],
        chips=_chips(view),
        figures=_figures(view),
        actions=_actions(actor, line.id),
        people=tie_rows(actor, line.id, people.lines),
        people_next_url=f"{address}?{urlencode({'after': people.next[0], 'id': people.next[1]})}"
        if people.next
        else "",
        people_first_url=address if after else "",
        people_shown=_shown(len(people.lines)),
        places=_places(view, name),
        rolled_up=_rolled_up(view),
        orders=[_order(order) for order in view.orders],
    )


def _chips(view: OrganisationView) -> list[Chip]:
    chips = [Chip(_("Organisation"), "building", "accent")]
    if view.line.owner_id:
        owner = live.people_names().get(view.line.owner_id, "")
        chips.append(Chip(_("Looked after by %(name)s") % {"name": owner}, "user-check"))
    return chips + [Chip(name) for source in view.line.source_ids if (name := live.source_name(source))][:6]


def _figures(view: OrganisationView) -> list[Figure]:
    together = view.together
    return [
        Figure(_("Orders, rolled up"), _money(together) or "—"),
        Figure(_("Orders"), format_count(sum(one.orders for one in together))),
        Figure(_("People there"), format_count(view.people_count)),
        Figure(_("Below it"), format_count(len(view.below))),
    ]


def _actions(actor: Actor, organisation: UUID) -> list[Action]:
    actions = []
    if actor.can("customer.edit"):
        relate = reverse("web:relate", args=[organisation])
        actions.append(Action(_("Add a relation"), relate, "plus", is_main=True, key="c", opens_drawer=True))
    actions.append(Action(_("All relations"), reverse("web:relations", args=[organisation]), "affiliate", key="r"))
    actions.append(Action(_("Customer page"), reverse("web:customer", args=[organisation]), "user"))
    return actions


def _places(view: OrganisationView, name: str) -> list[PlaceRow]:
    """From the top down; the organisation itself in its place. Nothing when it stands alone."""
    if not view.above and not view.below:
        return []
    upper = sorted(view.above, key=lambda place: -place.depth)
    top = upper[0].depth if upper else 0
    rows = [_place(place, top - place.depth) for place in upper]
    rows.append(PlaceRow(name, "", top, _("this one")))
    return rows + [_place(place, top + place.depth) for place in _in_order(view.below, view.line.id)]


def _in_order(places: Sequence[Place], root: UUID) -> list[Place]:
    """Each followed by what stands below it."""
    under: dict[UUID, list[Place]] = {}
    for place in places:
        under.setdefault(place.through, []).append(place)
    ordered: list[Place] = []
    waiting = list(reversed(under.get(root, [])))
    while waiting:
        place = waiting.pop()
        ordered.append(place)
        waiting += reversed(under.get(place.line.customer_id, []))
    return ordered


def _place(place: Place, depth: int) -> PlaceRow:
    line = place.line
    found = [_("found by comparing")] if line.is_found else []
    return PlaceRow(
        line.name or _("No name yet"),
        reverse("web:organisation", args=[line.customer_id]),
        depth,
        " · ".join([str(other_is(line.kind, line.side)), *found]),
    )


def _rolled_up(view: OrganisationView) -> list[RolledUpRow]:
    parts = [
        (_("Billed to it"), view.own),
        (_("Billed to what stands below it"), view.beneath),
        (_("Placed by its people, no company named"), view.by_people),
    ]
    rows = [RolledUpRow(label, _orders(sums), _money(sums) or "—") for label, sums in parts]
    return [*rows, RolledUpRow(_("Together"), _orders(view.together), _money(view.together) or "—", is_total=True)]


def _order(order: BilledOrder) -> OrderRow:
    sign = vocabulary.order_sign(order.status)
    placed = order.placed_at.strftime("%Y-%m-%d") if order.placed_at else ""
    return OrderRow(
        f"#{order.number}",
        " · ".join(part for part in (placed, order.through) if part),
        format_money(order.total, order.currency),
        str(sign.label),
        "warn" if order.refunded else sign.tone,
    )


def _orders(sums: Sequence[Money]) -> str:
    return format_count(sum(one.orders for one in sums))


def _money(sums: Sequence[Money]) -> str:
    """Each currency for itself: there are no rates to add them by."""
    return " + ".join(format_money(one.amount, one.currency, is_whole=True) for one in sums)


def _count(number: int) -> str:
    return format_count(number) if number else ""


def _shown(number: int) -> str:
    return ngettext("%(n)d shown", "%(n)d shown", number) % {"n": number}
