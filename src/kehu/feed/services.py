"""Webhooks: made, changed, tried, their secrets rotated, what was given up sent again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from kehu.core import outbound
from kehu.core.errors import InvalidInput, NotFound
from kehu.core.outbound import OutboundFailed, OutboundRefused
from kehu.core.sealing import seal
from kehu.feed import signing
from kehu.feed.changes import KINDS
from kehu.feed.fan_out import body_of
from kehu.feed.models import Delivery, Webhook
from kehu.feed.sending import SEAL
from kehu.govern import audit
from kehu.govern.access import Actor, require

OLD_SECRET_FOR: Final = timedelta(hours=24)
MAX_WEBHOOKS: Final = 50
DELIVERED_KEPT_FOR: Final = timedelta(days=7)
DEAD_KEPT_FOR: Final = timedelta(days=30)
PING: Final = "ping"


@dataclass(frozen=True, slots=True)
class NewWebhook:
    """secret: shown once."""

    id: int
    secret: str


@transaction.atomic
def create_webhook(*, actor: Actor, name: str, url: str, kinds: Sequence[str]) -> NewWebhook:
    """Raises InvalidInput, PermissionDenied."""
    require(actor, "webhook.manage")
    if Webhook.objects.count() >= MAX_WEBHOOKS:
        raise InvalidInput("url", _("there are %(n)d webhooks already: delete one first.") % {"n": MAX_WEBHOOKS})
    audit.act_as(actor, "create webhook")
    secret = signing.new_secret()
    webhook = Webhook.objects.create(
        name=_checked_name(name),
        url=_checked_url(url),
        kinds=_checked_kinds(kinds),
        secret=seal(secret, SEAL),
        created_by_id=actor.user_id,
    )
    return NewWebhook(webhook.pk, secret)


@transaction.atomic
def change_webhook(
    webhook_id: int,
    *,
    actor: Actor,
    name: str | None = None,
    url: str | None = None,
    kinds: Sequence[str] | None = None,
    is_enabled: bool | None = None,
) -> None:
    """Only what is named changes. Switching on forgets why it was switched off. Raises InvalidInput, NotFound."""
    require(actor, "webhook.manage")
    webhook = _locked(webhook_id)
    audit.act_as(actor, "change webhook")
    changes: dict[str, Any] = {}
    if name is not None:
        changes["name"] = _checked_name(name)
    if url is not None and url != webhook.url:
        changes["url"] = _checked_url(url)
    if kinds is not None:
        changes["kinds"] = _checked_kinds(kinds)
    if is_enabled is not None:
        changes |= {"is_enabled": is_enabled, "disabled_because": "", "failures_in_row": 0, "paused_until": None}
    Webhook.objects.filter(pk=webhook_id).update(**changes)


@transaction.atomic
def rotate_secret(webhook_id: int, *, actor: Actor) -> str:
    """A new secret, shown once; the old one signs beside it for a day, so the receiver may change over in its time."""
    require(actor, "webhook.manage")
    webhook = _locked(webhook_id)
    audit.act_as(actor, "rotate webhook secret")
    secret = signing.new_secret()
    Webhook.objects.filter(pk=webhook_id).update(
        secret=seal(secret, SEAL), old_secret=webhook.secret, old_secret_until=timezone.now() + OLD_SECRET_FOR
    )
    return secret


@transaction.atomic
def delete_webhook(webhook_id: int, *, actor: Actor) -> None:
    require(actor, "webhook.manage")
    _locked(webhook_id)
    audit.act_as(actor, "delete webhook")
    Webhook.objects.filter(pk=webhook_id).delete()


@transaction.atomic
def send_ping(webhook_id: int, *, actor: Actor) -> int:
    """Queue a message without changes, to see whether the receiver answers. Returns the delivery's id."""
    require(actor, "webhook.manage")
    webhook = _locked(webhook_id)
    body = body_of(PING, timezone.now(), 0, [])
    return int(
        Delivery.objects.create(webhook=webhook, webhook_message_id=f"msg_{uuid4().hex}", kind=PING, body=body).pk
    )


@transaction.atomic
def send_again(webhook_id: int, *, actor: Actor, delivery_id: int | None = None) -> int:
    """Try one delivery (or all that were given up) anew, under their old ids. Returns how many."""
    require(actor, "webhook.manage")
    _locked(webhook_id)
    audit.act_as(actor, "send webhook again")
    deliveries = Delivery.objects.filter(webhook_id=webhook_id)
    if delivery_id is None:
        deliveries = deliveries.filter(state=Delivery.State.DEAD)
    elif not (deliveries := deliveries.filter(pk=delivery_id)).exists():
        raise NotFound("delivery", delivery_id)
    Webhook.objects.filter(pk=webhook_id).update(paused_until=None, failures_in_row=0)
    return deliveries.update(state=Delivery.State.PENDING, attempts=0, next_at=Now(), delivered_at=None)


def forget_deliveries() -> int:
    """What was taken a week ago, and what was given up a month ago."""
    now = timezone.now()
    taken, _each = Delivery.objects.filter(
        state=Delivery.State.DELIVERED, delivered_at__lt=now - DELIVERED_KEPT_FOR
    ).delete()
    dead, _each = Delivery.objects.filter(state=Delivery.State.DEAD, created_at__lt=now - DEAD_KEPT_FOR).delete()
    return taken + dead


def _locked(webhook_id: int) -> Webhook:
    webhook = Webhook.objects.select_for_update().filter(pk=webhook_id).first()
    if webhook is None:
        raise NotFound("webhook", webhook_id)
    return webhook


def _checked_name(name: str) -> str:
    if not (name := name.strip()) or len(name) > 100:
        raise InvalidInput("name", _("give it a name of at most 100 characters."))
    return name


def _checked_url(url: str) -> str:
    if len(url) > 500 or not url.isprintable():
        raise InvalidInput("url", _("give an address of at most 500 characters."))
    try:
        outbound.check_address(url)
    except (OutboundRefused, OutboundFailed) as refused:
        raise InvalidInput("url", str(refused)) from refused
    return url


def _checked_kinds(kinds: Sequence[str]) -> list[str]:
    if not kinds or not set(kinds) <= set(KINDS):
        raise InvalidInput("kinds", _("choose among %(kinds)s.") % {"kinds": ", ".join(KINDS)})
    return [kind for kind in KINDS if kind in kinds]
