"""The customer page: who is this, what is going on, what should I do."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kehu.clean.person_names import PersonName
from kehu.clean.rule_wording import EFFECTS
from kehu.govern.access import Actor
from kehu.govern.field_policy import PresentedField
from kehu.profile.queries import CustomerView
from kehu.profile.queries.view import RecordLine
from kehu.quality import queries as quality
from kehu.quality.queries import RecordFinding
from kehu.web import live, vocabulary
from kehu.web.components import (
    Action,
    Chip,
    ConsentRow,
    Fact,
    Figure,
    IdentityRow,
    MergeRow,
    ProfileRow,
    Text,
)
from kehu.web.pages.identities import identities, identity_note, merges
from kehu.web.pages.lineage import profile_rows
from kehu.web.pages.preferences import LikedKind, liked_by
from kehu.web.pages.sources import ICONS
from kehu.web.pages.tags import StandingCard, standing_card
from kehu.web.pages.tie_rows import TieRow, tie_rows
from kehu.web.pages.timeline import TimelinePage
from kehu.web.wording import format_ago, format_money, format_phone, shown_value

FACTS = (
    ("phone", "phone"),
    ("email", "mail"),
    ("nickname", "brand-wechat"),
    ("company", "building"),
    ("city", "map-pin"),
)

RELATIONS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class OrderRow:
    title: str
    amount: str
    note: str
    tag: Text = ""
    tag_tone: str = ""


@dataclass(frozen=True, slots=True)
class RuleMark:
    """What a cleaning rule did to a record's value, or holds against it."""

    rule: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    id: UUID
    source: str
    icon: str
    external_id: str
    last_at: datetime
    findings: tuple[RuleMark, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    title: str
    text: str
    actions: list[Action]


@dataclass(frozen=True, slots=True)
class CustomerPage:
    id: UUID
    name: str
    subtitle: str
    facts: list[Fact]
    chips: list[Chip]
    figures: list[Figure]
    actions: list[Action]
    menu: list[Action]
    profile: list[ProfileRow]
    source_count: int
    pin_url: str
    verify_url: str
    correct_url: str
    identities: list[IdentityRow]
    identity_note: str
    merges: list[MergeRow]
    consents: list[ConsentRow]
    orders: list[OrderRow]
    order_note: str
    relations: list[TieRow]
    relations_url: str
    records: list[RecordRow]
    told: TimelinePage | None
    standing: StandingCard
    liked: list[LikedKind]
    suggestion: Suggestion | None = None
    redirected_from: UUID | None = field(default=None)


def customer_page(
    actor: Actor, view: CustomerView, told: TimelinePage | None = None, *, pair: tuple[str, str] | None = None
) -> CustomerPage:
    """told: its timeline, where it is shown.

    pair: name of a customer this one may be the same as, and where to decide it.
    """
    may_pin, may_edit = actor.can("customer.pin"), actor.can("customer.edit")
    return CustomerPage(
        id=view.id,
        name=shown_name(view.name, view.golden),
        subtitle=_subtitle(view),
        facts=_facts(view),
        chips=_chips(view),
        figures=_figures(view),
        actions=_actions(actor, view),
        menu=_menu(actor, view),
        profile=profile_rows(view, can_pin=may_pin, can_edit=may_edit),
        source_count=len({line.record.source_id for line in view.records}),
        pin_url=reverse("web:pin", args=[view.id]) if may_pin else "",
        verify_url=reverse("web:verify", args=[view.id]) if may_edit else "",
        correct_url=reverse("web:correction_send", args=[view.id]) if may_edit else "",
        identities=identities(view.identifiers),
        identity_note=identity_note(view),
        merges=merges(actor, view),
        consents=[
            ConsentRow(
                vocabulary.consent_label(one.purpose, one.channel),
                one.state == "granted",
                live.source_name(one.source_id),
                one.occurred_at,
            )
            for one in view.consents
        ],
        orders=_orders(view),
        order_note=_order_note(view),
        relations=tie_rows(actor, view.id, view.relations[:RELATIONS_SHOWN]),
        relations_url=reverse("web:relations", args=[view.id]),
        records=_records(actor, view.records),
        told=told,
        standing=standing_card(actor, view.id),
        liked=liked_by(actor, view.id),
        suggestion=_suggestion(pair),
        redirected_from=view.redirected_from,
    )


def shown_name(name: str, golden: dict[str, PresentedField]) -> str:
    """Whoever has no name is called by what is known: phone, e-mail, or visitor."""
    if name:
        return name
    known = next((golden[one].value for one in ("phone", "email") if one in golden), "")
    return format_phone(known) if known else _("Visitor")


def _subtitle(view: CustomerView) -> str:
    if view.kind == "organisation":
        return _("Organisation")
    parsed = PersonName.parse(view.name) if view.name else None
    sound = parsed.pinyin.title() if parsed and parsed.pinyin and parsed.script == "zh" else ""
    gender = view.golden.get("gender")
    title = vocabulary.GENDERS.get(gender.value, "") if gender else ""
    return " · ".join(str(part) for part in (sound, title) if part)


def _facts(view: CustomerView) -> list[Fact]:
    return [
        Fact(icon, vocabulary.attribute_label(name), shown_value(name, view.golden[name].value))
        for name, icon in FACTS
        if name in view.golden and view.golden[name].value != view.name
    ]


def _chips(view: CustomerView) -> list[Chip]:
    chips = []
    if view.kind == "organisation":
        chips.append(Chip(_("Organisation"), "building", "accent"))
    if view.is_anonymous:
        chips.append(Chip(_("Unknown visitor"), "user"))
    if view.owner_id:
        owner = live.people_names().get(view.owner_id, "")
        chips.append(Chip(_("Looked after by %(name)s") % {"name": owner}, "user-check"))
    chips.append(Chip(_("Since %(month)s") % {"month": view.first_at.strftime("%Y-%m")}, "calendar"))
    sources = dict.fromkeys(live.source_name(line.record.source_id) for line in view.records)
    chips += [Chip(name) for name in list(sources)[:6] if name]
    return chips


def _figures(view: CustomerView) -> list[Figure]:
    average = view.order_total / view.order_count if view.order_count else 0
    figures = [
        Figure(_("Spent in total"), format_money(view.order_total, view.currency, is_whole=True)),
        Figure(_("Orders"), str(view.order_count)),
    ]
    if view.order_count:
        figures.append(Figure(_("Per order"), format_money(average, view.currency, is_whole=True)))
    figures.append(Figure(_("Last seen"), format_ago(view.last_at)))
    return figures


def _actions(actor: Actor, view: CustomerView) -> list[Action]:
    actions = []
    phone, email = view.golden.get("phone"), view.golden.get("email")
    if phone and not phone.is_masked:
        actions.append(Action(_("Call"), f"tel:{phone.value}", "phone-call", is_main=True))
    if email and not email.is_masked:
        actions.append(Action(_("Write"), f"mailto:{email.value}", "mail"))
    if actor.can("customer.edit"):
        edit = reverse("web:customer_edit", args=[view.id])
        actions.append(Action(_("Edit"), edit, "edit", key="e", is_main=not actions))
    return actions


def _menu(actor: Actor, view: CustomerView) -> list[Action]:
    menu = []
    if view.kind == "organisation":
        menu.append(Action(_("People and orders"), reverse("web:organisation", args=[view.id]), "building"))
    if actor.can("customer.merge"):
        url = reverse("web:merge", args=[view.id])
        menu.append(Action(_("Merge with another"), url, "git-merge", key="m", opens_drawer=True))
    if actor.can("customer.unmerge") and len(view.records) > 1:
        url = reverse("web:unmerge", args=[view.id])
        menu.append(Action(_("Take apart"), url, "unlink", key="u", opens_drawer=True))
    menu.append(Action(_("History"), reverse("web:history", args=[view.id]), "history"))
    menu.append(Action(_("Who sees this"), reverse("web:sight", args=[view.id]), "eye"))
    menu.append(Action(_("Save as PDF"), reverse("web:customer_card", args=[view.id]), "file-text"))
    return menu


def _orders(view: CustomerView) -> list[OrderRow]:
    rows = []
    for order in view.orders[:6]:
        sign = vocabulary.order_sign(order.status)
        placed = order.placed_at.strftime("%Y-%m-%d") if order.placed_at else ""
        source = live.source_name(order.source_id)
        rows.append(
            OrderRow(
                f"#{order.number}",
                format_money(order.total, order.currency),
                " · ".join(part for part in (placed, source) if part),
                sign.label,
                "warn" if order.refunded else sign.tone,
            )
        )
    return rows


def _order_note(view: CustomerView) -> str:
    if not view.order_count:
        return ""
    return ngettext("%(n)d order", "%(n)d orders", view.order_count) % {"n": view.order_count}


def _records(actor: Actor, records: list[RecordLine]) -> list[RecordRow]:
    names = live.source_names()
    found = quality.record_findings(actor, [line.record.id for line in records])
    return [
        RecordRow(
            line.record.id,
            live.source_name(line.record.source_id),
            ICONS.get(names.get(line.record.source_id, ("", ""))[1], "database"),
            line.record.external_id,
            line.record.last_at,
            tuple(_rule_mark(finding) for finding in found.get(line.record.id, ())),
        )
        for line in records
    ]


def _rule_mark(finding: RecordFinding) -> RuleMark:
    words = [
        str(vocabulary.attribute_label(finding.attribute)) if finding.attribute else "",
        str(EFFECTS[finding.effect]),
    ]
    if finding.was:
        words.append(_("was %(value)s") % {"value": finding.was})
    return RuleMark(finding.rule, " · ".join(word for word in words if word))


def _suggestion(pair: tuple[str, str] | None) -> Suggestion | None:
    if pair is None:
        return None
    name, url = pair
    return Suggestion(
        _("Perhaps the same customer as %(name)s.") % {"name": name},
        _("The evidence is not enough for a machine: take a look and decide."),
        [Action(_("Compare"), url, "git-merge", is_main=True, opens_drawer=True)],
    )
