"""Webhooks: who hears of changes, and what became of each message."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kehu.feed import queries
from kehu.feed.changes import KINDS
from kehu.feed.queries import WebhookView
from kehu.govern.access import Actor
from kehu.web.components import Action, Empty, Figure
from kehu.web.wording import format_ago, format_count

SHOWN = 50
KIND_NAMES = {
    "customer.created": gettext_lazy("new customers"),
    "customer.updated": gettext_lazy("changed customers"),
    "customer.merged": gettext_lazy("merged customers"),
    "customer.split": gettext_lazy("split customers"),
    "ping": gettext_lazy("test message"),
}
STATE_NAMES = {
    "pending": gettext_lazy("waiting"),
    "delivered": gettext_lazy("delivered"),
    "dead": gettext_lazy("given up"),
}
assert set(KINDS) < set(KIND_NAMES)


@dataclass(frozen=True, slots=True)
class WebhookLine:
    name: str
    address: str
    url: str
    state: str
    tone: str
    kinds: str
    pending: int
    dead: int
    last_success: str


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    id: int
    message_id: str
    kind: str
    state: str
    tone: str
    attempts: int
    said: str
    at: datetime
    next_at: datetime | None
    resend_url: str


@dataclass(frozen=True, slots=True)
class WebhooksPage:
    webhooks: list[WebhookLine]
    actions: list[Action]
    empty: Empty


@dataclass(frozen=True, slots=True)
class WebhookPage:
    name: str
    address: str
    actions: list[Action]
    figures: list[Figure]
    deliveries: list[DeliveryLine]
    warning: str
    next_url: str
    first_url: str
    delete_url: str
    resend_url: str
    secret: str


def webhooks_page(actor: Actor) -> WebhooksPage:
    found = queries.webhooks(actor)
    new = Action(_("New webhook"), reverse("web:webhook_new"), "plus", is_main=True, key="c")
    return WebhooksPage(
        webhooks=[_line(one) for one in found],
        actions=[new] if found else [],
        empty=Empty(
            "link", _("No webhook yet"), _("Tell another system of new, changed, merged and split customers."), new
        ),
    )


def _line(one: WebhookView) -> WebhookLine:
    state, tone = _state(one)
    return WebhookLine(
        name=one.name,
        address=one.url,
        url=reverse("web:webhook", args=[one.id]),
        state=state,
        tone=tone,
        kinds=" · ".join(str(KIND_NAMES[kind]) for kind in one.kinds),
        pending=one.pending,
        dead=one.dead,
        last_success=format_ago(one.last_success_at) if one.last_success_at else "—",
    )


def _state(one: WebhookView) -> tuple[str, str]:
    if not one.is_enabled:
        return _("switched off"), ""
    if one.failures_in_row:
        return _("failing"), "warn"
    return _("well"), "good"


def webhook_page(actor: Actor, webhook_id: int, before_id: int | None, secret: str) -> WebhookPage:
    """secret: a new one, shown this once. Raises NotFound."""
    one = queries.webhook(actor, webhook_id)
    found = queries.deliveries(actor, webhook_id, before_id=before_id, limit=SHOWN + 1)
    here = reverse("web:webhook", args=[webhook_id])
    state, tone = _state(one)
    return WebhookPage(
        name=one.name,
        address=one.url,
        actions=[
            Action(
                _("Send a test message"), reverse("web:webhook_ping", args=[webhook_id]), "player-play", is_post=True
            ),
            Action(_("Rotate the secret"), reverse("web:webhook_secret", args=[webhook_id]), "key", is_post=True),
            Action(_("Change"), reverse("web:webhook_edit", args=[webhook_id]), "edit", key="e"),
        ],
        figures=[
            Figure(_("State"), state, tone if tone == "warn" else ""),
            Figure(_("Waiting"), format_count(one.pending)),
            Figure(_("Given up"), format_count(one.dead), "warn" if one.dead else ""),
            Figure(_("Last delivered"), format_ago(one.last_success_at) if one.last_success_at else "—"),
            Figure(_("Hears of"), format_count(len(one.kinds)), note=" · ".join(str(KIND_NAMES[k]) for k in one.kinds)),
        ],
        deliveries=[_delivery(one.id, delivery) for delivery in found[:SHOWN]],
        warning=_("Switched off because %(why)s.") % {"why": one.disabled_because} if one.disabled_because else "",
        next_url=f"{here}?before={found[SHOWN - 1].id}" if len(found) > SHOWN else "",
        first_url=here if before_id else "",
        delete_url=reverse("web:webhook_delete", args=[webhook_id]),
        resend_url=reverse("web:webhook_resend", args=[webhook_id]) if one.dead else "",
        secret=secret,
    )


def _delivery(webhook_id: int, one: queries.DeliveryView) -> DeliveryLine:
    answered = _("answered %(status)s") % {"status": one.last_status} if one.last_status else ""
    return DeliveryLine(
        id=one.id,
        message_id=one.message_id,
        kind=str(KIND_NAMES.get(one.kind, one.kind)),
        state=str(STATE_NAMES[one.state]),
        tone={"delivered": "good", "dead": "danger"}.get(one.state, ""),
        attempts=one.attempts,
        said=answered if one.state == "delivered" else one.last_error,
        at=one.created_at,
        next_at=one.next_at if one.state == "pending" and one.attempts else None,
        resend_url=reverse("web:delivery_resend", args=[webhook_id, one.id]) if one.state != "pending" else "",
    )
