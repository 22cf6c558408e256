"""From one domain event to the messages each webhook is to get."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import msgspec

from kehu.core.outbox import PublishedEvent
from kehu.feed.changes import KINDS, Change, changes_of
from kehu.feed.models import Delivery, Webhook

CHANGES_A_MESSAGE: Final = 100


def queue_deliveries(event: PublishedEvent) -> None:
    """The outbox's subscriber: write what is to be sent, in the dispatcher's transaction."""
    webhooks = list(Webhook.objects.filter(is_enabled=True))
    if not webhooks:
        return
    messages = list(messages_of(event))
    Delivery.objects.bulk_create(
        [
            Delivery(webhook=webhook, webhook_message_id=f"msg_{uuid4().hex}", kind=kind, body=body)
            for webhook in webhooks
            for kind, body in messages
            if kind in webhook.kinds
        ],
        batch_size=500,
    )


def messages_of(event: PublishedEvent) -> Iterator[tuple[str, str]]:
    """(kind, body) of each message: at most a hundred changes of one kind, ids alone. Who wants to know more asks the
    API, where rights, masks and consent are looked at."""
    changes = changes_of(event.payload)
    for kind in KINDS:
        of_kind = [change for change in changes if change.kind == kind]
        for start in range(0, len(of_kind), CHANGES_A_MESSAGE):
            yield kind, body_of(kind, event.occurred_at, event.position, of_kind[start : start + CHANGES_A_MESSAGE])


def body_of(kind: str, at: datetime, position: int, changes: list[Change]) -> str:
    body: dict[str, Any] = {
        "type": kind,
        "timestamp": at.isoformat(),
        "data": {"position": position, "changes": [change.as_data() for change in changes]},
    }
    return msgspec.json.encode(body).decode()
