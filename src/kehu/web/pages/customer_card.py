"""One customer to take along: what the customer's page knows, as the reader may see it, set for a sheet of paper."""

from typing import Final
from uuid import UUID

import msgspec
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kehu.core.registries import Exit, ExitKind
from kehu.extend import queries as catalogue
from kehu.govern import audit
from kehu.govern.access import Actor, require
from kehu.govern.consent import gate
from kehu.govern.consent.errors import ConsentMissing
from kehu.profile import queries as profile
from kehu.profile.queries import CustomerView
from kehu.web import live, vocabulary
from kehu.web.pages.customer import shown_name
from kehu.web.pages.identities import identities
from kehu.web.paper.setting import set_pdf
from kehu.web.relation_words import other_is
from kehu.web.wording import format_ago, format_moment, format_money, shown_value

TO_SERVE: Final = "service"
MADE: Final = "customer.card"

Row = tuple[str, str, str]


class CardPart(msgspec.Struct, frozen=True):
    """rows: label, value, and where it is from."""

    title: str
    rows: list[Row]


class CardPage(msgspec.Struct, frozen=True):
    """figures: label and value. orders: number, day, state, amount."""

    id: str
    name: str
    subtitle: str
    language: str
    printed: str
    figures: list[tuple[str, str]]
    parts: list[CardPart]
    orders_title: str
    orders: list[tuple[str, str, str, str]]


@transaction.atomic
def customer_card(actor: Actor, customer_id: UUID) -> bytes:
    """A PDF; that it was made, of whom and by whom, is in the audit trail. Raises NotFound, ConsentMissing."""
    view = profile.customer_view(actor, customer_id, timeline_limit=1)
    require(actor, "customer.view", on=view.id)
    answer = gate.may(TO_SERVE, customer_id=view.id)
    if not answer.allowed:
        raise ConsentMissing(TO_SERVE, "", answer)
    audit.note(actor=actor, action=MADE, on=str(view.id))
    return set_pdf("customer.typ", msgspec.to_builtins(card_page(actor, view)))


def card_page(actor: Actor, view: CustomerView) -> CardPage:
    identified = [(str(one.label), one.value, str(one.strength)) for one in identities(view.identifiers)]
    consents: list[Row] = [
        (vocabulary.consent_label(one.purpose, one.channel), _("yes") if one.state == "granted" else _("no"), "")
        for one in view.consents
    ]
    related: list[Row] = [
        (str(other_is(one.kind, one.side)), one.name or _("No name yet"), one.role) for one in view.relations
    ]
    parts = [
        CardPart(_("Profile"), _known(view)),
        CardPart(_("Identifiers"), identified),
        CardPart(_("Relations"), related),
        CardPart(_("Consents"), consents),
    ]
    return CardPage(
        str(view.id),
        shown_name(view.name, view.golden),
        _("Organisation") if view.kind == "organisation" else _("Person"),
        "zh" if (get_language() or "").startswith("zh") else "en",
        f"{format_moment(timezone.now())} · {actor.name}",
        _figures(view),
        [part for part in parts if part.rows],
        _("Orders"),
        _orders(view),
    )


def _known(view: CustomerView) -> list[Row]:
    place = {one.name: one.position for one in catalogue.catalogue()}
    known = sorted(view.golden.items(), key=lambda item: (place.get(item[0], 999), item[0]))
    return [
        (str(vocabulary.attribute_label(name)), shown_value(name, said.value), live.source_name(said.source_id))
        for name, said in known
    ]


def _figures(view: CustomerView) -> list[tuple[str, str]]:
    owner = live.people_names().get(view.owner_id or 0, "")
    figures = [
        (_("Spent in total"), format_money(view.order_total, view.currency, is_whole=True)),
        (_("Orders"), str(view.order_count)),
        (_("Last seen"), format_ago(view.last_at)),
    ]
    return [*figures, (_("Looked after by"), owner)] if owner else figures


def _orders(view: CustomerView) -> list[tuple[str, str, str, str]]:
    return [
        (
            f"#{order.number}",
            order.placed_at.strftime("%Y-%m-%d") if order.placed_at else "",
            str(vocabulary.order_sign(order.status).label),
            format_money(order.total, order.currency),
        )
        for order in view.orders
    ]


def _is_let_out(customer_id: UUID, purpose: str, channel: str) -> bool:
    return gate.may(purpose, channel, customer_id=customer_id).allowed


EXIT: Final = Exit(MADE, ExitKind.EXPORT, _is_let_out, routes=("web:customer_card",))
