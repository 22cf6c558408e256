"""What stands on a card, on the page of screens that may show it, and in the corner when a phone rings."""

from dataclasses import dataclass, replace
from datetime import datetime

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.govern.access import Actor
from kehu.profile.queries import CustomerLine, CustomerView
from kehu.profile.screens.links import CardAsked
from kehu.profile.screens.models import Screen
from kehu.profile.screens.queries import newest_pop, screens
from kehu.web import live, vocabulary
from kehu.web.components import Figure, ProfileRow, SourceMark, Tab, TimelineRow
from kehu.web.forms import DressedForm
from kehu.web.pages.customer import shown_name
from kehu.web.pages.happenings import told_rows
from kehu.web.pages.people import access_tabs
from kehu.web.pages.preferences import LikedKind, liked_by
from kehu.web.pages.tags import StandingCard, standing_card
from kehu.web.wording import format_count, format_money, format_phone, shown_value

TOLD = ("phone", "email", "gender", "birth_date", "company", "job_title", "city", "address")


class ScreenForm(DressedForm):
    name = forms.CharField(label=gettext_lazy("System"), max_length=80, help_text=gettext_lazy("Call centre desktop"))
    origins = forms.CharField(
        label=gettext_lazy("Origins of its pages"),
        widget=forms.Textarea(attrs={"rows": 2, "spellcheck": "false"}),
        help_text=gettext_lazy("One a line: https://desk.example.com. Pages from anywhere else cannot show cards."),
    )
    link_seconds = forms.IntegerField(
        label=gettext_lazy("A card can be seen for (seconds)"), min_value=30, max_value=3600, initial=300
    )

    def clean_origins(self) -> list[str]:
        return [line.strip() for line in self.cleaned_data["origins"].splitlines() if line.strip()]


@dataclass(frozen=True, slots=True)
class ScreensPage:
    tabs: list[Tab]
    rows: list[Screen]


def screens_page(actor: Actor) -> ScreensPage:
    return ScreensPage(access_tabs(actor, "web:screens"), screens(actor))


@dataclass(frozen=True, slots=True)
class CardPage:
    """What somebody on the telephone needs, and no way to change it."""

    name: str
    url: str
    rows: list[ProfileRow]
    figures: list[Figure]
    standing: StandingCard
    liked: list[LikedKind]
    timeline: list[TimelineRow]
    ends_at: datetime


def card_page(actor: Actor, view: CustomerView, asked: CardAsked) -> CardPage:
    return CardPage(
        shown_name(view.name, view.golden),
        reverse("web:customer", args=[view.id]),
        [_row(view, name) for name in TOLD if name in view.golden],
        [
            Figure(_("Orders"), format_count(view.order_count)),
            Figure(_("Sum of orders"), format_money(view.order_total, view.currency, is_whole=True)),
        ],
        standing_card(actor, view.id),
        liked_by(actor, view.id),
        # Told, with nothing to press.
        [
            replace(row, url="", why_url="", undo_url="", flood_url="", files=())
            for row in told_rows(view.timeline.rows, view.id, actor)
        ],
        asked.ends_at,
    )


def _row(view: CustomerView, name: str) -> ProfileRow:
    value = view.golden[name]
    source = live.source_name(value.source_id)
    label = vocabulary.attribute_label(name)
    return ProfileRow(name, label, shown_value(name, value.value), SourceMark(source) if source else None)


@dataclass(frozen=True, slots=True)
class PopHit:
    name: str
    note: str
    url: str


@dataclass(frozen=True, slots=True)
class PopPage:
    """hits: none for a stranger; then create_url leads to the form that keeps the number, if one may."""

    id: int
    title: str
    value: str
    hits: list[PopHit]
    create_url: str
    close_url: str


def pop_page(actor: Actor) -> PopPage | None:
    pop = newest_pop(actor)
    if pop is None:
        return None
    create = f"{reverse('web:customer_new')}?pop={pop.id}" if actor.can("customer.create") else ""
    shown = str(pop.value.value)
    return PopPage(
        pop.id,
        _("Incoming call") if pop.type == "phone" else _("Incoming message"),
        format_phone(shown) if pop.type == "phone" else shown,
        [_hit(line) for line in pop.customers],
        create,
        reverse("web:pop_close", args=[pop.id]),
    )


def _hit(line: CustomerLine) -> PopHit:
    orders = _("%(n)s orders") % {"n": format_count(line.order_count)} if line.order_count else ""
    city = line.golden["city"].value if "city" in line.golden else ""
    note = " · ".join(part for part in (city, orders) if part)
    return PopHit(shown_name(line.name, line.golden), note, reverse("web:customer", args=[line.id]))
