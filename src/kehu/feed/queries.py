"""The change feed page by page, and webhooks with what became of their messages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q

from kehu.core import outbox
from kehu.core.database import fetch_all
from kehu.core.errors import NotFound
from kehu.feed.changes import EVENT, KINDS, Change, changes_of
from kehu.feed.errors import CursorExpired
from kehu.feed.models import Delivery, Webhook
from kehu.govern.access import Actor, require, visible_to

EVENTS_A_PAGE = 50


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A change and when it happened. position: of its event; several changes share one."""

    position: int
    at: datetime
    change: Change


@dataclass(frozen=True, slots=True)
class FeedPage:
    """position and offset: where the next page goes on, also when there is nothing yet."""

    entries: list[FeedEntry]
    position: int
    offset: int
    is_at_end: bool


@dataclass(frozen=True, slots=True)
class WebhookView:
    id: int
    name: str
    url: str
    kinds: Sequence[str]
    is_enabled: bool
    disabled_because: str
    failures_in_row: int
    paused_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    created_at: datetime
    pending: int
    dead: int


@dataclass(frozen=True, slots=True)
class DeliveryView:
    id: int
    message_id: str
    kind: str
    state: str
    attempts: int
    next_at: datetime
    last_status: int | None
    last_error: str
    created_at: datetime
    delivered_at: datetime | None
    body: str


def oldest_position() -> int:
    """Before everything that is kept."""
    return outbox.reach()[0]


def newest_position() -> int:
    """After everything that was handed on so far."""
    return outbox.reach()[1]


def changes_after(actor: Actor, position: int, offset: int, *, limit: int, kinds: Sequence[str] = KINDS) -> FeedPage:
    """Changes the actor may see, in the order they were handed on. offset: how many of the next event were shown.

    Raises CursorExpired when events after `position` were forgotten.
    """
    require(actor, "customer.view")
    oldest, _newest = outbox.reach()
    if position < oldest:
        raise CursorExpired(outbox.KEPT_FOR.days)
    entries: list[FeedEntry] = []
    events = outbox.published_after(position, names=(EVENT,), limit=EVENTS_A_PAGE)
    for event in events:
        changes = [change for change in changes_of(event.payload) if change.kind in kinds]
        seen = _visible(actor, changes[offset : offset + limit - len(entries)])
        shown = offset + limit - len(entries)
        entries += [FeedEntry(event.position, event.occurred_at, change) for change in seen]
        if shown < len(changes):
            return FeedPage(entries, position, shown, is_at_end=False)
        position, offset = event.position, 0
        if len(entries) >= limit:
            return FeedPage(entries, position, 0, is_at_end=False)
    return FeedPage(entries, position, offset, is_at_end=len(events) < EVENTS_A_PAGE)


def _visible(actor: Actor, changes: list[Change]) -> list[Change]:
    """A merged customer is seen by whoever sees the one it went into; one that is gone without trace, by those who
    see everybody."""
    visibility = visible_to(actor)
    if visibility.is_everything or not changes:
        return changes
    asked = list({UUID(id_) for change in changes for id_ in (change.customer_id, change.into) if id_})
    condition, parameters = visibility.sql("c")
    rows = fetch_all(
        f"SELECT c.id FROM profile_customer AS c WHERE c.id = ANY(%s) AND {condition}",  # noqa: S608
        ["{" + ",".join(map(str, asked)) + "}", *parameters],
    )
    seen = {str(id_) for (id_,) in rows}
    return [change for change in changes if {change.customer_id, change.into} & seen]


def webhooks(actor: Actor) -> list[WebhookView]:
    """Every webhook by name, with what waits and what was given up. One query."""
    require(actor, "webhook.manage")
    counted = Webhook.objects.annotate(
        pending=Count("delivery", filter=Q(delivery__state="pending")),
        dead=Count("delivery", filter=Q(delivery__state="dead")),
    )
    return [_view(webhook, webhook.pending, webhook.dead) for webhook in counted.order_by("name", "id")]


def webhook(actor: Actor, webhook_id: int) -> WebhookView:
    """Raises NotFound."""
    found = [one for one in webhooks(actor) if one.id == webhook_id]
    if not found:
        raise NotFound("webhook", webhook_id)
    return found[0]


def deliveries(
    actor: Actor, webhook_id: int, *, state: str = "", before_id: int | None = None, limit: int = 50
) -> list[DeliveryView]:
    """Newest first. Raises NotFound."""
    require(actor, "webhook.manage")
    if not Webhook.objects.filter(pk=webhook_id).exists():
        raise NotFound("webhook", webhook_id)
    rows = Delivery.objects.filter(webhook_id=webhook_id).order_by("-id")
    if state:
        rows = rows.filter(state=state)
    if before_id is not None:
        rows = rows.filter(pk__lt=before_id)
    return [
        DeliveryView(
            one.pk, one.webhook_message_id, one.kind, one.state, one.attempts, one.next_at, one.last_status,
            one.last_error, one.created_at, one.delivered_at, one.body,
        )
        for one in rows[:limit]
    ]  # fmt: skip


def _view(found: Webhook, pending: int, dead: int) -> WebhookView:
    return WebhookView(
        found.pk, found.name, found.url, tuple(found.kinds), found.is_enabled, found.disabled_because,
        found.failures_in_row, found.paused_until, found.last_success_at, found.last_failure_at, found.created_at,
        pending, dead,
    )  # fmt: skip
